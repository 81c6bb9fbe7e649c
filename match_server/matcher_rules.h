/* matcher_rules.h -- what the matcher is told: how windows widen, who goes first, how many may wait.
 *
 *     half-window
 *        300 |                    ________      The curve: straight between its points, level after the last.
 *            |             ___---
 *        100 |      ___---                      Two tickets fit when the gap of their ratings is at most the
 *         50 |__---                             sum of both half-windows: 100 for two that have just come.
 *            +------+-------------+-------- age
 *                  30 s          120 s
 *
 * Plain data; whoever fills it from options asks matcher_rules_problem() before opening a matcher with it. */
#ifndef DUELPOD_MATCHER_RULES_H
#define DUELPOD_MATCHER_RULES_H

#include "common/base.h"

enum {
    MATCHER_POINTS_MAX = 8,
    MATCHER_RATING_MAX = 16383,   /* higher ratings count as this, negative ones as 0 */
    MATCHER_DEVIATION_MAX = 1000, /* higher deviations count as this */
    MATCHER_CAPACITY_MAX = 1 << 24,
    MATCHER_AGE_MS_MAX = 24 * 3600 * 1000,
};

struct matcher_point {
    int32_t age_ms;
    int32_t half_window; /* rating points */
};

struct matcher_rules {
    struct matcher_point curve[MATCHER_POINTS_MAX];
    uint32_t point_count;
    int32_t deviation_permille; /* half-window += deviation * this / 1000 */
    int32_t age_bonus_per_s; /* points of gap that one second of waiting makes up for in the order of pairs */
    int32_t rematch_wait_ms; /* last opponents meet again only when both have waited this long */
    uint32_t capacity_max;   /* tickets, held ones included */
};

/* 50 at once, 100 after 30 s, 300 after 120 s; a million tickets. */
struct matcher_rules matcher_rules_default(void);

/* NULL, or the sentence that says which field is wrong. */
const char *matcher_rules_problem(const struct matcher_rules *rules);

#endif
