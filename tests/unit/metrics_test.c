#include "common/metrics.h"

#include <ctype.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "game_server/metrics.h"
#include "match_server/metrics.h"

/* ---- a reader of the text format that refuses what Prometheus or a careful person would */

enum { SERIES_MAX = 2000, FAMILIES_MAX = 500, LINE_MAX = 512 };

struct series {
    char name[256]; /* With its labels. */
    double value;
};

struct exposition {
    struct series series[SERIES_MAX];
    size_t series_count;
    char families[FAMILIES_MAX][128];
    size_t family_count;
    char kind[16]; /* Of the last family. */
    bool has_type;
    double bucket_last, bound_last; /* Of the histogram being read; bound -1: none. */
    char wrong[LINE_MAX + 128];     /* The first thing that is. */
};

static struct exposition seen;

static void refuse(const char *what, const char *line)
{
    if (seen.wrong[0] == '\0') snprintf(seen.wrong, sizeof seen.wrong, "%s: %s", what, line);
}

static size_t name_length(const char *text)
{
    size_t length = 0;
    while (islower((unsigned char)text[length]) || text[length] == '_' ||
           (length > 0 && isdigit((unsigned char)text[length]))) {
        length++;
    }
    return length;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static void read_help(const char *line, const char *rest)
{
    size_t length = name_length(rest);
    if (length == 0 || rest[length] != ' ' || rest[length + 1] == '\0') refuse("HELP without a text", line);
    for (size_t i = 0; i < seen.family_count; i++) {
        if (strlen(seen.families[i]) == length && strncmp(seen.families[i], rest, length) == 0) {
            refuse("family in two places", line);
        }
    }
    if (length >= sizeof seen.families[0] || seen.family_count == FAMILIES_MAX)
        return refuse("too much", line);
    snprintf(seen.families[seen.family_count++], sizeof seen.families[0], "%.*s", (int)length, rest);
    seen.has_type = false;
    seen.bound_last = -1;
}

static void read_type(const char *line, const char *rest)
{
    char family[128], end;
    if (sscanf(rest, "%127s %15s%c", family, seen.kind, &end) != 2) return refuse("bad TYPE", line);
    if (seen.family_count == 0 || strcmp(family, seen.families[seen.family_count - 1]) != 0 ||
        seen.has_type) {
        refuse("TYPE does not follow its HELP", line);
    }
    bool known = strcmp(seen.kind, "counter") == 0 || strcmp(seen.kind, "gauge") == 0 ||
                 strcmp(seen.kind, "histogram") == 0;
    if (!known) refuse("unknown type", line);
    bool is_counter = strcmp(seen.kind, "counter") == 0;
    if (is_counter != ends_with(family, "_total")) refuse("_total is for counters", line);
    if (ends_with(family, "_ms") || ends_with(family, "_us")) refuse("not a base unit", line);
    seen.has_type = true;
}

/* name="value",... up to }. Returns what follows, or NULL. */
static const char *skip_labels(const char *at)
{
    for (;;) {
        size_t length = name_length(at);
        if (length == 0 || strncmp(at + length, "=\"", 2) != 0) return NULL;
        for (at += length + 2; *at != '"'; at++) {
            if (*at == '\0') return NULL;
            if (*at == '\\' && strchr("\\\"n", *++at) == NULL) return NULL;
        }
        at++;
        if (*at == '}') return at + 1;
        if (*at++ != ',') return NULL;
    }
}

static void read_bucket(const char *line, const char *labels, double value)
{
    const char *le = strstr(labels, "le=\"");
    if (le == NULL) return refuse("bucket without le", line);
    double bound = strncmp(le + 4, "+Inf\"", 5) == 0 ? 1e300 : atof(le + 4);
    if (seen.bound_last >= 0 && bound <= seen.bound_last) refuse("bounds do not ascend", line);
    if (seen.bound_last >= 0 && value < seen.bucket_last) refuse("buckets are not cumulative", line);
    seen.bound_last = bound;
    seen.bucket_last = value;
}

static void read_histogram_sample(const char *line, const char *name, double value)
{
    const char *suffix = name + strlen(seen.families[seen.family_count - 1]);
    if (strncmp(suffix, "_bucket", 7) == 0) return read_bucket(line, suffix, value);
    if (seen.bound_last != 1e300) refuse("no +Inf bucket before", line);
    if (strncmp(suffix, "_count", 6) == 0) {
        if (value != seen.bucket_last) refuse("count is not the +Inf bucket", line);
        seen.bound_last = -1;
    } else if (strncmp(suffix, "_sum", 4) != 0) {
        refuse("not part of a histogram", line);
    }
}

static void read_sample(const char *line)
{
    size_t length = name_length(line);
    const char *rest = line + length;
    if (length > 0 && *rest == '{') rest = skip_labels(rest + 1);
    if (length == 0 || rest == NULL || *rest != ' ') return refuse("bad sample", line);
    size_t name_size = (size_t)(rest - line);
    char *end;
    double value = strtod(rest + 1, &end);
    if (end == rest + 1 || *end != '\0' || strspn(rest + 1, "-.0123456789") != strlen(rest + 1)) {
        refuse("bad number", line);
    }
    if (seen.series_count == SERIES_MAX || name_size >= sizeof seen.series[0].name)
        return refuse("too much", line);
    struct series *series = &seen.series[seen.series_count];
    snprintf(series->name, sizeof series->name, "%.*s", (int)name_size, line);
    series->value = value;
    for (size_t i = 0; i < seen.series_count; i++) {
        if (strcmp(seen.series[i].name, series->name) == 0) refuse("series twice", line);
    }
    seen.series_count++;
    const char *family = seen.family_count == 0 ? "" : seen.families[seen.family_count - 1];
    size_t family_length = strlen(family);
    bool is_histogram = strcmp(seen.kind, "histogram") == 0;
    bool belongs = seen.has_type && strncmp(line, family, family_length) == 0 &&
                   (is_histogram ? line[family_length] == '_' : length == family_length);
    if (!belongs) return refuse("sample outside its family", line);
    if (is_histogram) read_histogram_sample(line, series->name, value);
}

/* "" or what is wrong. */
static const char *check_exposition(const char *text)
{
    memset(&seen, 0, sizeof seen);
    seen.bound_last = -1;
    if (!ends_with(text, "\n")) refuse("no newline at the end", "");
    while (*text != '\0') {
        char line[LINE_MAX];
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        if (length >= sizeof line) refuse("long line", line);
        text += length + (text[length] == '\n');
        if (strncmp(line, "# HELP ", 7) == 0) {
            read_help(line, line + 7);
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            read_type(line, line + 7);
        } else {
            read_sample(line);
        }
    }
    if (seen.bound_last != -1) refuse("histogram without count", "");
    return seen.wrong;
}

static double value_of(const char *name)
{
    for (size_t i = 0; i < seen.series_count; i++) {
        if (strcmp(seen.series[i].name, name) == 0) return seen.series[i].value;
    }
    fail_msg("no series %s", name);
    return 0;
}

static char *scrape(struct metrics *metrics)
{
    static char text[262144];
    struct buffer out = {0};
    metrics_write(metrics, &out);
    assert_true(out.length < sizeof text);
    memcpy(text, out.data, out.length);
    text[out.length] = '\0';
    buffer_free(&out);
    assert_string_equal(check_exposition(text), "");
    return text;
}

/* ---- the tests */

static void the_checker_refuses_what_is_wrong(void **state)
{
    (void)state;
#define HEAD "# HELP a_total Help.\n# TYPE a_total counter\n"
#define HISTOGRAM "# HELP h Help.\n# TYPE h histogram\n"
    assert_string_equal(check_exposition(HEAD "a_total{b=\"c\",d=\"\\\\\\\"\"} 1.5\na_total 2\n"), "");
    assert_string_equal(
        check_exposition(HISTOGRAM "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"),
        "");
    const char *bad[] = {
        HEAD "a_total 1",
        "a_total 1\n",
        "# TYPE a_total counter\na_total 1\n",
        "# HELP a_total \n# TYPE a_total counter\na_total 1\n",
        "# HELP a_total Help.\na_total 1\n",
        "# HELP a_total Help.\n# TYPE a_total speed\na_total 1\n",
        "# HELP a Help.\n# TYPE a counter\na 1\n",
        "# HELP a_total Help.\n# TYPE a_total gauge\na_total 1\n",
        "# HELP a_ms Help.\n# TYPE a_ms gauge\na_ms 1\n",
        HEAD "a_total 1\na_total 1\n",
        HEAD "b_total 1\n",
        HEAD "a_total_more 1\n",
        HEAD "a_total x\n",
        HEAD "a_total 1e3\n",
        HEAD "a_total\n",
        HEAD "a_total{b=c} 1\n",
        HEAD "a_total{b=\"c} 1\n",
        HEAD "a_total{b=\"c\",} 1\n",
        HEAD "\n",
        HEAD "a_total 1\n# HELP b_total Help.\n# TYPE b_total counter\nb_total 1\n" HEAD,
        HISTOGRAM "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 3\n",
        HISTOGRAM "h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n",
        HISTOGRAM "h_bucket{le=\"1\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n",
        HISTOGRAM "h_bucket{le=\"1\"} 1\nh_sum 3\nh_count 1\n",
        HISTOGRAM "h_bucket 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n",
        HISTOGRAM "h_bucket{le=\"+Inf\"} 2\nh_sum 3\n",
        HISTOGRAM "h_bucket{le=\"+Inf\"} 2\nh_mean 3\nh_count 2\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (check_exposition(bad[i])[0] == '\0') fail_msg("accepted: %s", bad[i]);
    }
}

static const struct metric_bounds bounds = {1000, 3, {1, 10, 2500}};
static const struct metric rows[] = {
    {METRIC_IS_COUNTER, "a_total", "kind=\"x\"", "Things.", 1, NULL},
    {METRIC_IS_COUNTER, "a_total", "kind=\"y\"", "", 1, NULL},
    {METRIC_IS_GAUGE, "b", "", "Level.", 1, NULL},
    {METRIC_IS_COUNTER, "c_seconds_total", "", "Time.", 1000000, NULL},
    {METRIC_IS_HISTOGRAM, "d_seconds", "kind=\"x\"", "Durations.", 1, &bounds},
};
enum { A_X, A_Y, B, C, D };

static void the_text_is_exactly_this(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_open(rows, ARRAY_LENGTH(rows));
    struct metrics_block *block = metrics_block_open(metrics);
    metrics_add(block, A_X, 2);
    metrics_add(block, A_X, 1);
    metrics_set(block, B, -7);
    metrics_set(block, C, 1050000);
    metrics_observe(block, D, 1);
    metrics_observe(block, D, 2);
    metrics_observe(block, D, 2501);
    metrics_observe(block, D, -5);
    assert_string_equal(scrape(metrics), "# HELP a_total Things.\n# TYPE a_total counter\n"
                                         "a_total{kind=\"x\"} 3\na_total{kind=\"y\"} 0\n"
                                         "# HELP b Level.\n# TYPE b gauge\nb -7\n"
                                         "# HELP c_seconds_total Time.\n# TYPE c_seconds_total counter\n"
                                         "c_seconds_total 1.05\n"
                                         "# HELP d_seconds Durations.\n# TYPE d_seconds histogram\n"
                                         "d_seconds_bucket{kind=\"x\",le=\"0.001\"} 2\n"
                                         "d_seconds_bucket{kind=\"x\",le=\"0.01\"} 3\n"
                                         "d_seconds_bucket{kind=\"x\",le=\"2.5\"} 3\n"
                                         "d_seconds_bucket{kind=\"x\",le=\"+Inf\"} 4\n"
                                         "d_seconds_sum{kind=\"x\"} 2.504\nd_seconds_count{kind=\"x\"} 4\n");
    assert_int_equal(metrics_read(metrics, D), 4);
    metrics_close(metrics);
}

static void every_series_exists_before_anything_is_counted(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_open(rows, ARRAY_LENGTH(rows));
    scrape(metrics);
    assert_true(value_of("a_total{kind=\"y\"}") == 0);
    assert_true(value_of("d_seconds_bucket{kind=\"x\",le=\"+Inf\"}") == 0);
    metrics_close(metrics);
}

static void blocks_are_summed(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_open(rows, ARRAY_LENGTH(rows));
    for (int i = 1; i <= 3; i++) {
        struct metrics_block *block = metrics_block_open(metrics);
        metrics_add(block, A_Y, i);
        metrics_set(block, B, i * 10);
        metrics_observe(block, D, 5);
    }
    assert_int_equal(metrics_read(metrics, A_Y), 6);
    assert_int_equal(metrics_read(metrics, B), 60);
    assert_int_equal(metrics_read(metrics, D), 3);
    metrics_close(metrics);
}

enum { COUNTERS = 3, COUNTS = 100000 };

static void *count(void *context)
{
    struct metrics_block *block = metrics_block_open(context);
    for (int i = 0; i < COUNTS; i++) {
        metrics_add(block, A_X, 1);
        metrics_observe(block, D, i % 20);
    }
    return NULL;
}

static void scrapes_during_counting_are_whole_and_nothing_is_lost(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_open(rows, ARRAY_LENGTH(rows));
    pthread_t threads[COUNTERS];
    int64_t last = 0;
    for (int i = 0; i < COUNTERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, count, metrics), 0);
    for (int i = 0; i < 50; i++) {
        scrape(metrics);
        int64_t now = metrics_read(metrics, A_X);
        assert_true(now >= last);
        last = now;
    }
    for (int i = 0; i < COUNTERS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(metrics_read(metrics, A_X), COUNTERS * COUNTS);
    assert_int_equal(metrics_read(metrics, D), COUNTERS * COUNTS);
    metrics_close(metrics);
}

static void both_servers_expose_a_text_without_faults(void **state)
{
    (void)state;
    const struct {
        const struct metric *rows;
        size_t count;
        size_t histogram;
        const char *series;
    } programs[] = {
        {game_metrics, GAME_METRIC_COUNT, METRIC_battle_seconds, "duelpod_sessions{state=\"queued\"}"},
        {match_metrics, MATCH_METRIC_COUNT, METRIC_wait_ranked, "duelpod_queue_players{mode=\"party\"}"}};
    for (size_t i = 0; i < ARRAY_LENGTH(programs); i++) {
        struct metrics *metrics = metrics_open(programs[i].rows, programs[i].count);
        struct metrics_block *block = metrics_block_open(metrics);
        for (int64_t value = 1; value < 100000000; value *= 3)
            metrics_observe(block, programs[i].histogram, value);
        metrics_set_process(block);
        scrape(metrics);
        assert_true(value_of(programs[i].series) == 0);
        metrics_close(metrics);
    }
}

static void rows_are_well_formed(void **state)
{
    (void)state;
    const struct metric *tables[] = {game_metrics, match_metrics};
    const size_t counts[] = {GAME_METRIC_COUNT, MATCH_METRIC_COUNT};
    for (size_t t = 0; t < ARRAY_LENGTH(tables); t++) {
        for (size_t i = 0; i < counts[t]; i++) {
            const struct metric *row = &tables[t][i];
            bool opens = i == 0 || strcmp(row->family, tables[t][i - 1].family) != 0;
            if (opens) assert_true(row->help[0] != '\0');
            else if (row->help[0] != '\0') assert_string_equal(row->help, tables[t][i - 1].help);
            if (!opens) assert_int_equal(row->kind, tables[t][i - 1].kind);
            if (row->kind == METRIC_IS_HISTOGRAM) assert_in_range(row->bounds->count, 1, METRIC_BOUNDS_MAX);
        }
    }
}

static void the_process_knows_itself(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_open(game_metrics, GAME_METRIC_COUNT);
    metrics_set_process(metrics_block_open(metrics));
    scrape(metrics);
    double now_s = (double)clock_wall_ms() / 1000;
    double start_s = value_of("process_start_time_seconds");
    assert_true(start_s <= now_s + 1 && start_s > now_s - 600);
    assert_true(value_of("process_resident_memory_bytes") > 100000);
    assert_in_range(value_of("process_open_fds"), 3, 200);
    assert_true(value_of("process_max_fds") >= 64);
    assert_true(value_of("process_cpu_seconds_total") > 0);
    metrics_close(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checker_refuses_what_is_wrong),
        cmocka_unit_test(the_text_is_exactly_this),
        cmocka_unit_test(every_series_exists_before_anything_is_counted),
        cmocka_unit_test(blocks_are_summed),
        cmocka_unit_test(scrapes_during_counting_are_whole_and_nothing_is_lost),
        cmocka_unit_test(both_servers_expose_a_text_without_faults),
        cmocka_unit_test(rows_are_well_formed),
        cmocka_unit_test(the_process_knows_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
