/* What the load generator calls a broken promise, and what it reads from Redis. The folder bench/ is no
 * library, so the test brings the files along. */
#include "bench/load_check.c"
#include "bench/load_sample.c"
#include "common/rng.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t match_a[IDS_UUID_BYTES] = "match a, 16 byte",
                     match_b[IDS_UUID_BYTES] = "match b, 16 byte";

static int open_check(void **state)
{
    *state = load_check_open();
    return 0;
}

static int close_check(void **state)
{
    load_check_free(*state);
    return 0;
}

static const char *timeline(struct load_check *check, const uint8_t *id, uint32_t player, const char *text)
{
    bool first;
    return load_check_timeline(check, id, player, bytes_of_text(text), &first);
}

static void a_fair_match_passes_however_often_it_is_told(void **state)
{
    for (int i = 0; i < 2; i++) {
        assert_null(load_check_found(*state, match_a, 7, 9, false));
        assert_null(load_check_found(*state, match_a, 9, 7, false));
        assert_null(timeline(*state, match_a, 9, "the same bytes"));
        assert_null(timeline(*state, match_a, 7, "the same bytes"));
    }
    assert_int_equal(load_check_one_sided(*state), 0);
}

static void both_sides_must_name_each_other(void **state)
{
    assert_null(load_check_found(*state, match_a, 7, 9, false));
    assert_non_null(load_check_found(*state, match_a, 9, 8, false));
    assert_null(load_check_found(*state, match_b, 1, 2, false));
    assert_non_null(load_check_found(*state, match_b, 3, 1, false));
}

static void a_third_player_is_one_too_many_and_a_fifth_in_teams(void **state)
{
    assert_null(load_check_found(*state, match_a, 7, 9, false));
    assert_null(load_check_found(*state, match_a, 9, 7, false));
    assert_string_equal(load_check_found(*state, match_a, 8, 9, false),
                        "a match was given to one player too many");
    for (uint32_t player = 0; player < 4; player++) {
        assert_null(load_check_found(*state, match_b, player, LOAD_NOBODY, true));
    }
    assert_non_null(load_check_found(*state, match_b, 4, LOAD_NOBODY, true));
}

static void timelines_must_be_equal_and_belong_to_the_player(void **state)
{
    bool first;
    load_check_found(*state, match_a, 7, 9, false);
    load_check_found(*state, match_a, 9, 7, false);
    assert_null(load_check_timeline(*state, match_a, 7, bytes_of_text("twelve bytes"), &first));
    assert_true(first);
    assert_non_null(load_check_timeline(*state, match_a, 9, bytes_of_text("twelve bytez"), &first));
    assert_false(first);
    assert_non_null(timeline(*state, match_a, 9, "twelve bytes "));
    assert_non_null(timeline(*state, match_a, 8, "twelve bytes"));
    assert_non_null(timeline(*state, match_b, 7, "twelve bytes"));
}

static void one_sided_matches_are_counted_unless_cancelled_or_foreign(void **state)
{
    load_check_found(*state, match_a, 7, 9, false);
    load_check_found(*state, match_b, 8, LOAD_NOBODY, false);
    assert_int_equal(load_check_one_sided(*state), 1);
    load_check_cancelled(*state, match_a);
    load_check_cancelled(*state, (const uint8_t *)"never heard of it");
    assert_int_equal(load_check_one_sided(*state), 0);
}

static void many_matches_are_all_remembered(void **state)
{
    enum { MATCHES = 100000 };
    struct rng rng;
    uint64_t id[2];
    for (int pass = 0; pass < 2; pass++) {
        rng_init(&rng, 5);
        for (uint32_t i = 0; i < MATCHES; i++) {
            id[0] = i / 1000; /* many matches of one millisecond */
            id[1] = rng_next(&rng);
            uint32_t player = 2 * i + (uint32_t)pass, opponent = 2 * i + 1 - (uint32_t)pass;
            assert_null(load_check_found(*state, (const uint8_t *)id, player, opponent, false));
        }
        assert_int_equal(load_check_one_sided(*state), pass == 0 ? MATCHES : 0);
    }
}

static void the_info_of_redis_is_read(void **state)
{
    (void)state;
    static struct load_redis_sample sample;
    static const char info[] =
        "# Commandstats\r\n"
        "cmdstat_get:calls=12,usec=345,usec_per_call=28.75,rejected_calls=0,failed_calls=0\r\n"
        "cmdstat_config|get:calls=3,usec=40,usec_per_call=13.33\r\n"
        "cmdstat_broken:calls=x\r\n"
        "# Stats\r\ntotal_connections_received:4\r\ntotal_commands_processed:4711\r\n"
        "instantaneous_ops_per_sec:5";
    load_sample_parse_info(bytes_of_text(info), &sample);
    assert_int_equal(sample.commands, 4711);
    assert_int_equal(sample.name_count, 2);
    assert_string_equal(sample.by_name[0].name, "get");
    assert_int_equal(sample.by_name[0].calls, 12);
    assert_int_equal(sample.by_name[0].cpu_us, 345);
    assert_string_equal(sample.by_name[1].name, "config|get");
}

static void processes_are_sampled_and_dead_ones_noticed(void **state)
{
    (void)state;
    struct load_process_sample sample = load_sample_process(getpid());
    assert_true(sample.alive);
    assert_true(sample.rss_bytes > 100000);
    assert_true(sample.cpu_us >= 0);
    assert_false(load_sample_process(INT32_MAX).alive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fair_match_passes_however_often_it_is_told, open_check,
                                        close_check),
        cmocka_unit_test_setup_teardown(both_sides_must_name_each_other, open_check, close_check),
        cmocka_unit_test_setup_teardown(a_third_player_is_one_too_many_and_a_fifth_in_teams, open_check,
                                        close_check),
        cmocka_unit_test_setup_teardown(timelines_must_be_equal_and_belong_to_the_player, open_check,
                                        close_check),
        cmocka_unit_test_setup_teardown(one_sided_matches_are_counted_unless_cancelled_or_foreign, open_check,
                                        close_check),
        cmocka_unit_test_setup_teardown(many_matches_are_all_remembered, open_check, close_check),
        cmocka_unit_test(the_info_of_redis_is_read),
        cmocka_unit_test(processes_are_sampled_and_dead_ones_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
