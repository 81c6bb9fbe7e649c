/* matcher_curve.h -- how wide a window is at an age, and when two windows touch. Exact, in integers.
 *
 * Widths are counted in steps of 2^-32 point. The curve is cut into legs whose slope is a whole number of
 * steps per millisecond (rounded down: a leg may end a hair below the next one's start, never above). So the
 * sum of two half-windows is a straight line between the ends of legs, and the first millisecond at which it
 * reaches a gap is one division away, not a search. Pure. */
#ifndef DUELPOD_MATCHER_CURVE_H
#define DUELPOD_MATCHER_CURVE_H

#include "match_server/matcher_rules.h"

#define MATCHER_POINT_STEPS (INT64_C(1) << 32)

struct matcher_leg {
    int64_t from_age_ms, base_steps, slope_steps; /* the last one's slope is 0 */
};

struct matcher_curve {
    struct matcher_leg legs[MATCHER_POINTS_MAX];
    uint32_t leg_count;
};

void matcher_curve_init(struct matcher_curve *curve, const struct matcher_rules *rules);

/* Half-window in steps; a negative age counts as 0. */
int64_t matcher_curve_at(const struct matcher_curve *curve, int64_t age_ms);

/* The first time, not before `from_ms`, at which the half-windows of two tickets that wait since
 * `since_a_ms` and `since_b_ms` add up to `steps`; INT64_MAX: never. */
int64_t matcher_curve_touch_ms(const struct matcher_curve *curve, int64_t since_a_ms, int64_t since_b_ms,
                               int64_t steps, int64_t from_ms);

#endif
