#include "bench/load_report.h"

#include "common/buffer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Processes of one name, summed up. */
struct group {
    const char *name;
    int64_t cpu_us;
    int64_t rss_bytes;
    int64_t rss_growth_bytes;
};

struct figures {
    double matches_per_s;
    double redis_commands_per_match;
    double timeline_bytes_mean;
    struct group groups[LOAD_PROCESSES_MAX];
    size_t group_count;
    struct {
        const char *name;
        const struct histogram *histogram;
    } times[4];
};

static double per(double amount, uint64_t count)
{
    return count == 0 ? 0 : amount / (double)count;
}

static struct group *group_named(struct figures *figures, const char *name)
{
    for (size_t i = 0; i < figures->group_count; i++) {
        if (strcmp(figures->groups[i].name, name) == 0) return &figures->groups[i];
    }
    struct group *group = &figures->groups[figures->group_count++];
    *group = (struct group){.name = name};
    return group;
}

static void work_out(const struct load_options *options, const struct load_outcome *outcome,
                     struct figures *figures)
{
    const struct load_stats *stats = &outcome->stats;
    int64_t commands = outcome->after.redis.commands - outcome->before.redis.commands;
    *figures = (struct figures){
        .matches_per_s = outcome->measured_s > 0 ? (double)stats->matches / outcome->measured_s : 0,
        .redis_commands_per_match = per((double)commands, stats->matches),
        .timeline_bytes_mean = per((double)stats->timeline_bytes, stats->timelines),
        .times = {{"login_ms", &stats->login_us},
                  {"enqueued_ms", &stats->enqueued_us},
                  {"found_ms", &stats->found_us},
                  {"result_ms", &stats->result_us}},
    };
    for (size_t i = 0; i < options->process_count; i++) {
        const struct load_process_sample *before = &outcome->before.processes[i];
        const struct load_process_sample *after = &outcome->after.processes[i];
        if (!before->alive || !after->alive) continue;
        struct group *group = group_named(figures, options->processes[i].name);
        group->cpu_us += after->cpu_us - before->cpu_us;
        group->rss_bytes += after->rss_bytes;
        group->rss_growth_bytes += after->rss_bytes - before->rss_bytes;
    }
}

/* How often Redis executed this command in the measured time. */
static int64_t calls_of(const struct load_outcome *outcome, const struct load_command_sample *after)
{
    const struct load_redis_sample *before = &outcome->before.redis;
    for (size_t i = 0; i < before->name_count; i++) {
        if (strcmp(before->by_name[i].name, after->name) == 0) return after->calls - before->by_name[i].calls;
    }
    return after->calls;
}

/* ---- the table ---- */

static void print_times(const struct figures *figures)
{
    printf("%-14s %10s %10s %10s %10s %10s\n", "", "count", "p50", "p99", "p99.9", "max");
    for (size_t i = 0; i < ARRAY_LENGTH(figures->times); i++) {
        const struct histogram *histogram = figures->times[i].histogram;
        if (histogram->count == 0) continue;
        printf("%-14s %10" PRIu64 " %10.2f %10.2f %10.2f %10.2f\n", figures->times[i].name, histogram->count,
               (double)histogram_quantile(histogram, 0.5) / 1000,
               (double)histogram_quantile(histogram, 0.99) / 1000,
               (double)histogram_quantile(histogram, 0.999) / 1000, (double)histogram->max / 1000);
    }
}

static void print_processes(const struct load_options *options, const struct load_outcome *outcome,
                            const struct figures *figures)
{
    for (size_t i = 0; i < figures->group_count; i++) {
        const struct group *group = &figures->groups[i];
        printf("%-14s memory %.1f MB, grown by %.1f MB", group->name, (double)group->rss_bytes / 1e6,
               (double)group->rss_growth_bytes / 1e6);
        if (options->idle)
            printf(" = %.0f bytes per player\n", per((double)group->rss_growth_bytes, outcome->online));
        else printf(", cpu %.0f us per match\n", per((double)group->cpu_us, outcome->stats.matches));
    }
    int64_t own_us = outcome->after.own_cpu_us - outcome->before.own_cpu_us;
    if (!options->idle) {
        printf("%-14s cpu %.0f us per match\n", "this program", per((double)own_us, outcome->stats.matches));
    }
}

static void print_redis(const struct load_outcome *outcome, const struct figures *figures)
{
    printf("redis          %.2f commands per match:", figures->redis_commands_per_match);
    for (size_t i = 0; i < outcome->after.redis.name_count; i++) {
        const struct load_command_sample *command = &outcome->after.redis.by_name[i];
        double per_match = per((double)calls_of(outcome, command), outcome->stats.matches);
        if (per_match >= 0.05) printf(" %s %.2f", command->name, per_match);
    }
    printf("\n");
}

void load_report_print(const struct load_options *options, const struct load_outcome *outcome)
{
    const struct load_stats *stats = &outcome->stats;
    struct figures figures;
    work_out(options, outcome, &figures);
    printf("%zu of %" PRId64 " players on %zu servers\n", outcome->online, options->players,
           options->server_count);
    if (!options->idle) {
        printf("%" PRIu64 " matches in %.1f s, %.1f per second; %" PRIu64 " timelines of %.0f bytes, %" PRIu64
               " read whole\n",
               stats->matches, outcome->measured_s, figures.matches_per_s, stats->timelines,
               figures.timeline_bytes_mean, stats->verified);
    }
    print_times(&figures);
    print_processes(options, outcome, &figures);
    if (options->has_redis && !options->idle) print_redis(outcome, &figures);
    for (size_t i = 0; i < stats->error_count; i++) {
        printf("error          %s: %" PRIu64 "\n", stats->errors[i].name, stats->errors[i].count);
    }
    printf("disconnects %" PRIu64 ", violations %" PRIu64 ", one-sided matches %" PRIu64
           ", still busy %" PRIu64 ", wishes without a player %" PRIu64 "\n",
           stats->disconnects, stats->violations, outcome->one_sided, outcome->unfinished,
           outcome->wishes_waiting);
}

/* ---- JSON ---- */

__attribute__((format(printf, 2, 3))) static void add(struct buffer *json, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_append_text(json, text);
}

static void add_times(struct buffer *json, const struct figures *figures)
{
    for (size_t i = 0; i < ARRAY_LENGTH(figures->times); i++) {
        const struct histogram *histogram = figures->times[i].histogram;
        add(json, ",\"%s\":{\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"count\":%" PRIu64 "}",
            figures->times[i].name, (double)histogram_quantile(histogram, 0.5) / 1000,
            (double)histogram_quantile(histogram, 0.99) / 1000,
            (double)histogram_quantile(histogram, 0.999) / 1000, histogram->count);
    }
}

static void add_processes(struct buffer *json, const struct load_outcome *outcome,
                          const struct figures *figures)
{
    add(json, ",\"cpu_us_per_match\":{");
    for (size_t i = 0; i < figures->group_count; i++) {
        add(json, "\"%s\":%.1f,", figures->groups[i].name,
            per((double)figures->groups[i].cpu_us, outcome->stats.matches));
    }
    int64_t own_us = outcome->after.own_cpu_us - outcome->before.own_cpu_us;
    add(json, "\"load\":%.1f},\"rss_bytes\":{", per((double)own_us, outcome->stats.matches));
    for (size_t i = 0; i < figures->group_count; i++) {
        add(json, "%s\"%s\":%" PRId64, i == 0 ? "" : ",", figures->groups[i].name,
            figures->groups[i].rss_bytes);
    }
    add(json, "},\"rss_growth_bytes_per_player\":{");
    for (size_t i = 0; i < figures->group_count; i++) {
        add(json, "%s\"%s\":%.1f", i == 0 ? "" : ",", figures->groups[i].name,
            per((double)figures->groups[i].rss_growth_bytes, outcome->online));
    }
    add(json, "}");
}

static void add_redis(struct buffer *json, const struct load_outcome *outcome, const struct figures *figures)
{
    const char *comma = "";
    add(json, ",\"redis_commands_per_match\":%.2f,\"redis_calls_per_match\":{",
        figures->redis_commands_per_match);
    for (size_t i = 0; i < outcome->after.redis.name_count; i++) {
        const struct load_command_sample *command = &outcome->after.redis.by_name[i];
        int64_t calls = calls_of(outcome, command);
        if (calls == 0) continue;
        add(json, "%s\"%s\":%.3f", comma, command->name, per((double)calls, outcome->stats.matches));
        comma = ",";
    }
    add(json, "}");
}

static void add_errors(struct buffer *json, const struct load_stats *stats)
{
    add(json, ",\"errors\":{");
    for (size_t i = 0; i < stats->error_count; i++) {
        if (i > 0) add(json, ",");
        buffer_append_json_text(json, stats->errors[i].name);
        add(json, ":%" PRIu64, stats->errors[i].count);
    }
    add(json, "}");
}

bool load_report_write(const struct load_options *options, const struct load_outcome *outcome,
                       const char *path)
{
    const struct load_stats *stats = &outcome->stats;
    struct figures figures;
    struct buffer json = {0};
    work_out(options, outcome, &figures);
    add(&json, "{\"players\":%" PRId64 ",\"online\":%zu,\"mode\":", options->players, outcome->online);
    buffer_append_json_text(&json, options->mode);
    add(&json,
        ",\"rate_per_s\":%" PRId64 ",\"measured_s\":%.3f,\"matches\":%" PRIu64 ",\"matches_per_s\":%.2f",
        options->rate_per_s, outcome->measured_s, stats->matches, figures.matches_per_s);
    add_times(&json, &figures);
    if (options->has_redis) add_redis(&json, outcome, &figures);
    add_processes(&json, outcome, &figures);
    add(&json, ",\"timeline_bytes_mean\":%.1f,\"timelines\":%" PRIu64 ",\"verified\":%" PRIu64,
        figures.timeline_bytes_mean, stats->timelines, stats->verified);
    add(&json, ",\"disconnects\":%" PRIu64 ",\"violations\":%" PRIu64 ",\"one_sided\":%" PRIu64,
        stats->disconnects, stats->violations, outcome->one_sided);
    add(&json, ",\"unfinished\":%" PRIu64 ",\"wishes_waiting\":%" PRIu64 ",\"waiting_min\":%" PRId64,
        outcome->unfinished, outcome->wishes_waiting, outcome->waiting_min);
    add_errors(&json, stats);
    add(&json, "}\n");

    FILE *file = fopen(path, "we");
    bool written = file != NULL && fwrite(json.data, 1, json.length, file) == json.length;
    bool closed = file != NULL && fclose(file) == 0;
    if (!written || !closed) fprintf(stderr, "load: could not write %s: %s\n", path, strerror(errno));
    buffer_free(&json);
    return written && closed;
}

bool load_report_judge(const struct load_options *options, const struct load_outcome *outcome)
{
    const struct load_stats *stats = &outcome->stats;
    bool all_online = outcome->online == (size_t)options->players;
    bool played = options->idle || stats->matches > 0;
    /* A player whose connection broke may have missed the news; without that nobody may. */
    bool both_sided = outcome->one_sided == 0 || stats->disconnects > 0;
    if (!all_online) fprintf(stderr, "load: FAILED: not everybody was online\n");
    if (!played) fprintf(stderr, "load: FAILED: not one match\n");
    if (!both_sided) fprintf(stderr, "load: FAILED: matches that one side never heard of\n");
    if (stats->violations > 0) fprintf(stderr, "load: FAILED: broken promises\n");
    return all_online && played && both_sided && stats->violations == 0;
}
