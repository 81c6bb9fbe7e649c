/* Buckets, their table and the tally: against a plain model, against strangers without number. */
#include "common/limiter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "common/keyed_hash.h"
#include "common/rng.h"
#include "common/tally.h"

static const struct limiter_rule ten_a_second = {.per_s = 10, .burst = 20};

/* ---- one bucket ---------------------------------------------------------------------------------- */

static void a_silent_one_may_burst_and_then_has_the_rate(void **state)
{
    (void)state;
    int64_t bucket = 0;
    for (int i = 0; i < 20; i++) assert_int_equal(limiter_spend(&bucket, &ten_a_second, 5000), 0);
    assert_int_equal(limiter_spend(&bucket, &ten_a_second, 5000), 100);
    assert_int_equal(limiter_spend(&bucket, &ten_a_second, 5001), 99);
    assert_int_equal(limiter_spend(&bucket, &ten_a_second, 5099), 1);
    assert_int_equal(limiter_spend(&bucket, &ten_a_second, 5100), 0);
    assert_int_equal(limiter_spend(&bucket, &ten_a_second, 5100), 100);
    int taken = 0;
    for (int64_t now_ms = 5101; now_ms <= 15100; now_ms++) {
        taken += limiter_spend(&bucket, &ten_a_second, now_ms) == 0;
    }
    assert_int_equal(taken, 100);
}

static void who_waits_as_long_as_told_is_served(void **state)
{
    (void)state;
    static const int64_t rates[] = {1, 3, 7, 10, 999, 10000};
    for (size_t i = 0; i < ARRAY_LENGTH(rates); i++) {
        const struct limiter_rule rule = {rates[i], 2};
        int64_t bucket = 0, now_ms = 1;
        for (int turn = 0; turn < 100; turn++) {
            int64_t wait_ms = limiter_spend(&bucket, &rule, now_ms);
            if (wait_ms == 0) continue;
            assert_in_range(wait_ms, 1, 1000 / rates[i] + 1);
            now_ms += wait_ms;
            assert_int_equal(limiter_spend(&bucket, &rule, now_ms), 0);
        }
    }
}

static void no_rate_is_no_limit(void **state)
{
    (void)state;
    const struct limiter_rule none = {.per_s = 0, .burst = 1};
    int64_t bucket = 0;
    for (int i = 0; i < 1000; i++) assert_int_equal(limiter_spend(&bucket, &none, 1), 0);
    assert_int_equal(bucket, 0);
}

static void another_rule_counts_at_once(void **state)
{
    (void)state;
    const struct limiter_rule slow = {.per_s = 1, .burst = 1000};
    int64_t bucket = 0;
    for (int i = 0; i < 1000; i++) assert_int_equal(limiter_spend(&bucket, &slow, 1), 0);
    assert_int_equal(limiter_spend(&bucket, &slow, 1), 1000);
    assert_int_equal(limiter_spend(&bucket, &ten_a_second, 1), 100);
}

/* The textbook's bucket, in tokens of a millionth. */
struct model {
    int64_t tokens_u, at_ms;
};

static bool model_take(struct model *model, const struct limiter_rule *rule, int64_t now_ms)
{
    int64_t full_u = rule->burst * 1000000;
    model->tokens_u += (now_ms - model->at_ms) * rule->per_s * 1000;
    if (model->tokens_u > full_u) model->tokens_u = full_u;
    model->at_ms = now_ms;
    if (model->tokens_u < 1000000) return false;
    model->tokens_u -= 1000000;
    return true;
}

static void a_bucket_does_what_the_textbook_says(void **state)
{
    (void)state;
    static const int64_t rates[] = {1, 2, 5, 10, 40, 100, 1000};
    struct rng rng;
    rng_init(&rng, 7);
    for (int round = 0; round < 200; round++) {
        const struct limiter_rule rule = {rates[rng_below(&rng, ARRAY_LENGTH(rates))],
                                          rng_between(&rng, 1, 50)};
        int64_t now_ms = 1 + (int64_t)rng_below(&rng, 1000000), bucket = 0;
        struct model model = {rule.burst * 1000000, now_ms};
        for (int i = 0; i < 500; i++) {
            now_ms +=
                (int64_t)rng_below(&rng, (uint64_t)(rng_below(&rng, 10) == 0 ? 5000 : 3000 / rule.per_s + 1));
            bool taken = limiter_spend(&bucket, &rule, now_ms) == 0;
            if (taken != model_take(&model, &rule, now_ms)) fail_msg("round %d, question %d", round, i);
        }
    }
}

/* ---- the table ----------------------------------------------------------------------------------- */

static uint64_t address(const struct keyed_hash_key *key, uint64_t number)
{
    return keyed_hash(key, (struct bytes){(const char *)&number, sizeof number});
}

static void each_key_has_its_own_bucket(void **state)
{
    (void)state;
    enum { KEYS = 1000 };
    const struct keyed_hash_key key = {{1, 2}};
    struct limiter *limiter = limiter_open(16 * KEYS);
    for (uint64_t i = 0; i < KEYS; i++) {
        for (int k = 0; k < 20; k++)
            assert_int_equal(limiter_take(limiter, address(&key, i), &ten_a_second, 1000), 0);
    }
    for (uint64_t i = 0; i < KEYS; i++)
        assert_int_equal(limiter_take(limiter, address(&key, i), &ten_a_second, 1000), 100);
    assert_int_equal(limiter_forgotten(limiter), 0);
    limiter_free(limiter);
}

static void the_key_zero_is_a_key_like_others(void **state)
{
    (void)state;
    struct limiter *limiter = limiter_open(LIMITER_WAYS);
    for (int k = 0; k < 20; k++) assert_int_equal(limiter_take(limiter, 0, &ten_a_second, 1000), 0);
    assert_int_equal(limiter_take(limiter, 0, &ten_a_second, 1000), 100);
    assert_int_equal(limiter_take(limiter, 8, &ten_a_second, 1000), 0);
    limiter_free(limiter);
}

/* A million addresses, each used once or twice, over a table of four thousand buckets; one goes on and on. */
static void a_million_spoofed_addresses_do_not_free_who_floods(void **state)
{
    (void)state;
    enum { SPOOFED = 1000000, PER_MS = 100 };
    const struct keyed_hash_key key = {{3, 4}};
    const uint64_t flooder = address(&key, UINT64_MAX);
    struct limiter *limiter = limiter_open(4096);
    int taken = 0, spoofed_refused = 0;
    for (uint64_t i = 0; i < SPOOFED; i++) {
        int64_t now_ms = 1000 + (int64_t)(i / PER_MS);
        spoofed_refused += limiter_take(limiter, address(&key, i), &ten_a_second, now_ms) != 0;
        if (i % 3 == 0)
            spoofed_refused += limiter_take(limiter, address(&key, i), &ten_a_second, now_ms) != 0;
        taken += limiter_take(limiter, flooder, &ten_a_second, now_ms) == 0;
    }
    assert_int_equal(spoofed_refused, 0);
    assert_int_equal(taken, 20 + 99); /* the burst, and one for every tenth of not quite ten seconds */
    assert_true(limiter_forgotten(limiter) > 0);
    limiter_free(limiter);
}

static void who_is_full_again_makes_room_unnoticed(void **state)
{
    (void)state;
    const struct keyed_hash_key key = {{5, 6}};
    struct limiter *limiter = limiter_open(1024);
    for (uint64_t i = 0; i < 100000; i++) {
        int64_t now_ms = 1000 + (int64_t)i * 1000;
        assert_int_equal(limiter_take(limiter, address(&key, i), &ten_a_second, now_ms), 0);
    }
    assert_int_equal(limiter_forgotten(limiter), 0);
    limiter_free(limiter);
}

/* ---- the tally ------------------------------------------------------------------------------------ */

static void a_tally_counts_each_and_all(void **state)
{
    (void)state;
    struct tally *tally = tally_open(5);
    assert_true(tally_add(tally, 1, 2));
    assert_true(tally_add(tally, 1, 2));
    assert_false(tally_add(tally, 1, 2));
    assert_true(tally_add(tally, 1, 0));
    assert_true(tally_add(tally, 2, 2));
    assert_true(tally_add(tally, 3, 2));
    assert_false(tally_add(tally, 4, 2));
    assert_int_equal(tally_total(tally), 5);
    assert_int_equal(tally_of(tally, 1), 3);
    assert_int_equal(tally_of(tally, 4), 0);
    tally_remove(tally, 2);
    assert_int_equal(tally_of(tally, 2), 0);
    assert_true(tally_add(tally, 4, 2));
    tally_free(tally);
}

/* Few homes for many keys, so that they probe past each other and round the end. */
static void a_tally_does_what_an_array_does(void **state)
{
    (void)state;
    enum { KEYS = 64, TOTAL = 100 };
    size_t model[KEYS] = {0}, total = 0;
    struct rng rng;
    rng_init(&rng, 11);
    struct tally *tally = tally_open(TOTAL);
    for (int i = 0; i < 200000; i++) {
        size_t at = rng_below(&rng, KEYS);
        uint64_t key = (at % 4) * 85 + (at << 32);
        if (rng_below(&rng, 2) == 0 && model[at] > 0) {
            tally_remove(tally, key);
            model[at]--;
            total--;
        } else {
            bool fits = total < TOTAL && model[at] < 3;
            assert_int_equal(tally_add(tally, key, 3), fits);
            model[at] += fits;
            total += fits;
        }
        size_t other = rng_below(&rng, KEYS);
        assert_int_equal(tally_of(tally, (other % 4) * 85 + (other << 32)), model[other]);
        assert_int_equal(tally_total(tally), total);
    }
    tally_free(tally);
}

/* ---- the hash ------------------------------------------------------------------------------------- */

/* Vectors of the authors: key 00 01 .. 0f, texts of 0, 1, 2, .. bytes 00 01 02 .. */
static void the_hash_is_siphash(void **state)
{
    (void)state;
    static const struct keyed_hash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    static const char text[] = "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16";
    assert_true(keyed_hash(&key, (struct bytes){text, 0}) == UINT64_C(0x726fdb47dd0e0e31));
    assert_true(keyed_hash(&key, (struct bytes){text, 1}) == UINT64_C(0x74f839c593dc67fd));
    assert_true(keyed_hash(&key, (struct bytes){text, 8}) == UINT64_C(0x93f5f5799a932462));
    assert_true(keyed_hash(&key, (struct bytes){text, 15}) == UINT64_C(0xa129ca6149be45e5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_one_may_burst_and_then_has_the_rate),
        cmocka_unit_test(who_waits_as_long_as_told_is_served),
        cmocka_unit_test(no_rate_is_no_limit),
        cmocka_unit_test(another_rule_counts_at_once),
        cmocka_unit_test(a_bucket_does_what_the_textbook_says),
        cmocka_unit_test(each_key_has_its_own_bucket),
        cmocka_unit_test(the_key_zero_is_a_key_like_others),
        cmocka_unit_test(a_million_spoofed_addresses_do_not_free_who_floods),
        cmocka_unit_test(who_is_full_again_makes_room_unnoticed),
        cmocka_unit_test(a_tally_counts_each_and_all),
        cmocka_unit_test(a_tally_does_what_an_array_does),
        cmocka_unit_test(the_hash_is_siphash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
