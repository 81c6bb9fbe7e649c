#include "tests/unit/options_run.h"

static const char secret[] = "0123456789abcdef0123456789abcdef";

static void the_file_may_be_named_by_the_environment(void **state)
{
    (void)state;
    char variable[128];
    write_file(config_path, "[client]\nport=1\n", 16);
    snprintf(variable, sizeof variable, "DUELPOD_CONFIG=%s", config_path);
    run.environment[0] = variable;
    load_game();
    expect_start();
    assert_int_equal(run.game.client_port, 1);
}

static void a_file_that_is_not_there_is_refused(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--config=/nonexistent/server.ini";
    load_game();
    expect_refusal("/nonexistent/server.ini", "No such file");
    run.flags[0] = (char *)"--config=/";
    load_game();
    expect_refusal("/", "directory");
}

static void errors_of_the_file_name_their_line(void **state)
{
    (void)state;
    refuse_file("[client]\n\nport = 99999\n", ":3: client.port", "out of range, allowed is 0..65535");
    refuse_file("[client]\nprot = 1\n", ":2:", "unknown key prot in section [client]");
    refuse_file("; hello\n[clients]\nport = 1\nhost = x\n", ":2:", "unknown section");
    refuse_file("[client]\nport = 1\n[admin]\nport = 1\n[client]\nport = 2\n", ":6: client.port",
                "set in line 2");
    refuse_file("[client]\nport = 1\nport = 1\n", ":3: client.port", "set in line 2");
    refuse_file("[client]\nport\n", ":2:", "key = value");
    refuse_file("[client]\nport 8081", ":2:", "key = value");
    refuse_file("[client\nport = 1\n", ":1:", "no ]");
    refuse_file("[client] x\nport = 1\n", ":1:", "text after the name");
    refuse_file("[]\n", ":1:", "unknown section");
    refuse_file("port = 1\n", ":1:", "unknown key port");
    refuse_file("[client]\n= 1\n", ":2:", "unknown key");
    refuse_file("[client]\nport = 8\001\n", ":2:", "control character");
    refuse_file("[client]\nport = 8081 ; the port\n", ":2: client.port", "a comment needs a line of its own");
    refuse_file("[auth]\nissuer = a\n  b\n", ":3:", "key = value");
    refuse_file("[client]\nPORT = 1\n", ":2:", "unknown key PORT");
}

static void what_ini_files_usually_hold_is_understood(void **state)
{
    (void)state;
    run.file = "\xEF\xBB\xBF; comment\r\n# comment\r\n\r\n[client]\r\n  port=1\r\nhost : 127.0.0.2 \r\n"
               "[auth]\nissuer = https://a.example/#x;y=1\n[client]\nshards\t=\t4";
    load_game();
    expect_start();
    assert_int_equal(run.game.client_port, 1);
    assert_int_equal(run.game.client_shards, 4);
    assert_string_equal(run.game.client_host, "127.0.0.2");
    assert_string_equal(run.game.auth_issuer, "https://a.example/#x;y=1");
}

static void long_values_arrive_whole_and_longer_lines_are_refused(void **state)
{
    (void)state;
    char value[10001], file[10100];
    memset(value, 'a', sizeof value);
    snprintf(file, sizeof file, "[game]\ncatalog_file = %.350s\n", value);
    run.file = file;
    load_game();
    expect_start();
    assert_int_equal(strlen(run.game.game_catalog_file), 350);

    snprintf(file, sizeof file, "[game]\ncatalog_file = %.1023s\n", value);
    load_game();
    expect_start();
    assert_int_equal(strlen(run.game.game_catalog_file), 1023);

    snprintf(file, sizeof file, "[game]\ncatalog_file = %.1024s\n", value);
    refuse_file(file, ":2: game.catalog_file", "too long");
    snprintf(file, sizeof file, "[game]\ncatalog_file = %.8177s\n[client]\nport = 1\n", value);
    refuse_file(file, ":2: game.catalog_file", "too long");
    snprintf(file, sizeof file, "[game]\ncatalog_file = %.8178s\n[client]\nport = 1\n", value);
    refuse_file(file, ":2:", "line longer than 8192 bytes");
    snprintf(file, sizeof file, "[game]\ncatalog_file = %.10000s", value);
    refuse_file(file, ":2:", "line longer than 8192 bytes");
}

static void a_file_without_end_is_refused(void **state)
{
    (void)state;
    run.flags[0] = (char *)"--config=/dev/zero";
    load_game();
    expect_refusal("/dev/zero:1:", "larger than 1 MiB");
}

static void thousands_of_errors_are_counted_but_not_printed(void **state)
{
    (void)state;
    char *file = memory_new(6000);
    for (size_t i = 0; i < 1000; i++) strcpy(file + i * 4, "x=1\n");
    run.file = file;
    load_game();
    free(file);
    assert_int_equal(run.outcome, OPTIONS_REFUSED);
    assert_int_equal(lines_of(run.errors), 101);
    assert_non_null(strstr(run.errors, "and 900 more errors"));
}

static void secrets_come_from_files_without_their_newline(void **state)
{
    (void)state;
    char variable[128];
    snprintf(variable, sizeof variable, "DUELPOD_AUTH_HS256_SECRET_FILE=%s", secret_path);
    run.environment[0] = variable;
    write_file(secret_path, "0123456789abcdef0123456789abcdef\n", 33);
    chmod(secret_path, 0600);
    load_game();
    expect_start();
    assert_string_equal(run.game.auth_hs256_secret, secret);

    chmod(secret_path, 0644);
    load_game();
    assert_int_equal(run.outcome, OPTIONS_START);
    assert_non_null(strstr(run.errors, "warning"));
    assert_non_null(strstr(run.errors, "(mode 644)"));
    chmod(secret_path, 0600);

    run.environment[1] = (char *)"DUELPOD_AUTH_HS256_SECRET=0123456789abcdef0123456789abcdef";
    load_game();
    expect_refusal("auth.hs256_secret_file", "both set");
}

static void bad_secret_files_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t length;
        const char *wrong;
    } bad[] = {{"", 0, "empty"},
               {"\n", 1, "empty"},
               {"short\n", 6, "too short"},
               {"0123456789abcdef\0000123456789abcdef", 33, "not text"},
               {"0123456789abcdef\n0123456789abcdef", 33, "not text"}};
    char variable[128];
    snprintf(variable, sizeof variable, "DUELPOD_AUTH_HS256_SECRET_FILE=%s", secret_path);
    run.environment[0] = variable;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        write_file(secret_path, bad[i].text, bad[i].length);
        load_game();
        expect_refusal("auth.hs256_secret", bad[i].wrong);
    }
    char large[5000];
    memset(large, 'a', sizeof large);
    write_file(secret_path, large, sizeof large);
    load_game();
    expect_refusal("auth.hs256_secret", "too long");
    unlink(secret_path);
    load_game();
    expect_refusal("auth.hs256_secret", "No such file");
}

static void secrets_are_refused_on_the_command_line_and_never_printed(void **state)
{
    (void)state;
    refuse_flag("--auth.hs256_secret=0123456789abcdef0123456789abcdef", "DUELPOD_AUTH_HS256_SECRET");
    refuse_flag("--redis.url=redis://game:hunter2@127.0.0.1", "no place for a password");
    assert_null(strstr(run.errors, "hunter2"));
    clear_run(NULL);
    run.environment[0] = (char *)"DUELPOD_AUTH_HS256_SECRET=tooshort";
    load_game();
    expect_refusal("DUELPOD_AUTH_HS256_SECRET", "too short");
    assert_null(strstr(run.errors, "tooshort"));
}

static void the_printed_config_is_a_file_that_gives_the_same_config(void **state)
{
    (void)state;
    static char printed[TEXT_MAX];
    run.flags[0] = (char *)"--client.port=4242";
    run.flags[1] = (char *)"--log.format=json";
    load_game();
    struct game_config before = run.game;
    run.flags[2] = (char *)"--print-config";
    load_game();
    assert_int_equal(run.outcome, OPTIONS_DONE);
    memcpy(printed, run.out, sizeof printed);

    clear_run(NULL);
    run.file = printed;
    load_game();
    expect_start();
    assert_memory_equal(&run.game, &before, sizeof before);
}

static void the_printed_config_shows_no_secret(void **state)
{
    (void)state;
    run.environment[0] = (char *)"DUELPOD_AUTH_HS256_SECRET=0123456789abcdef0123456789abcdef";
    run.environment[1] = (char *)"DUELPOD_REDIS_URL=redis://game:hunter2@127.0.0.1:6379";
    run.flags[0] = (char *)"--print-config";
    load_game();
    assert_int_equal(run.outcome, OPTIONS_DONE);
    assert_null(strstr(run.out, secret));
    assert_null(strstr(run.out, "hunter2"));
    assert_non_null(strstr(run.out, "; hs256_secret = (set)\n"));
    assert_non_null(strstr(run.out, "; password = (not set)\n"));
    assert_non_null(strstr(run.out, "; url = (password)@127.0.0.1:6379\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_file_may_be_named_by_the_environment),
        TEST(a_file_that_is_not_there_is_refused),
        TEST(errors_of_the_file_name_their_line),
        TEST(what_ini_files_usually_hold_is_understood),
        TEST(long_values_arrive_whole_and_longer_lines_are_refused),
        TEST(a_file_without_end_is_refused),
        TEST(thousands_of_errors_are_counted_but_not_printed),
        TEST(secrets_come_from_files_without_their_newline),
        TEST(bad_secret_files_are_refused),
        TEST(secrets_are_refused_on_the_command_line_and_never_printed),
        TEST(the_printed_config_is_a_file_that_gives_the_same_config),
        TEST(the_printed_config_shows_no_secret),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
