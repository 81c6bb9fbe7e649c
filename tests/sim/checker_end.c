/* checker_end.c -- when all faults are over: what must be left, and nothing else. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/checker_look.h"

bool checker_is_drained(struct checker *checker, char *why, size_t why_size)
{
    static const char *const empty[] = {"queue:normal", "queue:ranked",    "queue:party",
                                        "queue:leases", "match:deadlines", "outbox"};
    for (size_t i = 0; i < ARRAY_LENGTH(empty); i++) {
        struct bytes words[] = {bytes_of_text("ZCARD"), bytes_of_text(empty[i])};
        int64_t count = 0;
        redis_reply_integer(store_command(checker->store, words, ARRAY_LENGTH(words)), &count);
        if (count == 0) continue;
        snprintf(why, why_size, "%s has %lld members", empty[i], (long long)count);
        return false;
    }
    for (size_t i = 0; i < checker->id_count; i++) {
        enum player_state state = checker->seen.players[i].state;
        if (state == STATE_lobby) continue;
        snprintf(why, why_size, "%s is %s", checker->ids[i], proto_state_names[state]);
        return false;
    }
    if (checker->seen.party_count > 0) {
        const struct seen_party *party = &checker->seen.parties[0];
        snprintf(why, why_size, "%s are still in party %s", party->members, party->party_id);
        return false;
    }
    return true;
}

static int64_t results_of(struct checker *checker, const char *id)
{
    struct redis_name key = proto_key_name(KEY_player, "", id);
    struct bytes words[] = {bytes_of_text("HMGET"),
                            {key.text, key.length},
                            bytes_of_text("wins"),
                            bytes_of_text("losses"),
                            bytes_of_text("draws")};
    const struct redis_reply *reply = store_command(checker->store, words, ARRAY_LENGTH(words));
    int64_t sum = 0;
    for (size_t i = 0; i < 3; i++) {
        int64_t count = 0;
        redis_reply_integer(redis_reply_item(reply, i), &count);
        sum += count;
    }
    return sum;
}

static int64_t history_of(struct checker *checker, const char *id)
{
    struct redis_name key = proto_key_name(KEY_history, "", id);
    struct bytes words[] = {bytes_of_text("LLEN"), {key.text, key.length}};
    int64_t length = 0;
    redis_reply_integer(store_command(checker->store, words, ARRAY_LENGTH(words)), &length);
    return length;
}

static void check_counts(struct checker *checker, size_t index)
{
    int64_t finished = 0, given = results_of(checker, checker->ids[index]);
    char before[PLAYER_ID_MAX + 3], text[sizeof checker->seen.matches[0].players + 2];
    snprintf(before, sizeof before, ",%s,", checker->ids[index]);
    for (size_t i = 0; i < checker->seen.match_count; i++) {
        const struct seen_match *match = &checker->seen.matches[i];
        snprintf(text, sizeof text, ",%s,", match->players);
        finished += strcmp(match->status, "finished") == 0 && strstr(text, before) != NULL;
    }
    if (given != finished)
        checker_refuse(checker, "counted", "%s has %lld results of %lld matches", checker->ids[index],
                       (long long)given, (long long)finished);
    int64_t told = history_of(checker, checker->ids[index]),
            played = given + checker->seen.players[index].stages;
    if (told != (played < HISTORY_MAX ? played : HISTORY_MAX))
        checker_refuse(checker, "counted", "%s has %lld battles in his history after %lld results",
                       checker->ids[index], (long long)told, (long long)played);
}

static void check_experience(struct checker *checker, size_t index)
{
    struct redis_name key = proto_key_name(KEY_player, "", checker->ids[index]);
    struct bytes words[] = {bytes_of_text("HGET"), {key.text, key.length}, bytes_of_text("experience")};
    int64_t stored = 0, given = checker->seen.players[index].experience;
    redis_reply_integer(store_command(checker->store, words, ARRAY_LENGTH(words)), &stored);
    if (stored != given)
        checker_refuse(checker, "counted", "%s has %lld experience, his battles gave %lld",
                       checker->ids[index], (long long)stored, (long long)given);
}

static bool starts_with(struct bytes text, const char *start)
{
    size_t length = strlen(start);
    return text.length >= length && memcmp(text.data, start, length) == 0;
}

/* How many keys of each kind there may be. */
static void check_keys(struct checker *checker)
{
    const struct {
        const char *start;
        size_t count_max;
    } rows[] = {
        {"metadata:", checker->id_count},
        {"player:{", checker->id_count},
        {"session:{", checker->id_count},
        {"match:", checker->seen.match_count},
        {"result:", CHECKER_MATCHES_MAX},
        {"queue:log:", CHECKER_MODES},
        {"lock:matchmaker:", CHECKER_MODES},
        {"pods", 1},
        {"sim:", 1},
        {"inbox:{", checker->id_count},
        {"history:{", checker->id_count},
        {"opponents:{", checker->id_count},
        {"penalty:player:", checker->id_count},
        {"penalty:device:", checker->id_count},
        {"penalties", 1},
        {"season", 1},
        {"leaderboard:", CHECKER_MODES},
    };
    size_t counts[ARRAY_LENGTH(rows)] = {0};
    const struct redis_reply *keys = store_words(checker->store, "KEYS *");
    for (size_t i = 0; i < keys->count; i++) {
        struct bytes key = redis_reply_text(&keys->items[i]);
        size_t row = 0;
        while (row < ARRAY_LENGTH(rows) && !starts_with(key, rows[row].start)) row++;
        bool fits = row < ARRAY_LENGTH(rows) && ++counts[row] <= rows[row].count_max;
        if (!fits) checker_refuse(checker, "keys", "%.*s should not be there", (int)key.length, key.data);
    }
}

void checker_finish(struct checker *checker)
{
    for (size_t i = 0; i < checker->id_count && !checker->rolled_back; i++) check_counts(checker, i);
    for (size_t i = 0; i < checker->id_count; i++) check_experience(checker, i);
    check_keys(checker);
}
