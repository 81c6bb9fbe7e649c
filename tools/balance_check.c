/* check: every aim of docs/balance.md against what the reference decks do. Fixed seeds, so the same answer on
 * every machine; enough battles that three standard deviations of the seat bias are its bound. */
#include "tools/balance_abilities.h"
#include "tools/balance_figures.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 2000, WATCHED_SEEDS = 10 };

#define SEAT_BIAS_MAX 0.003
#define DRAWS_MAX 0.01
#define TIMEOUTS_MAX 0.005
#define MEAN_MAX 0.65
#define MIRROR_SIGMAS_MAX 3.0
#define MEDIAN_MS_MIN 15000
#define MEDIAN_MS_MAX 25000

struct judge {
    int passed, failed;
};

__attribute__((format(printf, 3, 4))) static void judge(struct judge *judge, bool good, const char *format,
                                                        ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("  %s ", good ? "ok    " : "FAILED");
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
    judge->passed += good;
    judge->failed += !good;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : (double)part / (double)whole;
}

static void judge_mirrors(struct judge *judge_, const struct balance *balance, const struct group *group)
{
    double worst = 0;
    size_t which = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct tally *mirror = &group->pairs[i * group->count + i];
        double sigmas = fabs(stats_sigmas_from_half(mirror->wins[0], mirror->wins[0] + mirror->wins[1]));
        if (sigmas > worst) worst = sigmas, which = i;
    }
    judge(judge_, worst <= MIRROR_SIGMAS_MAX, "level %d: mirrors within 3 sigma of 50 %% (%s: %.1f)",
          group->level, balance->decks.rows[group->first + which].id, worst);
}

static void judge_means(struct judge *judge_, const struct balance *balance, const struct group *group)
{
    double best = 0;
    size_t which = 0;
    for (size_t i = 0; i < group->count; i++)
        if (group_mean(group, i) > best) best = group_mean(group, i), which = i;
    judge(judge_, best <= MEAN_MAX, "level %d: no deck above 65 %% (%s: %.1f %%)", group->level,
          balance->decks.rows[group->first + which].id, 100 * best);
}

static void judge_lengths(struct judge *judge_, const struct group *group)
{
    int median_ms = tally_length_ms(&group->all, 500);
    judge(judge_, median_ms >= MEDIAN_MS_MIN && median_ms <= MEDIAN_MS_MAX,
          "level %d: median length 15 to 25 s (%.1f s)", group->level, median_ms / 1000.0);
}

static void judge_all(struct judge *judge_, const struct figures *figures)
{
    struct tally all = {0}, unlike = {0};
    for (size_t i = 0; i < figures->group_count; i++) {
        tally_add(&all, &figures->groups[i].all);
        tally_add(&unlike, &figures->groups[i].unlike);
    }
    double bias = share(all.seat_wins[0], all.seat_wins[0] + all.seat_wins[1]) - 0.5;
    double draws = share(unlike.draws, unlike.battles),
           timeouts = share(all.why[BATTLE_TIMEOUT], all.battles);
    judge(judge_, fabs(bias) < SEAT_BIAS_MAX, "seat bias below 0.3 %% (%+.2f %%)", 100 * bias);
    judge(judge_, draws < DRAWS_MAX, "draws below 1 %% outside mirrors (%.2f %%)", 100 * draws);
    judge(judge_, timeouts < TIMEOUTS_MAX, "time-outs below 0.5 %% (%.2f %%)", 100 * timeouts);
    judge(judge_, all.why[BATTLE_OVERLOAD] == 0, "no battle is overloaded (%llu of %llu)",
          (unsigned long long)all.why[BATTLE_OVERLOAD], (unsigned long long)all.battles);
}

/* ---- every ability fires somewhere ------------------------------------------------------------------ */

struct watching {
    struct balance *balance;
    struct ability_list *abilities;
    battle_ctx *ctx;
    char *timeline;
};

static void watch_pair(struct watching *watching, const struct deck *one, const struct deck *two)
{
    const battle_snapshot *const decks[2] = {&one->snapshot, &two->snapshot};
    const battle_sink sink = {"check"};
    for (uint64_t i = 0; i < WATCHED_SEEDS; i++) {
        play_one(watching->ctx, watching->balance->catalog, decks, watching->balance->first_seed + i, &sink);
        size_t size = battle_timeline_json(watching->ctx, watching->timeline, BATTLE_TIMELINE_BYTES);
        check(size > 0);
        abilities_watch(watching->abilities, watching->balance->catalog,
                        (struct bytes){watching->timeline, size});
    }
}

static void watch_all(struct watching *watching)
{
    const struct deck_list *decks = &watching->balance->decks;
    for (size_t i = 0; i < decks->count; i++)
        for (size_t k = i; k < decks->count; k++)
            if (decks->rows[i].snapshot.level == decks->rows[k].snapshot.level)
                watch_pair(watching, &decks->rows[i], &decks->rows[k]);
}

static void judge_abilities(struct judge *judge_, struct balance *balance)
{
    struct watching watching = {balance, memory_new(sizeof(struct ability_list)), battle_ctx_new(),
                                memory_new(BATTLE_TIMELINE_BYTES)};
    check(watching.ctx != NULL);
    abilities_read(balance->catalog_json, watching.abilities);
    watch_all(&watching);
    size_t silent = 0;
    for (size_t i = 0; i < watching.abilities->count; i++) {
        const struct ability_row *row = &watching.abilities->rows[i];
        if (row->fired > 0) continue;
        printf("  never fires: %s.%s (%s)\n", row->owner, row->id, row->on);
        silent++;
    }
    judge(judge_, silent == 0, "every ability fires (%zu of %zu)", watching.abilities->count - silent,
          watching.abilities->count);
    free(watching.abilities);
    free(watching.timeline);
    battle_ctx_free(watching.ctx);
}

int balance_check(struct balance *balance)
{
    struct judge judge_ = {0, 0};
    struct figures figures;
    char fingerprint[17];
    figures_fingerprint(balance, fingerprint);
    figures_play(balance, SEEDS, &figures);
    printf("%s %d, fingerprint %s\n", battle_catalog_id(balance->catalog),
           battle_catalog_version(balance->catalog), fingerprint);
    for (size_t i = 0; i < figures.group_count; i++) {
        judge_mirrors(&judge_, balance, &figures.groups[i]);
        judge_means(&judge_, balance, &figures.groups[i]);
        judge_lengths(&judge_, &figures.groups[i]);
    }
    judge_all(&judge_, &figures);
    judge_abilities(&judge_, balance);
    printf("%d passed, %d failed\n", judge_.passed, judge_.failed);
    figures_free(&figures);
    return judge_.failed > 0;
}
