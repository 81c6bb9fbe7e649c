/* Quantiles of durations. The folder bench/ is no library, so the test brings the file along. */
#include "bench/histogram.c"
#include "common/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void an_empty_histogram_answers_zero(void **state)
{
    (void)state;
    static struct histogram histogram;
    assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
    assert_int_equal(histogram.max, 0);
}

static void small_values_are_exact(void **state)
{
    (void)state;
    static struct histogram histogram;
    for (int64_t value = 1; value <= 100; value++) histogram_record(&histogram, value);
    assert_int_equal(histogram_quantile(&histogram, 0.0), 1);
    assert_int_equal(histogram_quantile(&histogram, 0.01), 1);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 50);
    assert_int_equal(histogram_quantile(&histogram, 0.99), 99);
    assert_int_equal(histogram_quantile(&histogram, 1.0), 100);
}

/* Against the sorted values themselves, over nine orders of magnitude. */
static void quantiles_are_within_the_promised_error(void **state)
{
    (void)state;
    enum { COUNT = 50000 };
    static struct histogram histogram;
    int64_t *values = memory_new(COUNT * sizeof *values);
    struct rng rng;
    rng_init(&rng, 7);
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = (int64_t)(rng_next(&rng) >> (24 + rng_below(&rng, 30)));
        histogram_record(&histogram, values[i]);
    }
    qsort(values, COUNT, sizeof *values, compare);
    for (size_t permille = 1; permille <= 1000; permille++) {
        int64_t exact = values[(permille * COUNT + 999) / 1000 - 1];
        int64_t told = histogram_quantile(&histogram, (double)permille / 1000);
        if (told < exact || told > exact + exact / 64) {
            fail_msg("%zu permille: %lld instead of %lld", permille, (long long)told, (long long)exact);
        }
    }
    free(values);
}

static void every_power_of_two_lands_in_order(void **state)
{
    (void)state;
    int64_t before = 0;
    for (int power = 3; power <= HISTOGRAM_POWER_MAX; power++) {
        for (int64_t offset = -1; offset <= 1; offset++) {
            struct histogram *histogram = memory_new(sizeof *histogram);
            int64_t value = (INT64_C(1) << power) + offset;
            histogram_record(histogram, value);
            histogram_record(histogram, HISTOGRAM_VALUE_MAX);
            int64_t told = histogram_quantile(histogram, 0.5);
            assert_true(told >= value && told >= before);
            before = told;
            free(histogram);
        }
    }
}

static void values_outside_the_range_count_at_its_ends(void **state)
{
    (void)state;
    static struct histogram histogram;
    histogram_record(&histogram, -5);
    histogram_record(&histogram, INT64_MAX);
    assert_int_equal(histogram.count, 2);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
    assert_true(histogram_quantile(&histogram, 1.0) == HISTOGRAM_VALUE_MAX);
}

static void parts_add_up_to_the_whole(void **state)
{
    (void)state;
    static struct histogram whole, parts[3], sum;
    struct rng rng;
    rng_init(&rng, 11);
    for (size_t i = 0; i < 3000; i++) {
        int64_t value = (int64_t)rng_below(&rng, 1000000);
        histogram_record(&whole, value);
        histogram_record(&parts[i % 3], value);
    }
    for (size_t i = 0; i < 3; i++) histogram_merge(&sum, &parts[i]);
    assert_memory_equal(&sum, &whole, sizeof whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_histogram_answers_zero),
        cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(quantiles_are_within_the_promised_error),
        cmocka_unit_test(every_power_of_two_lands_in_order),
        cmocka_unit_test(values_outside_the_range_count_at_its_ends),
        cmocka_unit_test(parts_add_up_to_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
