/* bench: battles per second of one thread of this machine, by player level, with the reference decks. */
#include "tools/balance.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SECONDS = 6, BATCH = 64 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct bench {
    struct balance *balance;
    battle_ctx *ctx;
    char *timeline; /* NULL: battles alone */
    double seconds;
};

static double battles_per_second(const struct bench *bench, size_t first, size_t end)
{
    const struct deck *decks = bench->balance->decks.rows;
    const battle_sink sink = {"bench"};
    double start = cpu_seconds(), spent;
    uint64_t seed = bench->balance->first_seed, count = 0;
    do {
        for (int i = 0; i < BATCH; i++, count++, seed++) {
            size_t one = first + count % (end - first), two = first + (count / 7) % (end - first);
            const battle_snapshot *const pair[2] = {&decks[one].snapshot, &decks[two].snapshot};
            play_one(bench->ctx, bench->balance->catalog, pair, seed, bench->timeline ? &sink : NULL);
            if (bench->timeline != NULL)
                battle_timeline_json(bench->ctx, bench->timeline, BATTLE_TIMELINE_BYTES);
        }
        spent = cpu_seconds() - start;
    } while (spent < bench->seconds);
    return (double)count / spent;
}

int balance_bench(struct balance *balance)
{
    struct bench bench = {balance, battle_ctx_new(), NULL, 0};
    char *timeline = memory_new(BATTLE_TIMELINE_BYTES);
    const struct deck_list *decks = &balance->decks;
    size_t groups = 0;
    check(bench.ctx != NULL);
    for (size_t i = 0; i < decks->count; i = decks_group_end(decks, i)) groups++;
    bench.seconds = (double)(balance->seconds != 0 ? balance->seconds : SECONDS) / (double)(2 * groups);
    printf("level  battles/s  with timeline/s\n");
    for (size_t i = 0; i < decks->count; i = decks_group_end(decks, i)) {
        size_t end = decks_group_end(decks, i);
        bench.timeline = NULL;
        double plain = battles_per_second(&bench, i, end);
        bench.timeline = timeline;
        printf("%5d  %9.0f  %15.0f\n", decks->rows[i].snapshot.level, plain,
               battles_per_second(&bench, i, end));
    }
    free(timeline);
    battle_ctx_free(bench.ctx);
    return 0;
}
