#include "match_server/matcher_forecast.h"

#include "match_server/matcher_internal.h"

enum { ESTIMATE_MS_MAX = 600 * 1000, ESTIMATE_STEP_MS_MIN = 100 };

void matcher_note_arrival(struct matcher *matcher, int32_t rating, int64_t now_ms)
{
    int32_t bounded = (int32_t)matcher_clamp(rating, 0, MATCHER_RATING_MAX);
    matcher_arrivals_note(&matcher->arrivals, bounded, now_ms);
}

static int64_t estimate_ms(const struct matcher *matcher, const struct slot *slot, int64_t own_ms,
                           int64_t now_ms)
{
    int64_t expected = 0, step_ms;
    for (int64_t wait_ms = 0; wait_ms < ESTIMATE_MS_MAX; wait_ms += step_ms) {
        int64_t steps = matcher_curve_at(&matcher->curve, own_ms + wait_ms - slot->since_ms) +
                        matcher_curve_at(&matcher->curve, 0);
        int64_t reach = steps / MATCHER_POINT_STEPS + slot->extra;
        int64_t rate = matcher_arrivals_per_1000_s(&matcher->arrivals, slot->rating - reach,
                                                   slot->rating + reach, now_ms);
        step_ms = wait_ms / 8 > ESTIMATE_STEP_MS_MIN ? wait_ms / 8 : ESTIMATE_STEP_MS_MIN;
        if (expected + rate * step_ms >= 1000000) return wait_ms + (1000000 - expected) / rate;
        expected += rate * step_ms;
    }
    return -1;
}

int64_t matcher_expected_wait_ms(const struct matcher *matcher, int32_t rating, int64_t now_ms)
{
    int64_t own_ms = matcher_clock_own_ms(&matcher->clock, now_ms);
    struct slot newcomer = {.since_ms = own_ms,
                            .rating = (uint16_t)matcher_clamp(rating, 0, MATCHER_RATING_MAX)};
    return estimate_ms(matcher, &newcomer, own_ms, now_ms);
}

static int64_t half_window(const struct matcher *matcher, const struct slot *slot, int64_t own_ms)
{
    return matcher_curve_at(&matcher->curve, own_ms - slot->since_ms) / MATCHER_POINT_STEPS + slot->extra;
}

int64_t matcher_half_window(const struct matcher *matcher, uint32_t handle, int64_t now_ms)
{
    return half_window(matcher, matcher_slot(matcher, handle), matcher_clock_own_ms(&matcher->clock, now_ms));
}

struct matcher_forecast matcher_forecast(const struct matcher *matcher, uint32_t handle, int64_t now_ms)
{
    const struct slot *slot = matcher_slot(matcher, handle);
    int64_t own_ms = matcher_clock_own_ms(&matcher->clock, now_ms);
    int64_t half = half_window(matcher, slot, own_ms);
    int64_t curve_points = half - slot->extra;
    /* The window is a point wider when twice of it is two points wider. */
    int64_t wider_ms = matcher_curve_touch_ms(&matcher->curve, slot->since_ms, slot->since_ms,
                                              2 * (curve_points + 1) * MATCHER_POINT_STEPS, own_ms);
    return (struct matcher_forecast){
        .low = (int32_t)matcher_clamp(slot->rating - half, 0, MATCHER_RATING_MAX),
        .high = (int32_t)matcher_clamp(slot->rating + half, 0, MATCHER_RATING_MAX),
        .widens_at_ms = matcher_clock_caller_ms(&matcher->clock, wider_ms),
        .wait_ms = estimate_ms(matcher, slot, own_ms, now_ms),
    };
}
