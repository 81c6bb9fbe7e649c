#include "common/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base.h"
#include "common/rng.h"

enum { FIRED_MAX = 64 };

struct fixture {
    struct timers timers;
    char fired[FIRED_MAX]; /* The names of the timers that fired, in order. */
    size_t fired_count;
};

struct named {
    struct timer timer;
    struct fixture *fixture;
    char name;
    struct named *other;
    int64_t again_ms;
};

static struct fixture fixture;

static int setup(void **state)
{
    (void)state;
    memset(&fixture, 0, sizeof fixture);
    timers_init(&fixture.timers);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    timers_free(&fixture.timers);
    return 0;
}

static void note(struct timer *timer)
{
    struct named *named = container_of(timer, struct named, timer);
    assert_false(timer_is_set(timer));
    assert_true(named->fixture->fired_count < FIRED_MAX - 1);
    named->fixture->fired[named->fixture->fired_count++] = named->name;
}

static void note_and_set_again(struct timer *timer)
{
    struct named *named = container_of(timer, struct named, timer);
    note(timer);
    timers_set(&fixture.timers, timer, named->again_ms);
}

static void note_and_cancel_other(struct timer *timer)
{
    note(timer);
    timers_cancel(&fixture.timers, &container_of(timer, struct named, timer)->other->timer);
}

static void note_and_set_other(struct timer *timer)
{
    struct named *named = container_of(timer, struct named, timer);
    note(timer);
    timers_set(&fixture.timers, &named->other->timer, named->again_ms);
}

static struct named named(char name, timer_fn *fire)
{
    return (struct named){.timer = {.fire = fire}, .fixture = &fixture, .name = name};
}

static void fire_at(int64_t now_ms, size_t count_expected, const char *fired_expected)
{
    assert_int_equal(timers_fire_due(&fixture.timers, now_ms, 1000), count_expected);
    assert_string_equal(fixture.fired, fired_expected);
}

static void nothing_set_means_no_next_time_and_nothing_fires(void **state)
{
    (void)state;
    assert_true(timers_next_ms(&fixture.timers) == INT64_MAX);
    fire_at(INT64_MAX, 0, "");
}

static void timers_fire_by_time_and_not_before_it(void **state)
{
    (void)state;
    struct named a = named('a', note), b = named('b', note), c = named('c', note);
    timers_set(&fixture.timers, &c.timer, 30);
    timers_set(&fixture.timers, &a.timer, 10);
    timers_set(&fixture.timers, &b.timer, 20);
    assert_int_equal(timers_next_ms(&fixture.timers), 10);
    fire_at(9, 0, "");
    fire_at(20, 2, "ab");
    assert_int_equal(timers_next_ms(&fixture.timers), 30);
    fire_at(1000, 1, "abc");
    assert_true(timers_next_ms(&fixture.timers) == INT64_MAX);
}

static void equal_times_fire_in_the_order_they_were_set(void **state)
{
    (void)state;
    struct named many[26];
    for (int i = 0; i < 26; i++) {
        many[i] = named((char)('a' + i), note);
        timers_set(&fixture.timers, &many[i].timer, 5);
    }
    timers_set(&fixture.timers, &many[0].timer, 5);
    fire_at(5, 26, "bcdefghijklmnopqrstuvwxyza");
}

static void setting_again_moves_a_timer_both_ways(void **state)
{
    (void)state;
    struct named a = named('a', note), b = named('b', note);
    timers_set(&fixture.timers, &a.timer, 10);
    timers_set(&fixture.timers, &b.timer, 20);
    timers_set(&fixture.timers, &a.timer, 30);
    assert_int_equal(timers_next_ms(&fixture.timers), 20);
    timers_set(&fixture.timers, &a.timer, 15);
    fire_at(100, 2, "ab");
}

static void cancelled_timers_do_not_fire_and_cancelling_twice_is_harmless(void **state)
{
    (void)state;
    struct named a = named('a', note), b = named('b', note), never = named('n', note);
    timers_set(&fixture.timers, &a.timer, 10);
    timers_set(&fixture.timers, &b.timer, 20);
    timers_cancel(&fixture.timers, &a.timer);
    timers_cancel(&fixture.timers, &a.timer);
    timers_cancel(&fixture.timers, &never.timer);
    assert_false(timer_is_set(&a.timer));
    assert_true(timer_is_set(&b.timer));
    fire_at(100, 1, "b");
}

static void count_max_leaves_the_rest_due_and_in_order(void **state)
{
    (void)state;
    struct named a = named('a', note), b = named('b', note), c = named('c', note);
    timers_set(&fixture.timers, &a.timer, 1);
    timers_set(&fixture.timers, &b.timer, 1);
    timers_set(&fixture.timers, &c.timer, 2);
    assert_int_equal(timers_fire_due(&fixture.timers, 50, 2), 2);
    assert_string_equal(fixture.fired, "ab");
    assert_int_equal(timers_next_ms(&fixture.timers), 2);
    assert_int_equal(timers_fire_due(&fixture.timers, 50, 0), 0);
    fire_at(50, 1, "abc");
}

static void a_timer_set_for_now_while_firing_waits_for_the_next_round(void **state)
{
    (void)state;
    struct named a = named('a', note_and_set_again), b = named('b', note);
    a.again_ms = 3;
    timers_set(&fixture.timers, &a.timer, 5);
    timers_set(&fixture.timers, &b.timer, 8);
    fire_at(10, 2, "ab");
    assert_true(timers_next_ms(&fixture.timers) <= 10);
    fire_at(10, 1, "aba");
    timers_cancel(&fixture.timers, &a.timer); /* is set again, and lives here only */
}

static void a_time_past_set_while_firing_does_not_block_what_is_due(void **state)
{
    (void)state;
    struct named a = named('a', note_and_set_other), b = named('b', note), c = named('c', note);
    a.other = &c;
    a.again_ms = INT64_MIN;
    timers_set(&fixture.timers, &a.timer, 1);
    timers_set(&fixture.timers, &b.timer, 10);
    fire_at(10, 2, "ab");
    fire_at(10, 1, "abc");
}

static void firing_may_cancel_and_move_other_due_timers(void **state)
{
    (void)state;
    struct named a = named('a', note_and_cancel_other), b = named('b', note);
    struct named c = named('c', note_and_set_other), d = named('d', note);
    a.other = &b;
    c.other = &d;
    c.again_ms = 99;
    timers_set(&fixture.timers, &a.timer, 1);
    timers_set(&fixture.timers, &b.timer, 2);
    timers_set(&fixture.timers, &c.timer, 3);
    timers_set(&fixture.timers, &d.timer, 4);
    fire_at(10, 2, "ac");
    fire_at(99, 1, "acd");
}

static void free_forgets_timers_without_firing_them(void **state)
{
    (void)state;
    struct named a = named('a', note);
    timers_set(&fixture.timers, &a.timer, 1);
    timers_free(&fixture.timers);
    assert_false(timer_is_set(&a.timer));
    fire_at(10, 0, "");
}

enum { MODEL_TIMERS = 200, MODEL_STEPS = 50000 };

struct modelled {
    struct timer timer;
    bool set;
    int64_t at_ms;
    uint64_t order;
};

static struct modelled model[MODEL_TIMERS];
static struct modelled *model_fired;

static void model_note(struct timer *timer)
{
    model_fired = container_of(timer, struct modelled, timer);
}

static struct modelled *model_first(void)
{
    struct modelled *first = NULL;
    for (size_t i = 0; i < MODEL_TIMERS; i++) {
        struct modelled *one = &model[i];
        if (!one->set) continue;
        bool before = first == NULL || one->at_ms < first->at_ms ||
                      (one->at_ms == first->at_ms && one->order < first->order);
        if (before) first = one;
    }
    return first;
}

static void model_fire_one(int64_t now_ms)
{
    struct modelled *expected = model_first();
    bool due = expected != NULL && expected->at_ms <= now_ms;
    model_fired = NULL;
    assert_int_equal(timers_fire_due(&fixture.timers, now_ms, 1), due ? 1 : 0);
    assert_ptr_equal(model_fired, due ? expected : NULL);
    if (due) expected->set = false;
}

static void random_histories_agree_with_a_plain_list(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 20240611);
    memset(model, 0, sizeof model);
    for (size_t i = 0; i < MODEL_TIMERS; i++) model[i].timer.fire = model_note;
    int64_t now_ms = 0;
    for (uint64_t step = 0; step < MODEL_STEPS; step++) {
        struct modelled *one = &model[rng_below(&rng, MODEL_TIMERS)];
        uint64_t action = rng_below(&rng, 10);
        if (action < 5) {
            one->at_ms = rng_between(&rng, now_ms - 5, now_ms + 40);
            one->order = step;
            one->set = true;
            timers_set(&fixture.timers, &one->timer, one->at_ms);
        } else if (action < 7) {
            one->set = false;
            timers_cancel(&fixture.timers, &one->timer);
        } else {
            now_ms += (int64_t)rng_below(&rng, 2);
            model_fire_one(now_ms);
        }
        struct modelled *first = model_first();
        assert_true(timers_next_ms(&fixture.timers) == (first == NULL ? INT64_MAX : first->at_ms));
        assert_true(timer_is_set(&one->timer) == one->set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_set_means_no_next_time_and_nothing_fires, setup, teardown),
        cmocka_unit_test_setup_teardown(timers_fire_by_time_and_not_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_times_fire_in_the_order_they_were_set, setup, teardown),
        cmocka_unit_test_setup_teardown(setting_again_moves_a_timer_both_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(cancelled_timers_do_not_fire_and_cancelling_twice_is_harmless, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(count_max_leaves_the_rest_due_and_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_timer_set_for_now_while_firing_waits_for_the_next_round, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_time_past_set_while_firing_does_not_block_what_is_due, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(firing_may_cancel_and_move_other_due_timers, setup, teardown),
        cmocka_unit_test_setup_teardown(free_forgets_timers_without_firing_them, setup, teardown),
        cmocka_unit_test_setup_teardown(random_histories_agree_with_a_plain_list, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
