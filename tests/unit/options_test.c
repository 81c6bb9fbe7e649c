#include "tests/unit/options_run.h"

#include "common/log_line.h"

static void defaults_are_those_of_the_rows(void **state)
{
    (void)state;
    load_game();
    expect_start();
    assert_string_equal(run.game.common.pod_id, "pod-a");
    assert_int_equal(run.game.client_port, 8081);
    assert_int_equal(run.game.session_disconnect_grace_ms, 5000);
    assert_int_equal(run.game.admin_port, 9100);
    assert_false(run.game.auth_dev_tokens);
    assert_string_equal(run.game.auth_audience, "duelpod");
    load_match();
    expect_start();
    assert_int_equal(run.match.admin_port, 9101);
    assert_true(run.match.loading_normal);
    assert_string_equal(run.match.queue_modes, "normal,ranked,party");
}

static void every_default_of_every_profile_is_valid(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--profile=production";
    load_match();
    expect_start();
    run.environment[0] = (char *)"DUELPOD_AUTH_HS256_SECRET=0123456789abcdef0123456789abcdef";
    load_game();
    expect_start();
}

static void profiles_differ_where_the_row_says_so(void **state)
{
    (void)state;
    load_match();
    assert_int_equal(run.match.common.log_format, 1);
    run.flags[0] = (char *)"--profile=production";
    load_match();
    assert_int_equal(run.match.common.log_format, 0);
    run.flags[0] = NULL;
    run.environment[0] = (char *)"DUELPOD_PROFILE=production";
    load_match();
    assert_int_equal(run.match.common.log_format, 0);
    run.environment[0] = (char *)"DUELPOD_PROFILE=staging";
    load_match();
    expect_refusal("profile", "development|production");
}

static void a_flag_beats_the_environment_beats_the_file_beats_the_default(void **state)
{
    (void)state;
    run.file = "[client]\nport = 1001\nshards = 2\nauth_timeout_ms = 3000\n";
    run.environment[0] = (char *)"DUELPOD_CLIENT_PORT=1002";
    run.environment[1] = (char *)"DUELPOD_CLIENT_SHARDS=3";
    run.flags[0] = (char *)"--client.port=1003";
    load_game();
    expect_start();
    assert_int_equal(run.game.client_port, 1003);
    assert_int_equal(run.game.client_shards, 3);
    assert_int_equal(run.game.client_auth_timeout_ms, 3000);
    assert_int_equal(run.game.client_battle_workers, 1);
}

static void a_flag_may_carry_its_value_behind_a_sign_or_a_space(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--client.port";
    run.flags[1] = (char *)"7001";
    run.flags[2] = (char *)"--auth.issuer=a=b";
    load_game();
    expect_start();
    assert_int_equal(run.game.client_port, 7001);
    assert_string_equal(run.game.auth_issuer, "a=b");
}

static void bad_integers_are_refused_with_the_range(void **state)
{
    (void)state;
    const char *bad[] = {"", " 1", "1 ", "+1", "0x10", "1.5", "1e3", "one", "--", "1,000"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        char flag[64];
        snprintf(flag, sizeof flag, "--client.port=%s", bad[i]);
        refuse_flag(flag, "not a whole number, allowed is 0..65535");
    }
    refuse_flag("--client.port=65536", "\"65536\": out of range, allowed is 0..65535");
    refuse_flag("--client.port=-1", "out of range");
    refuse_flag("--client.port=9223372036854775808", "out of range");
    refuse_flag("--client.port=-9223372036854775809", "out of range");
    refuse_flag("--client.port=99999999999999999999999", "out of range");
    refuse_flag("--client.port=18446744073709559697", "out of range"); /* 2^64 + 8081 */
    refuse_flag("--session.disconnect_grace_ms=600001", "allowed is 0..600000 ms");
}

static void bad_bools_and_choices_are_refused_with_the_choices(void **state)
{
    (void)state;
    refuse_flag("--auth.dev_tokens=yes", "allowed is on|off");
    refuse_flag("--auth.dev_tokens=", "allowed is on|off");
    refuse_flag("--log.level=inf", "allowed is debug|info|warning|error");
    refuse_flag("--log.level=infos", "no such choice");
    refuse_flag("--log.level=debug|info", "no such choice");
    refuse_flag("--log.level=", "no such choice");
}

static void bad_texts_are_refused_with_the_form(void **state)
{
    (void)state;
    refuse_flag("--pod.id=Pod", "a-z 0-9 -, 1 to 32 bytes");
    refuse_flag("--pod.id=", "empty");
    refuse_flag("--pod.id=a23456789012345678901234567890123", "too long");
    refuse_flag("--pod.id=a:b", "wrong form");
    refuse_flag("--client.host=localhost", "an IPv4 or IPv6 address");
    refuse_flag("--redis.url=http://127.0.0.1", "redis://... or unix:///...");
    refuse_flag("--auth.issuer=a\nb", "not text");
    refuse_flag("--auth.issuer=\xC3(", "not text");
    refuse_flag("--redis.key_prefix={eu}: x", "wrong form");
}

static void lists_of_names_refuse_gaps_and_doubles(void **state)
{
    (void)state;
    const char *bad[] = {"normal,",       ",normal", "normal,,ranked", "normal,ranked,normal", "Normal",
                         "normal ranked", ""};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        char flag[64];
        clear_run(NULL);
        snprintf(flag, sizeof flag, "--queue.modes=%s", bad[i]);
        run.flags[0] = flag;
        load_match();
        expect_refusal("--queue.modes", "allowed is names");
    }
    clear_run(NULL);
    run.flags[0] = (char *)"--queue.modes=normal,ranked,norm";
    load_match();
    expect_start();
}

static void a_wrong_ranked_window_is_refused_with_the_reason(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--ranked.window=0:50,1000:40";
    load_match();
    expect_refusal("ranked.window", "windows must not get narrower");
    clear_run(NULL);
    run.flags[0] = (char *)"--ranked.window=0:10,500:20";
    load_match();
    expect_start();
}

static void an_address_may_be_of_either_family(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--client.host=::1";
    run.flags[1] = (char *)"--admin.host=0.0.0.0";
    load_game();
    expect_start();
    assert_string_equal(run.game.client_host, "::1");
}

static void unknown_and_incomplete_flags_are_refused(void **state)
{
    (void)state;
    refuse_flag("--client.prot=1", "unknown option");
    refuse_flag("--client", "unknown option");
    refuse_flag("--.=1", "unknown option");
    refuse_flag("--client.port", "needs a value");
    refuse_flag("--config", "needs a value");
    clear_run(NULL);
    run.flags[0] = (char *)"--check-config=yes";
    load_game();
    expect_refusal("--check-config", "takes no value");
    const char *bad[] = {"start", "-p", "-", "--", "--=3"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        clear_run(NULL);
        run.flags[0] = (char *)bad[i];
        load_game();
        assert_int_equal(run.outcome, OPTIONS_REFUSED);
        assert_int_equal(lines_of(run.errors), 1);
    }
    clear_run(NULL);
    run.flags[0] = (char *)"--client.port=1";
    run.flags[1] = (char *)"--client.port=1";
    load_game();
    expect_refusal("--client.port", "given twice");
}

static void all_errors_of_all_sources_are_listed_at_once(void **state)
{
    (void)state;
    run.file = "[client]\nport = x\nshards\n[nothing]\na = 1\n[admin]\nport = -1\n";
    run.environment[0] = (char *)"DUELPOD_CLIENT_PORT=y";
    run.flags[0] = (char *)"--client.port=z";
    run.flags[1] = (char *)"--a.b=c";
    load_game();
    assert_int_equal(run.outcome, OPTIONS_REFUSED);
    const char *places[] = {"ini:2: client.port",
                            "ini:3:",
                            "ini:4: unknown",
                            "ini:7: admin.port",
                            "DUELPOD_CLIENT_PORT: client.port",
                            "--client.port:",
                            "--a.b:"};
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) assert_non_null(strstr(run.errors, places[i]));
    assert_int_equal(lines_of(run.errors), ARRAY_LENGTH(places));
}

static void a_refused_start_leaves_the_config_as_it_was(void **state)
{
    (void)state;
    run.game.client_port = 4711;
    run.flags[0] = (char *)"--client.port=1";
    run.flags[1] = (char *)"--client.shards=x";
    load_game();
    assert_int_equal(run.outcome, OPTIONS_REFUSED);
    assert_int_equal(run.game.client_port, 4711);
}

static void what_rows_cannot_see_alone_is_checked_too(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--redis.backoff_min_ms=6000";
    load_match();
    expect_refusal("redis.backoff_min_ms", "above redis.backoff_max_ms");
    run.flags[0] = (char *)"--matchmaker.renew_ms=800";
    load_match();
    expect_refusal("matchmaker.renew_ms", "matchmaker.lease_ms");
    run.flags[0] = (char *)"--profile=production";
    load_game();
    expect_refusal("game_server", "nobody could log in");
    run.flags[0] = (char *)"--client.ping_interval_ms=40000";
    load_game();
    expect_refusal("client.idle_timeout_ms", "client.ping_interval_ms");
}

static void development_tokens_need_a_secret_and_are_refused_in_production(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--auth.dev_tokens=on";
    load_game();
    expect_refusal("auth.dev_tokens", "no auth.hs256_secret");
    run.environment[0] = (char *)"DUELPOD_AUTH_HS256_SECRET=0123456789abcdef0123456789abcdef";
    load_game();
    expect_start();
    assert_true(run.game.auth_dev_tokens);
    run.flags[1] = (char *)"--profile=production";
    load_game();
    expect_refusal("auth.dev_tokens", "refused with the production profile");
}

static void help_mentions_every_option_with_its_environment_name(void **state)
{
    (void)state;
    const struct options_program *programs[] = {&game_program, &match_program};
    for (size_t p = 0; p < ARRAY_LENGTH(programs); p++) {
        run.flags[0] = (char *)"--help";
        load(programs[p], &run.match);
        assert_int_equal(run.outcome, OPTIONS_DONE);
        for (size_t i = 0; i < programs[p]->row_count; i++) {
            const struct option *row = &programs[p]->rows[i];
            char flag[96];
            snprintf(flag, sizeof flag, "--%s.%s\n", row->section, row->key);
            assert_non_null(strstr(run.out, flag));
            assert_non_null(strstr(run.out, row->sentence));
        }
    }
    assert_non_null(strstr(run.out, "DUELPOD_MATCHMAKER_BATCH_PAIRS_MAX"));
    assert_non_null(strstr(run.out, "default text, in production json; json|text"));
}

static void rows_are_well_formed(void **state)
{
    (void)state;
    const struct options_program *programs[] = {&game_program, &match_program};
    for (size_t p = 0; p < ARRAY_LENGTH(programs); p++) {
        for (size_t i = 0; i < programs[p]->row_count; i++) {
            const struct option *row = &programs[p]->rows[i];
            size_t length = strlen(row->sentence);
            assert_true(length > 10 && row->sentence[length - 1] == '.');
            assert_true(row->min <= row->max);
            for (size_t j = 0; j < i; j++) {
                const struct option *other = &programs[p]->rows[j];
                bool same_section = strcmp(row->section, other->section) == 0;
                assert_false(same_section && strcmp(row->key, other->key) == 0);
                assert_false(same_section && strcmp(row->section, programs[p]->rows[i - 1].section) != 0);
            }
        }
    }
}

static void check_config_and_version_start_nothing(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--check-config";
    load_game();
    assert_int_equal(run.outcome, OPTIONS_DONE);
    assert_string_equal(run.out, "game_server: the configuration is valid\n");
    run.flags[1] = (char *)"--client.port=x";
    load_game();
    expect_refusal("--client.port", "whole number");
    run.flags[0] = (char *)"--version";
    load_game();
    assert_int_equal(run.outcome, OPTIONS_DONE);
    assert_ptr_equal(strstr(run.out, "game_server "), run.out);
}

/* log_start() gets the index of the choice as it stands in the config. */
static void choices_of_the_log_are_its_levels_and_formats(void **state)
{
    (void)state;
    char flag[64];
    for (int level = 0; level < LOG_LEVEL_COUNT; level++) {
        snprintf(flag, sizeof flag, "--log.level=%s", log_level_name((enum log_level)level));
        run.flags[0] = flag;
        run.flags[1] = (char *)"--log.format=json";
        load_match();
        expect_start();
        assert_int_equal(run.match.common.log_level, level);
        assert_int_equal(run.match.common.log_format, LOG_AS_JSON);
    }
    run.flags[1] = (char *)"--log.format=text";
    load_match();
    assert_int_equal(run.match.common.log_format, LOG_AS_TEXT);
}

/* " section.key" of every row that differs, and "!" where it was adopted. */
static void note_difference(void *context, const struct option *row, bool adopted)
{
    char *told = context;
    size_t length = strlen(told);
    snprintf(told + length, 128 - length, " %s.%s%s", row->section, row->key, adopted ? "!" : "");
}

static void reload_takes_what_can_change_and_names_what_cannot(void **state)
{
    (void)state;
    load_game();
    struct game_config running = run.game;
    run.flags[0] = (char *)"--log.level=debug";
    run.flags[1] = (char *)"--client.port=1";
    run.flags[2] = (char *)"--session.heartbeat_ms=2000";
    load_game();
    expect_start();
    char told[128] = "";
    assert_int_equal(options_adopt(&game_program, &running, &run.game, note_difference, told), 1);
    assert_string_equal(told, " log.level! client.port session.heartbeat_ms!");
    assert_int_equal(running.common.log_level, 0);
    assert_int_equal(running.session_heartbeat_ms, 2000);
    assert_int_equal(running.client_port, 8081);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_those_of_the_rows),
        TEST(every_default_of_every_profile_is_valid),
        TEST(profiles_differ_where_the_row_says_so),
        TEST(a_flag_beats_the_environment_beats_the_file_beats_the_default),
        TEST(a_flag_may_carry_its_value_behind_a_sign_or_a_space),
        TEST(bad_integers_are_refused_with_the_range),
        TEST(bad_bools_and_choices_are_refused_with_the_choices),
        TEST(bad_texts_are_refused_with_the_form),
        TEST(lists_of_names_refuse_gaps_and_doubles),
        TEST(a_wrong_ranked_window_is_refused_with_the_reason),
        TEST(an_address_may_be_of_either_family),
        TEST(unknown_and_incomplete_flags_are_refused),
        TEST(all_errors_of_all_sources_are_listed_at_once),
        TEST(a_refused_start_leaves_the_config_as_it_was),
        TEST(what_rows_cannot_see_alone_is_checked_too),
        TEST(development_tokens_need_a_secret_and_are_refused_in_production),
        TEST(help_mentions_every_option_with_its_environment_name),
        TEST(rows_are_well_formed),
        TEST(check_config_and_version_start_nothing),
        TEST(choices_of_the_log_are_its_levels_and_formats),
        TEST(reload_takes_what_can_change_and_names_what_cannot),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
