#include "bench/quality_policy.h"

#include <stdlib.h>

#include "match_server/matcher_curve.h"
#include "match_server/matcher_forecast.h"

enum { TICK_MS = 1000, PAIRS_AT_ONCE = 64, OPTIMUM_MAX = 16 };

struct game {
    const struct policy *policy;
    const struct arrival *arrivals;
    uint32_t count, next;
    int64_t until_ms;
    struct outcome *outcomes;
};

static void make_pair(struct game *game, uint32_t a, uint32_t b, int64_t now_ms)
{
    game->outcomes[a].partner = b;
    game->outcomes[b].partner = a;
    game->outcomes[a].matched_ms = game->outcomes[b].matched_ms = now_ms;
}

/* ---- the production matcher ------------------------------------------------------------------------ */

static void add_due(struct game *game, struct matcher *matcher, uint32_t *handles, int64_t now_ms)
{
    for (; game->next < game->count && game->arrivals[game->next].at_ms <= now_ms; game->next++) {
        const struct arrival *arrival = &game->arrivals[game->next];
        struct matcher_ticket ticket = {.id = game->next + 1,
                                        .since_ms = arrival->at_ms,
                                        .rating = arrival->rating,
                                        .owner = &game->outcomes[game->next]};
        handles[game->next] = matcher_add(matcher, &ticket);
    }
}

static void run_matcher(struct game *game, struct matcher *matcher, int64_t now_ms)
{
    struct matcher_pair pairs[PAIRS_AT_ONCE];
    size_t made;
    do {
        made = matcher_run(matcher, now_ms, pairs, PAIRS_AT_ONCE);
        for (size_t i = 0; i < made; i++) {
            uint32_t members[2];
            for (size_t k = 0; k < 2; k++) {
                const struct outcome *outcome = matcher_owner(matcher, pairs[i].members[k]);
                members[k] = (uint32_t)(outcome - game->outcomes);
                matcher_remove(matcher, pairs[i].members[k]);
            }
            make_pair(game, members[0], members[1], now_ms);
        }
    } while (made == PAIRS_AT_ONCE);
}

static void note_and_tell(struct game *game, struct matcher *matcher, const uint32_t *handles, uint32_t from,
                          int64_t now_ms)
{
    for (uint32_t i = from; i < game->next; i++) {
        matcher_note_arrival(matcher, game->arrivals[i].rating, now_ms);
        if (game->outcomes[i].matched_ms >= 0) continue;
        game->outcomes[i].estimate_ms = matcher_forecast(matcher, handles[i], now_ms).wait_ms;
    }
}

static void play_matcher(struct game *game)
{
    struct matcher *matcher = matcher_open(&game->policy->rules, 1024);
    uint32_t *handles = memory_new(game->count * sizeof handles[0] + 1);
    for (int64_t now_ms = 0; now_ms <= game->until_ms;) {
        uint32_t before = game->next;
        add_due(game, matcher, handles, now_ms);
        run_matcher(game, matcher, now_ms);
        note_and_tell(game, matcher, handles, before, now_ms);
        int64_t next_ms = matcher_next_ms(matcher);
        if (game->next < game->count && game->arrivals[game->next].at_ms < next_ms) {
            next_ms = game->arrivals[game->next].at_ms;
        }
        now_ms = game->policy->kind == POLICY_TICKED ? now_ms + TICK_MS : next_ms;
    }
    free(handles);
    matcher_close(matcher);
}

/* ---- both must accept ------------------------------------------------------------------------------- */

struct option {
    uint32_t a, b;
    int32_t gap;
};

static int compare_options(const void *left, const void *right)
{
    const struct option *a = left, *b = right;
    if (a->gap != b->gap) return a->gap < b->gap ? -1 : 1;
    if (a->a != b->a) return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

struct waiting {
    uint32_t *members;
    uint32_t count;
    struct option *options;
    size_t option_count, option_capacity;
};

static void find_options(const struct game *game, const struct matcher_curve *curve, struct waiting *waiting,
                         int64_t now_ms)
{
    waiting->option_count = 0;
    for (uint32_t i = 0; i < waiting->count; i++) {
        for (uint32_t j = i + 1; j < waiting->count; j++) {
            const struct arrival *a = &game->arrivals[waiting->members[i]],
                                 *b = &game->arrivals[waiting->members[j]];
            int64_t younger_ms = a->at_ms > b->at_ms ? a->at_ms : b->at_ms;
            int32_t gap = abs(a->rating - b->rating);
            if (gap * MATCHER_POINT_STEPS > 2 * matcher_curve_at(curve, now_ms - younger_ms)) continue;
            if (waiting->option_count == waiting->option_capacity) {
                waiting->option_capacity = waiting->option_capacity * 2 + 64;
                waiting->options =
                    memory_resize(waiting->options, waiting->option_capacity * sizeof waiting->options[0]);
            }
            waiting->options[waiting->option_count++] =
                (struct option){waiting->members[i], waiting->members[j], gap};
        }
    }
}

static void play_both(struct game *game)
{
    struct matcher_curve curve;
    struct waiting waiting = {.members = memory_new(game->count * sizeof(uint32_t) + 1)};
    matcher_curve_init(&curve, &game->policy->rules);
    for (int64_t now_ms = 0; now_ms <= game->until_ms; now_ms += TICK_MS) {
        while (game->next < game->count && game->arrivals[game->next].at_ms <= now_ms) {
            waiting.members[waiting.count++] = game->next++;
        }
        find_options(game, &curve, &waiting, now_ms);
        if (waiting.option_count > 0) {
            qsort(waiting.options, waiting.option_count, sizeof waiting.options[0], compare_options);
        }
        for (size_t i = 0; i < waiting.option_count; i++) {
            const struct option *option = &waiting.options[i];
            bool taken =
                game->outcomes[option->a].matched_ms >= 0 || game->outcomes[option->b].matched_ms >= 0;
            if (!taken) make_pair(game, option->a, option->b, now_ms);
        }
        uint32_t kept = 0;
        for (uint32_t i = 0; i < waiting.count; i++) {
            if (game->outcomes[waiting.members[i]].matched_ms < 0)
                waiting.members[kept++] = waiting.members[i];
        }
        waiting.count = kept;
    }
    free(waiting.members);
    free(waiting.options);
}

/* ---- all ------------------------------------------------------------------------------------------- */

static void play_random(struct game *game)
{
    for (uint32_t i = 0; i + 1 < game->count; i += 2) make_pair(game, i, i + 1, game->arrivals[i + 1].at_ms);
}

void policy_play(const struct policy *policy, const struct arrival *arrivals, uint32_t count,
                 int64_t until_ms, struct outcome *outcomes)
{
    struct game game = {
        .policy = policy, .arrivals = arrivals, .count = count, .until_ms = until_ms, .outcomes = outcomes};
    for (uint32_t i = 0; i < count; i++) outcomes[i] = (struct outcome){-1, -1, MATCHER_NONE};
    switch (policy->kind) {
    case POLICY_KINETIC:
    case POLICY_TICKED: play_matcher(&game); break;
    case POLICY_BOTH: play_both(&game); break;
    case POLICY_RANDOM: play_random(&game); break;
    }
}

/* ---- costs ----------------------------------------------------------------------------------------- */

/* best[set]: the least cost of all in the set. The first of a set is alone or with one of the others. */
double policy_optimum(const struct arrival *arrivals, uint32_t count, double points_per_s, double alone)
{
    static double best[1 << OPTIMUM_MAX];
    check(count <= OPTIMUM_MAX);
    best[0] = 0;
    for (uint32_t set = 1; set < (uint32_t)1 << count; set++) {
        uint32_t first = (uint32_t)__builtin_ctz(set), rest = set & (set - 1);
        best[set] = best[rest] + alone;
        for (uint32_t others = rest; others != 0; others &= others - 1) {
            uint32_t other = (uint32_t)__builtin_ctz(others);
            double wait_s = (double)(arrivals[other].at_ms - arrivals[first].at_ms) / 1000;
            double cost = abs(arrivals[other].rating - arrivals[first].rating) + points_per_s * wait_s;
            double sum = cost + best[rest & ~((uint32_t)1 << other)];
            if (sum < best[set]) best[set] = sum;
        }
    }
    return best[((uint32_t)1 << count) - 1];
}

double policy_cost(const struct arrival *arrivals, const struct outcome *outcomes, uint32_t count,
                   double points_per_s, double alone)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (outcomes[i].matched_ms < 0) {
            sum += alone;
            continue;
        }
        int32_t gap = abs(arrivals[i].rating - arrivals[outcomes[i].partner].rating);
        sum += gap / 2.0 + points_per_s * (double)(outcomes[i].matched_ms - arrivals[i].at_ms) / 1000;
    }
    return sum;
}
