/* The matcher: who is paired with whom, in what order, and who never is. */
#include "tests/unit/matcher_rig.h"

static void nobody_and_one_make_no_match(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    assert_string_equal(rig_run(matcher, 0, 8), "");
    assert_int_equal(matcher_next_ms(matcher), MATCHER_NEVER_MS);
    rig_add(matcher, 'a', 1500, 0, "--");
    assert_int_equal(matcher_next_ms(matcher), INT64_MIN);
    assert_string_equal(rig_run(matcher, 0, 8), "");
    assert_int_equal(matcher_next_ms(matcher), MATCHER_NEVER_MS);
    matcher_close(matcher);
    matcher_close(NULL);
}

static void two_fit_when_their_windows_touch(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 0, "--");
    rig_add(matcher, 'b', 1601, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "");
    rig_add(matcher, 'c', 1400, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "ac");
    assert_int_equal(rig_pairs[0].gap, 100);
    assert_false(rig_pairs[0].rematch);
    matcher_close(matcher);
}

static void the_nearest_play_first(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 3, "--");
    rig_add(matcher, 'b', 1530, 2, "--");
    rig_add(matcher, 'c', 1540, 1, "--");
    rig_add(matcher, 'd', 1590, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "bc ad");
    matcher_close(matcher);
}

static void equal_ratings_play_oldest_first_and_the_newest_stays(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    for (char name = 'a'; name <= 'e'; name++) rig_add(matcher, name, 1500, 'z' - name, "--");
    rig_add(matcher, 'f', 1510, 50, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "ab cd fe");
    matcher_close(matcher);
}

static void waiting_counts_against_the_gap(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    rules.age_bonus_per_s = 5;
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 10000, "--"); /* a to b: 40 - 50 */
    rig_add(matcher, 'b', 1540, 0, "--");
    rig_add(matcher, 'c', 1541, 2000, "--"); /* b to c: 1 - 10 */
    assert_string_equal(rig_run(matcher, 0, 8), "ab");
    matcher_close(matcher);
    matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 10000, "--");
    rig_add(matcher, 'b', 1540, 0, "--");
    rig_add(matcher, 'c', 1541, 2300, "--"); /* 1 - 11.5 */
    assert_string_equal(rig_run(matcher, 0, 8), "cb");
    matcher_close(matcher);
}

static void ties_go_to_the_older_then_to_the_smaller_id(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'b', 1500, 1, "--");
    rig_add(matcher, 'm', 1510, 0, "--");
    rig_add(matcher, 'a', 1520, 2, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "am");
    matcher_close(matcher);
    matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'b', 1500, 1, "--");
    rig_add(matcher, 'm', 1510, 0, "--");
    rig_add(matcher, 'a', 1520, 1, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "am");
    matcher_close(matcher);
    matcher = matcher_open(&rules, 0); /* the same longer waiter: the other one decides */
    rig_add(matcher, 'b', 1500, 0, "--");
    rig_add(matcher, 'm', 1510, 9, "--");
    rig_add(matcher, 'c', 1520, 1, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "mc");
    matcher_close(matcher);
}

static void a_new_player_s_deviation_widens(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    rules.deviation_permille = 500;
    struct matcher *matcher = matcher_open(&rules, 0);
    struct matcher_ticket ticket = rig_ticket('a', 1500, 0, "--");
    ticket.deviation = 101;
    matcher_add(matcher, &ticket);
    uint32_t far = rig_add(matcher, 'b', 1651, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "");
    ticket = rig_ticket('b', 1650, 0, "--");
    matcher_update(matcher, far, &ticket);
    assert_string_equal(rig_run(matcher, 0, 8), "ab");
    matcher_close(matcher);
}

static void out_of_range_values_count_as_the_nearest(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    rules.age_bonus_per_s = 1000;
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', -5, 0, "--");
    rig_add(matcher, 'b', 0, 0, "--");
    rig_add(matcher, 'c', 100000, 0, "--");
    struct matcher_ticket ticket = rig_ticket('d', INT32_MAX, 0, "--");
    ticket.since_ms = INT64_MAX;
    ticket.deviation = INT32_MIN;
    matcher_add(matcher, &ticket);
    ticket = rig_ticket('e', INT32_MIN, 0, "--");
    ticket.since_ms = INT64_MIN;
    ticket.deviation = INT32_MAX;
    matcher_add(matcher, &ticket);
    assert_string_equal(rig_run(matcher, 0, 8), "ea cd");
    matcher_close(matcher);
}

/* ---- conflicts ------------------------------------------------------------------------------------ */

static void the_same_device_never_plays_itself(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 2, "-p");
    rig_add(matcher, 'b', 1500, 1, "-p");
    rig_add(matcher, 'c', 1505, 0, "-p");
    assert_string_equal(rig_run(matcher, 1000000, 8), "");
    assert_int_equal(matcher_next_ms(matcher), MATCHER_NEVER_MS);
    rig_add(matcher, 'd', 1560, 0, "-q");
    assert_string_equal(rig_run(matcher, 1000000, 8), "cd");
    matcher_close(matcher);
}

static void nobody_plays_himself(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 2, "--");
    rig_add(matcher, 'a', 1510, 1, "--");
    assert_string_equal(rig_run(matcher, 1000000, 8), "");
    matcher_close(matcher);
}

static void no_rematch_while_somebody_else_fits(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    for (int gap = 0; gap <= 20; gap += 10) {
        struct matcher *matcher = matcher_open(&rules, 0);
        rig_add(matcher, 'a', 1500, 9, "b-");
        rig_add(matcher, 'b', 1500 + gap, 8, "--"); /* one side's memory is enough */
        rig_add(matcher, 'c', 1500 + 4 * gap, 1, "--");
        assert_string_equal(rig_run(matcher, 0, 8), gap == 0 ? "ac" : "bc");
        matcher_close(matcher);
        matcher = matcher_open(&rules, 0);
        rig_add(matcher, 'a', 1500, 9, "b-");
        rig_add(matcher, 'b', 1500, 8, "a-");
        rig_add(matcher, 'c', 1500 + gap, 7, "d-");
        rig_add(matcher, 'd', 1500 + gap, 6, "c-");
        assert_string_equal(rig_run(matcher, 0, 8), "ac bd");
        matcher_close(matcher);
    }
}

static void a_rematch_when_nobody_else_fits(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 0, "b-");
    rig_add(matcher, 'b', 1520, 0, "a-");
    rig_add(matcher, 'c', 1700, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "ab");
    assert_true(rig_pairs[0].rematch);
    matcher_close(matcher);
}

static void a_rematch_needs_some_waiting_of_both(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    rules.rematch_wait_ms = 3000;
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 2500, "b-");
    rig_add(matcher, 'b', 1500, 500, "a-");
    assert_string_equal(rig_run(matcher, 0, 8), "");
    assert_int_equal(matcher_next_ms(matcher), START_MS + 2500);
    assert_string_equal(rig_run(matcher, 2499, 8), "");
    assert_string_equal(rig_run(matcher, 2500, 8), "ab");
    matcher_close(matcher);
}

/* Many of one device wait at one rating: the oldest gets the newcomer, in a large crowd at least somebody
 * does. */
static void in_a_crowd_of_one_device_the_oldest_plays_first(void **state)
{
    (void)state;
    for (int crowd = 1; crowd <= 24; crowd++) {
        for (int before = 0; before < 2; before++) {
            struct matcher_rules rules = rig_rules();
            struct matcher *matcher = matcher_open(&rules, 0);
            for (int i = 0; i < crowd; i++) rig_add(matcher, (char)('a' + i), 1500, 99 - i, "-p");
            if (before > 0) assert_string_equal(rig_run(matcher, 0, 8), "");
            rig_add(matcher, 'Z', 1500, 0, "-q");
            const char *pairs = rig_run(matcher, 0, 8);
            assert_int_equal(pairs[1], 'Z');
            if (crowd <= 2 * MATCHER_REACH) assert_int_equal(pairs[0], 'a');
            matcher_close(matcher);
        }
    }
}

static void a_partner_is_found_behind_those_in_conflict(void **state)
{
    (void)state;
    for (int crowd = 1; crowd <= MATCHER_REACH + 1; crowd++) {
        struct matcher_rules rules = {.curve = {{0, 0}, {1, 200}}, .point_count = 2, .capacity_max = 100};
        struct matcher *matcher = matcher_open(&rules, 0);
        rig_add(matcher, 'a', 1500, 1, "-p"); /* 200 wide, the others 0 */
        for (int i = 0; i < crowd; i++) rig_add(matcher, (char)('b' + i), 1510 + i, 0, "-p");
        rig_add(matcher, 'Z', 1650, 0, "-q");
        assert_string_equal(rig_run(matcher, 0, 8), crowd < MATCHER_REACH ? "aZ" : "");
        matcher_close(matcher);
    }
}

/* ---- holding, limits ------------------------------------------------------------------------------ */

static void a_pair_is_held_until_it_is_made_or_not(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    rig_add(matcher, 'a', 1500, 2, "--");
    rig_add(matcher, 'b', 1500, 1, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "ab");
    struct matcher_pair pair = rig_pairs[0];
    assert_int_equal(matcher_held_count(matcher), 2);
    assert_int_equal(matcher_count(matcher), 2);
    assert_string_equal(rig_run(matcher, 0, 8), "");
    rig_add(matcher, 'c', 1510, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 8), "");
    matcher_release(matcher, pair.members[0]);
    matcher_release(matcher, pair.members[0]);
    assert_int_equal(matcher_held_count(matcher), 1);
    assert_string_equal(rig_run(matcher, 0, 8), "ac");
    matcher_remove(matcher, pair.members[1]);
    assert_int_equal(matcher_count(matcher), 2);
    assert_int_equal(matcher_held_count(matcher), 2);
    matcher_close(matcher);
}

static void a_held_ticket_is_not_matched_and_stays_held_when_updated(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    uint32_t held = rig_add(matcher, 'a', 1500, 2, "--");
    rig_add(matcher, 'b', 1600, 1, "--");
    matcher_hold(matcher, held);
    matcher_hold(matcher, held);
    assert_string_equal(rig_run(matcher, 0, 8), "");
    struct matcher_ticket ticket = rig_ticket('A', 1600, 3, "--");
    matcher_update(matcher, held, &ticket);
    assert_string_equal(rig_run(matcher, 0, 8), "");
    matcher_release(matcher, held);
    assert_int_equal(matcher_next_ms(matcher), INT64_MIN);
    assert_string_equal(rig_run(matcher, 0, 8), "Ab");
    matcher_close(matcher);
}

static void a_full_matcher_refuses_and_takes_again(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    rules.capacity_max = 3;
    struct matcher *matcher = matcher_open(&rules, 1);
    uint32_t first = rig_add(matcher, 'a', 1000, 3, "--");
    rig_add(matcher, 'b', 2000, 2, "--");
    assert_int_not_equal(rig_add(matcher, 'c', 3000, 1, "--"), MATCHER_NONE);
    assert_int_equal(rig_add(matcher, 'd', 1000, 0, "--"), MATCHER_NONE);
    assert_int_equal(matcher_count(matcher), 3);
    assert_string_equal(rig_run(matcher, 0, 8), "");
    matcher_remove(matcher, first);
    assert_int_not_equal(rig_add(matcher, 'd', 2000, 0, "--"), MATCHER_NONE);
    assert_string_equal(rig_run(matcher, 0, 8), "bd");
    matcher_close(matcher);
}

static void a_limited_run_goes_on_where_it_stopped(void **state)
{
    (void)state;
    struct matcher_rules rules = rig_rules();
    struct matcher *matcher = matcher_open(&rules, 0);
    for (char name = 'a'; name <= 'h'; name++)
        rig_add(matcher, name, name < 'e' ? 1500 : 1550, 'z' - name, "--");
    rig_add(matcher, 'i', 1600, 0, "--");
    rig_add(matcher, 'j', 1640, 0, "--");
    assert_string_equal(rig_run(matcher, 0, 0), "");
    assert_string_equal(rig_run(matcher, 0, 1), "ab");
    assert_int_equal(matcher_next_ms(matcher), INT64_MIN);
    assert_string_equal(rig_run(matcher, 0, 2), "cd ef");
    assert_string_equal(rig_run(matcher, 0, 8), "gh ij");
    assert_int_equal(matcher_next_ms(matcher), MATCHER_NEVER_MS);
    matcher_close(matcher);
}

/* ---- order of adding ------------------------------------------------------------------------------ */

enum { MANY = 600 };

static size_t pairs_of_order(const struct matcher_ticket *tickets, const size_t *order, uint64_t out[][2])
{
    struct matcher_rules rules = matcher_rules_default();
    struct matcher *matcher = matcher_open(&rules, 0);
    for (size_t i = 0; i < MANY; i++) matcher_add(matcher, &tickets[order[i]]);
    size_t count = matcher_run(matcher, START_MS, rig_pairs, PAIRS_MAX);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < 2; k++) {
            out[i][k] = ((const struct matcher_ticket *)matcher_owner(matcher, rig_pairs[i].members[k]))->id;
        }
    }
    matcher_close(matcher);
    return count;
}

static void the_order_of_adding_changes_nothing(void **state)
{
    (void)state;
    static struct matcher_ticket tickets[MANY];
    static uint64_t pairs[MANY][2], again[MANY][2];
    size_t order[MANY];
    struct rng rng;
    rng_init(&rng, 2);
    for (int round = 0; round < 60; round++) {
        uint64_t spread = round % 3 == 0 ? 2 : round % 3 == 1 ? 200 : 3000;
        for (size_t i = 0; i < MANY; i++) {
            tickets[i] = rig_ticket('-', 1000 + (int32_t)rng_below(&rng, spread), 0, "--");
            tickets[i].id = rng_next(&rng);
            tickets[i].since_ms -= (int64_t)rng_below(&rng, round % 2 == 0 ? 20 : 100000);
            tickets[i].opponent = tickets[rng_below(&rng, i + 1)].id;
            tickets[i].device = rng_below(&rng, 10) == 0 ? 1 + rng_below(&rng, 20) : 0;
            tickets[i].owner = &tickets[i];
            order[i] = i;
        }
        size_t count = pairs_of_order(tickets, order, pairs);
        assert_true(count > MANY / 4);
        for (size_t i = MANY; i > 1; i--) {
            size_t other = (size_t)rng_below(&rng, i), swap = order[i - 1];
            order[i - 1] = order[other];
            order[other] = swap;
        }
        assert_int_equal(pairs_of_order(tickets, order, again), count);
        assert_memory_equal(pairs, again, count * sizeof pairs[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_and_one_make_no_match),
        cmocka_unit_test(two_fit_when_their_windows_touch),
        cmocka_unit_test(the_nearest_play_first),
        cmocka_unit_test(equal_ratings_play_oldest_first_and_the_newest_stays),
        cmocka_unit_test(waiting_counts_against_the_gap),
        cmocka_unit_test(ties_go_to_the_older_then_to_the_smaller_id),
        cmocka_unit_test(a_new_player_s_deviation_widens),
        cmocka_unit_test(out_of_range_values_count_as_the_nearest),
        cmocka_unit_test(the_same_device_never_plays_itself),
        cmocka_unit_test(nobody_plays_himself),
        cmocka_unit_test(no_rematch_while_somebody_else_fits),
        cmocka_unit_test(a_rematch_when_nobody_else_fits),
        cmocka_unit_test(a_rematch_needs_some_waiting_of_both),
        cmocka_unit_test(in_a_crowd_of_one_device_the_oldest_plays_first),
        cmocka_unit_test(a_partner_is_found_behind_those_in_conflict),
        cmocka_unit_test(a_pair_is_held_until_it_is_made_or_not),
        cmocka_unit_test(a_held_ticket_is_not_matched_and_stays_held_when_updated),
        cmocka_unit_test(a_full_matcher_refuses_and_takes_again),
        cmocka_unit_test(a_limited_run_goes_on_where_it_stopped),
        cmocka_unit_test(the_order_of_adding_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
