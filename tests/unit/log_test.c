#include "common/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log_limit.h"

/* 2024-02-29T12:34:56.007Z */
static const int64_t leap_day_ms = INT64_C(1709210096007);

static const char *format(enum log_format as, const struct log_field *fields, size_t count)
{
    static char line[LOG_LINE_BYTES_MAX + 1];
    struct log_event event = {leap_day_ms, LOG_WARNING, "it_happened", "shard-1", fields, count, 0};
    size_t length = log_line_format(&event, as, line);
    assert_in_range(length, 1, LOG_LINE_BYTES_MAX);
    line[length] = '\0';
    assert_ptr_equal(strchr(line, '\n'), line + length - 1);
    return line;
}

static void json_has_time_level_event_component_then_the_fields_in_order(void **state)
{
    (void)state;
    const struct log_field fields[] = {LOG_TEXT("match_id", "m-1"), LOG_INT("wait_ms", -42),
                                       LOG_BOOL("rated", true), LOG_INT("least", INT64_MIN),
                                       LOG_TEXT("nothing", NULL)};
    assert_string_equal(
        format(LOG_AS_JSON, fields, ARRAY_LENGTH(fields)),
        "{\"ts\":\"2024-02-29T12:34:56.007Z\",\"level\":\"warning\",\"event\":\"it_happened\","
        "\"component\":\"shard-1\",\"match_id\":\"m-1\",\"wait_ms\":-42,\"rated\":true,"
        "\"least\":-9223372036854775808,\"nothing\":\"(none)\"}\n");
}

static void text_quotes_only_what_needs_it(void **state)
{
    (void)state;
    const struct log_field fields[] = {LOG_TEXT("id", "m-1:a/b"), LOG_TEXT("name", "a b"),
                                       LOG_TEXT("empty", ""), LOG_TEXT("sign", "a=b"), LOG_INT("n", 7)};
    assert_string_equal(
        format(LOG_AS_TEXT, fields, ARRAY_LENGTH(fields)),
        "2024-02-29T12:34:56.007Z warning shard-1 it_happened id=m-1:a/b name=\"a b\" empty=\"\" "
        "sign=\"a=b\" n=7\n");
}

static void nothing_in_a_value_can_break_or_forge_a_line(void **state)
{
    (void)state;
    const char evil[] = "a\"b\\c\r\nd\x1b[2J\x7f\0e\xc2\x9b"
                        "1m";
    const struct log_field fields[] = {LOG_BYTES("name", ((struct bytes){evil, sizeof evil - 1}))};
    const char *escaped = "\"a\\\"b\\\\c\\u000d\\u000ad\\u001b[2J\\u007f\\u0000e\\u009b1m\"";
    assert_non_null(strstr(format(LOG_AS_JSON, fields, 1), escaped));
    assert_non_null(strstr(format(LOG_AS_TEXT, fields, 1), escaped));
}

static void invalid_utf8_is_replaced_and_valid_utf8_kept(void **state)
{
    (void)state;
    const struct log_field fields[] = {LOG_TEXT("a", "\xff\xc3\xa4\xc3\xed\xa0\x80\xf0\x9f\x98\x80\xe2\x82")};
    const char *line = format(LOG_AS_JSON, fields, 1);
    assert_non_null(
        strstr(line, "\"a\":\"\\ufffd\xc3\xa4\\ufffd\\ufffd\\ufffd\\ufffd\xf0\x9f\x98\x80\\ufffd\\ufffd\"}"));
}

static void fields_that_do_not_fit_are_left_out_whole(void **state)
{
    (void)state;
    char big[5000];
    memset(big, '\x01', sizeof big);
    for (size_t length = 0; length < sizeof big; length++) {
        const struct log_field fields[] = {
            LOG_INT("first", 1), LOG_BYTES("big", ((struct bytes){big, length})), LOG_INT("last", 1)};
        const char *line = format(LOG_AS_JSON, fields, 3);
        bool fits = length * 6 < 3900;
        bool cut = strstr(line, "\"cut\":true}\n") != NULL;
        if (fits) assert_false(cut);
        if (cut) assert_null(strstr(line, "last"));
        assert_non_null(strstr(line, "\"first\":1"));
    }
}

static void a_name_has_its_lines_per_second_and_then_a_count(void **state)
{
    (void)state;
    static struct log_limit limit;
    uint64_t suppressed;
    for (int i = 0; i < 3; i++) assert_true(log_limit_allows(&limit, "a", 5000, 3, &suppressed));
    assert_false(log_limit_allows(&limit, "a", 5100, 3, &suppressed));
    assert_false(log_limit_allows(&limit, "a", 5999, 3, &suppressed));
    assert_true(log_limit_allows(&limit, "b", 5999, 3, &suppressed));
    assert_true(log_limit_allows(&limit, "a", 6000, 3, &suppressed));
    assert_int_equal(suppressed, 2);
    assert_true(log_limit_allows(&limit, "a", 6000, 3, &suppressed));
    assert_int_equal(suppressed, 0);
    for (int i = 0; i < 100; i++) assert_true(log_limit_allows(&limit, "c", 6000, 0, &suppressed));
}

static void more_names_than_the_table_holds_share_one_count(void **state)
{
    (void)state;
    static struct log_limit limit;
    static char names[LOG_NAMES_MAX + 2][8];
    uint64_t suppressed;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) snprintf(names[i], sizeof names[i], "n%zu", i);
    for (size_t i = 0; i < LOG_NAMES_MAX; i++) {
        assert_true(log_limit_allows(&limit, names[i], 1000, 1, &suppressed));
    }
    assert_true(log_limit_allows(&limit, names[LOG_NAMES_MAX], 1000, 1, &suppressed));
    assert_false(log_limit_allows(&limit, names[LOG_NAMES_MAX + 1], 1000, 1, &suppressed));
}

/* The log writes into a pipe that the test reads. */
static int pipe_fds[2];

static int open_pipe(void **state)
{
    (void)state;
    if (pipe2(pipe_fds, O_NONBLOCK) != 0) return -1;
    log_start(&(struct log_config){LOG_INFO, LOG_AS_JSON, pipe_fds[1], 0});
    return 0;
}

static int close_pipe(void **state)
{
    (void)state;
    log_start(&(struct log_config){LOG_INFO, LOG_AS_TEXT, STDERR_FILENO, 20});
    close(pipe_fds[0]);
    if (pipe_fds[1] >= 0) close(pipe_fds[1]);
    return 0;
}

static const char *read_pipe(void)
{
    static char text[65537];
    ssize_t length = read(pipe_fds[0], text, sizeof text - 1);
    text[length < 0 ? 0 : length] = '\0';
    return text;
}

static int evaluations;

static int evaluate(void)
{
    return ++evaluations;
}

static void events_below_the_level_are_not_written_nor_evaluated(void **state)
{
    (void)state;
    evaluations = 0;
    log_event(LOG_DEBUG, "hidden", LOG_INT("n", evaluate()));
    assert_int_equal(evaluations, 0);
    assert_string_equal(read_pipe(), "");
    log_set_level(LOG_DEBUG);
    log_event(LOG_DEBUG, "shown", LOG_INT("n", evaluate()));
    assert_int_equal(evaluations, 1);
    assert_non_null(strstr(read_pipe(), "\"event\":\"shown\",\"component\":\"main\",\"n\":1}"));
    log_set_level(LOG_ERROR);
    log_event(LOG_WARNING, "hidden");
    assert_string_equal(read_pipe(), "");
}

static void an_event_needs_no_fields(void **state)
{
    (void)state;
    log_event(LOG_INFO, "started");
    assert_non_null(strstr(read_pipe(), "\"event\":\"started\",\"component\":\"main\"}\n"));
}

static void lines_are_counted_by_level_and_suppressed_ones_too(void **state)
{
    (void)state;
    struct log_counters before = log_counters();
    log_start(&(struct log_config){LOG_INFO, LOG_AS_JSON, pipe_fds[1], 5});
    for (int i = 0; i < 1000; i++) log_event(LOG_ERROR, "flood");
    struct log_counters after = log_counters();
    uint64_t written = after.lines[LOG_ERROR] - before.lines[LOG_ERROR];
    assert_in_range(written, 5, 50);
    assert_int_equal(after.suppressed - before.suppressed, 1000 - written);
    assert_int_equal(after.lines[LOG_INFO], before.lines[LOG_INFO]);
}

static void a_full_or_closed_reader_costs_lines_but_not_the_process(void **state)
{
    (void)state;
    struct log_counters before = log_counters();
    for (int i = 0; i < 2000; i++)
        log_event(LOG_INFO, "flood", LOG_TEXT("pad", "0123456789012345678901234567890"));
    struct log_counters after = log_counters();
    assert_true(after.lost > before.lost);
    close(pipe_fds[1]);
    pipe_fds[1] = -1;
    log_event(LOG_INFO, "nobody_listens");
    assert_int_equal(log_counters().lost, after.lost + 1);
}

enum { WRITERS = 4, LINES = 60 };

static void *write_lines(void *context)
{
    log_set_component(context);
    for (int i = 0; i < LINES; i++)
        log_event(LOG_INFO, "line", LOG_INT("n", i), LOG_TEXT("pad", "xxxxxxxxxxxxxxxxxx"));
    return NULL;
}

static void lines_of_many_threads_never_mix(void **state)
{
    (void)state;
    static const char *const names[WRITERS] = {"w0", "w1", "w2", "w3"};
    pthread_t threads[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) pthread_create(&threads[i], NULL, write_lines, (void *)names[i]);
    for (size_t i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
    int next[WRITERS] = {0};
    int lines = 0;
    char *rest = NULL;
    for (char *line = strtok_r((char *)read_pipe(), "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        size_t writer;
        int number;
        const char *tail = strstr(line, "\"component\":\"w");
        assert_non_null(tail);
        assert_int_equal(sscanf(tail, "\"component\":\"w%zu\",\"n\":%d", &writer, &number), 2);
        assert_int_equal(number, next[writer]++);
        assert_string_equal(line + strlen(line) - 3, "x\"}");
        lines++;
    }
    assert_int_equal(lines, WRITERS * LINES);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_time_level_event_component_then_the_fields_in_order),
        cmocka_unit_test(text_quotes_only_what_needs_it),
        cmocka_unit_test(nothing_in_a_value_can_break_or_forge_a_line),
        cmocka_unit_test(invalid_utf8_is_replaced_and_valid_utf8_kept),
        cmocka_unit_test(fields_that_do_not_fit_are_left_out_whole),
        cmocka_unit_test(a_name_has_its_lines_per_second_and_then_a_count),
        cmocka_unit_test(more_names_than_the_table_holds_share_one_count),
        cmocka_unit_test_setup_teardown(events_below_the_level_are_not_written_nor_evaluated, open_pipe,
                                        close_pipe),
        cmocka_unit_test_setup_teardown(an_event_needs_no_fields, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(lines_are_counted_by_level_and_suppressed_ones_too, open_pipe,
                                        close_pipe),
        cmocka_unit_test_setup_teardown(a_full_or_closed_reader_costs_lines_but_not_the_process, open_pipe,
                                        close_pipe),
        cmocka_unit_test_setup_teardown(lines_of_many_threads_never_mix, open_pipe, close_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
