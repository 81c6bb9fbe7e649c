/* Two against two: parties and solo players, against a model that tries everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"
#include "match_server/matcher_party.h"

enum { TICKETS_MAX = 256, LOOK_AHEAD = MATCHER_PARTY_LOOK_AHEAD, PLAYERS = PARTY_MATCH_PLAYERS };

struct queue {
    struct ticket tickets[TICKETS_MAX];
    struct ticket *parties[TICKETS_MAX], *solos[TICKETS_MAX];
    bool taken[2 * TICKETS_MAX];
    struct party_match matches[TICKETS_MAX];
    size_t ticket_count, party_count, solo_count;
    int64_t now_ms;
};

static int64_t below(struct rng *rng, int64_t bound)
{
    return (int64_t)rng_below(rng, (uint64_t)bound);
}

static struct ticket *add_ticket(struct queue *queue, const char *player, int64_t rating)
{
    assert_true(queue->ticket_count < TICKETS_MAX);
    struct ticket *ticket = &queue->tickets[queue->ticket_count++];
    *ticket = (struct ticket){.q_ms = queue->now_ms, .rating = rating, .version = 1, .state = TICKET_FREE};
    text_copy(ticket->player_id, sizeof ticket->player_id, player);
    ticket->player = ticket_hash(bytes_of_text(player));
    return ticket;
}

static struct ticket *solo(struct queue *queue, const char *player, int64_t rating)
{
    queue->now_ms++;
    return queue->solos[queue->solo_count++] = add_ticket(queue, player, rating);
}

static struct ticket *party(struct queue *queue, const char *one, const char *other, int64_t rating,
                            int64_t others)
{
    queue->now_ms++;
    struct ticket *ticket = add_ticket(queue, one, rating), *mate = add_ticket(queue, other, others);
    ticket->mate = mate;
    mate->mate = ticket;
    text_copy(ticket->mate_id, sizeof ticket->mate_id, other);
    text_copy(mate->mate_id, sizeof mate->mate_id, one);
    return queue->parties[queue->party_count++] = ticket;
}

static size_t run(struct queue *queue, bool complete, size_t max)
{
    struct party_waiting waiting = {queue->parties, queue->solos, queue->party_count, queue->solo_count,
                                    complete};
    return matcher_party(&waiting, queue->taken, queue->matches, max);
}

/* The matches as a text: "ann+ben:cy+dee eve+..." */
static const char *matches_of(struct queue *queue, bool complete, size_t max)
{
    static char text[1024];
    size_t count = run(queue, complete, max), length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        struct ticket *const *members = queue->matches[i].members;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s+%s:%s+%s", i == 0 ? "" : " ",
                                   members[0]->player_id, members[1]->player_id, members[2]->player_id,
                                   members[3]->player_id);
    }
    return text;
}

#define EXPECT(queue, text) assert_string_equal(matches_of((queue), true, TICKETS_MAX), (text))

/* ---- who meets whom ------------------------------------------------------------------------------ */

static void two_parties_meet_and_the_longer_waiter_is_first(void **state)
{
    (void)state;
    struct queue queue = {0};
    party(&queue, "cy", "dee", 1000, 1000);
    party(&queue, "ann", "ben", 5000, 100);
    EXPECT(&queue, "cy+dee:ann+ben");
}

static void a_party_meets_the_nearest_average_within_the_look_ahead(void **state)
{
    (void)state;
    struct queue queue = {0};
    char one[16], other[16];
    party(&queue, "ann", "ben", 1000, 1200);
    for (int i = 0; i < LOOK_AHEAD; i++) {
        snprintf(one, sizeof one, "a%d", i);
        snprintf(other, sizeof other, "b%d", i);
        party(&queue, one, other, 2000 - 100 * i, 2000);
    }
    party(&queue, "late", "later", 1100, 1100); /* as good as can be, and out of sight */
    assert_string_equal(matches_of(&queue, true, 1), "ann+ben:a7+b7");
    queue.parties[3]->rating = 5;
    queue.parties[3]->mate->rating = 2196;
    assert_string_equal(matches_of(&queue, true, 1), "ann+ben:a2+b2");
}

static void equally_near_parties_are_taken_in_order(void **state)
{
    (void)state;
    struct queue queue = {0};
    party(&queue, "ann", "ben", 1000, 1000);
    party(&queue, "cy", "dee", 1100, 1000);
    party(&queue, "eve", "fay", 900, 1000);
    assert_string_equal(matches_of(&queue, true, 1), "ann+ben:cy+dee");
}

static void a_party_alone_is_completed_with_the_longest_waiting_and_who_fits_him(void **state)
{
    (void)state;
    struct queue queue = {0};
    solo(&queue, "s1", 1000);
    solo(&queue, "s2", 1000);
    solo(&queue, "s3", 2100);
    party(&queue, "ann", "ben", 1500, 1500);
    EXPECT(&queue, "s1+s3:ann+ben");
}

static void fewer_than_four_wait(void **state)
{
    (void)state;
    struct queue queue = {0};
    party(&queue, "ann", "ben", 1000, 1000);
    EXPECT(&queue, "");
    solo(&queue, "s1", 1000);
    EXPECT(&queue, "");
    queue.party_count = 0;
    solo(&queue, "s2", 1000);
    solo(&queue, "s3", 1000);
    EXPECT(&queue, "");
}

static void parties_are_placed_before_solo_players(void **state)
{
    (void)state;
    struct queue queue = {0};
    for (int i = 0; i < 5; i++) solo(&queue, (char[]){'s', (char)('1' + i), '\0'}, 1000);
    party(&queue, "ann", "ben", 1000, 1000);
    EXPECT(&queue, "s1+s2:ann+ben");
    party(&queue, "cy", "dee", 1000, 1000);
    EXPECT(&queue, "ann+ben:cy+dee s1+s2:s3+s4");
}

static void four_solo_players_are_parted_most_evenly(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 7);
    for (int turn = 0; turn < 2000; turn++) {
        struct queue queue = {0};
        int64_t r[PLAYERS];
        for (size_t i = 0; i < PLAYERS; i++) {
            r[i] = below(&rng, turn % 2 == 0 ? 4000 : 5);
            solo(&queue, (char[]){(char)('a' + i), '\0'}, r[i]);
        }
        assert_int_equal(run(&queue, true, 1), 1);
        struct ticket *const *m = queue.matches[0].members;
        int64_t made = llabs(m[0]->rating + m[1]->rating - m[2]->rating - m[3]->rating);
        int64_t all[] = {llabs(r[0] + r[1] - r[2] - r[3]), llabs(r[0] + r[2] - r[1] - r[3]),
                         llabs(r[0] + r[3] - r[1] - r[2])};
        for (size_t i = 0; i < ARRAY_LENGTH(all); i++) assert_true(made <= all[i]);
        assert_ptr_equal(m[0], queue.solos[0]);
        assert_true(m[0]->q_ms < m[1]->q_ms && m[2]->q_ms < m[3]->q_ms);
    }
}

static void no_more_matches_than_were_asked_for(void **state)
{
    (void)state;
    struct queue queue = {0};
    char one[16], other[16];
    for (int i = 0; i < 12; i++) {
        snprintf(one, sizeof one, "a%02d", i);
        snprintf(other, sizeof other, "b%02d", i);
        party(&queue, one, other, 1000, 1000);
        solo(&queue, one, 1000);
    }
    for (size_t max = 0; max < 9; max++) assert_int_equal(run(&queue, true, max), max);
    assert_int_equal(run(&queue, true, TICKETS_MAX), 9);
}

/* ---- conflicts ----------------------------------------------------------------------------------- */

static void two_of_one_device_never_meet_but_may_be_a_party(void **state)
{
    (void)state;
    struct queue queue = {0};
    struct ticket *ann = party(&queue, "ann", "ben", 1000, 1000);
    ann->device = ann->mate->device = 7;
    struct ticket *cy = party(&queue, "cy", "dee", 1000, 1000);
    EXPECT(&queue, "ann+ben:cy+dee");
    cy->mate->device = 7;
    EXPECT(&queue, "");
    struct ticket *s1 = solo(&queue, "s1", 1000);
    s1->device = 7;
    solo(&queue, "s2", 1000);
    EXPECT(&queue, "");
    solo(&queue, "s3", 1000);
    EXPECT(&queue, "ann+ben:s2+s3");
    queue.party_count = 0;
    struct ticket *s4 = solo(&queue, "s4", 1000);
    s4->device = 7;
    EXPECT(&queue, "");
    solo(&queue, "s5", 1000);
    EXPECT(&queue, "s1+s2:s3+s5");
}

static void last_opponents_meet_again_only_if_nobody_else_waits(void **state)
{
    (void)state;
    struct queue queue = {0};
    struct ticket *ann = party(&queue, "ann", "ben", 1000, 1000);
    struct ticket *cy = party(&queue, "cy", "dee", 1000, 1000);
    ann->opponents[1] = cy->mate->player;
    assert_string_equal(matches_of(&queue, false, 9), ""); /* perhaps somebody stands behind */
    EXPECT(&queue, "ann+ben:cy+dee");
    solo(&queue, "s1", 1000);
    solo(&queue, "s2", 1000);
    EXPECT(&queue, "ann+ben:s1+s2");
    party(&queue, "eve", "fay", 9000, 9000);
    EXPECT(&queue, "ann+ben:eve+fay cy+dee:s1+s2");
}

static void solo_players_do_not_play_with_their_last_opponents_while_others_wait(void **state)
{
    (void)state;
    struct queue queue = {0};
    struct ticket *s1 = solo(&queue, "s1", 1000), *s2 = solo(&queue, "s2", 1000);
    s2->opponents[0] = s1->player;
    solo(&queue, "s3", 1000);
    solo(&queue, "s4", 1000);
    EXPECT(&queue, "s1+s2:s3+s4");
    solo(&queue, "s5", 1000);
    EXPECT(&queue, "s1+s3:s4+s5");
}

/* ---- nobody waits for ever ----------------------------------------------------------------------- */

static void parties_that_came_much_later_are_completed_with_who_waits(void **state)
{
    (void)state;
    struct queue queue = {0};
    struct ticket *s1 = solo(&queue, "s1", 1000);
    solo(&queue, "s2", 1000);
    party(&queue, "ann", "ben", 1000, 1000);
    party(&queue, "cy", "dee", 1000, 1000);
    EXPECT(&queue, "ann+ben:cy+dee");
    s1->q_ms = queue.parties[0]->q_ms - MATCHER_PARTY_PATIENCE_MS;
    EXPECT(&queue, "ann+ben:cy+dee");
    s1->q_ms--;
    EXPECT(&queue, "s1+s2:ann+ben");
    queue.solo_count = 1; /* too few to complete a party with */
    EXPECT(&queue, "ann+ben:cy+dee");
}

/* Players come and are matched at once; who is matched leaves. */
struct stream {
    struct queue queue;
    size_t overtaken_parties[TICKETS_MAX], overtaken_solos[TICKETS_MAX]; /* of who waits, in order */
};

static size_t drop_taken(struct ticket **list, size_t *overtaken, const bool *taken, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (taken[i]) continue;
        overtaken[kept] = overtaken[i];
        for (size_t k = i + 1; k < count; k++) overtaken[kept] += taken[k];
        list[kept++] = list[i];
    }
    return kept;
}

static void settle(struct stream *stream)
{
    struct queue *queue = &stream->queue;
    const bool *solo_taken = queue->taken + queue->party_count;
    queue->solo_count = drop_taken(queue->solos, stream->overtaken_solos, solo_taken, queue->solo_count);
    queue->party_count =
        drop_taken(queue->parties, stream->overtaken_parties, queue->taken, queue->party_count);
    for (size_t i = 0; i < queue->party_count; i++) assert_true(stream->overtaken_parties[i] <= LOOK_AHEAD);
    for (size_t i = 0; i < queue->solo_count; i++) assert_true(stream->overtaken_solos[i] <= LOOK_AHEAD);
}

/* Tickets of those who have left are used again, or the stream would end soon. */
static void forget_tickets(struct stream *stream)
{
    struct queue old = stream->queue, *queue = &stream->queue;
    queue->ticket_count = queue->party_count = queue->solo_count = 0;
    for (size_t i = 0; i < old.party_count; i++) {
        struct ticket one = *old.parties[i], other = *old.parties[i]->mate;
        struct ticket *again = party(queue, one.player_id, other.player_id, one.rating, other.rating);
        again->q_ms = again->mate->q_ms = one.q_ms;
    }
    for (size_t i = 0; i < old.solo_count; i++) {
        struct ticket one = *old.solos[i];
        solo(queue, one.player_id, one.rating)->q_ms = one.q_ms;
    }
    queue->now_ms = old.now_ms;
}

static void at_most_the_look_ahead_of_ones_own_kind_overtakes_anybody(void **state)
{
    (void)state;
    static struct stream stream;
    struct rng rng;
    rng_init(&rng, 3);
    unsigned name = 0;
    size_t worst = 0;
    for (int turn = 0; turn < 4000; turn++) {
        /* Crowds that wait for their turn, a few matches at a time: then there is somebody to overtake. */
        for (int64_t comers = below(&rng, 9); comers > 0 && stream.queue.ticket_count + 2 < TICKETS_MAX / 2;
             comers--) {
            char one[16], other[16];
            snprintf(one, sizeof one, "p%06u", name++);
            snprintf(other, sizeof other, "p%06u", name++);
            if (below(&rng, 2) == 0) {
                stream.overtaken_parties[stream.queue.party_count] = 0;
                party(&stream.queue, one, other, below(&rng, 3000), below(&rng, 3000));
            } else {
                stream.overtaken_solos[stream.queue.solo_count] = 0;
                solo(&stream.queue, one, below(&rng, 3000));
            }
        }
        run(&stream.queue, true, (size_t)(1 + below(&rng, 2)));
        settle(&stream);
        for (size_t i = 0; i < stream.queue.party_count; i++) {
            if (stream.overtaken_parties[i] > worst) worst = stream.overtaken_parties[i];
        }
        forget_tickets(&stream);
    }
    assert_in_range(worst, 3, LOOK_AHEAD); /* the stream does make parties overtake each other */
}

static void parties_that_come_in_pairs_for_ever_do_not_starve_two_solo_players(void **state)
{
    (void)state;
    static struct stream stream;
    struct queue *queue = &stream.queue;
    solo(queue, "s1", 1000);
    solo(queue, "s2", 9000);
    unsigned pairs = 0;
    while (queue->solo_count > 0) {
        assert_true(queue->now_ms <= MATCHER_PARTY_PATIENCE_MS + 1100);
        queue->now_ms += 1000;
        for (int i = 0; i < 2; i++) {
            char one[16], other[16];
            snprintf(one, sizeof one, "a%u", pairs);
            snprintf(other, sizeof other, "b%u", pairs++);
            party(queue, one, other, 1000, 1000);
        }
        assert_true(run(queue, true, TICKETS_MAX) > 0);
        settle(&stream);
        forget_tickets(&stream);
    }
    assert_true(pairs > 10);
}

/* ---- against a model that tries everything ------------------------------------------------------- */

static bool may_meet(const struct ticket *a, const struct ticket *b)
{
    return a->device == 0 || a->device != b->device;
}

static bool may_all_meet(struct ticket *const *a, size_t a_count, struct ticket *const *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++) {
        for (size_t k = 0; k < b_count; k++) {
            if (!may_meet(a[i], b[k])) return false;
        }
    }
    return true;
}

static void fill_random(struct queue *queue, struct rng *rng)
{
    int64_t parties = below(rng, LOOK_AHEAD), solos = below(rng, LOOK_AHEAD);
    int64_t devices = 2 + below(rng, 6);
    char one[16], other[16];
    for (int64_t left = parties + solos; left > 0; left--) {
        bool is_party = below(rng, left) < parties;
        snprintf(one, sizeof one, "p%d", (int)left);
        snprintf(other, sizeof other, "q%d", (int)left);
        if (is_party) {
            party(queue, one, other, below(rng, 3000), below(rng, 3000));
            parties--;
        } else {
            solo(queue, one, below(rng, 3000));
            solos--;
        }
    }
    for (size_t i = 0; i < queue->ticket_count; i++) {
        struct ticket *ticket = &queue->tickets[i];
        if (below(rng, 3) == 0) ticket->device = (uint64_t)(1 + below(rng, devices));
        if (below(rng, 3) == 0)
            ticket->opponents[below(rng, 2)] =
                queue->tickets[below(rng, (int64_t)queue->ticket_count)].player;
        if (below(rng, 9) == 0) ticket->q_ms -= 2 * MATCHER_PARTY_PATIENCE_MS;
    }
}

static void check_match(const struct party_match *match)
{
    struct ticket *const *m = match->members;
    for (size_t side = 0; side < PLAYERS; side += 2) {
        assert_true((m[side]->mate == NULL) == (m[side + 1]->mate == NULL));
        if (m[side]->mate != NULL) {
            assert_ptr_equal(m[side]->mate, m[side + 1]);
        } else {
            assert_true(may_meet(m[side], m[side + 1]));
        }
    }
    assert_true(may_all_meet(m, 2, m + 2, 2));
    assert_true(m[0]->q_ms <= m[2]->q_ms);
}

static void check_nobody_twice(const struct queue *queue, size_t count)
{
    size_t marked = 0;
    for (size_t i = 0; i < queue->party_count; i++) marked += 2 * (size_t)queue->taken[i];
    for (size_t i = 0; i < queue->solo_count; i++) marked += queue->taken[queue->party_count + i];
    assert_int_equal(marked, PLAYERS * count);
    for (size_t i = 0; i < PLAYERS * count; i++) {
        const struct ticket *ticket = queue->matches[i / PLAYERS].members[i % PLAYERS];
        for (size_t k = 0; k < i; k++)
            assert_ptr_not_equal(ticket, queue->matches[k / PLAYERS].members[k % PLAYERS]);
    }
}

/* What is left, smallest first. */
static size_t left_of(struct ticket *const *list, const bool *taken, size_t count, struct ticket **out)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (!taken[i]) out[left++] = list[i];
    }
    return left;
}

static void check_party_is_stuck(struct ticket *party_left, struct ticket *const *solos, size_t solo_count)
{
    struct ticket *team[] = {party_left, party_left->mate};
    for (size_t i = 0; i < solo_count; i++) {
        for (size_t k = i + 1; k < solo_count; k++) {
            struct ticket *other[] = {solos[i], solos[k]};
            assert_false(may_meet(solos[i], solos[k]) && may_all_meet(team, 2, other, 2));
        }
    }
}

static void check_solos_are_stuck(struct ticket *const *s, size_t count)
{
    for (uint32_t set = 0; set < 1u << count; set++) {
        if (__builtin_popcount(set) != PLAYERS) continue;
        bool fits = true;
        for (size_t i = 0; i < count; i++) {
            for (size_t k = i + 1; k < count; k++) {
                if ((set >> i & 1) != 0 && (set >> k & 1) != 0 && !may_meet(s[i], s[k])) fits = false;
            }
        }
        assert_false(fits);
    }
}

static void check_nobody_left_could_play(const struct queue *queue)
{
    struct ticket *parties[TICKETS_MAX], *solos[TICKETS_MAX];
    size_t party_count = left_of(queue->parties, queue->taken, queue->party_count, parties);
    size_t solo_count = left_of(queue->solos, queue->taken + queue->party_count, queue->solo_count, solos);
    for (size_t i = 0; i < party_count; i++) {
        check_party_is_stuck(parties[i], solos, solo_count);
        for (size_t k = i + 1; k < party_count; k++) {
            struct ticket *team[] = {parties[i], parties[i]->mate}, *other[] = {parties[k], parties[k]->mate};
            assert_false(may_all_meet(team, 2, other, 2));
        }
    }
    check_solos_are_stuck(solos, solo_count);
}

static void after_a_pass_nobody_who_could_play_is_left_and_nobody_plays_twice(void **state)
{
    (void)state;
    static struct queue queue;
    static struct party_match before[TICKETS_MAX];
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct rng rng;
        rng_init(&rng, seed);
        queue = (struct queue){.now_ms = 1000000};
        fill_random(&queue, &rng);
        size_t count = run(&queue, true, TICKETS_MAX);
        for (size_t i = 0; i < count; i++) check_match(&queue.matches[i]);
        check_nobody_twice(&queue, count);
        check_nobody_left_could_play(&queue);
        memcpy(before, queue.matches, sizeof before);
        assert_int_equal(run(&queue, true, TICKETS_MAX), count);
        assert_memory_equal(before, queue.matches, count * sizeof before[0]);
    }
}

/* Everybody in conflict with everybody is the most work there is. */
static void a_crowd_of_one_device_costs_no_more_than_its_length(void **state)
{
    (void)state;
    enum { CROWD = 200000 };
    struct ticket *tickets = memory_new(3 * CROWD * sizeof *tickets);
    struct ticket **parties = memory_new(CROWD * sizeof *parties),
                  **solos = memory_new(CROWD * sizeof *solos);
    bool *taken = memory_new(2 * CROWD);
    struct party_match *matches = memory_new(CROWD * sizeof *matches);
    for (size_t i = 0; i < CROWD; i++) {
        for (size_t k = 0; k < 3; k++) tickets[3 * i + k] = (struct ticket){.q_ms = (int64_t)i, .device = 1};
        parties[i] = &tickets[3 * i];
        parties[i]->mate = &tickets[3 * i + 1];
        solos[i] = &tickets[3 * i + 2];
    }
    struct party_waiting waiting = {parties, solos, CROWD, CROWD, true};
    assert_int_equal(matcher_party(&waiting, taken, matches, CROWD), 0);
    for (size_t i = 0; i < 3 * CROWD; i++) tickets[i].device = 0;
    assert_int_equal(matcher_party(&waiting, taken, matches, CROWD), CROWD / 2 + CROWD / 4);
    free(matches);
    free(taken);
    free(solos);
    free(parties);
    free(tickets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_parties_meet_and_the_longer_waiter_is_first),
        cmocka_unit_test(a_party_meets_the_nearest_average_within_the_look_ahead),
        cmocka_unit_test(equally_near_parties_are_taken_in_order),
        cmocka_unit_test(a_party_alone_is_completed_with_the_longest_waiting_and_who_fits_him),
        cmocka_unit_test(fewer_than_four_wait),
        cmocka_unit_test(parties_are_placed_before_solo_players),
        cmocka_unit_test(four_solo_players_are_parted_most_evenly),
        cmocka_unit_test(no_more_matches_than_were_asked_for),
        cmocka_unit_test(two_of_one_device_never_meet_but_may_be_a_party),
        cmocka_unit_test(last_opponents_meet_again_only_if_nobody_else_waits),
        cmocka_unit_test(solo_players_do_not_play_with_their_last_opponents_while_others_wait),
        cmocka_unit_test(parties_that_came_much_later_are_completed_with_who_waits),
        cmocka_unit_test(at_most_the_look_ahead_of_ones_own_kind_overtakes_anybody),
        cmocka_unit_test(parties_that_come_in_pairs_for_ever_do_not_starve_two_solo_players),
        cmocka_unit_test(after_a_pass_nobody_who_could_play_is_left_and_nobody_plays_twice),
        cmocka_unit_test(a_crowd_of_one_device_costs_no_more_than_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
