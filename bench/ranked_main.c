/* ranked: what the matcher of rated modes costs.
 *
 *     ranked [--json]
 *
 * pass_ms: one run that pairs everybody, over tickets just loaded; the median of some. shuffled_pass_ms:
 * loaded in no order, as after a merge of queues. bytes_per_ticket: what the allocator gave, at the largest
 * count. events_per_s: a queue in its steady state at 1,000 arrivals a second, one in twenty of which leaves
 * again, a run after every event. idle_run_ns: a run that finds nothing to do among many waiting. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/ratings.h"
#include "match_server/matcher.h"

enum { ROUNDS = 7, COUNT_MAX = 1000000, EVENTS = 1000000, SECONDS_LOADED = 300 };

static const uint32_t counts[] = {10000, 100000, COUNT_MAX};

struct bench {
    struct matcher_rules rules;
    struct matcher_ticket *tickets;
    struct matcher_pair *pairs;
    double bytes_per_ticket;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A fifth has played before, a tenth shares a device with some others. */
static struct matcher_ticket draw_ticket(struct rng *rng, int64_t since_ms)
{
    return (struct matcher_ticket){
        .id = rng_next(rng),
        .opponent = rng_below(rng, 5) == 0 ? rng_next(rng) : 0,
        .device = rng_below(rng, 10) == 0 ? 1 + rng_below(rng, 100000) : rng_next(rng),
        .since_ms = since_ms,
        .rating = ratings_draw(rng),
    };
}

static void draw_tickets(struct bench *bench, uint32_t count, bool shuffled)
{
    struct rng rng;
    rng_init(&rng, count);
    for (uint32_t i = 0; i < count; i++) {
        int64_t since_ms = (int64_t)i * SECONDS_LOADED * 1000 / count;
        bench->tickets[i] = draw_ticket(&rng, since_ms);
    }
    for (uint32_t i = count; shuffled && i > 1; i--) {
        uint64_t other = rng_below(&rng, i);
        struct matcher_ticket swap = bench->tickets[i - 1];
        bench->tickets[i - 1] = bench->tickets[other];
        bench->tickets[other] = swap;
    }
}

static struct matcher *load(struct bench *bench, uint32_t count)
{
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    struct matcher *matcher = matcher_open(&bench->rules, count);
    for (uint32_t i = 0; i < count; i++) matcher_add(matcher, &bench->tickets[i]);
    bench->bytes_per_ticket = (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / count;
    return matcher;
}

static int compare_ns(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Milliseconds of the median pass. */
static double measure_pass(struct bench *bench, uint32_t count, bool shuffled)
{
    int64_t took_ns[ROUNDS];
    draw_tickets(bench, count, shuffled);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct matcher *matcher = load(bench, count);
        int64_t start_ns = now_ns();
        size_t made = matcher_run(matcher, SECONDS_LOADED * 1000, bench->pairs, count);
        took_ns[i] = now_ns() - start_ns;
        check(made >= count / 2 - count / 1000);
        matcher_close(matcher);
    }
    qsort(took_ns, ROUNDS, sizeof took_ns[0], compare_ns);
    return (double)took_ns[ROUNDS / 2] / 1e6;
}

static size_t run(struct matcher *matcher, int64_t now_ms)
{
    struct matcher_pair pairs[64];
    size_t made = matcher_run(matcher, now_ms, pairs, ARRAY_LENGTH(pairs));
    for (size_t i = 0; i < made; i++) {
        for (size_t k = 0; k < 2; k++) matcher_remove(matcher, pairs[i].members[k]);
    }
    return made;
}

static double measure_events(struct bench *bench)
{
    struct rng rng;
    rng_init(&rng, 3);
    struct matcher *matcher = matcher_open(&bench->rules, 1024);
    for (uint32_t i = 0; i < COUNT_MAX; i++) bench->tickets[i] = draw_ticket(&rng, i);
    int64_t events = 0, start_ns = now_ns();
    size_t made = 0;
    for (uint32_t i = 0; i < EVENTS; i++) {
        uint32_t handle = matcher_add(matcher, &bench->tickets[i]);
        if (i % 20 == 0) {
            matcher_remove(matcher, handle);
            events++;
        }
        made += run(matcher, i);
        events++;
    }
    double seconds = (double)(now_ns() - start_ns) / 1e9;
    check(made > EVENTS / 3);
    matcher_close(matcher);
    return (double)events / seconds;
}

/* Sparse ratings, so that many wait: a hundred points between neighbours of one device. */
static double measure_idle_run(struct bench *bench)
{
    enum { RUNS = 1000000 };
    struct matcher *matcher = matcher_open(&bench->rules, 128);
    for (int32_t i = 0; i < 100; i++) {
        matcher_add(matcher, &(struct matcher_ticket){.id = (uint64_t)i + 1, .device = 7, .rating = i * 100});
    }
    int64_t start_ns = now_ns();
    for (int64_t i = 0; i < RUNS; i++) check(run(matcher, i) == 0);
    double ns = (double)(now_ns() - start_ns) / RUNS;
    matcher_close(matcher);
    return ns;
}

int main(int argc, char **argv)
{
    struct bench bench = {.rules = matcher_rules_default(),
                          .tickets = memory_new(COUNT_MAX * sizeof(struct matcher_ticket)),
                          .pairs = memory_new(COUNT_MAX * sizeof(struct matcher_pair))};
    double pass_ms[ARRAY_LENGTH(counts)], shuffled_ms[ARRAY_LENGTH(counts)];
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) pass_ms[i] = measure_pass(&bench, counts[i], false);
    double bytes_per_ticket = bench.bytes_per_ticket;
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) shuffled_ms[i] = measure_pass(&bench, counts[i], true);
    double events_per_s = measure_events(&bench), idle_run_ns = measure_idle_run(&bench);
    if (argc > 1 && strcmp(argv[1], "--json") == 0) {
        printf("{\"pass_ms\":{\"10000\":%.3f,\"100000\":%.3f,\"1000000\":%.3f},", pass_ms[0], pass_ms[1],
               pass_ms[2]);
        printf("\"shuffled_pass_ms\":{\"10000\":%.3f,\"100000\":%.3f,\"1000000\":%.3f},", shuffled_ms[0],
               shuffled_ms[1], shuffled_ms[2]);
        printf("\"bytes_per_ticket\":%.1f,\"events_per_s\":%.0f,\"idle_run_ns\":%.1f}\n", bytes_per_ticket,
               events_per_s, idle_run_ns);
    } else {
        for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
            printf("one pass over %7u waiting: %.3f ms, loaded in no order %.3f ms\n", counts[i], pass_ms[i],
                   shuffled_ms[i]);
        }
        printf("%.1f bytes per ticket, %.0f events per second, %.1f ns for a run with nothing to do\n",
               bytes_per_ticket, events_per_s, idle_run_ns);
    }
    free(bench.tickets);
    free(bench.pairs);
    return 0;
}
