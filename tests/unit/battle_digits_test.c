/* Numbers of a timeline against printf's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* libbattle.a keeps its inner names to itself, so the test brings the file along. */
#include "game_server/battle/digits.c"

static void expect(int32_t value)
{
    char expected[16], text[DIGITS_ROOM + 1];
    memset(text, '#', sizeof text);
    int length = snprintf(expected, sizeof expected, "%d", (int)value);
    assert_int_equal(digits_write(text, value) - text, length);
    assert_memory_equal(text, expected, (size_t)length);
    assert_int_equal(text[DIGITS_ROOM], '#');
}

static void numbers_are_written_as_printf_does(void **state)
{
    (void)state;
    for (int32_t value = -120000; value <= 120000; value++) expect(value);
    for (int64_t value = 1; value < INT32_MAX; value = value * 10 + value % 7) {
        expect((int32_t)value);
        expect((int32_t)-value);
        expect((int32_t)(value - 1));
    }
}

static void the_ends_of_the_range_are_written(void **state)
{
    (void)state;
    expect(INT32_MAX);
    expect(INT32_MIN);
    expect(1000000000);
    expect(999999999);
    expect(1000000);
    expect(999999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_printf_does),
        cmocka_unit_test(the_ends_of_the_range_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
