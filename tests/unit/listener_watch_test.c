/* Does any game_server listen? The detector against a clock of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match_server/listener_watch.h"

enum { SILENCE_MS = 30000 };

/* One publication every `step_ms` that reaches nobody, from `from_ms` on; the last one's time. */
static int64_t publish_into_silence(struct listener_watch *watch, int count, int64_t from_ms, int64_t step_ms)
{
    for (int i = 0; i < count; i++) listener_watch_counted(watch, 0, from_ms + i * step_ms);
    return from_ms + (count - 1) * step_ms;
}

static void nobody_is_gone_before_anything_is_known(void **state)
{
    (void)state;
    struct listener_watch watch = {0};
    assert_false(listener_watch_gone(&watch, SILENCE_MS, 0));
    assert_false(listener_watch_gone(&watch, SILENCE_MS, INT64_MAX / 2));
}

static void they_are_gone_after_five_zeros_over_thirty_seconds(void **state)
{
    (void)state;
    struct listener_watch watch = {0};
    int64_t last_ms = publish_into_silence(&watch, 6, 1000, 5000);
    assert_int_equal(last_ms, 26000);
    assert_false(listener_watch_gone(&watch, SILENCE_MS, 30999));
    assert_true(listener_watch_gone(&watch, SILENCE_MS, 31000));
}

static void four_zeros_are_not_enough_however_long(void **state)
{
    (void)state;
    struct listener_watch watch = {0};
    publish_into_silence(&watch, 4, 0, 60000);
    assert_false(listener_watch_gone(&watch, SILENCE_MS, 10 * 60000));
    listener_watch_counted(&watch, 0, 10 * 60000);
    assert_true(listener_watch_gone(&watch, SILENCE_MS, 10 * 60000));
}

static void many_zeros_in_a_moment_are_not_enough(void **state)
{
    (void)state;
    struct listener_watch watch = {0};
    publish_into_silence(&watch, 1000, 0, 29);
    assert_false(listener_watch_gone(&watch, SILENCE_MS, 29999));
}

static void one_listener_or_one_word_begins_the_row_anew(void **state)
{
    (void)state;
    struct listener_watch listened = {0}, heard = {0}, unknown = {0};
    publish_into_silence(&listened, 100, 0, 1000);
    publish_into_silence(&heard, 100, 0, 1000);
    publish_into_silence(&unknown, 100, 0, 1000);
    assert_true(listener_watch_gone(&listened, SILENCE_MS, 100000));
    listener_watch_counted(&listened, 3, 100000);
    listener_watch_heard(&heard);
    listener_watch_unknown(&unknown);
    struct listener_watch *watches[] = {&listened, &heard, &unknown};
    for (size_t i = 0; i < ARRAY_LENGTH(watches); i++) {
        assert_false(listener_watch_gone(watches[i], SILENCE_MS, 100001));
        publish_into_silence(watches[i], 5, 101000, 7400);
        assert_false(listener_watch_gone(watches[i], SILENCE_MS, 130999));
        assert_true(listener_watch_gone(watches[i], SILENCE_MS, 131000));
    }
}

static void only_a_count_shows_that_somebody_listens(void **state)
{
    (void)state;
    struct listener_watch watch = {0};
    listener_watch_heard(&watch);
    assert_false(watch.listened);
    listener_watch_counted(&watch, 1, 0);
    assert_true(watch.listened);
    listener_watch_unknown(&watch);
    assert_false(watch.listened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_gone_before_anything_is_known),
        cmocka_unit_test(they_are_gone_after_five_zeros_over_thirty_seconds),
        cmocka_unit_test(four_zeros_are_not_enough_however_long),
        cmocka_unit_test(many_zeros_in_a_moment_are_not_enough),
        cmocka_unit_test(one_listener_or_one_word_begins_the_row_anew),
        cmocka_unit_test(only_a_count_shows_that_somebody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
