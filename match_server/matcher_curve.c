#include "match_server/matcher_curve.h"

void matcher_curve_init(struct matcher_curve *curve, const struct matcher_rules *rules)
{
    curve->leg_count = rules->point_count;
    for (uint32_t i = 0; i < rules->point_count; i++) {
        const struct matcher_point *point = &rules->curve[i];
        struct matcher_leg *leg = &curve->legs[i];
        *leg = (struct matcher_leg){point->age_ms, point->half_window * MATCHER_POINT_STEPS, 0};
        if (i + 1 == rules->point_count) break;
        int64_t rise = (point[1].half_window - point->half_window) * MATCHER_POINT_STEPS;
        leg->slope_steps = rise / (point[1].age_ms - point->age_ms);
    }
}

/* What a curve does from some time on, until its leg ends. */
struct stretch {
    int64_t steps, slope_steps, until_ms;
};

static struct stretch stretch_at(const struct matcher_curve *curve, int64_t since_ms, int64_t now_ms)
{
    int64_t age_ms = now_ms - since_ms;
    if (age_ms < 0) return (struct stretch){curve->legs[0].base_steps, 0, since_ms};
    uint32_t i = 0;
    while (i + 1 < curve->leg_count && curve->legs[i + 1].from_age_ms <= age_ms) i++;
    const struct matcher_leg *leg = &curve->legs[i];
    return (struct stretch){
        .steps = leg->base_steps + leg->slope_steps * (age_ms - leg->from_age_ms),
        .slope_steps = leg->slope_steps,
        .until_ms = i + 1 < curve->leg_count ? since_ms + leg[1].from_age_ms : INT64_MAX,
    };
}

int64_t matcher_curve_at(const struct matcher_curve *curve, int64_t age_ms)
{
    return stretch_at(curve, 0, age_ms).steps;
}

int64_t matcher_curve_touch_ms(const struct matcher_curve *curve, int64_t since_a_ms, int64_t since_b_ms,
                               int64_t steps, int64_t from_ms)
{
    for (int64_t now_ms = from_ms; now_ms != INT64_MAX;) {
        struct stretch a = stretch_at(curve, since_a_ms, now_ms), b = stretch_at(curve, since_b_ms, now_ms);
        int64_t missing = steps - a.steps - b.steps, slope = a.slope_steps + b.slope_steps;
        if (missing <= 0) return now_ms;
        int64_t end_ms = a.until_ms < b.until_ms ? a.until_ms : b.until_ms;
        if (slope > 0) {
            int64_t after_ms = (missing + slope - 1) / slope;
            if (after_ms < end_ms - now_ms) return now_ms + after_ms;
        }
        now_ms = end_ms;
    }
    return INT64_MAX;
}
