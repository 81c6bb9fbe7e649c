#include "game_server/rating.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* One against one, in full. */
static int64_t after(int64_t rating, int64_t games, int64_t opponent, enum rating_score score)
{
    return rating_after(rating, games, rating_lead(&rating, &opponent, 1), score, RATING_FULL);
}

static void the_table_is_the_formula(void **state)
{
    (void)state;
    for (int d = -RATING_DIFFERENCE_MAX; d <= RATING_DIFFERENCE_MAX; d++) {
        double exact = 1000 / (1 + pow(10, -d / 400.0));
        assert_true(fabs((double)rating_expected(d) - exact) <= 0.5001);
        assert_int_equal(rating_expected(d) + rating_expected(-d), 1000);
    }
}

static void far_apart_counts_as_800(void **state)
{
    (void)state;
    assert_int_equal(rating_expected(801), rating_expected(800));
    assert_int_equal(rating_expected(100000), rating_expected(800));
    assert_int_equal(rating_expected(-100000), rating_expected(-800));
}

static void k_falls_with_games_and_rating(void **state)
{
    (void)state;
    static const struct {
        int64_t rating, games, k;
    } rows[] = {{1200, 0, 40},   {2500, 19, 40}, {1200, 20, 32},  {1599, 500, 32}, {1600, 99, 32},
                {1600, 100, 24}, {2000, 99, 32}, {1999, 100, 24}, {2000, 100, 16}, {2800, 1000, 16}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(rating_k(rows[i].rating, rows[i].games), rows[i].k);
    }
}

static void equals_gain_and_lose_half_of_k_and_draw_for_nothing(void **state)
{
    (void)state;
    assert_int_equal(after(1200, 0, 1200, RATING_WIN), 1220);
    assert_int_equal(after(1200, 0, 1200, RATING_LOSS), 1180);
    assert_int_equal(after(1200, 0, 1200, RATING_DRAW), 1200);
    assert_int_equal(after(1700, 200, 1700, RATING_WIN), 1712);
}

static void a_draw_lifts_the_weaker(void **state)
{
    (void)state;
    assert_true(after(1200, 50, 1400, RATING_DRAW) > 1200);
    assert_true(after(1400, 50, 1200, RATING_DRAW) < 1400);
}

static void halves_are_rounded_away_from_zero(void **state)
{
    (void)state;
    /* K 40 and an expectation of 0.5 +- 0.0125: 19.5 points. E(9) = 513, so 487 * 40 = 19480: 19; E(-9): 20. */
    assert_int_equal(after(1209, 0, 1200, RATING_WIN) - 1209, 19);
    assert_int_equal(after(1200, 0, 1209, RATING_WIN) - 1200, 21);
    assert_int_equal(after(1209, 0, 1200, RATING_LOSS) - 1209, -21);
    assert_int_equal(after(1200, 0, 1209, RATING_LOSS) - 1200, -19);
}

static void nobody_falls_below_the_floor(void **state)
{
    (void)state;
    assert_int_equal(after(RATING_MIN, 0, RATING_MIN, RATING_LOSS), RATING_MIN);
    assert_int_equal(after(RATING_MIN + 5, 0, RATING_MIN, RATING_LOSS), RATING_MIN);
}

static void teams_are_compared_by_their_averages_and_every_member_has_his_own_k(void **state)
{
    (void)state;
    const int64_t strong[] = {1700, 1300}, even[] = {1500, 1500}, odd[] = {1500, 1501};
    assert_int_equal(rating_lead(strong, even, 2), 0);
    assert_int_equal(rating_lead(odd, even, 2), 0);
    assert_int_equal(rating_lead(even, odd, 2), 0);
    assert_int_equal(rating_lead((const int64_t[]){1600, 1501}, even, 2), 50);
    assert_int_equal(rating_after(1700, 200, 0, RATING_WIN, RATING_FULL), 1712);
    assert_int_equal(rating_after(1300, 0, 0, RATING_WIN, RATING_FULL), 1320);
}

static void a_repeated_opponent_counts_by_half_and_by_a_quarter(void **state)
{
    (void)state;
    assert_int_equal(rating_after(1200, 0, 0, RATING_WIN, RATING_HALF), 1210);
    assert_int_equal(rating_after(1200, 0, 0, RATING_LOSS, RATING_HALF), 1190);
    assert_int_equal(rating_after(1200, 0, 0, RATING_WIN, RATING_QUARTER), 1205);
    /* K 32 of 1200 against 1209: 32 * 513 = 16416; halves and quarters are taken before rounding. */
    assert_int_equal(rating_after(1200, 50, -9, RATING_WIN, RATING_FULL), 1216);
    assert_int_equal(rating_after(1200, 50, -9, RATING_WIN, RATING_HALF), 1208);
    assert_int_equal(rating_after(1200, 0, -100, RATING_WIN, RATING_QUARTER), 1206); /* 25600 / 4 = 6.4 */
    assert_int_equal(rating_after(1200, 0, 0, RATING_DRAW, RATING_QUARTER), 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_the_formula),
        cmocka_unit_test(far_apart_counts_as_800),
        cmocka_unit_test(k_falls_with_games_and_rating),
        cmocka_unit_test(equals_gain_and_lose_half_of_k_and_draw_for_nothing),
        cmocka_unit_test(a_draw_lifts_the_weaker),
        cmocka_unit_test(halves_are_rounded_away_from_zero),
        cmocka_unit_test(nobody_falls_below_the_floor),
        cmocka_unit_test(teams_are_compared_by_their_averages_and_every_member_has_his_own_k),
        cmocka_unit_test(a_repeated_opponent_counts_by_half_and_by_a_quarter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
