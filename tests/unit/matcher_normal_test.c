/* First come, first served, with its look-ahead; and the mirror it reads from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/rng.h"
#include "match_server/matcher_normal.h"
#include "match_server/mirror.h"

enum { TICKETS_MAX = 64 };

struct queue {
    struct ticket tickets[TICKETS_MAX];
    struct ticket *waiting[TICKETS_MAX];
    bool taken[TICKETS_MAX];
    struct pairing pairs[TICKETS_MAX];
    size_t count;
};

static struct ticket make_ticket(const char *player, const char *opponent, const char *device, int64_t q_ms)
{
    struct ticket ticket = {.q_ms = q_ms, .version = 1, .state = TICKET_FREE};
    text_copy(ticket.player_id, sizeof ticket.player_id, player);
    ticket.player = ticket_hash(bytes_of_text(player));
    ticket.opponents[0] = ticket_hash(bytes_of_text(opponent));
    ticket.device = ticket_hash(bytes_of_text(device));
    return ticket;
}

static void add(struct queue *queue, const char *player, const char *opponent, const char *device)
{
    queue->tickets[queue->count] = make_ticket(player, opponent, device, (int64_t)queue->count);
    queue->waiting[queue->count] = &queue->tickets[queue->count];
    queue->count++;
}

/* The pairs as a text: "ann-ben cy-dee". */
static const char *pairs_of(struct queue *queue, bool complete, size_t max)
{
    static char text[1024];
    size_t count = matcher_normal(queue->waiting, queue->count, complete, queue->taken, queue->pairs, max);
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s-%s", i == 0 ? "" : " ",
                                   queue->tickets[queue->pairs[i].members[0]].player_id,
                                   queue->tickets[queue->pairs[i].members[1]].player_id);
    }
    return text;
}

static void nobody_and_one_make_no_match(void **state)
{
    (void)state;
    struct queue queue = {.count = 0};
    assert_string_equal(pairs_of(&queue, true, 8), "");
    add(&queue, "ann", "", "");
    assert_string_equal(pairs_of(&queue, true, 8), "");
}

static void the_longest_waiting_play_first_and_the_odd_one_stays(void **state)
{
    (void)state;
    struct queue queue = {.count = 0};
    for (const char *const *name = (const char *const[]){"ann", "ben", "cy", "dee", "eve", NULL}; *name;
         name++) {
        add(&queue, *name, "", "");
    }
    assert_string_equal(pairs_of(&queue, true, 8), "ann-ben cy-dee");
    assert_string_equal(pairs_of(&queue, true, 1), "ann-ben");
    assert_string_equal(pairs_of(&queue, true, 0), "");
}

static void no_rematch_while_others_wait(void **state)
{
    (void)state;
    struct queue queue = {.count = 0};
    add(&queue, "ann", "ben", "");
    add(&queue, "ben", "ann", "");
    add(&queue, "cy", "", "");
    assert_string_equal(pairs_of(&queue, true, 8), "ann-cy");
    add(&queue, "dee", "", "");
    assert_string_equal(pairs_of(&queue, true, 8), "ann-cy ben-dee");
}

static void one_sided_memory_is_enough_to_avoid_a_rematch(void **state)
{
    (void)state;
    struct queue queue = {.count = 0};
    add(&queue, "ann", "", "");
    add(&queue, "ben", "ann", "");
    add(&queue, "cy", "", "");
    assert_string_equal(pairs_of(&queue, true, 8), "ann-cy");
}

static void a_rematch_when_nobody_else_waits(void **state)
{
    (void)state;
    struct queue queue = {.count = 0};
    add(&queue, "ann", "ben", "");
    add(&queue, "ben", "ann", "");
    assert_string_equal(pairs_of(&queue, true, 8), "ann-ben");
    assert_string_equal(pairs_of(&queue, false, 8), "");
}

static void the_same_device_never_plays_itself(void **state)
{
    (void)state;
    struct queue queue = {.count = 0};
    add(&queue, "ann", "", "phone");
    add(&queue, "ben", "", "phone");
    assert_string_equal(pairs_of(&queue, true, 8), "");
    add(&queue, "cy", "", "tablet");
    assert_string_equal(pairs_of(&queue, true, 8), "ann-cy");
}

static void nobody_is_overtaken_by_more_than_the_look_ahead(void **state)
{
    (void)state;
    struct queue queue = {.count = 0};
    add(&queue, "p0", "", "phone");
    for (int i = 1; i <= MATCHER_LOOK_AHEAD; i++) {
        char name[8];
        snprintf(name, sizeof name, "p%d", i);
        add(&queue, name, "", "phone");
    }
    add(&queue, "other", "", "tablet");
    assert_string_equal(pairs_of(&queue, true, 8), "p1-other");
}

/* Oracle: after a pass no two who fit remain within sight of each other; nobody twice; order of sides. */
static void random_queues_leave_no_fitting_pair(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 7);
    for (int round = 0; round < 3000; round++) {
        struct queue queue = {.count = 0};
        size_t count = (size_t)rng_below(&rng, TICKETS_MAX);
        for (size_t i = 0; i < count; i++) {
            char name[16], opponent[16], device[16];
            snprintf(name, sizeof name, "p%d", (int)i);
            snprintf(opponent, sizeof opponent, "p%d", (int)rng_below(&rng, TICKETS_MAX));
            snprintf(device, sizeof device, "d%d", (int)rng_below(&rng, 6));
            add(&queue, name, rng_below(&rng, 2) == 0 ? "" : opponent, rng_below(&rng, 3) == 0 ? device : "");
        }
        size_t pairs =
            matcher_normal(queue.waiting, queue.count, true, queue.taken, queue.pairs, TICKETS_MAX);
        bool seen[TICKETS_MAX] = {false};
        for (size_t i = 0; i < pairs; i++) {
            const size_t *members = queue.pairs[i].members;
            assert_true(members[0] < members[1] && members[1] < queue.count);
            assert_false(seen[members[0]] || seen[members[1]]);
            seen[members[0]] = seen[members[1]] = true;
            const struct ticket *a = queue.waiting[members[0]], *b = queue.waiting[members[1]];
            assert_false(a->device != 0 && a->device == b->device);
        }
        for (size_t i = 0; i < queue.count; i++) {
            size_t looked = 0;
            if (seen[i]) continue;
            for (size_t j = i + 1; j < queue.count && looked < MATCHER_LOOK_AHEAD; j++) {
                if (seen[j]) continue;
                looked++;
                const struct ticket *a = queue.waiting[i], *b = queue.waiting[j];
                assert_true(a->device != 0 && a->device == b->device);
            }
        }
    }
}

/* ---- mirror -------------------------------------------------------------------------------------- */

static void put(struct mirror *mirror, const char *player, int64_t q_ms, int64_t version)
{
    struct ticket ticket = make_ticket(player, "", "", q_ms);
    ticket.version = version;
    mirror_put(mirror, &ticket);
}

static const char *order_of(const struct mirror *mirror, int64_t until_ms, size_t max, bool *complete)
{
    static char text[4096];
    struct ticket *waiting[256];
    size_t count = mirror_waiting(mirror, until_ms, NULL, waiting, max, complete), length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", i == 0 ? "" : " ",
                                   waiting[i]->player_id);
    }
    return text;
}

static void the_mirror_keeps_the_order_of_time_then_id(void **state)
{
    (void)state;
    bool complete;
    struct mirror *mirror = mirror_open(NULL);
    put(mirror, "dee", 20, 1);
    put(mirror, "ben", 10, 1);
    put(mirror, "ann", 10, 1);
    put(mirror, "cy", 15, 1);
    assert_string_equal(order_of(mirror, 100, 10, &complete), "ann ben cy dee");
    assert_true(complete);
    assert_string_equal(order_of(mirror, 100, 2, &complete), "ann ben");
    assert_false(complete);
    assert_string_equal(order_of(mirror, 15, 10, &complete), "ann ben cy");
    mirror_find(mirror, "ann")->state = TICKET_COMMITTING;
    mirror_find(mirror, "cy")->state = TICKET_DOUBTFUL;
    assert_string_equal(order_of(mirror, 100, 10, &complete), "ben dee");
    assert_int_equal(mirror_count(mirror), 4);
    mirror_remove(mirror, "ben");
    mirror_remove(mirror, "nobody");
    assert_null(mirror_find(mirror, "ben"));
    assert_string_equal(order_of(mirror, 100, 10, &complete), "dee");
    mirror_clear(mirror);
    assert_int_equal(mirror_count(mirror), 0);
    mirror_close(mirror);
}

static void a_newer_version_replaces_and_an_older_one_does_not(void **state)
{
    (void)state;
    struct mirror *mirror = mirror_open(NULL);
    put(mirror, "ann", 10, 5);
    mirror_find(mirror, "ann")->state = TICKET_COMMITTING;
    put(mirror, "ann", 10, 4);
    assert_int_equal(mirror_find(mirror, "ann")->version, 5);
    assert_int_equal(mirror_find(mirror, "ann")->state, TICKET_COMMITTING);
    put(mirror, "ann", 3, 6);
    assert_int_equal(mirror_find(mirror, "ann")->q_ms, 3);
    assert_int_equal(mirror_find(mirror, "ann")->state, TICKET_FREE);
    mirror_find(mirror, "ann")->state = TICKET_DOUBTFUL;
    put(mirror, "ann", 3, 2);
    assert_int_equal(mirror_find(mirror, "ann")->version, 2);
    assert_int_equal(mirror_count(mirror), 1);
    mirror_close(mirror);
}

/* Against an array sorted by qsort. */
struct known {
    char player[16];
    int64_t q_ms;
};

static int compare_known(const void *a, const void *b)
{
    const struct known *left = a, *right = b;
    if (left->q_ms != right->q_ms) return left->q_ms < right->q_ms ? -1 : 1;
    return strcmp(left->player, right->player);
}

static void random_changes_keep_the_order(void **state)
{
    (void)state;
    enum { PLAYERS = 3000, STEPS = 40000 };
    static struct known known[PLAYERS], sorted[PLAYERS];
    static struct ticket *waiting[PLAYERS];
    struct rng rng;
    rng_init(&rng, 11);
    struct mirror *mirror = mirror_open(NULL);
    for (int step = 1; step <= STEPS; step++) {
        struct known *one = &known[rng_below(&rng, PLAYERS)];
        snprintf(one->player, sizeof one->player, "p%d", (int)(one - known));
        if (one->q_ms != 0 && rng_below(&rng, 2) == 0) {
            mirror_remove(mirror, one->player);
            one->q_ms = 0;
        } else {
            one->q_ms = 1 + (int64_t)rng_below(&rng, rng_below(&rng, 2) == 0 ? 50 : 100000);
            put(mirror, one->player, one->q_ms, step);
        }
    }
    size_t count = 0;
    bool complete;
    for (size_t i = 0; i < PLAYERS; i++) {
        if (known[i].q_ms != 0) sorted[count++] = known[i];
    }
    qsort(sorted, count, sizeof sorted[0], compare_known);
    assert_int_equal(mirror_count(mirror), count);
    assert_int_equal(mirror_waiting(mirror, INT64_MAX, NULL, waiting, PLAYERS, &complete), count);
    for (size_t i = 0; i < count; i++) assert_string_equal(waiting[i]->player_id, sorted[i].player);
    mirror_close(mirror);
}

static void a_full_pass_over_many_is_quick(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    struct mirror *mirror = mirror_open(NULL);
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%d", i);
        put(mirror, name, i, 1);
    }
    struct ticket **waiting = memory_new(MANY * sizeof *waiting);
    bool *taken = memory_new(MANY), complete;
    struct pairing *pairs = memory_new(MANY * sizeof *pairs);
    int64_t start_us = clock_monotonic_us();
    size_t count = mirror_waiting(mirror, INT64_MAX, NULL, waiting, MANY, &complete);
    size_t made = matcher_normal(waiting, count, complete, taken, pairs, MANY);
    print_message("one pass over %d waiting: %d us\n", MANY, (int)(clock_monotonic_us() - start_us));
    assert_int_equal(made, MANY / 2);
    free(waiting);
    free(taken);
    free(pairs);
    mirror_close(mirror);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_and_one_make_no_match),
        cmocka_unit_test(the_longest_waiting_play_first_and_the_odd_one_stays),
        cmocka_unit_test(no_rematch_while_others_wait),
        cmocka_unit_test(one_sided_memory_is_enough_to_avoid_a_rematch),
        cmocka_unit_test(a_rematch_when_nobody_else_waits),
        cmocka_unit_test(the_same_device_never_plays_itself),
        cmocka_unit_test(nobody_is_overtaken_by_more_than_the_look_ahead),
        cmocka_unit_test(random_queues_leave_no_fitting_pair),
        cmocka_unit_test(the_mirror_keeps_the_order_of_time_then_id),
        cmocka_unit_test(a_newer_version_replaces_and_an_older_one_does_not),
        cmocka_unit_test(random_changes_keep_the_order),
        cmocka_unit_test(a_full_pass_over_many_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
