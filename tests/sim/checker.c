#include "tests/sim/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/checker_look.h"

enum { HEARTBEAT_PLAYERS = 9 }; /* its argument from which on they are named */

void checker_refuse(struct checker *checker, const char *invariant, const char *format, ...)
{
    if (checker->problem[0] != '\0') return;
    int length = snprintf(checker->problem, sizeof checker->problem, "%s: ", invariant);
    va_list values;
    va_start(values, format);
    vsnprintf(checker->problem + length, sizeof checker->problem - (size_t)length, format, values);
    va_end(values);
}

const char *checker_problem(const struct checker *checker)
{
    return checker->problem[0] == '\0' ? NULL : checker->problem;
}

struct seen_match *checker_match(struct checker *checker, struct bytes match_id)
{
    for (size_t i = checker->seen.match_count; i-- > 0;) {
        if (bytes_equal_text(match_id, checker->seen.matches[i].match_id)) return &checker->seen.matches[i];
    }
    return NULL;
}

int checker_player(const struct checker *checker, struct bytes id)
{
    for (size_t i = 0; i < checker->id_count; i++) {
        if (bytes_equal_text(id, checker->ids[i])) return (int)i;
    }
    return -1;
}

size_t checker_taken_along(const struct checker *checker)
{
    return checker->taken_along;
}

size_t checker_match_count(const struct checker *checker)
{
    size_t count = 0;
    for (size_t i = 0; i < checker->seen.match_count; i++) {
        count += strcmp(checker->seen.matches[i].status, "finished") == 0;
    }
    return count;
}

static int64_t integer_of(struct bytes text)
{
    struct redis_reply reply = {.type = REDIS_TEXT, .text = text.data, .length = text.length};
    int64_t integer = 0;
    redis_reply_integer(&reply, &integer);
    return integer;
}

/* ---- requests ------------------------------------------------------------------------------------------ */

static bool is_request(enum script_id script)
{
    switch ((int)script) {
    case SCRIPT_enqueue:
    case SCRIPT_dequeue:
    case SCRIPT_resume:
    case SCRIPT_loading_complete:
    case SCRIPT_loading_cancel:
    case SCRIPT_result_ack: return true;
    default: return false;
    }
}

/* Arguments 5 to 7 of every request: player, connection epoch, number. */
static void saw_request(struct checker *checker, const char *name, const struct bytes *arguments)
{
    int index = checker_player(checker, arguments[4]);
    check(index >= 0);
    struct seen_player *player = &checker->seen.players[index];
    int64_t epoch = integer_of(arguments[5]), request = integer_of(arguments[6]);
    bool newer = epoch > player->epoch || (epoch == player->epoch && request > player->request);
    if (!newer) {
        checker_refuse(checker, "request", "%s of %s takes effect as %lld/%lld after %lld/%lld", name,
                       checker->ids[index], (long long)epoch, (long long)request, (long long)player->epoch,
                       (long long)player->request);
    }
    player->epoch = epoch;
    player->request = request;
}

/* ---- fences ---------------------------------------------------------------------------------------------- */

static struct seen_fence *fence_of(struct checker *checker, struct bytes key)
{
    for (size_t i = 0; i < checker->seen.fence_count; i++) {
        if (bytes_equal_text(key, checker->seen.fences[i].key)) return &checker->seen.fences[i];
    }
    check(checker->seen.fence_count < CHECKER_MODES && key.length < sizeof checker->seen.fences[0].key);
    struct seen_fence *fence = &checker->seen.fences[checker->seen.fence_count++];
    *fence = (struct seen_fence){.epoch = 0};
    memcpy(fence->key, key.data, key.length);
    return fence;
}

/* "owner:epoch" */
static void saw_acquired(struct checker *checker, struct seen_fence *fence, struct bytes value,
                         struct bytes owner, int64_t lasts_ms, int64_t now_ms)
{
    size_t at = value.length;
    while (at > 0 && value.data[at - 1] != ':') at--;
    int64_t epoch = integer_of((struct bytes){value.data + at, value.length - at});
    bool same = at == owner.length + 1 && strncmp(fence->value, owner.data, owner.length) == 0;
    if (epoch <= fence->epoch)
        checker_refuse(checker, "fence", "epoch %lld of %s does not grow", (long long)epoch, fence->key);
    if (now_ms < fence->until_ms && !same) checker_refuse(checker, "fence", "%s has two holders", fence->key);
    fence->epoch = epoch;
    fence->until_ms = now_ms + lasts_ms;
    check(value.length < sizeof fence->value);
    memcpy(fence->value, value.data, value.length);
    fence->value[value.length] = '\0';
}

static void saw_lease(struct checker *checker, enum script_id script, const struct bytes *keys,
                      const struct bytes *arguments, const struct redis_reply *reply, int64_t now_ms)
{
    struct seen_fence *fence = fence_of(checker, keys[0]);
    if (!redis_reply_equals(redis_reply_item(reply, 0), "OK")) return;
    if (script == SCRIPT_lease_acquire) {
        saw_acquired(checker, fence, redis_reply_text(redis_reply_item(reply, 1)), arguments[1],
                     integer_of(arguments[2]), now_ms);
        return;
    }
    if (!bytes_equal_text(arguments[1], fence->value))
        checker_refuse(checker, "fence", "%s obeys one who is not its holder", fence->key);
    fence->until_ms = script == SCRIPT_lease_renew ? now_ms + integer_of(arguments[2]) : 0;
}

static void saw_commit(struct checker *checker, const struct bytes *keys, const struct bytes *arguments,
                       const struct redis_reply *reply)
{
    if (!redis_reply_equals(redis_reply_item(reply, 0), "OK")) return;
    const struct seen_fence *fence = fence_of(checker, keys[0]);
    if (!bytes_equal_text(arguments[4], fence->value))
        checker_refuse(checker, "fence", "a commit without the lease of %s", fence->key);
}

/* ---- what has run ------------------------------------------------------------------------------------------ */

static struct seen_result *result_of(struct checker *checker, const char *match_id)
{
    for (size_t i = checker->result_count; i-- > 0;) {
        if (strcmp(checker->results[i].match_id, match_id) == 0) return &checker->results[i];
    }
    check(checker->result_count < CHECKER_MATCHES_MAX);
    struct seen_result *result = &checker->results[checker->result_count++];
    *result = (struct seen_result){.bytes_hash = 0};
    text_copy(result->match_id, sizeof result->match_id, match_id);
    return result;
}

/* Arguments 5 and 8: match, digest. Whoever computes the battle, and however often, gets the same bytes. */
static void saw_report(struct checker *checker, const struct bytes *arguments, bool accepted)
{
    const struct seen_match *match = checker_match(checker, arguments[4]);
    if (match == NULL || arguments[7].length == 0) return;
    if (accepted && strcmp(match->status, "finished") == 0)
        checker_refuse(checker, "result", "match %s is reported twice", match->match_id);
    struct seen_result *result = result_of(checker, match->match_id);
    if (result->digest[0] != '\0' && !bytes_equal_text(arguments[7], result->digest))
        checker_refuse(checker, "result", "match %s has two outcomes", match->match_id);
    size_t length = arguments[7].length < sizeof result->digest ? arguments[7].length : 0;
    memcpy(result->digest, arguments[7].data, length);
}

/* Argument 3: match; the fifth word of the summary: experience. It is given once, whoever asks again. */
static void saw_pve(struct checker *checker, const struct bytes *keys, const struct bytes *arguments,
                    const struct redis_reply *reply)
{
    char match_id[UUID_LENGTH + 1] = "", summary[128] = "";
    struct bytes text = redis_reply_text(redis_reply_item(reply, 2));
    long long gained = 0;
    if (!redis_reply_equals(redis_reply_item(reply, 0), "NEW")) return;
    check(arguments[2].length < sizeof match_id && text.length < sizeof summary);
    memcpy(match_id, arguments[2].data, arguments[2].length);
    memcpy(summary, text.data, text.length);
    check(sscanf(summary, "pve %*s %*s %*d %lld", &gained) == 1);
    struct seen_result *result = result_of(checker, match_id);
    if (result->given && !checker->rolled_back)
        checker_refuse(checker, "counted", "the battle %s is given twice", match_id);
    result->given = true;
    for (size_t i = 0; i < checker->id_count; i++) {
        struct redis_name key = proto_key_name(KEY_player, "", checker->ids[i]);
        if (!bytes_equal_text(keys[0], key.text)) continue;
        checker->seen.players[i].experience += gained;
        checker->seen.players[i].stages++;
    }
}

static bool changes_players(enum script_id script, const struct redis_reply *reply)
{
    switch ((int)script) {
    case SCRIPT_login:
    case SCRIPT_player_set:
    case SCRIPT_result_store:
    case SCRIPT_result_apply:
    case SCRIPT_pve_apply:
    case SCRIPT_profile:
    case SCRIPT_queue_place:
    case SCRIPT_queue_mark:
    case SCRIPT_lease_acquire:
    case SCRIPT_lease_renew:
    case SCRIPT_lease_release:
    case SCRIPT_outbox:
    case SCRIPT_snapshot_ack: return false;
    case SCRIPT_heartbeat: return reply->count > 3;
    default: {
        static const char *const nothing[] = {"DUP",  "FENCED", "EARLY", "STALE", "NO",
                                              "LATE", "BUSY",   "NONE",  "AGAIN", "MATE"};
        for (size_t i = 0; i < ARRAY_LENGTH(nothing); i++) {
            if (redis_reply_equals(redis_reply_item(reply, 0), nothing[i])) return false;
        }
        return true;
    }
    }
}

bool checker_script(struct checker *checker, const char *caller, enum script_id script,
                    const struct bytes *keys, size_t key_count, const struct bytes *arguments,
                    size_t argument_count, const struct redis_reply *reply, int64_t now_ms)
{
    (void)key_count;
    const char *name = script_name(script);
    if (redis_reply_is_error(reply)) {
        struct bytes text = redis_reply_text(reply);
        checker_refuse(checker, "script", "%s of %s: %.*s", name, caller, (int)text.length, text.data);
        return true;
    }
    const struct redis_reply *status = redis_reply_item(reply, 0);
    bool accepted = redis_reply_equals(status, "OK") || redis_reply_equals(status, "READY");
    if (accepted && is_request(script)) saw_request(checker, name, arguments);
    if (script == SCRIPT_lease_acquire || script == SCRIPT_lease_renew || script == SCRIPT_lease_release) {
        saw_lease(checker, script, keys, arguments, reply, now_ms);
    }
    if (script == SCRIPT_commit) saw_commit(checker, keys, arguments, reply);
    if (script == SCRIPT_report) saw_report(checker, arguments, accepted);
    if (script == SCRIPT_pve_apply) saw_pve(checker, keys, arguments, reply);
    if (accepted && strncmp(name, "party_", 6) == 0) checker_party_script(checker, script, arguments, now_ms);
    if (script == SCRIPT_heartbeat && argument_count > HEARTBEAT_PLAYERS)
        checker_look_at_leases(checker, name);
    if (script == SCRIPT_drain) checker_drained(checker, arguments, argument_count, now_ms);
    bool changed = changes_players(script, reply);
    if (changed) checker_look(checker, name, now_ms);
    if (accepted && script == SCRIPT_enqueue && argument_count > 16) checker_party_queued(checker, arguments);
    return changed;
}

/* ---- what clients are given ---------------------------------------------------------------------------------- */

static uint64_t hash_of(struct bytes bytes)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < bytes.length; i++) hash = (hash ^ (uint8_t)bytes.data[i]) * 1099511628211u;
    return hash;
}

void checker_rewards(struct checker *checker, const char *player, const char *match_id, const char *rewards)
{
    uint64_t hash = hash_of(bytes_of_text(rewards));
    struct seen_result *result = result_of(checker, match_id);
    if (!result->given)
        checker_refuse(checker, "result", "%s is told of the battle %s, which was not given", player,
                       match_id);
    if (result->rewards_hash != 0 && result->rewards_hash != hash)
        checker_refuse(checker, "result", "%s is told other rewards of the battle %s", player, match_id);
    result->rewards_hash = hash;
}

void checker_delivery(struct checker *checker, const char *player, const char *match_id, struct bytes frame)
{
    uint64_t hash = hash_of(frame);
    struct seen_result *result = result_of(checker, match_id);
    if (result->bytes_hash != 0 && result->bytes_hash != hash)
        checker_refuse(checker, "result", "%s is given other bytes of match %s", player, match_id);
    result->bytes_hash = hash;
}

int checker_side_of(const struct seen_match *match, const char *player)
{
    int count = 1, found = -1, at = 0;
    for (const char *c = match->players; *c != '\0'; c++) count += *c == ',';
    for (const char *id = match->players; *id != '\0'; at++) {
        size_t length = strcspn(id, ",");
        if (length == strlen(player) && strncmp(id, player, length) == 0) found = at;
        id += length + (id[length] == ',');
    }
    return found < 0 ? -1 : found / (count / 2);
}

void checker_outcome(struct checker *checker, const char *player, const char *match_id, const char *outcome)
{
    struct seen_result *result = result_of(checker, match_id);
    const struct seen_match *match = checker_match(checker, bytes_of_text(match_id));
    bool finished = match != NULL && strcmp(match->status, "finished") == 0;
    if (!finished && !checker->rolled_back)
        checker_refuse(checker, "result", "%s is told a result of match %s, which has none", player,
                       match_id);
    int side = match == NULL ? -1 : checker_side_of(match, player);
    if (side < 0) {
        if (match != NULL) checker_refuse(checker, "result", "%s is told of match %s", player, match_id);
        return;
    }
    bool changed = result->outcomes[side][0] != '\0' && strcmp(result->outcomes[side], outcome) != 0;
    text_copy(result->outcomes[side], sizeof result->outcomes[side], outcome);
    const char *other = result->outcomes[1 - side];
    bool draw = strcmp(outcome, "draw") == 0;
    bool fits = other[0] == '\0' || (draw ? strcmp(other, "draw") == 0 : strcmp(other, outcome) != 0);
    if (changed || !fits)
        checker_refuse(checker, "result", "%s is told \"%s\" of match %s after \"%s\"", player, outcome,
                       match_id, other);
}

/* ---- failover, life -------------------------------------------------------------------------------------------- */

/* A lease that has ended by now does not come back, even on a clock on which it has not. */
void checker_save(struct checker *checker, int64_t now_ms)
{
    checker->saved = checker->seen;
    for (size_t i = 0; i < checker->saved.fence_count; i++) {
        struct seen_fence *fence = &checker->saved.fences[i];
        if (fence->until_ms <= now_ms) fence->until_ms = 0;
    }
}

void checker_restore(struct checker *checker)
{
    checker->seen = checker->saved;
    checker->rolled_back = true;
}

struct checker *checker_open(struct store *store, const char *const *ids, size_t count)
{
    check(count <= SIM_PLAYERS);
    struct checker *checker = memory_new(sizeof *checker);
    checker->store = store;
    checker->ids = ids;
    checker->id_count = count;
    for (size_t i = 0; i < count; i++) checker->seen.players[i].lease_ms = -1;
    return checker;
}

void checker_close(struct checker *checker)
{
    free(checker);
}
