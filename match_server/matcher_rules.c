#include "match_server/matcher_rules.h"

struct matcher_rules matcher_rules_default(void)
{
    return (struct matcher_rules){
        .curve = {{0, 50}, {30000, 100}, {120000, 300}},
        .point_count = 3,
        .deviation_permille = 500,
        .age_bonus_per_s = 5,
        .rematch_wait_ms = 3000,
        .capacity_max = 1000000,
    };
}

static const char *curve_problem(const struct matcher_rules *rules)
{
    if (rules->point_count < 1 || rules->point_count > MATCHER_POINTS_MAX)
        return "curve: needs 1 to 8 points";
    if (rules->curve[0].age_ms != 0) return "curve[0].age_ms: the first point is at age 0";
    for (uint32_t i = 0; i < rules->point_count; i++) {
        const struct matcher_point *point = &rules->curve[i];
        if (point->half_window < 0 || point->half_window > MATCHER_RATING_MAX) {
            return "curve: half_window outside 0..16383";
        }
        if (point->age_ms > MATCHER_AGE_MS_MAX) return "curve: age_ms above a day";
        if (i > 0 && point->age_ms <= point[-1].age_ms) return "curve: ages must grow from point to point";
        if (i > 0 && point->half_window < point[-1].half_window)
            return "curve: windows must not get narrower";
    }
    return NULL;
}

const char *matcher_rules_problem(const struct matcher_rules *rules)
{
    if (rules->deviation_permille < 0 || rules->deviation_permille > 10000) {
        return "deviation_permille: outside 0..10000";
    }
    if (rules->age_bonus_per_s < 0 || rules->age_bonus_per_s > 1000)
        return "age_bonus_per_s: outside 0..1000";
    if (rules->rematch_wait_ms < 0 || rules->rematch_wait_ms > MATCHER_AGE_MS_MAX) {
        return "rematch_wait_ms: outside 0..86400000";
    }
    if (rules->capacity_max < 2 || rules->capacity_max > MATCHER_CAPACITY_MAX) {
        return "capacity_max: outside 2..16777216";
    }
    return curve_problem(rules);
}
