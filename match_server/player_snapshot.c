#include "match_server/player_snapshot.h"

#include <string.h>

#include "common/fault.h"

enum { ANSWER_HEAD = 3 };

/* The order of lua/_player.lua. */
enum {
    VALUE_player,
    VALUE_pod,
    VALUE_ver,
    VALUE_st,
    VALUE_ce,
    VALUE_rq,
    VALUE_mode,
    VALUE_q,
    VALUE_mid,
    VALUE_why,
    VALUE_ready,
    VALUE_card,
    VALUE_pen,
    VALUE_mate
};

bool answer_read(const struct redis_reply *reply, struct answer *out)
{
    if (reply == NULL || reply->type != REDIS_ARRAY || reply->count < ANSWER_HEAD) return false;
    if ((reply->count - ANSWER_HEAD) % SNAPSHOT_VALUES != 0) return false;
    *out = (struct answer){.reply = reply,
                           .status = redis_reply_text(&reply->items[0]),
                           .first = redis_reply_text(&reply->items[1]),
                           .second = redis_reply_text(&reply->items[2]),
                           .player_count = (reply->count - ANSWER_HEAD) / SNAPSHOT_VALUES};
    return out->status.length > 0;
}

bool answer_is(const struct answer *answer, const char *status)
{
    return bytes_equal_text(answer->status, status);
}

static bool read_text(const struct redis_reply *value, char *out, size_t capacity)
{
    return bytes_copy(out, capacity, redis_reply_text(value));
}

/* Empty means 0: the field is not stored. */
static bool read_integer(const struct redis_reply *value, int64_t *out)
{
    *out = 0;
    if (redis_reply_text(value).length == 0 && value->type != REDIS_INTEGER) return true;
    return redis_reply_integer(value, out) && *out >= 0;
}

/* "ana,ben" */
static bool read_ready(struct bytes list, struct proto_snapshot *out)
{
    size_t start = 0;
    for (size_t at = 0; at <= list.length; at++) {
        if (at < list.length && list.data[at] != ',') continue;
        struct bytes id = {list.data + start, at - start};
        start = at + 1;
        if (id.length == 0) continue;
        if (id.length > PLAYER_ID_MAX || out->ready_count == MATCH_PLAYERS_MAX) return false;
        bytes_copy(out->ready[out->ready_count], sizeof out->ready[0], id);
        out->ready_count++;
    }
    return true;
}

bool answer_player(const struct answer *answer, size_t index, struct told_player *out)
{
    check(index < answer->player_count);
    const struct redis_reply *value = &answer->reply->items[ANSWER_HEAD + index * SNAPSHOT_VALUES];
    struct proto_snapshot *to = &out->snapshot;
    *to = (struct proto_snapshot){.version = 0};
    bool good = read_text(&value[VALUE_player], to->player_id, sizeof to->player_id) &&
                read_text(&value[VALUE_pod], out->pod_id, sizeof out->pod_id) &&
                read_integer(&value[VALUE_ver], &to->version) &&
                read_text(&value[VALUE_st], to->state, sizeof to->state) &&
                read_integer(&value[VALUE_ce], &to->connection_epoch) &&
                read_integer(&value[VALUE_rq], &to->request) &&
                read_text(&value[VALUE_mode], to->mode, sizeof to->mode) &&
                read_integer(&value[VALUE_q], &to->enqueued_at_ms) &&
                read_text(&value[VALUE_mid], to->match_id, sizeof to->match_id) &&
                read_text(&value[VALUE_why], to->reason, sizeof to->reason) &&
                read_ready(redis_reply_text(&value[VALUE_ready]), to) &&
                read_text(&value[VALUE_pen], to->penalty, sizeof to->penalty) &&
                read_text(&value[VALUE_mate], to->mate, sizeof to->mate);
    to->match = redis_reply_text(&value[VALUE_card]);
    if (to->state[0] == '\0') text_copy(to->state, sizeof to->state, proto_state_names[STATE_lobby]);
    return good && to->player_id[0] != '\0' && proto_state_named(to->state) != STATE_COUNT;
}

int64_t answer_players_in(const struct answer *answer, enum player_state state)
{
    int64_t count = 0;
    for (size_t i = 0; i < answer->player_count; i++) {
        struct told_player told;
        count += answer_player(answer, i, &told) && proto_state_named(told.snapshot.state) == state;
    }
    return count;
}

bool player_snapshot_publish(struct world *world, const char *pod_id, const struct proto_snapshot *snapshot)
{
    bool result = strcmp(snapshot->state, proto_state_names[STATE_result]) == 0;
    FAULT_POINT(before_snapshot);
    bool published =
        world_publish(world, result ? CHANNEL_battle_result : CHANNEL_match_result, pod_id, snapshot);
    FAULT_POINT(after_snapshot);
    return published;
}
