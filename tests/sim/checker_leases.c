/* checker_leases.c -- leases of waiters: nobody ends one before its time, and nobody waits long without one.
 *
 * `expiry` of single players is judged where they are moved (checker_look.c). Here is what concerns the leases
 * themselves: they only grow, an operator's drain ends those of dead pods and no others, and who is overdue is out
 * of the queue within OVERDUE_MS_MAX of a time in which some match_server works without a break. */
#include <string.h>

#include "tests/sim/checker_look.h"

/* A second in which it is the affair of another match_server (due.h), then four polls, some of whose messages are
 * lost or stall. */
enum { OVERDUE_MS_MAX = 2000 };

void checker_lease_change(struct checker *checker, size_t index, const char *script, int64_t lease_ms)
{
    struct seen_player *player = &checker->seen.players[index];
    bool shorter = lease_ms >= 0 && lease_ms < player->lease_ms && strcmp(script, "drain") != 0;
    if (shorter && player->state == STATE_queued && !checker->rolled_back)
        checker_refuse(checker, "expiry", "%s shortens the lease of %s", script, checker->ids[index]);
}

static int64_t score_of(struct checker *checker, const char *set, struct bytes member)
{
    struct bytes words[] = {bytes_of_text("ZSCORE"), bytes_of_text(set), member};
    int64_t score = -1;
    redis_reply_integer(store_command(checker->store, words, ARRAY_LENGTH(words)), &score);
    return score;
}

void checker_look_at_leases(struct checker *checker, const char *script)
{
    const struct redis_reply *leases = store_words(checker->store, "ZRANGE queue:leases 0 -1 WITHSCORES");
    for (size_t i = 0; i + 1 < leases->count; i += 2) {
        int index = checker_player(checker, redis_reply_text(&leases->items[i]));
        int64_t lease_ms = -1;
        redis_reply_integer(&leases->items[i + 1], &lease_ms);
        if (index < 0 || checker->seen.players[index].state != STATE_queued) continue;
        checker_lease_change(checker, (size_t)index, script, lease_ms);
        checker->seen.players[index].lease_ms = lease_ms;
    }
}

/* ---- drain ------------------------------------------------------------------------------------------------ */

/* The pod of a waiter is dead; `named`: which one is asked about, "" any. */
static bool is_on_dead_pod(struct checker *checker, const char *id, struct bytes named, int64_t now_ms)
{
    char member[POD_ID_MAX + 8] = "game:";
    size_t length = strlen(member);
    struct redis_name key = proto_key_name(KEY_metadata, "", id);
    struct bytes words[] = {bytes_of_text("HGET"), {key.text, key.length}, bytes_of_text("pod")};
    struct bytes pod = redis_reply_text(store_command(checker->store, words, ARRAY_LENGTH(words)));
    check(pod.length <= POD_ID_MAX);
    memcpy(member + length, pod.data, pod.length);
    bool meant =
        named.length == 0 || (named.length == pod.length && memcmp(named.data, pod.data, pod.length) == 0);
    return meant && score_of(checker, "pods", (struct bytes){member, length + pod.length}) <= now_ms;
}

/* Arguments 2 and on: pod, players. */
void checker_drained(struct checker *checker, const struct bytes *arguments, size_t count, int64_t now_ms)
{
    for (size_t i = 2; i < count; i++) {
        int index = checker_player(checker, arguments[i]);
        if (index < 0 || checker->seen.players[index].state != STATE_queued) continue;
        const char *id = checker->ids[index];
        int64_t before_ms = checker->seen.players[index].lease_ms;
        int64_t lease_ms = score_of(checker, "queue:leases", arguments[i]);
        bool dead = is_on_dead_pod(checker, id, arguments[1], now_ms);
        if (!dead && lease_ms != before_ms)
            checker_refuse(checker, "expiry", "drain ends the lease of %s, whose pod lives", id);
        if (dead && lease_ms > now_ms)
            checker_refuse(checker, "expiry", "drain leaves %s, whose pod is dead", id);
    }
}

/* ---- who is overdue ---------------------------------------------------------------------------------------- */

void checker_overdue(struct checker *checker, int64_t served_since_ms, int64_t now_ms)
{
    for (size_t i = 0; i < checker->id_count; i++) {
        const struct seen_player *player = &checker->seen.players[i];
        if (player->state != STATE_queued) continue;
        int64_t from_ms = player->lease_ms > served_since_ms ? player->lease_ms : served_since_ms;
        if (now_ms - from_ms > OVERDUE_MS_MAX)
            checker_refuse(checker, "expiry", "%s waits %lld ms after his lease", checker->ids[i],
                           (long long)(now_ms - player->lease_ms));
    }
}
