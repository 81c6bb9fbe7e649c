/* quality_policy.h -- what different ways of matching make of the same arrivals.
 *
 * `kinetic` is the production matcher, run at every arrival and whenever it says so; `ticked` the same run
 * once a second only. The others are what is common elsewhere: `both` accepts a pair when each is inside the
 * other's widening window, nearest first, once a second; `random` pairs whoever comes with whoever waits.
 * Pure. */
#ifndef DUELPOD_QUALITY_POLICY_H
#define DUELPOD_QUALITY_POLICY_H

#include "common/rng.h"
#include "match_server/matcher.h"

struct arrival {
    int64_t at_ms;
    int32_t rating;
};

struct outcome {
    int64_t matched_ms;  /* -1: still waiting at the end */
    int64_t estimate_ms; /* what `kinetic` would have told a player who did not play at once; else -1 */
    uint32_t partner;
};

enum policy_kind { POLICY_KINETIC, POLICY_TICKED, POLICY_BOTH, POLICY_RANDOM };

struct policy {
    const char *name;
    enum policy_kind kind;
    struct matcher_rules
        rules; /* `both`: a window is twice the half-window, so that equals reach equally far */
};

/* Arrivals in order; plays until `until_ms` and writes one outcome each. */
void policy_play(const struct policy *policy, const struct arrival *arrivals, uint32_t count,
                 int64_t until_ms, struct outcome *outcomes);

/* The least possible sum of costs when all arrivals are known beforehand: a pair costs its gap and
 * `points_per_s` for each second that its first member waited for its second; staying alone costs `alone`.
 * At most 16 arrivals. */
double policy_optimum(const struct arrival *arrivals, uint32_t count, double points_per_s, double alone);

/* The same sum for what a policy did. */
double policy_cost(const struct arrival *arrivals, const struct outcome *outcomes, uint32_t count,
                   double points_per_s, double alone);

#endif
