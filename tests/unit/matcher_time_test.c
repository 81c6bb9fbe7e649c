/* The matcher in time: when windows touch, what is found when, pauses, estimates. */
#include "match_server/matcher_arrivals.h"
#include "match_server/matcher_clock.h"
#include "match_server/matcher_curve.h"
#include "match_server/matcher_forecast.h"
#include "tests/unit/matcher_rig.h"

/* ---- the curve ------------------------------------------------------------------------------------ */

__extension__ typedef __int128 wide;

/* Steps of the exact line between the points, rounded down. */
static int64_t exact_at(const struct matcher_rules *rules, int64_t age_ms)
{
    const struct matcher_point *points = rules->curve;
    uint32_t i = 0;
    if (age_ms < 0) age_ms = 0;
    while (i + 1 < rules->point_count && points[i + 1].age_ms <= age_ms) i++;
    int64_t base = points[i].half_window * MATCHER_POINT_STEPS;
    if (i + 1 == rules->point_count) return base;
    wide rise = (wide)(points[i + 1].half_window - points[i].half_window) * MATCHER_POINT_STEPS;
    return base + (int64_t)(rise * (age_ms - points[i].age_ms) / (points[i + 1].age_ms - points[i].age_ms));
}

static void draw_rules(struct rng *rng, struct matcher_rules *rules)
{
    *rules = rig_rules();
    rules->point_count = 1 + (uint32_t)rng_below(rng, MATCHER_POINTS_MAX);
    rules->curve[0] = (struct matcher_point){0, (int32_t)rng_below(rng, 100)};
    for (uint32_t i = 1; i < rules->point_count; i++) {
        rules->curve[i].age_ms =
            rules->curve[i - 1].age_ms + 1 + (int32_t)rng_below(rng, i % 2 == 0 ? 20 : 2000);
        rules->curve[i].half_window = rules->curve[i - 1].half_window + (int32_t)rng_below(rng, 60);
    }
    assert_null(matcher_rules_problem(rules));
}

static void the_curve_goes_through_its_points_and_never_falls(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3);
    for (int round = 0; round < 40; round++) {
        struct matcher_rules rules;
        struct matcher_curve curve;
        draw_rules(&rng, &rules);
        matcher_curve_init(&curve, &rules);
        int64_t before = 0;
        for (int64_t age_ms = -5; age_ms < 9000; age_ms++) {
            int64_t now = matcher_curve_at(&curve, age_ms);
            assert_true(now >= before && now <= exact_at(&rules, age_ms));
            assert_true(exact_at(&rules, age_ms) - now <= 2000); /* a step per millisecond of the leg */
            before = now;
        }
        for (uint32_t i = 0; i < rules.point_count; i++) {
            int64_t at = matcher_curve_at(&curve, rules.curve[i].age_ms);
            assert_int_equal(at, rules.curve[i].half_window * MATCHER_POINT_STEPS);
        }
    }
}

static void the_touch_is_the_first_millisecond_that_is_wide_enough(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 4);
    for (int round = 0; round < 3000; round++) {
        struct matcher_rules rules;
        struct matcher_curve curve;
        draw_rules(&rng, &rules);
        matcher_curve_init(&curve, &rules);
        int64_t a_ms = rng_between(&rng, -3000, 3000), b_ms = rng_between(&rng, -3000, 3000);
        int64_t from_ms = rng_between(&rng, -4000, 4000),
                steps = rng_between(&rng, 0, 700) * MATCHER_POINT_STEPS;
        int64_t touch_ms = matcher_curve_touch_ms(&curve, a_ms, b_ms, steps, from_ms), brute_ms = from_ms;
        while (brute_ms < 30000 &&
               matcher_curve_at(&curve, brute_ms - a_ms) + matcher_curve_at(&curve, brute_ms - b_ms) <
                   steps) {
            brute_ms++;
        }
        assert_int_equal(touch_ms, brute_ms == 30000 ? INT64_MAX : brute_ms);
    }
}

static void bad_rules_are_named(void **state)
{
    (void)state;
    struct matcher_rules good = matcher_rules_default(), bad;
    assert_null(matcher_rules_problem(&good));
#define REFUSED(change, place)                                                     \
    do {                                                                           \
        bad = good;                                                                \
        change;                                                                    \
        assert_memory_equal(matcher_rules_problem(&bad), place, sizeof place - 1); \
    } while (false)
    REFUSED(bad.point_count = 0, "curve:");
    REFUSED(bad.point_count = MATCHER_POINTS_MAX + 1, "curve:");
    REFUSED(bad.curve[0].age_ms = 1, "curve[0].age_ms:");
    REFUSED(bad.curve[1].half_window = 49, "curve: windows");
    REFUSED(bad.curve[1].age_ms = 0, "curve: ages");
    REFUSED(bad.curve[2].age_ms = MATCHER_AGE_MS_MAX + 1, "curve: age_ms");
    REFUSED(bad.curve[2].half_window = MATCHER_RATING_MAX + 1, "curve: half_window");
    REFUSED(bad.curve[0].half_window = -1, "curve: half_window");
    REFUSED(bad.deviation_permille = -1, "deviation_permille:");
    REFUSED(bad.age_bonus_per_s = 1001, "age_bonus_per_s:");
    REFUSED(bad.rematch_wait_ms = -1, "rematch_wait_ms:");
    REFUSED(bad.capacity_max = 1, "capacity_max:");
    REFUSED(bad.capacity_max = MATCHER_CAPACITY_MAX + 1, "capacity_max:");
#undef REFUSED
}

/* ---- windows that open ---------------------------------------------------------------------------- */

static void a_window_that_opens_is_found_when_it_opens(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 0, "--");
    rig_add(matcher, 'b', 1620, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "");
    /* Both grow by 50 in 30 s: 20 points are there after 6 s. */
    int64_t opens_ms = matcher_next_ms(matcher) - START_MS;
    assert_in_range(opens_ms, 6000, 6001); /* slopes are rounded down */
    assert_string_equal(rig_run(matcher, opens_ms - 1, 8), "");
    assert_int_equal(matcher_next_ms(matcher), START_MS + opens_ms);
    assert_string_equal(rig_run(matcher, opens_ms, 8), "ab");
    matcher_close(matcher);
}

static void windows_too_far_apart_never_open(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 0, "--");
    uint32_t far = rig_add(matcher, 'b', 2101, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "");
    assert_int_equal(matcher_next_ms(matcher), MATCHER_NEVER_MS);
    struct matcher_ticket ticket = rig_ticket('b', 2100, 0, "--");
    matcher_update(matcher, far, &ticket);
    rig_run(matcher, 0, 8);
    assert_int_equal(matcher_next_ms(matcher), START_MS + 120000);
    assert_string_equal(rig_run(matcher, 120000, 8), "ab");
    matcher_close(matcher);
}

enum { CROWD = 24 };

/* Whether any two that wait fit, looking at all of them. */
static bool anybody_fits(const struct matcher_curve *curve, const struct matcher_ticket *tickets,
                         const bool *waiting, int64_t now_ms)
{
    for (size_t i = 0; i < CROWD; i++) {
        for (size_t j = i + 1; waiting[i] && j < CROWD; j++) {
            int64_t reach = matcher_curve_at(curve, now_ms - tickets[i].since_ms) +
                            matcher_curve_at(curve, now_ms - tickets[j].since_ms);
            int64_t gap = abs(tickets[i].rating - tickets[j].rating) * MATCHER_POINT_STEPS;
            if (waiting[j] && gap <= reach) return true;
        }
    }
    return false;
}

/* Steps through every millisecond: the brute view finds somebody exactly when matcher_next_ms() says so. */
static void nothing_opens_before_the_next_time_and_something_at_it(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 5);
    for (int round = 0; round < 40; round++) {
        struct matcher_rules rules = rig_rules();
        rules.point_count = 3;
        rules.curve[0] = (struct matcher_point){0, (int32_t)rng_below(&rng, 10)};
        rules.curve[1] = (struct matcher_point){700, 30};
        rules.curve[2] = (struct matcher_point){2000, 200};
        struct matcher_curve curve;
        matcher_curve_init(&curve, &rules);
        struct matcher_ticket tickets[CROWD];
        bool waiting[CROWD];
        struct matcher *matcher = matcher_open(&rules, 0);
        for (size_t i = 0; i < CROWD; i++) {
            tickets[i] = rig_ticket((char)('a' + i), (int32_t)rng_below(&rng, 3000), 0, "--");
            tickets[i].since_ms += (int64_t)rng_below(&rng, 1500) - 700;
            tickets[i].owner = &waiting[i];
            waiting[i] = true;
            matcher_add(matcher, &tickets[i]);
        }
        for (int64_t now_ms = START_MS; now_ms < START_MS + 4000; now_ms++) {
            bool due = now_ms == START_MS || matcher_next_ms(matcher) <= now_ms;
            if (now_ms > START_MS) assert_int_equal(due, anybody_fits(&curve, tickets, waiting, now_ms));
            if (!due) continue;
            size_t count = matcher_run(matcher, now_ms, rig_pairs, PAIRS_MAX);
            assert_true(count > 0 || now_ms == START_MS);
            for (size_t i = 0; i < count; i++) {
                for (size_t k = 0; k < 2; k++)
                    *(bool *)matcher_owner(matcher, rig_pairs[i].members[k]) = false;
            }
            assert_false(anybody_fits(&curve, tickets, waiting, now_ms));
            assert_true(matcher_next_ms(matcher) > now_ms);
        }
        matcher_close(matcher);
    }
}

/* Whoever is left at the cap is further from everybody than both caps together. */
static void everybody_is_matched_or_alone_at_the_cap(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 6);
    for (int round = 0; round < 200; round++) {
        struct matcher_rules rules = matcher_rules_default();
        struct matcher_curve curve;
        matcher_curve_init(&curve, &rules);
        struct matcher_ticket tickets[CROWD];
        bool waiting[CROWD];
        size_t left = CROWD;
        struct matcher *matcher = matcher_open(&rules, 0);
        for (size_t i = 0; i < CROWD; i++) {
            tickets[i] = rig_ticket((char)('a' + i), (int32_t)rng_below(&rng, 16000), 0, "--");
            tickets[i].owner = &waiting[i];
            waiting[i] = true;
            matcher_add(matcher, &tickets[i]);
        }
        int64_t now_ms = START_MS;
        while (now_ms != MATCHER_NEVER_MS) {
            size_t count = matcher_run(matcher, now_ms, rig_pairs, 1);
            for (size_t k = 0; k < 2 * count; k++) {
                *(bool *)matcher_owner(matcher, rig_pairs[0].members[k]) = false;
                left--;
            }
            int64_t next_ms = matcher_next_ms(matcher);
            if (next_ms > now_ms) now_ms = next_ms;
        }
        assert_int_equal(matcher_count(matcher) - matcher_held_count(matcher), left);
        assert_false(anybody_fits(&curve, tickets, waiting, START_MS + 120000));
        matcher_close(matcher);
    }
}

static void time_never_runs_backwards(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 0, "--");
    rig_run(matcher, 12100, 8);
    rig_add(matcher, 'b', 1620, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "ab");
    matcher_close(matcher);
}

/* ---- pauses --------------------------------------------------------------------------------------- */

static void nobody_ages_while_frozen(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 0, "--");
    rig_add(matcher, 'b', 1620, 0, "--");
    rig_run(matcher, 0, 8);
    int64_t opens_ms = matcher_next_ms(matcher);
    matcher_freeze(matcher, START_MS + 2000);
    matcher_freeze(matcher, START_MS + 3000);
    assert_int_equal(matcher_next_ms(matcher), MATCHER_NEVER_MS);
    assert_string_equal(rig_run(matcher, 90000, 8), "");
    uint32_t near = rig_add(matcher, 'c', 1400, -80000, "--"); /* came while frozen */
    struct matcher_forecast window = matcher_forecast(matcher, near, START_MS + 90000);
    assert_int_equal(window.high - window.low, 100);
    assert_int_equal(window.widens_at_ms, MATCHER_NEVER_MS);
    matcher_remove(matcher, near);
    assert_string_equal(rig_run(matcher, 90000, 8), "");
    matcher_thaw(matcher, START_MS + 100000);
    matcher_thaw(matcher, START_MS + 200000);
    assert_int_equal(matcher_next_ms(matcher), opens_ms + 98000);
    assert_string_equal(rig_run(matcher, opens_ms - START_MS + 97999, 8), "");
    assert_string_equal(rig_run(matcher, opens_ms - START_MS + 98000, 8), "ab");
    matcher_close(matcher);
}

static void who_fits_is_matched_even_while_frozen(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 0, "--");
    matcher_freeze(matcher, START_MS);
    rig_add(matcher, 'b', 1600, 0, "--");
    assert_int_equal(matcher_next_ms(matcher), INT64_MIN);
    assert_string_equal(rig_run(matcher, 10, 8), "ab");
    matcher_close(matcher);
}

static void what_opened_before_the_freeze_is_still_due(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 0, "--");
    rig_add(matcher, 'b', 1620, 0, "--");
    rig_run(matcher, 0, 8);
    int64_t opens_ms = matcher_next_ms(matcher);
    matcher_freeze(matcher, START_MS + 7000);
    assert_int_equal(matcher_next_ms(matcher), opens_ms);
    assert_string_equal(rig_run(matcher, 8000, 8), "ab");
    matcher_close(matcher);
}

static void the_frozen_clock_agrees_with_counting(void **state)
{
    (void)state;
    struct matcher_clock clock = {.frozen = false};
    int64_t own[4000], own_ms = 0, from = 0;
    struct rng rng;
    rng_init(&rng, 8);
    for (int64_t now_ms = 0; now_ms < 4000; now_ms++) {
        if (clock.freeze_count == MATCHER_FREEZES_MAX && from == 0) from = now_ms;
        if (from == 0 && rng_below(&rng, 40) == 0) matcher_clock_freeze(&clock, now_ms);
        if (rng_below(&rng, 40) == 0) matcher_clock_thaw(&clock, now_ms);
        own[now_ms] = own_ms;
        for (int64_t past_ms = 0; past_ms <= now_ms; past_ms += 97) {
            assert_int_equal(matcher_clock_own_ms(&clock, past_ms), own[past_ms]);
        }
        if (!clock.frozen) assert_int_equal(matcher_clock_caller_ms(&clock, own_ms), now_ms);
        if (!clock.frozen) own_ms++;
    }
    assert_int_equal(clock.freeze_count, MATCHER_FREEZES_MAX);
}

static void many_pauses_are_forgotten_singly_but_not_in_sum(void **state)
{
    (void)state;
    struct matcher_clock clock = {.frozen = false};
    for (int64_t i = 0; i < 3 * MATCHER_FREEZES_MAX; i++) {
        matcher_clock_freeze(&clock, 100 * i + 10);
        matcher_clock_thaw(&clock, 100 * i + 40);
    }
    matcher_clock_freeze(&clock, 9000);
    matcher_clock_thaw(&clock, 8000); /* backwards: no pause */
    assert_int_equal(clock.freeze_count, MATCHER_FREEZES_MAX);
    assert_int_equal(matcher_clock_own_ms(&clock, 10000), 10000 - 3 * MATCHER_FREEZES_MAX * 30);
    assert_int_equal(matcher_clock_caller_ms(&clock, 10000 - 3 * MATCHER_FREEZES_MAX * 30), 10000);
}

/* ---- what players are told ------------------------------------------------------------------------- */

static void a_player_is_told_the_window_and_when_it_widens(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    uint32_t handle = rig_add(matcher, 'a', 1500, 0, "--");
    for (int64_t age_ms = 0; age_ms < 125000; age_ms += 250) {
        struct matcher_forecast window = matcher_forecast(matcher, handle, START_MS + age_ms);
        assert_int_equal(1500 - window.low, window.high - 1500);
        if (window.widens_at_ms == MATCHER_NEVER_MS) {
            assert_int_equal(window.high, 1800);
            assert_true(age_ms >= 120000);
            continue;
        }
        assert_int_equal(matcher_forecast(matcher, handle, window.widens_at_ms - 1).high, window.high);
        assert_int_equal(matcher_forecast(matcher, handle, window.widens_at_ms).high, window.high + 1);
    }
    assert_int_equal(matcher_forecast(matcher, handle, START_MS).high, 1550);
    assert_int_equal(matcher_forecast(matcher, handle, START_MS + 30000).high, 1600);
    matcher_close(matcher);
}

/* One arrival each `every_ms` around 1500 for ten minutes, somewhere in 1344..1663. */
static int64_t estimate_after_arrivals(int64_t every_ms, int32_t rating, int64_t later_ms, int32_t deviation)
{
    struct matcher_rules rules = rig_rules();
    rules.deviation_permille = 1000;
    struct matcher *matcher = matcher_open(&rules, 0);
    for (int64_t at_ms = 0; at_ms < 600000; at_ms += every_ms) {
        matcher_note_arrival(matcher, 1344 + (int32_t)(at_ms / every_ms * 127 % 320), START_MS + at_ms);
    }
    struct matcher_ticket ticket = rig_ticket('a', rating, -600000 - later_ms, "--");
    ticket.deviation = deviation;
    int64_t wait_ms =
        matcher_forecast(matcher, matcher_add(matcher, &ticket), START_MS + 600000 + later_ms).wait_ms;
    matcher_close(matcher);
    return wait_ms;
}

static void the_estimated_wait_follows_the_arrivals(void **state)
{
    (void)state;
    /* Two fresh windows reach 201 of the 320 points: at one arrival in 100 ms every 159 ms somebody fits. */
    assert_in_range(estimate_after_arrivals(100, 1500, 0, 0), 150, 170);
    assert_in_range(estimate_after_arrivals(1000, 1500, 0, 0), 1500, 1650);
    assert_in_range(estimate_after_arrivals(1000, 1500, 60000, 0), 2700, 3300); /* half is forgotten */
    assert_int_equal(estimate_after_arrivals(100, 3000, 0, 0), -1);
    assert_int_equal(estimate_after_arrivals(100, 1500, 8000000, 0), -1);
    assert_in_range(estimate_after_arrivals(100, 1500, 0, 59), 95, 105); /* reaches all 320 */
    int64_t far_ms = estimate_after_arrivals(100, 1820, 0, 0); /* first the reach must come to 157 */
    assert_in_range(far_ms, 30000, 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_curve_goes_through_its_points_and_never_falls),
        cmocka_unit_test(the_touch_is_the_first_millisecond_that_is_wide_enough),
        cmocka_unit_test(bad_rules_are_named),
        cmocka_unit_test(a_window_that_opens_is_found_when_it_opens),
        cmocka_unit_test(windows_too_far_apart_never_open),
        cmocka_unit_test(nothing_opens_before_the_next_time_and_something_at_it),
        cmocka_unit_test(everybody_is_matched_or_alone_at_the_cap),
        cmocka_unit_test(time_never_runs_backwards),
        cmocka_unit_test(nobody_ages_while_frozen),
        cmocka_unit_test(who_fits_is_matched_even_while_frozen),
        cmocka_unit_test(what_opened_before_the_freeze_is_still_due),
        cmocka_unit_test(the_frozen_clock_agrees_with_counting),
        cmocka_unit_test(many_pauses_are_forgotten_singly_but_not_in_sum),
        cmocka_unit_test(a_player_is_told_the_window_and_when_it_widens),
        cmocka_unit_test(the_estimated_wait_follows_the_arrivals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
