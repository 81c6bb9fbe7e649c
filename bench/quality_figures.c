#include "bench/quality_figures.h"

#include <stdlib.h>

#include "bench/ratings.h"

/* ---- arrivals ------------------------------------------------------------------------------------- */

static void add_arrival(struct trace *trace, struct rng *rng, int64_t at_ms)
{
    if (trace->count == trace->capacity) {
        trace->capacity = trace->capacity * 2 + 1024;
        trace->arrivals = memory_resize(trace->arrivals, trace->capacity * sizeof trace->arrivals[0]);
        trace->outcomes = memory_resize(trace->outcomes, trace->capacity * sizeof trace->outcomes[0]);
    }
    trace->arrivals[trace->count++] = (struct arrival){at_ms, ratings_draw(rng)};
}

static int compare_arrivals(const void *a, const void *b)
{
    const struct arrival *left = a, *right = b;
    if (left->at_ms != right->at_ms) return left->at_ms < right->at_ms ? -1 : 1;
    return left->rating - right->rating;
}

struct trace trace_make(const struct scenario *scenario, uint64_t seed)
{
    struct trace trace = {.until_ms = scenario->length_ms};
    struct rng rng;
    rng_init(&rng, seed);
    int64_t at_us = 0;
    while ((at_us += ratings_next_arrival_us(&rng, scenario->per_1000_s)) < scenario->length_ms * 1000) {
        add_arrival(&trace, &rng, at_us / 1000);
    }
    for (int64_t burst_ms = scenario->burst_every_ms;
         scenario->burst_every_ms > 0 && burst_ms < trace.until_ms; burst_ms += scenario->burst_every_ms) {
        for (uint32_t i = 0; i < scenario->burst_size; i++) {
            add_arrival(&trace, &rng, burst_ms + (int64_t)rng_below(&rng, 1000));
        }
    }
    qsort(trace.arrivals, trace.count, sizeof trace.arrivals[0], compare_arrivals);
    return trace;
}

void trace_free(struct trace *trace)
{
    free(trace->arrivals);
    free(trace->outcomes);
}

/* ---- figures -------------------------------------------------------------------------------------- */

static int compare_values(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Sorts `values`. */
static struct spread spread_of(int64_t *values, uint32_t count)
{
    struct spread spread = {0};
    if (count == 0) return spread;
    qsort(values, count, sizeof values[0], compare_values);
    for (uint32_t i = 0; i < count; i++) spread.mean += (double)values[i] / count;
    spread.p50 = values[(uint64_t)(count - 1) * 50 / 100];
    spread.p95 = values[(uint64_t)(count - 1) * 95 / 100];
    spread.p99 = values[(uint64_t)(count - 1) * 99 / 100];
    spread.max = values[count - 1];
    return spread;
}

static int64_t wait_of(const struct trace *trace, uint32_t i)
{
    int64_t end_ms = trace->outcomes[i].matched_ms;
    return (end_ms < 0 ? trace->until_ms : end_ms) - trace->arrivals[i].at_ms;
}

/* Spreads over those with a rating in low..high - 1. */
static void spread_between(const struct trace *trace, int32_t low, int32_t high, struct spread *gap,
                           struct spread *wait_ms)
{
    int64_t *gaps = memory_new(trace->count * sizeof *gaps + 1),
            *waits = memory_new(trace->count * sizeof *waits + 1);
    uint32_t gap_count = 0, wait_count = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct outcome *outcome = &trace->outcomes[i];
        int32_t rating = trace->arrivals[i].rating;
        if (rating < low || rating >= high) continue;
        waits[wait_count++] = wait_of(trace, i);
        if (outcome->matched_ms >= 0)
            gaps[gap_count++] = abs(rating - trace->arrivals[outcome->partner].rating);
    }
    *gap = spread_of(gaps, gap_count);
    *wait_ms = spread_of(waits, wait_count);
    free(gaps);
    free(waits);
}

static void find_deciles(const struct trace *trace, struct decile deciles[DECILES])
{
    int64_t *ratings = memory_new(trace->count * sizeof *ratings + 1);
    for (uint32_t i = 0; i < trace->count; i++) ratings[i] = trace->arrivals[i].rating;
    qsort(ratings, trace->count, sizeof ratings[0], compare_values);
    for (uint32_t i = 0; i < DECILES; i++) {
        deciles[i].rating_low = i == 0 ? 0 : (int32_t)ratings[(uint64_t)trace->count * i / DECILES];
    }
    free(ratings);
    for (uint32_t i = 0; i < DECILES; i++) {
        int32_t high = i + 1 < DECILES ? deciles[i + 1].rating_low : INT32_MAX;
        spread_between(trace, deciles[i].rating_low, high, &deciles[i].gap, &deciles[i].wait_ms);
    }
}

struct ended {
    int64_t at_ms;
    uint32_t arrival;
};

static int compare_ended(const void *a, const void *b)
{
    const struct ended *left = a, *right = b;
    if (left->at_ms != right->at_ms) return left->at_ms < right->at_ms ? -1 : 1;
    return (left->arrival > right->arrival) - (left->arrival < right->arrival);
}

/* Goes through the matches in order of time, counting in a Fenwick tree who of the later ones is already
 * gone. */
static double mean_overtakes(const struct trace *trace)
{
    struct ended *ended = memory_new(trace->count * sizeof *ended + 1);
    uint32_t *tree = memory_new((trace->count + 1) * sizeof *tree), gone = 0;
    uint64_t overtakes = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        int64_t at_ms = trace->outcomes[i].matched_ms;
        ended[i] = (struct ended){at_ms < 0 ? INT64_MAX : at_ms, i};
    }
    qsort(ended, trace->count, sizeof ended[0], compare_ended);
    for (uint32_t i = 0; i < trace->count; i++) {
        uint32_t earlier = 0;
        for (uint32_t k = ended[i].arrival + 1; k > 0; k &= k - 1) earlier += tree[k];
        overtakes += gone - earlier;
        if (ended[i].at_ms == INT64_MAX) continue;
        for (uint32_t k = ended[i].arrival + 1; k <= trace->count; k += k & (0 - k)) tree[k]++;
        gone++;
    }
    free(ended);
    free(tree);
    return trace->count == 0 ? 0 : (double)overtakes / trace->count;
}

static void judge_estimates(const struct trace *trace, struct figures *figures)
{
    uint32_t in_time = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        if (trace->outcomes[i].estimate_ms < 0) continue;
        figures->told++;
        if (wait_of(trace, i) <= trace->outcomes[i].estimate_ms) in_time++;
    }
    figures->told_in_time = figures->told == 0 ? 0 : (double)in_time / figures->told;
}

struct figures figures_judge(const struct policy *policy, struct trace *trace)
{
    struct figures figures = {0};
    policy_play(policy, trace->arrivals, trace->count, trace->until_ms, trace->outcomes);
    spread_between(trace, 0, INT32_MAX, &figures.gap, &figures.wait_ms);
    for (uint32_t i = 0; i < trace->count; i++) figures.left += trace->outcomes[i].matched_ms < 0;
    figures.overtakes = mean_overtakes(trace);
    judge_estimates(trace, &figures);
    find_deciles(trace, figures.deciles);
    return figures;
}
