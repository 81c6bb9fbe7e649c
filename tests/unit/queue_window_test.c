/* What a waiting player is told of the window, computed on the pod; it must be what the matcher goes by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "game_server/queue_window.h"
#include "match_server/matcher_curve.h"
#include "match_server/ranked_rules.h"

#define START_MS INT64_C(1700000000000)

#define POINT(age, points_wide)                 \
    {                                           \
        .age_ms = (age), .width = (points_wide) \
    }

static const struct proto_window_point points[] = {POINT(0, 50), POINT(30000, 100), POINT(120000, 300)};

static struct queue_window at(int64_t rating, int64_t age_ms)
{
    return queue_window_at(points, ARRAY_LENGTH(points), rating, START_MS, START_MS + age_ms);
}

static void expect(struct queue_window window, int64_t min, int64_t max, int64_t widens_after_ms)
{
    assert_int_equal(window.range.min, min);
    assert_int_equal(window.range.max, max);
    assert_int_equal(window.widens_at_ms, widens_after_ms < 0 ? 0 : START_MS + widens_after_ms);
}

static void the_window_widens_along_the_curve_and_stays_at_its_end(void **state)
{
    (void)state;
    expect(at(1200, 0), 1150, 1250, 600);
    expect(at(1200, 599), 1150, 1250, 600);
    expect(at(1200, 600), 1149, 1251, 1200);
    expect(at(1200, 30000), 1100, 1300, 30450);
    expect(at(1200, 120000), 900, 1500, -1);
    expect(at(1200, 999999), 900, 1500, -1);
}

static void a_clock_behind_the_beginning_is_the_beginning(void **state)
{
    (void)state;
    expect(at(1200, -5000), 1150, 1250, 600);
}

static void ratings_end_at_their_bounds(void **state)
{
    (void)state;
    expect(at(10, 0), 0, 60, 600);
    expect(at(99999, 0), 99949, 100000, 600);
}

static void level_stretches_and_single_points_are_understood(void **state)
{
    (void)state;
    static const struct proto_window_point level[] = {POINT(0, 50), POINT(1000, 50), POINT(2000, 60)};
    struct queue_window window = queue_window_at(level, 3, 100, START_MS, START_MS);
    expect(window, 50, 150, 1100);
    window = queue_window_at(level, 1, 100, START_MS, START_MS + 77);
    expect(window, 50, 150, -1);
}

/* Both are rounded down, the matcher's along steps that are a hair flatter. */
static void it_is_the_window_that_the_matcher_goes_by(void **state)
{
    (void)state;
    struct matcher_rules rules;
    struct matcher_curve curve;
    assert_null(ranked_rules_read("0:50,30000:100,120000:300", 0, 0, &rules));
    matcher_curve_init(&curve, &rules);
    for (int64_t age_ms = 0; age_ms < 130000; age_ms += 7) {
        int64_t width = 1200 - at(1200, age_ms).range.min;
        int64_t of_matcher = 2 * matcher_curve_at(&curve, age_ms) / MATCHER_POINT_STEPS;
        assert_in_range(width, of_matcher, of_matcher + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_widens_along_the_curve_and_stays_at_its_end),
        cmocka_unit_test(a_clock_behind_the_beginning_is_the_beginning),
        cmocka_unit_test(ratings_end_at_their_bounds),
        cmocka_unit_test(level_stretches_and_single_points_are_understood),
        cmocka_unit_test(it_is_the_window_that_the_matcher_goes_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
