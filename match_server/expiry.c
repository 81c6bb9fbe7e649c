#include "match_server/expiry.h"

#include <string.h>

#include "common/fault.h"
#include "common/ids.h"
#include "match_server/server_internal.h"

static void send(struct match_server *server, bool again);

/* Cuts the text before the next comma off the list; false: no player id. */
static bool next_id(struct bytes *list, char out[PLAYER_ID_MAX + 1])
{
    const char *comma = list->length == 0 ? NULL : memchr(list->data, ',', list->length);
    struct bytes item = {list->data, comma == NULL ? list->length : (size_t)(comma - list->data)};
    size_t used = comma == NULL ? item.length : item.length + 1;
    list->data += used;
    list->length -= used;
    bytes_copy(out, PLAYER_ID_MAX + 1, item);
    return ids_is_player_id(item);
}

/* "player,mate,player,mate" */
static void name_mates(struct match_server *server, struct bytes list)
{
    char player_id[PLAYER_ID_MAX + 1], mate_id[PLAYER_ID_MAX + 1];
    if (list.length == 0 || server->stopping) return;
    expiry_begin(server);
    while (list.length > 0 && next_id(&list, player_id) && next_id(&list, mate_id)) {
        expiry_add(server, player_id, mate_id);
    }
    send(server, true);
}

static void on_expired(void *context, uint64_t again, const struct redis_reply *reply)
{
    struct match_server *server = context;
    struct answer answer;
    FAULT_POINT(after_expire);
    if (!server_answer(server, SCRIPT_expire, reply, &answer)) return;
    metrics_add(server->metrics, METRIC_waiters_expired, (int64_t)answer.player_count);
    server_tell_all(server, &answer);
    if (again == 0) name_mates(server, answer.second);
}

static void send(struct match_server *server, bool again)
{
    FAULT_POINT(before_expire);
    script_call_send(&server->call, SCRIPT_expire, on_expired, server, again);
}

void expiry_begin(struct match_server *server)
{
    struct script_call *call = &server->call;
    script_call_start_common(call, server->world, server->config);
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_outbox, "");
    script_call_modes(call, server->config);
    script_call_text(call, "expired");
}

void expiry_add(struct match_server *server, const char *player_id, const char *mate_id)
{
    struct script_call *call = &server->call;
    script_call_key(call, KEY_metadata, player_id);
    script_call_key(call, KEY_metadata, mate_id[0] == '\0' ? player_id : mate_id);
    script_call_text(call, player_id);
    script_call_text(call, mate_id);
}

void expiry_send(struct match_server *server)
{
    send(server, false);
}
