#include "common/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "common/base.h"

static void seed_becomes_the_published_splitmix64_stream(void **state)
{
    (void)state;
    const uint64_t expected[4] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                  UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)};
    struct rng rng;
    rng_init(&rng, 1234567);
    assert_memory_equal(rng.state, expected, sizeof expected);
}

static void stream_is_the_published_xoshiro256_starstar(void **state)
{
    (void)state;
    const uint64_t expected[10] = {UINT64_C(11520),
                                   UINT64_C(0),
                                   UINT64_C(1509978240),
                                   UINT64_C(1215971899390074240),
                                   UINT64_C(1216172134540287360),
                                   UINT64_C(607988272756665600),
                                   UINT64_C(16172922978634559625),
                                   UINT64_C(8476171486693032832),
                                   UINT64_C(10595114339597558777),
                                   UINT64_C(2904607092377533576)};
    struct rng rng = {{1, 2, 3, 4}};
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) assert_true(rng_next(&rng) == expected[i]);
}

static void same_seed_same_stream_other_seed_other_stream(void **state)
{
    (void)state;
    struct rng a, b, c;
    rng_init(&a, 7);
    rng_init(&b, 7);
    rng_init(&c, 8);
    size_t same = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t value = rng_next(&a);
        assert_true(value == rng_next(&b));
        if (value == rng_next(&c)) same++;
    }
    assert_int_equal(same, 0);
}

static void below_is_uniform_over_a_limit_that_does_not_divide_the_range(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    size_t seen[6] = {0};
    for (int i = 0; i < 60000; i++) {
        uint64_t value = rng_below(&rng, 6);
        assert_true(value < 6);
        seen[value]++;
    }
    for (int i = 0; i < 6; i++) assert_in_range(seen[i], 9600, 10400);
}

/* With a limit of 3/4 of 2^64, plain multiplication would give one third of the values twice the weight. */
static void below_is_unbiased_for_huge_limits(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 2);
    const uint64_t third = UINT64_C(1) << 62;
    size_t seen[3] = {0};
    for (int i = 0; i < 30000; i++) {
        uint64_t value = rng_below(&rng, third * 3);
        assert_true(value < third * 3);
        if (value % 3 == 0) seen[0]++;
        if (value < third) seen[1]++;
        if (value >= third * 2) seen[2]++;
    }
    for (int i = 0; i < 3; i++) assert_in_range(seen[i], 9600, 10400);
}

static void below_one_is_always_zero(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3);
    for (int i = 0; i < 100; i++) assert_true(rng_below(&rng, 1) == 0);
}

static void between_reaches_both_ends_and_nothing_else(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 4);
    bool low = false, high = false;
    for (int i = 0; i < 1000; i++) {
        int64_t value = rng_between(&rng, -2, 2);
        assert_true(value >= -2 && value <= 2);
        low |= value == -2;
        high |= value == 2;
    }
    assert_true(low && high);
    assert_true(rng_between(&rng, 5, 5) == 5);
}

static void between_covers_the_whole_range_of_integers(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 5);
    size_t negative = 0;
    for (int i = 0; i < 1000; i++) negative += rng_between(&rng, INT64_MIN, INT64_MAX) < 0;
    assert_in_range(negative, 400, 600);
    for (int i = 0; i < 100; i++) assert_true(rng_between(&rng, INT64_MAX - 1, INT64_MAX) >= INT64_MAX - 1);
}

static void entropy_fills_all_bytes_and_never_repeats(void **state)
{
    (void)state;
    uint8_t a[700] = {0}, b[700] = {0};
    rng_entropy(a, sizeof a);
    rng_entropy(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(a + 668, (uint8_t[32]){0}, 32);
    rng_entropy(a, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seed_becomes_the_published_splitmix64_stream),
        cmocka_unit_test(stream_is_the_published_xoshiro256_starstar),
        cmocka_unit_test(same_seed_same_stream_other_seed_other_stream),
        cmocka_unit_test(below_is_uniform_over_a_limit_that_does_not_divide_the_range),
        cmocka_unit_test(below_is_unbiased_for_huge_limits),
        cmocka_unit_test(below_one_is_always_zero),
        cmocka_unit_test(between_reaches_both_ends_and_nothing_else),
        cmocka_unit_test(between_covers_the_whole_range_of_integers),
        cmocka_unit_test(entropy_fills_all_bytes_and_never_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
