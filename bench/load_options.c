#include "bench/load_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"

#define EXIT_USAGE 2
#define SECRET_VARIABLE "DUELPOD_AUTH_HS256_SECRET"
#define SECRET_BYTES_MIN 32
#define PREFIX_BYTES_MAX 32

/* One row per option: read by the parser and by the help. `place` is the field of struct load_options. */
enum kind {
    KIND_COUNT,
    KIND_TEXT,
    KIND_SWITCH,
    KIND_URLS,
    KIND_PROCESS,
    KIND_REDIS,
    KIND_SECRET_FILE,
    KIND_HELP
};

struct row {
    const char *name;
    enum kind kind;
    size_t place;
    int64_t min, max;
    const char *help;
};

#define FIELD(field) offsetof(struct load_options, field)

static const struct row rows[] = {
    {"url", KIND_URLS, 0, 0, 0, "URL,...    game servers; players are spread over them"},
    {"players", KIND_COUNT, FIELD(players), 1, LOAD_PLAYERS_MAX, "N      players, one connection each (100)"},
    {"mode", KIND_TEXT, FIELD(mode), 0, 0, "MODE      queue to join (normal)"},
    {"rate", KIND_COUNT, FIELD(rate_per_s), 0, 100000,
     "N         open loop: players enqueued per second, at random "
     "times; 0 is closed loop (0)"},
    {"waiting", KIND_COUNT, FIELD(waiting), 0, LOAD_PLAYERS_MAX,
     "N      of the players only fill the queue: they share a device, so "
     "they wait for the others, who arrive at the rate and alone are measured (0)"},
    {"ramp", KIND_COUNT, FIELD(ramp_per_s), 1, 1000000, "N         logins per second (500)"},
    {"warmup", KIND_COUNT, FIELD(warmup_s), 0, 3600, "S       seconds played before measuring (2)"},
    {"duration", KIND_COUNT, FIELD(duration_s), 1, 86400, "S     seconds measured (10)"},
    {"drain", KIND_COUNT, FIELD(drain_s), 0, 3600, "S        seconds to let running matches end (10)"},
    {"idle", KIND_SWITCH, FIELD(idle), 0, 0, "          only log in, and tell the memory a player costs"},
    {"timeline", KIND_TEXT, FIELD(timeline_encoding), 0, 0, "gzip|json   (gzip)"},
    {"verify", KIND_COUNT, FIELD(verify_every), 0, 1000000000,
     "N       unpack and read one timeline in N; 0: none (0)"},
    {"prefix", KIND_TEXT, FIELD(prefix), 0, 0, "TEXT    players are TEXT-000000 and so on (load)"},
    {"secret-file", KIND_SECRET_FILE, 0, 0, 0, "FILE   HS256 secret for the tokens; else $" SECRET_VARIABLE},
    {"issuer", KIND_TEXT, FIELD(issuer), 0, 0, "TEXT    (duelpod-dev)"},
    {"audience", KIND_TEXT, FIELD(audience), 0, 0, "TEXT  (duelpod)"},
    {"pid", KIND_PROCESS, 0, 0, 0, "NAME=PID   a process to watch; may be repeated"},
    {"redis", KIND_REDIS, 0, 0, 0, "URL      the Redis whose commands are counted"},
    {"out", KIND_TEXT, FIELD(out), 0, 0, "FILE       write the figures as JSON"},
    {"quiet", KIND_SWITCH, FIELD(quiet), 0, 0, "         no progress, no table"},
    {"help", KIND_HELP, 0, 0, 0, ""},
};

static void print_help(void)
{
    fputs("load -- plays matches with many players at once and measures\n\n", stdout);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) printf("  --%s %s\n", rows[i].name, rows[i].help);
    fputs("\nEnds with 0, with 1 when players could not play or a rule of the game was broken, with 2 on "
          "wrong\n"
          "usage.\n",
          stdout);
}

static bool complain(const char *what, const char *detail)
{
    fprintf(stderr, "load: %s%s; --help tells more\n", what, detail);
    return false;
}

static bool read_count(const struct row *row, const char *text, int64_t *count)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (*text != '\0' && *end == '\0' && value >= row->min && value <= row->max) {
        *count = value;
        return true;
    }
    fprintf(stderr, "load: --%s must be %lld to %lld\n", row->name, (long long)row->min, (long long)row->max);
    return false;
}

static bool read_urls(struct load_options *options, const char *text)
{
    char *copy = memory_copy_text(text);
    char *rest = copy;
    char error[160] = "too many";
    bool good = true;
    options->server_count = 0;
    for (char *url; good && (url = strsep(&rest, ",")) != NULL;) {
        good = options->server_count < LOAD_SERVERS_MAX &&
               ws_url_parse(url, &options->servers[options->server_count++], error, sizeof error);
    }
    free(copy);
    return good || complain("--url: ", error);
}

static bool read_process(struct load_options *options, const char *text)
{
    const char *equals = strchr(text, '=');
    struct load_process_option *process = &options->processes[options->process_count];
    if (options->process_count == LOAD_PROCESSES_MAX) return complain("--pid: ", "too many");
    size_t length = equals == NULL ? 0 : (size_t)(equals - text);
    if (length == 0 || length >= sizeof process->name ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") != length) {
        return complain("--pid must look like game=123, not ", text);
    }
    process->pid = (pid_t)strtol(equals + 1, NULL, 10);
    if (process->pid <= 0) return complain("--pid must look like game=123, not ", text);
    memcpy(process->name, text, length);
    options->process_count++;
    return true;
}

static bool read_secret_file(struct load_options *options, const char *path)
{
    return file_read_line(path, options->secret, sizeof options->secret) ||
           complain("--secret-file: ", strerror(errno));
}

static bool take(struct load_options *options, const struct row *row, const char *value)
{
    const char *error;
    char *place = (char *)options + row->place;
    switch (row->kind) {
    case KIND_COUNT: return read_count(row, value, (int64_t *)(void *)place);
    case KIND_TEXT: *(const char **)(void *)place = value; return true;
    case KIND_SWITCH: *(bool *)(void *)place = true; return true;
    case KIND_URLS: return read_urls(options, value);
    case KIND_PROCESS: return read_process(options, value);
    case KIND_SECRET_FILE: return read_secret_file(options, value);
    case KIND_REDIS:
        options->has_redis = redis_address_parse(value, &options->redis, &error);
        return options->has_redis || complain("--redis: ", error);
    case KIND_HELP: print_help(); return false;
    }
    return false;
}

static bool check_together(struct load_options *options)
{
    bool known =
        strcmp(options->timeline_encoding, "gzip") == 0 || strcmp(options->timeline_encoding, "json") == 0;
    const char *secret = getenv(SECRET_VARIABLE);
    if (options->secret[0] == '\0' && secret != NULL)
        text_copy(options->secret, sizeof options->secret, secret);
    if (!known) return complain("--timeline must be gzip or json, not ", options->timeline_encoding);
    if (options->server_count == 0) return complain("--url is needed", "");
    if (options->waiting > 0 && (options->rate_per_s == 0 || options->waiting >= options->players))
        return complain("--waiting needs a --rate and further --players", "");
    if (strlen(options->secret) < SECRET_BYTES_MIN)
        return complain("a secret of at least 32 bytes is needed", "");
    if (strlen(options->prefix) > PREFIX_BYTES_MAX) return complain("--prefix is too long", "");
    return true;
}

bool load_options_read(int argc, char **argv, struct load_options *options, int *exit_code)
{
    struct option long_options[ARRAY_LENGTH(rows) + 1] = {0};
    *options = (struct load_options){.issuer = "duelpod-dev",
                                     .audience = "duelpod",
                                     .prefix = "load",
                                     .mode = "normal",
                                     .timeline_encoding = "gzip",
                                     .players = 100,
                                     .ramp_per_s = 500,
                                     .duration_s = 10,
                                     .warmup_s = 2,
                                     .drain_s = 10};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        bool plain = rows[i].kind == KIND_SWITCH || rows[i].kind == KIND_HELP;
        long_options[i] =
            (struct option){rows[i].name, plain ? no_argument : required_argument, NULL, (int)i + 1};
    }
    *exit_code = EXIT_USAGE;
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == '?') return false;
        const struct row *row = &rows[option - 1];
        if (row->kind == KIND_HELP) *exit_code = 0;
        if (!take(options, row, optarg)) return false;
    }
    if (optind < argc) return complain("unexpected: ", argv[optind]);
    return check_together(options);
}
