/* quality_figures.h -- made-up evenings, and what is said about a way of matching after one.
 *
 * Players arrive as a Poisson process, sometimes in bursts, with a living ladder's ratings (ratings.h). Who
 * is still waiting at the end counts with the wait so far, so that a rule cannot hide those it forgets.
 * Pure. */
#ifndef DUELPOD_QUALITY_FIGURES_H
#define DUELPOD_QUALITY_FIGURES_H

#include "bench/quality_policy.h"

enum { DECILES = 10 };

struct scenario {
    const char *name;
    int64_t per_1000_s, length_ms, burst_every_ms;
    uint32_t burst_size; /* these come within one second */
};

struct trace {
    struct arrival *arrivals;
    struct outcome *outcomes;
    uint32_t count, capacity;
    int64_t until_ms;
};

struct spread {
    double mean;
    int64_t p50, p95, p99, max;
};

struct decile {
    int32_t rating_low;
    struct spread gap, wait_ms;
};

struct figures {
    struct spread gap, wait_ms;
    uint32_t left;
    double overtakes;    /* mean number of later arrivals that played earlier */
    uint32_t told;       /* players who had to wait and were told an estimate */
    double told_in_time; /* share of them whose wait was not longer */
    struct decile deciles[DECILES];
};

/* Repeatable from the seed. The caller frees it. */
struct trace trace_make(const struct scenario *scenario, uint64_t seed);
void trace_free(struct trace *trace);

/* Lets `policy` play the trace and looks at the outcomes, which stay in it. */
struct figures figures_judge(const struct policy *policy, struct trace *trace);

#endif
