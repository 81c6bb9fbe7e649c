#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

static void monotonic_clock_never_runs_backwards(void **state)
{
    (void)state;
    int64_t last_us = clock_monotonic_us();
    for (int i = 0; i < 10000; i++) {
        int64_t now_us = clock_monotonic_us();
        assert_true(now_us >= last_us);
        last_us = now_us;
    }
}

static void monotonic_milliseconds_and_microseconds_are_one_clock(void **state)
{
    (void)state;
    int64_t before_us = clock_monotonic_us();
    int64_t now_ms = clock_monotonic_ms();
    int64_t after_us = clock_monotonic_us();
    assert_true(before_us / 1000 <= now_ms && now_ms <= after_us / 1000);
}

static void wall_clock_counts_milliseconds_since_the_epoch(void **state)
{
    (void)state;
    struct timespec before, after;
    clock_gettime(CLOCK_REALTIME, &before);
    int64_t now_ms = clock_wall_ms();
    clock_gettime(CLOCK_REALTIME, &after);
    assert_true(now_ms >= (int64_t)before.tv_sec * 1000 + before.tv_nsec / 1000000);
    assert_true(now_ms <= (int64_t)after.tv_sec * 1000 + after.tv_nsec / 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_clock_never_runs_backwards),
        cmocka_unit_test(monotonic_milliseconds_and_microseconds_are_one_clock),
        cmocka_unit_test(wall_clock_counts_milliseconds_since_the_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
