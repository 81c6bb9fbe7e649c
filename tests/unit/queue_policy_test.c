/* The kinds of queue behind their one door, with the mirror that keeps their index; the options of ranked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "match_server/mirror.h"
#include "match_server/queue_policy.h"
#include "match_server/ranked_rules.h"

#define START_MS INT64_C(1700000000000)

struct stage {
    struct queue_policy *policy;
    struct mirror *mirror;
};

static struct matcher_rules plain_rules(void)
{
    struct matcher_rules rules;
    assert_null(ranked_rules_read("0:50,30000:100,120000:300", 0, 0, &rules));
    return rules;
}

static struct stage open_stage(struct queue_policy *policy)
{
    return (struct stage){policy, mirror_open(policy)};
}

static struct stage open_ranked(void)
{
    struct matcher_rules rules = plain_rules();
    return open_stage(queue_policy_open_ranked(&rules));
}

static void close_stage(struct stage *stage)
{
    mirror_close(stage->mirror);
    queue_policy_close(stage->policy);
}

static struct ticket *put(struct stage *stage, const char *player, int64_t rating, int64_t since_ms,
                          int64_t version)
{
    struct ticket ticket = {
        .q_ms = START_MS + since_ms, .version = version, .rating = rating, .state = TICKET_FREE};
    text_copy(ticket.player_id, sizeof ticket.player_id, player);
    ticket.player = ticket_hash(bytes_of_text(player));
    return mirror_put(stage->mirror, &ticket);
}

static struct ticket *put_mate(struct stage *stage, const char *player, const char *mate, int64_t since_ms,
                               int64_t version)
{
    struct ticket ticket = {.q_ms = START_MS + since_ms, .version = version, .state = TICKET_FREE};
    text_copy(ticket.player_id, sizeof ticket.player_id, player);
    text_copy(ticket.mate_id, sizeof ticket.mate_id, mate);
    ticket.player = ticket_hash(bytes_of_text(player));
    return mirror_put(stage->mirror, &ticket);
}

static void put_party(struct stage *stage, const char *one, const char *other, int64_t since_ms)
{
    put_mate(stage, other, one, since_ms, 1);
    put_mate(stage, one, other, since_ms, 1);
}

/* The matches as a text: "ann-ben cy-dee"; their members are committing afterwards. */
static const char *pairs_at(struct stage *stage, int64_t after_ms, bool complete, size_t max)
{
    static char text[1024];
    struct queue_match pairs[QUEUE_MATCHES_MAX];
    struct queue_view view = {stage->mirror, START_MS + after_ms, INT64_MAX, complete};
    size_t count = queue_policy_matches(stage->policy, &view, pairs, max), length = 0;
    text[0] = '\0';
    size_t members = queue_policy_members(stage->policy);
    for (size_t i = 0; i < count * members; i++) {
        struct ticket *member = pairs[i / members].members[i % members];
        const char *before = i == 0 ? "" : i % members == 0 ? " " : "-";
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", before, member->player_id);
        mirror_mark(stage->mirror, member, TICKET_COMMITTING);
    }
    return text;
}

/* ---- first come ---------------------------------------------------------------------------------- */

static void first_come_pairs_by_time_and_knows_no_windows(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_first_come());
    struct ticket *ann = put(&stage, "ann", 100, 0, 1);
    put(&stage, "ben", 9000, 1, 1);
    put(&stage, "cy", 100, 2, 1);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ann-ben");
    assert_string_equal(pairs_at(&stage, 10, true, 10), "");
    assert_true(queue_policy_next_ms(stage.policy) == QUEUE_NEVER_MS);
    assert_int_equal(queue_policy_half_window(stage.policy, ann, START_MS), QUEUE_NO_WINDOW);
    queue_policy_note_arrival(stage.policy, 100, START_MS);
    assert_int_equal(queue_policy_expected_wait_ms(stage.policy, 100, START_MS), QUEUE_WAIT_UNKNOWN);
    close_stage(&stage);
}

static void first_come_gives_at_most_what_was_asked_for(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_first_come());
    put(&stage, "ann", 1, 0, 1);
    put(&stage, "ben", 1, 1, 1);
    put(&stage, "cy", 1, 2, 1);
    put(&stage, "dee", 1, 3, 1);
    assert_string_equal(pairs_at(&stage, 10, true, 1), "ann-ben");
    assert_string_equal(pairs_at(&stage, 10, true, 1), "cy-dee");
    close_stage(&stage);
}

/* ---- ranked -------------------------------------------------------------------------------------- */

static void ranked_pairs_the_nearest_ratings_and_the_longer_waiter_first(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1030, 1, 1);
    put(&stage, "cy", 1010, 2, 1);
    put(&stage, "dee", 1500, 3, 1);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ann-cy");
    close_stage(&stage);
}

static void two_newcomers_meet_up_to_the_first_width(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1051, 0, 1);
    assert_string_equal(pairs_at(&stage, 0, true, 10), "");
    put(&stage, "cy", 1101, 0, 1);
    assert_string_equal(pairs_at(&stage, 0, true, 10), "ben-cy");
    close_stage(&stage);
}

static void a_window_that_opens_by_waiting_has_its_time(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    assert_true(queue_policy_next_ms(stage.policy) == QUEUE_NEVER_MS);
    struct ticket *ann = put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1100, 2, 1);
    assert_string_equal(pairs_at(&stage, 2, true, 10), "");
    int64_t next_ms = queue_policy_next_ms(stage.policy) - START_MS;
    assert_in_range(next_ms, 30001, 30002);
    assert_string_equal(pairs_at(&stage, next_ms - 1, true, 10), "");
    assert_int_equal(queue_policy_half_window(stage.policy, ann, START_MS), 25);
    assert_int_equal(queue_policy_half_window(stage.policy, ann, START_MS + 15000), 37);
    assert_string_equal(pairs_at(&stage, next_ms, true, 10), "ann-ben");
    close_stage(&stage);
}

static void nobody_is_paired_before_everybody_has_been_read(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1020, 0, 1);
    assert_string_equal(pairs_at(&stage, 10, false, 10), "");
    put(&stage, "cy", 1001, 5, 1);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ann-cy");
    close_stage(&stage);
}

static void who_is_committing_or_in_doubt_is_not_paired_and_comes_back_when_free(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    struct ticket *ann = put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1000, 1, 1);
    mirror_mark(stage.mirror, ann, TICKET_DOUBTFUL);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "");
    mirror_mark(stage.mirror, ann, TICKET_FREE);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ann-ben");
    assert_string_equal(pairs_at(&stage, 10, true, 10), "");
    mirror_mark(stage.mirror, ann, TICKET_FREE);
    mirror_mark(stage.mirror, mirror_find(stage.mirror, "ben"), TICKET_FREE);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ann-ben");
    close_stage(&stage);
}

static void newer_facts_replace_older_ones(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1010, 1, 1);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ann-ben");
    struct ticket *ben = put(&stage, "ben", 3000, 1, 2); /* free again, and with another rating */
    put(&stage, "cy", 3001, 5, 1);
    assert_int_equal(ben->state, TICKET_FREE);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ben-cy");
    close_stage(&stage);
}

static void who_leaves_is_not_paired_and_a_cleared_mirror_starts_anew(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1000, 1, 1);
    mirror_remove(stage.mirror, "ben");
    assert_string_equal(pairs_at(&stage, 10, true, 10), "");
    put(&stage, "cy", 1200, 1, 1);
    mirror_clear(stage.mirror);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "");
    assert_true(queue_policy_next_ms(stage.policy) == QUEUE_NEVER_MS);
    put(&stage, "dee", 1000, 2, 1);
    put(&stage, "eve", 1000, 3, 1);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "dee-eve");
    close_stage(&stage);
}

static void who_cannot_be_read_is_put_to_a_commit_whatever_the_rating(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    struct ticket *damaged = put(&stage, "damaged", 0, 0, 0);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "");
    struct ticket *ann = put(&stage, "ann", 1500, 1, 1);
    put(&stage, "ben", 1500, 2, 1);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "damaged-ann");
    mirror_mark(stage.mirror, damaged, TICKET_DOUBTFUL);
    mirror_mark(stage.mirror, ann, TICKET_FREE);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ann-ben");
    put(&stage, "damaged", 1500, 0, 7); /* readable again */
    put(&stage, "cy", 1500, 9, 1);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "damaged-cy");
    close_stage(&stage);
}

static void who_finds_no_room_comes_in_when_there_is_some(void **state)
{
    (void)state;
    struct matcher_rules rules = plain_rules();
    rules.capacity_max = 2;
    struct stage stage = open_stage(queue_policy_open_ranked(&rules));
    put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1000, 1, 1);
    struct ticket *cy = put(&stage, "cy", 5000, 2, 1);
    put(&stage, "dee", 5000, 3, 1);
    assert_int_equal(queue_policy_half_window(stage.policy, cy, START_MS), QUEUE_NO_WINDOW);
    assert_string_equal(pairs_at(&stage, 10, true, 10), "ann-ben");
    assert_string_equal(pairs_at(&stage, 10, true, 10), "");
    mirror_remove(stage.mirror, "ann");
    mirror_remove(stage.mirror, "ben");
    assert_string_equal(pairs_at(&stage, 10, true, 10), "cy-dee");
    close_stage(&stage);
}

static void the_expected_wait_follows_the_arrivals_near_the_rating(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    assert_int_equal(queue_policy_expected_wait_ms(stage.policy, 1000, START_MS), QUEUE_WAIT_UNKNOWN);
    for (int i = 0; i < 600; i++) queue_policy_note_arrival(stage.policy, 1000, START_MS + 100 * i);
    put(&stage, "ann", 1000, 0, 1);
    mirror_clear(stage.mirror); /* a rebuild forgets waiters, not arrivals */
    int64_t near_ms = queue_policy_expected_wait_ms(stage.policy, 1000, START_MS + 60000);
    int64_t far_ms = queue_policy_expected_wait_ms(stage.policy, 1120, START_MS + 60000);
    assert_in_range(near_ms, 1, 1000);
    assert_true(far_ms > near_ms);
    assert_int_equal(queue_policy_expected_wait_ms(stage.policy, 9000, START_MS + 60000), QUEUE_WAIT_UNKNOWN);
    close_stage(&stage);
}

static void absurd_ratings_are_bounded(void **state)
{
    (void)state;
    struct stage stage = open_ranked();
    put(&stage, "ann", INT64_C(9999999999999999), 0, 1);
    put(&stage, "ben", MATCHER_RATING_MAX, 1, 1);
    assert_string_equal(pairs_at(&stage, 0, true, 10), "ann-ben");
    queue_policy_note_arrival(stage.policy, INT64_C(9999999999999999), START_MS);
    close_stage(&stage);
}

/* ---- party --------------------------------------------------------------------------------------- */

static void parties_are_found_behind_a_crowd_of_solo_players(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_party());
    assert_int_equal(queue_policy_members(stage.policy), 4);
    char name[8];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "s%02d", i);
        put(&stage, name, 1000, i, 1);
    }
    put_party(&stage, "cy", "dee", 200);
    put_party(&stage, "ann", "ben", 201);
    assert_string_equal(pairs_at(&stage, 300, true, 2), "cy-dee-ann-ben s00-s01-s02-s03");
    assert_string_equal(pairs_at(&stage, 300, true, 1), "s04-s05-s06-s07");
    assert_true(queue_policy_next_ms(stage.policy) == QUEUE_NEVER_MS);
    assert_int_equal(queue_policy_half_window(stage.policy, mirror_find(stage.mirror, "cy"), START_MS),
                     QUEUE_NO_WINDOW);
    assert_int_equal(queue_policy_expected_wait_ms(stage.policy, 1000, START_MS), QUEUE_WAIT_UNKNOWN);
    close_stage(&stage);
}

static void a_party_is_proposed_only_whole_and_free(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_party());
    put_party(&stage, "ann", "ben", 0);
    put(&stage, "s1", 1000, 1, 1);
    put(&stage, "s2", 1000, 2, 1);
    for (int i = 0; i < 2; i++) {
        struct ticket *half = mirror_find(stage.mirror, i == 0 ? "ann" : "ben");
        mirror_mark(stage.mirror, half, TICKET_DOUBTFUL);
        assert_string_equal(pairs_at(&stage, 10, true, 9), "");
        mirror_mark(stage.mirror, half, TICKET_FREE);
    }
    mirror_remove(stage.mirror, "ben");
    assert_string_equal(pairs_at(&stage, 10, true, 9), "");
    put_mate(&stage, "ben", "ann", 5, 1); /* he is back, at another place */
    assert_string_equal(pairs_at(&stage, 10, true, 9), "");
    put_mate(&stage, "ben", "cy", 0, 2);
    assert_string_equal(pairs_at(&stage, 10, true, 9), "");
    put_mate(&stage, "ben", "ann", 0, 3);
    assert_string_equal(pairs_at(&stage, 10, true, 9), "ann-ben-s1-s2");
    close_stage(&stage);
}

static void waiters_not_read_yet_wait_for_the_rest_of_the_mirror(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_party());
    put_party(&stage, "ann", "ben", 0);
    put_party(&stage, "cy", "dee", 50);
    struct queue_match matches[QUEUE_MATCHES_MAX];
    struct queue_view view = {stage.mirror, START_MS + 60, START_MS + 49, false};
    assert_int_equal(queue_policy_matches(stage.policy, &view, matches, 9), 0);
    view.until_ms = START_MS + 50;
    assert_int_equal(queue_policy_matches(stage.policy, &view, matches, 9), 1);
    close_stage(&stage);
}

static void newer_facts_move_a_waiter_between_solo_and_party(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_party());
    put(&stage, "ann", 1000, 0, 1);
    put(&stage, "ben", 1000, 0, 1);
    put(&stage, "s1", 1000, 1, 1);
    put(&stage, "s2", 1000, 2, 1);
    put_mate(&stage, "ben", "ann", 3, 2);
    put_mate(&stage, "ann", "ben", 3, 2);
    assert_string_equal(pairs_at(&stage, 10, true, 9), "s1-s2-ann-ben");
    put(&stage, "ann", 1000, 9, 3);
    put(&stage, "ben", 1000, 8, 3);
    mirror_mark(stage.mirror, mirror_find(stage.mirror, "s1"), TICKET_FREE);
    mirror_mark(stage.mirror, mirror_find(stage.mirror, "s2"), TICKET_FREE);
    assert_string_equal(pairs_at(&stage, 10, true, 9), "s1-s2-ben-ann");
    mirror_clear(stage.mirror);
    assert_string_equal(pairs_at(&stage, 10, true, 9), "");
    close_stage(&stage);
}

/* How many strays there are, and the first. */
static size_t strays_of(const struct stage *stage, const char **first)
{
    struct ticket *strays[8];
    size_t count = mirror_strays(stage->mirror, strays, ARRAY_LENGTH(strays));
    *first = count == 0 ? "" : strays[0]->player_id;
    return count;
}

static void who_waits_for_a_mate_that_does_not_is_a_stray(void **state)
{
    (void)state;
    const char *first;
    struct stage stage = open_stage(queue_policy_open_party());
    put(&stage, "solo", 1000, 0, 1);
    assert_int_equal(strays_of(&stage, &first), 0);
    put_mate(&stage, "ann", "ben", 1, 1);
    assert_int_equal(strays_of(&stage, &first), 1);
    assert_string_equal(first, "ann");
    struct ticket *ben = put_mate(&stage, "ben", "ann", 1, 1);
    assert_int_equal(strays_of(&stage, &first), 0);
    assert_string_equal(ben->mate->player_id, "ann");
    assert_ptr_equal(ben->mate->mate, ben);
    put_mate(&stage, "ben", "ann", 1, 2);
    assert_int_equal(strays_of(&stage, &first), 0);
    put_mate(&stage, "ann", "cy", 1, 2);
    assert_int_equal(strays_of(&stage, &first), 2);
    put_mate(&stage, "cy", "cy", 1, 2); /* nobody is his own mate */
    assert_int_equal(strays_of(&stage, &first), 3);
    mirror_remove(stage.mirror, "cy");
    mirror_remove(stage.mirror, "ann");
    assert_int_equal(strays_of(&stage, &first), 1);
    assert_string_equal(first, "ben");
    struct ticket *strays[1];
    put_mate(&stage, "dee", "eve", 9, 1);
    assert_int_equal(mirror_strays(stage.mirror, strays, 1), 1);
    assert_string_equal(strays[0]->player_id, "ben");
    mirror_clear(stage.mirror);
    assert_int_equal(strays_of(&stage, &first), 0);
    put_party(&stage, "ann", "ben", 1);
    assert_int_equal(strays_of(&stage, &first), 0);
    mirror_remove(stage.mirror, "ann");
    assert_int_equal(strays_of(&stage, &first), 1);
    close_stage(&stage);
}

/* ---- options ------------------------------------------------------------------------------------- */

static void each_of_two_gets_half_of_the_width(void **state)
{
    (void)state;
    struct matcher_rules rules = plain_rules();
    assert_int_equal(rules.point_count, 3);
    const int32_t expected[][2] = {{0, 25}, {30000, 50}, {120000, 150}};
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(rules.curve[i].age_ms, expected[i][0]);
        assert_int_equal(rules.curve[i].half_window, expected[i][1]);
        assert_int_equal(ranked_rules_width(&rules, i), 2 * expected[i][1]);
    }
}

static void wrong_windows_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"", "not a list"},
        {"50", "not a list"},
        {"0:", "not a list"},
        {"0:50,", "not a list"},
        {"0:50 30000:100", "not a list"},
        {"0:-50", "not a list"},
        {"0:9999999999", "not a list"},
        {"0:51", "even"},
        {"5:50", "age 0"},
        {"0:50,0:60", "ages must grow"},
        {"0:50,1000:40", "narrower"},
        {"0:99998", "half_window outside"},
        {"0:50,99999999:60", "above a day"},
        {"0:2,1:2,2:2,3:2,4:2,5:2,6:2,7:2,8:2", "more than 8"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct matcher_rules rules;
        const char *problem = ranked_rules_read(wrong[i][0], 5, 3000, &rules);
        assert_non_null(problem);
        assert_non_null(strstr(problem, wrong[i][1]));
    }
    struct matcher_rules rules;
    assert_null(ranked_rules_read("0:2,1:2,2:2,3:2,4:2,5:2,6:2,7:2", 5, 3000, &rules));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_come_pairs_by_time_and_knows_no_windows),
        cmocka_unit_test(first_come_gives_at_most_what_was_asked_for),
        cmocka_unit_test(ranked_pairs_the_nearest_ratings_and_the_longer_waiter_first),
        cmocka_unit_test(two_newcomers_meet_up_to_the_first_width),
        cmocka_unit_test(a_window_that_opens_by_waiting_has_its_time),
        cmocka_unit_test(nobody_is_paired_before_everybody_has_been_read),
        cmocka_unit_test(who_is_committing_or_in_doubt_is_not_paired_and_comes_back_when_free),
        cmocka_unit_test(newer_facts_replace_older_ones),
        cmocka_unit_test(who_leaves_is_not_paired_and_a_cleared_mirror_starts_anew),
        cmocka_unit_test(who_cannot_be_read_is_put_to_a_commit_whatever_the_rating),
        cmocka_unit_test(who_finds_no_room_comes_in_when_there_is_some),
        cmocka_unit_test(the_expected_wait_follows_the_arrivals_near_the_rating),
        cmocka_unit_test(absurd_ratings_are_bounded),
        cmocka_unit_test(parties_are_found_behind_a_crowd_of_solo_players),
        cmocka_unit_test(a_party_is_proposed_only_whole_and_free),
        cmocka_unit_test(waiters_not_read_yet_wait_for_the_rest_of_the_mirror),
        cmocka_unit_test(newer_facts_move_a_waiter_between_solo_and_party),
        cmocka_unit_test(who_waits_for_a_mate_that_does_not_is_a_stray),
        cmocka_unit_test(each_of_two_gets_half_of_the_width),
        cmocka_unit_test(wrong_windows_are_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
