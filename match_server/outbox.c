#include "match_server/outbox.h"

#include "common/fault.h"
#include "common/ids.h"
#include "match_server/due.h"
#include "match_server/server_internal.h"

static void on_told(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct match_server *server = context;
    struct answer answer;
    FAULT_POINT(after_outbox);
    if (!server_answer(server, SCRIPT_outbox, reply, &answer)) return;
    metrics_add(server->metrics, METRIC_snapshots_repeated, (int64_t)answer.player_count);
    server_tell_all(server, &answer);
}

static void on_due(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct match_server *server = context;
    struct script_call *call = &server->call;
    size_t players = 0;
    if (reply != NULL && reply->type != REDIS_ARRAY) server_bad_reply(server, "outbox due", reply);
    if (server->stopping) return;
    script_call_start_common(call, server->world, server->config);
    script_call_key(call, KEY_outbox, "");
    for (size_t i = 0; i < due_count(reply); i++) {
        char player_id[PLAYER_ID_MAX + 1];
        if (!due_member(server, reply, i, player_id, sizeof player_id)) continue;
        script_call_key(call, KEY_metadata, player_id);
        script_call_text(call, player_id);
        players++;
    }
    if (players == 0) return;
    FAULT_POINT(before_outbox);
    script_call_send(call, SCRIPT_outbox, on_told, server, 0);
}

static void on_size(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct match_server *server = context;
    int64_t size;
    if (redis_reply_integer(reply, &size)) metrics_set(server->metrics, METRIC_outbox_size, size);
}

static void on_timer(struct timer *timer)
{
    struct outbox *outbox = container_of(timer, struct outbox, timer);
    struct match_server *server = outbox->server;
    due_read(server, KEY_outbox, OUTBOX_BATCH_MAX, on_due, server);
    struct redis_name key = proto_key_name(KEY_outbox, server->world->key_prefix, "");
    struct bytes command[] = {bytes_of_text("ZCARD"), {key.text, key.length}};
    world_command(server->world, command, ARRAY_LENGTH(command), on_size, server, 0);
    world_timer_set(server->world, timer, world_now_ms(server->world) + server->config->outbox_poll_ms);
}

void outbox_init(struct outbox *outbox, struct match_server *server)
{
    *outbox = (struct outbox){.server = server, .timer = {.fire = on_timer}};
}

void outbox_start(struct outbox *outbox)
{
    if (timer_is_set(&outbox->timer)) return;
    struct match_server *server = outbox->server;
    world_timer_set(server->world, &outbox->timer,
                    world_now_ms(server->world) + server->config->outbox_poll_ms);
}

void outbox_stop(struct outbox *outbox)
{
    world_timer_cancel(outbox->server->world, &outbox->timer);
}
