#include "tests/sim/checker_look.h"

#include <stdio.h>
#include <string.h>

enum { PLAYER_FIELDS = 8, MATCH_FIELDS = 4 };

const char checker_look_script[] =
    "local players, matches, parties, memberships = {}, {}, {}, {}\n"
    "for _, id in ipairs(ARGV) do\n"
    "  local v = redis.call('HMGET', 'metadata:' .. id, 'st', 'ver', 'mid', 'q', 'mode', 'ce', 'rq', 'mate')\n"
    "  for i = 1, 8 do players[#players + 1] = v[i] or '' end\n"
    "  v = redis.call('HMGET', 'player:{' .. id .. '}', 'party', 'invites')\n"
    "  v[3] = redis.call('HGET', 'session:{' .. id .. '}', 'party_ver')\n"
    "  for i = 1, 3 do memberships[#memberships + 1] = v[i] or '' end\n"
    "end\n"
    "for _, key in ipairs(redis.call('KEYS', 'party:*')) do\n"
    "  local v = redis.call('HMGET', key, 'leader', 'members', 'invited', 'ver')\n"
    "  parties[#parties + 1] = string.sub(key, 8, -2)\n"
    "  for i = 1, 4 do parties[#parties + 1] = v[i] or '' end\n"
    "end\n"
    "for _, key in ipairs(redis.call('KEYS', 'match:*')) do if key ~= 'match:deadlines' then\n"
    "  local v = redis.call('HMGET', key, 'status', 'players', 'digest')\n"
    "  matches[#matches + 1] = string.sub(key, 7)\n"
    "  for i = 1, 3 do matches[#matches + 1] = v[i] or '' end\n"
    "end end\n"
    "local function all(key) return redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end\n"
    "return {players, matches, all('match:deadlines'), all('queue:leases'), all('queue:normal'),\n"
    "  all('queue:ranked'), all('queue:party'), parties, memberships}\n";

static const char *const queue_modes[CHECKER_MODES] = {"normal", "ranked", "party"};

/* One row: this script may change a player's state like this (DESIGN of the state machine). */
static const struct {
    const char *script;
    enum player_state from, to;
} player_steps[] = {
    {"enqueue", STATE_lobby, STATE_queued},
    {"dequeue", STATE_queued, STATE_lobby},
    {"commit", STATE_queued, STATE_loading},
    {"commit", STATE_queued, STATE_battling},
    {"loading_complete", STATE_loading, STATE_battling},
    {"loading_cancel", STATE_loading, STATE_lobby},
    {"loading_cancel", STATE_loading, STATE_queued},
    {"report", STATE_battling, STATE_result},
    {"result_ack", STATE_result, STATE_lobby},
    {"reap", STATE_loading, STATE_queued},
    {"reap", STATE_loading, STATE_lobby},
    {"reap", STATE_battling, STATE_queued},
    {"expire", STATE_queued, STATE_lobby},
};

static const struct {
    const char *script, *from, *to;
} match_steps[] = {
    {"commit", "", "loading"},
    {"commit", "", "battling"},
    {"commit", "", "ready"},
    {"loading_complete", "loading", "battling"},
    {"loading_complete", "loading", "ready"},
    {"loading_cancel", "loading", "cancelled"},
    {"reap", "loading", "timed_out"},
    {"reap", "ready", "battling"},
    {"reap", "battling", "ready"},
    {"reap", "ready", "cancelled"},
    {"reap", "battling", "cancelled"},
    {"report", "ready", "finished"},
    {"report", "battling", "finished"},
};

/* Scripts that are no step of the state machine may do what any step may; a party is in no state, and
 * who is drained has yet to be expired. */
static bool player_step_allowed(const char *script, enum player_state from, enum player_state to)
{
    bool known = strncmp(script, "party_", 6) == 0 || strcmp(script, "drain") == 0;
    for (size_t i = 0; i < ARRAY_LENGTH(player_steps); i++) {
        if (strcmp(player_steps[i].script, script) != 0) continue;
        known = true;
        if (player_steps[i].from == from && player_steps[i].to == to) return true;
    }
    return !known && proto_transition_allowed(from, to);
}

static bool match_step_allowed(const char *script, const char *from, const char *to)
{
    for (size_t i = 0; i < ARRAY_LENGTH(match_steps); i++) {
        if (strcmp(match_steps[i].script, script) == 0 && strcmp(match_steps[i].from, from) == 0 &&
            strcmp(match_steps[i].to, to) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- reading -------------------------------------------------------------------------------------------- */

struct look {
    struct checker *checker;
    const char *script;
    int64_t now_ms;
    const struct redis_reply *players, *matches, *deadlines, *leases, *queues[CHECKER_MODES];
    struct seen_player before[SIM_PLAYERS];
};

static void copy(struct bytes from, char *to, size_t capacity)
{
    size_t length = from.length < capacity ? from.length : capacity - 1;
    if (length > 0) memcpy(to, from.data, length);
    to[length] = '\0';
}

/* The score of a member of a sorted set; -1: it is no member. */
static int64_t score_of(const struct redis_reply *set, const char *member)
{
    for (size_t i = 0; i + 1 < set->count; i += 2) {
        int64_t score = -1;
        if (!redis_reply_equals(&set->items[i], member)) continue;
        redis_reply_integer(&set->items[i + 1], &score);
        return score;
    }
    return -1;
}

static bool is_active(const char *status)
{
    return strcmp(status, "loading") == 0 || strcmp(status, "ready") == 0 || strcmp(status, "battling") == 0;
}

/* ---- matches ---------------------------------------------------------------------------------------------- */

static void check_match_change(struct look *look, struct seen_match *seen, const char *status,
                               const char *digest)
{
    struct checker *checker = look->checker;
    if (strcmp(seen->status, status) != 0 && !match_step_allowed(look->script, seen->status, status)) {
        checker_refuse(checker, "change", "%s moves match %s from \"%s\" to \"%s\"", look->script,
                       seen->match_id, seen->status, status);
    }
    bool too_early = strcmp(look->script, "reap") == 0 && strcmp(seen->status, "loading") == 0 &&
                     strcmp(status, "timed_out") == 0 && seen->deadline_ms > look->now_ms;
    if (too_early)
        checker_refuse(checker, "expiry", "match %s timed out before its deadline", seen->match_id);
    if (seen->digest[0] != '\0' && strcmp(seen->digest, digest) != 0) {
        checker_refuse(checker, "result", "match %s has a second result", seen->match_id);
    }
    copy(bytes_of_text(status), seen->status, sizeof seen->status);
    copy(bytes_of_text(digest), seen->digest, sizeof seen->digest);
}

static void look_at_match(struct look *look, size_t row)
{
    struct checker *checker = look->checker;
    const struct redis_reply *fields = &look->matches->items[row * MATCH_FIELDS];
    struct seen_match *seen = checker_match(checker, redis_reply_text(&fields[0]));
    if (seen == NULL) {
        check(checker->seen.match_count < CHECKER_MATCHES_MAX);
        seen = &checker->seen.matches[checker->seen.match_count++];
        *seen = (struct seen_match){.status = ""};
        copy(redis_reply_text(&fields[0]), seen->match_id, sizeof seen->match_id);
        copy(redis_reply_text(&fields[2]), seen->players, sizeof seen->players);
    }
    char status[CHECKER_STATUS_MAX], digest[sizeof seen->digest];
    copy(redis_reply_text(&fields[1]), status, sizeof status);
    copy(redis_reply_text(&fields[3]), digest, sizeof digest);
    check_match_change(look, seen, status, digest);
    seen->deadline_ms = score_of(look->deadlines, seen->match_id);
    seen->active = is_active(status);
    if (seen->active != (seen->deadline_ms >= 0)) {
        checker_refuse(checker, "watched", "match %s is \"%s\" and %s a deadline", seen->match_id, status,
                       seen->deadline_ms >= 0 ? "has" : "has not");
    }
}

/* ---- players ------------------------------------------------------------------------------------------------ */

bool checker_list_has(const char *list, const char *id)
{
    size_t length = strlen(id);
    for (const char *at = list; (at = strstr(at, id)) != NULL; at += length) {
        if ((at == list || at[-1] == ',') && (at[length] == '\0' || at[length] == ',')) return true;
    }
    return false;
}

static void check_place(struct look *look, size_t index, const struct seen_player *player)
{
    struct checker *checker = look->checker;
    const char *id = checker->ids[index];
    size_t queues = 0, matches = 0;
    int64_t q_ms = -1;
    bool own = false, fits = false;
    for (size_t i = 0; i < CHECKER_MODES; i++) {
        int64_t score = score_of(look->queues[i], id);
        if (score < 0) continue;
        queues++;
        q_ms = score;
        own = redis_reply_equals(&look->players->items[index * PLAYER_FIELDS + 4], queue_modes[i]);
    }
    for (size_t i = 0; i < checker->seen.match_count; i++) {
        const struct seen_match *match = &checker->seen.matches[i];
        if (!match->active || !checker_list_has(match->players, id)) continue;
        matches++;
        fits = strcmp(match->match_id, player->match_id) == 0 &&
               (strcmp(match->status, "loading") == 0) == (player->state == STATE_loading);
    }
    bool waits = player->state == STATE_queued;
    bool plays = player->state == STATE_loading || player->state == STATE_battling;
    if (queues != (waits ? 1 : 0) || matches != (plays ? 1 : 0) || (waits && !own) || (plays && !fits)) {
        checker_refuse(checker, "place", "%s is \"%s\" (match %s), in %zu queues and %zu active matches", id,
                       proto_state_names[player->state], player->match_id, queues, matches);
    }
    if (waits && q_ms != player->q_ms) checker_refuse(checker, "kept", "%s stands at another place", id);
    if (waits != (player->lease_ms >= 0)) {
        checker_refuse(checker, "watched", "%s is \"%s\" and %s a queue lease", id,
                       proto_state_names[player->state], player->lease_ms >= 0 ? "has" : "has not");
    }
}

/* His own lease has ended, or that of his mate, who takes him along. */
static bool is_overdue(const struct look *look, const struct seen_player *player)
{
    int mate = checker_player(look->checker, bytes_of_text(player->mate));
    return player->lease_ms <= look->now_ms || (mate >= 0 && look->before[mate].lease_ms <= look->now_ms);
}

static void check_change(struct look *look, size_t index, const struct seen_player *before,
                         const struct seen_player *after)
{
    struct checker *checker = look->checker;
    const char *id = checker->ids[index];
    checker_mate_change(checker, index, before, after);
    bool moved = before->state != after->state || strcmp(before->match_id, after->match_id) != 0;
    if (after->version < before->version || (moved && after->version == before->version)) {
        checker_refuse(checker, "change", "%s changes from version %lld to %lld", id,
                       (long long)before->version, (long long)after->version);
    }
    if (before->state == after->state) {
        bool swapped = after->state != STATE_lobby && strcmp(before->match_id, after->match_id) != 0;
        if (swapped)
            checker_refuse(checker, "change", "%s is in another match, still %s", id,
                           proto_state_names[after->state]);
        return;
    }
    if (!player_step_allowed(look->script, before->state, after->state)) {
        checker_refuse(checker, "change", "%s moves %s from %s to %s", look->script, id,
                       proto_state_names[before->state], proto_state_names[after->state]);
    }
    bool back = after->state == STATE_queued && before->state != STATE_lobby;
    if (back && before->q_ms != after->q_ms) checker_refuse(checker, "kept", "%s has lost his place", id);
    bool expired = strcmp(look->script, "expire") == 0, early = expired && !is_overdue(look, before);
    checker->taken_along += expired && before->lease_ms > look->now_ms;
    if (early) checker_refuse(checker, "expiry", "%s expired before his lease", id);
}

static void look_at_player(struct look *look, size_t index)
{
    struct checker *checker = look->checker;
    const struct redis_reply *fields = &look->players->items[index * PLAYER_FIELDS];
    struct seen_player *before = &checker->seen.players[index], after = *before;
    char state[16];
    copy(redis_reply_text(&fields[0]), state, sizeof state);
    after.state = state[0] == '\0' ? STATE_lobby : proto_state_named(state);
    if (after.state == STATE_COUNT) {
        checker_refuse(checker, "change", "%s is in state \"%s\"", checker->ids[index], state);
        return;
    }
    after.version = after.q_ms = 0;
    redis_reply_integer(&fields[1], &after.version);
    redis_reply_integer(&fields[3], &after.q_ms);
    copy(redis_reply_text(&fields[2]), after.match_id, sizeof after.match_id);
    copy(redis_reply_text(&fields[7]), after.mate, sizeof after.mate);
    after.lease_ms = score_of(look->leases, checker->ids[index]);
    if (after.state == STATE_queued) checker_lease_change(checker, index, look->script, after.lease_ms);
    check_change(look, index, before, &after);
    check_place(look, index, &after);
    *before = after;
}

void checker_look(struct checker *checker, const char *script, int64_t now_ms)
{
    struct bytes ids[SIM_PLAYERS];
    for (size_t i = 0; i < checker->id_count; i++) ids[i] = bytes_of_text(checker->ids[i]);
    const struct redis_reply *reply = store_look(checker->store, ids, checker->id_count);
    check(reply->type == REDIS_ARRAY && reply->count == 6 + CHECKER_MODES);
    struct look look = {.checker = checker, .script = script, .now_ms = now_ms};
    memcpy(look.before, checker->seen.players, sizeof look.before);
    if (checker->newest_ms < now_ms) checker->newest_ms = now_ms;
    look.players = &reply->items[0];
    look.matches = &reply->items[1];
    look.deadlines = &reply->items[2];
    look.leases = &reply->items[3];
    for (size_t i = 0; i < CHECKER_MODES; i++) look.queues[i] = &reply->items[4 + i];
    for (size_t i = 0; i < look.matches->count / MATCH_FIELDS; i++) look_at_match(&look, i);
    for (size_t i = 0; i < checker->id_count; i++) look_at_player(&look, i);
    checker_look_at_mates(checker, script);
    checker_look_at_parties(checker, &reply->items[4 + CHECKER_MODES], &reply->items[5 + CHECKER_MODES]);
    for (size_t i = 0; i + 1 < look.deadlines->count; i += 2) {
        struct bytes id = redis_reply_text(&look.deadlines->items[i]);
        if (checker_match(checker, id) == NULL)
            checker_refuse(checker, "watched", "a deadline of no match: %.*s", (int)id.length, id.data);
    }
}
