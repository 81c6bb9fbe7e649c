#include "match_server/drain.h"

#include <stdio.h>
#include <string.h>

#include "common/fault.h"
#include "common/ids.h"

static bool read_chunk(struct drain *drain);

static void end(struct drain *drain, int64_t ended)
{
    drain->running = false;
    drain->done(drain->context, ended);
}

static void go_on(struct drain *drain)
{
    if (strcmp(drain->cursor, "0") == 0) {
        end(drain, drain->ended);
    } else if (!read_chunk(drain)) {
        end(drain, -1);
    }
}

static void on_ended(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct drain *drain = context;
    int64_t ended;
    FAULT_POINT(after_drain);
    if (!redis_reply_equals(redis_reply_item(reply, 0), "OK") ||
        !redis_reply_integer(redis_reply_item(reply, 1), &ended)) {
        end(drain, -1);
        return;
    }
    drain->ended += ended;
    go_on(drain);
}

/* [cursor, [member, score, ...]]; false: no such reply. */
static bool take_chunk(struct drain *drain, const struct redis_reply *reply, size_t *players)
{
    const struct redis_reply *members = redis_reply_item(reply, 1);
    struct bytes cursor = redis_reply_text(redis_reply_item(reply, 0));
    if (members == NULL || members->type != REDIS_ARRAY || cursor.length == 0 ||
        !bytes_copy(drain->cursor, sizeof drain->cursor, cursor))
        return false;
    for (size_t i = 0; i + 1 < members->count; i += 2) {
        char player_id[PLAYER_ID_MAX + 1];
        struct bytes member = redis_reply_text(&members->items[i]);
        if (!ids_is_player_id(member)) continue;
        bytes_copy(player_id, sizeof player_id, member);
        script_call_key(&drain->call, KEY_metadata, player_id);
        script_call_text(&drain->call, player_id);
        ++*players;
    }
    return true;
}

static void on_chunk(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct drain *drain = context;
    size_t players = 0;
    script_call_start(&drain->call, drain->world);
    script_call_key(&drain->call, KEY_queue_leases, "");
    script_call_key(&drain->call, KEY_pods, "");
    script_call_text(&drain->call, "");
    script_call_text(&drain->call, drain->pod_id);
    if (!take_chunk(drain, reply, &players)) {
        end(drain, -1);
    } else if (players == 0) {
        go_on(drain);
    } else {
        FAULT_POINT(before_drain);
        if (!script_call_send(&drain->call, SCRIPT_drain, on_ended, drain, 0)) end(drain, -1);
    }
}

static bool read_chunk(struct drain *drain)
{
    char count[16];
    snprintf(count, sizeof count, "%d", DRAIN_CHUNK);
    struct redis_name key = proto_key_name(KEY_queue_leases, drain->world->key_prefix, "");
    struct bytes command[] = {bytes_of_text("ZSCAN"),
                              {key.text, key.length},
                              bytes_of_text(drain->cursor),
                              bytes_of_text("COUNT"),
                              bytes_of_text(count)};
    return world_command(drain->world, command, ARRAY_LENGTH(command), on_chunk, drain, 0);
}

void drain_init(struct drain *drain, struct world *world)
{
    *drain = (struct drain){.world = world};
}

void drain_free(struct drain *drain)
{
    script_call_free(&drain->call);
}

bool drain_start(struct drain *drain, const char *pod_id, drain_done_fn *done, void *context)
{
    if (drain->running) return false;
    text_copy(drain->pod_id, sizeof drain->pod_id, pod_id);
    text_copy(drain->cursor, sizeof drain->cursor, "0");
    drain->ended = 0;
    drain->done = done;
    drain->context = context;
    drain->running = read_chunk(drain);
    return drain->running;
}
