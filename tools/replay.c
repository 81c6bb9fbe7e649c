/* replay -- shows a battle timeline (bt/1, or relay/1 of two against two) as text, steps through it, or
 * verifies it.
 *
 *     replay [--from S] [--to S] [--step] [FILE]
 *     replay --verify [--catalog FILE] [FILE]
 *
 * Verifying computes the battle again from the timeline's own header (decks, seed, engine and catalog
 * version) and compares every byte. Ends with 0 when all is well, 1 when the timeline is not what the engine
 * computes or cannot be compared, 2 on wrong usage or when there is no timeline. */
#include "clients/json_view.h"
#include "common/files.h"
#include "game_server/battle/relay.h"
#include "tools/replay_file.h"
#include "tools/replay_lines.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_DIFFERENT = 1, EXIT_USAGE = 2 };

static const char help[] =
    "replay -- shows a battle timeline\n"
    "\n"
    "  replay [OPTIONS] [FILE]    JSON or gzip; stdin without FILE or with -\n"
    "\n"
    "  --from S          from this second of the battle on\n"
    "  --to S            up to this second\n"
    "  --step            one line per key: space next, t instant, b back, e end, q quit\n"
    "  --verify          compute the battle again and compare every byte; shows nothing else\n"
    "  --catalog FILE    the catalog to verify with (base.json beside the program)\n"
    "  --help\n"
    "\n"
    "Ends with 0, 1 when the timeline does not verify, 2 on wrong usage or when there is no timeline.\n";

enum { OPTION_FROM = 1, OPTION_TO, OPTION_STEP, OPTION_VERIFY, OPTION_CATALOG, OPTION_HELP };

static const struct option long_options[] = {
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"step", no_argument, NULL, OPTION_STEP},
    {"verify", no_argument, NULL, OPTION_VERIFY},
    {"catalog", required_argument, NULL, OPTION_CATALOG},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct options {
    int64_t from_ms, to_ms;
    bool step, verify, limited;
    const char *catalog, *file;
};

_Noreturn static void complain(const char *what, const char *detail)
{
    fprintf(stderr, "replay: %s%s; --help tells more\n", what, detail);
    exit(EXIT_USAGE);
}

static int64_t read_seconds(const char *name, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || !(value >= 0 && value <= 3600))
        complain(name, " must be seconds, 0 to 3600");
    return (int64_t)(value * 1000);
}

static void read_options(int argc, char **argv, struct options *options)
{
    int option;
    *options = (struct options){.to_ms = INT64_MAX};
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_FROM: options->from_ms = read_seconds("--from", optarg), options->limited = true; break;
        case OPTION_TO: options->to_ms = read_seconds("--to", optarg), options->limited = true; break;
        case OPTION_STEP: options->step = true; break;
        case OPTION_VERIFY: options->verify = true; break;
        case OPTION_CATALOG: options->catalog = optarg; break;
        case OPTION_HELP: fputs(help, stdout); exit(EXIT_SUCCESS);
        default: exit(EXIT_USAGE); /* getopt has complained */
        }
    }
    if (optind < argc) options->file = argv[optind++];
    if (optind < argc) complain("unexpected: ", argv[optind]);
    if (options->verify && (options->step || options->limited)) complain("--verify shows nothing", "");
}

/* ---- verifying ------------------------------------------------------------------------------------------ */

static battle_catalog *load_catalog(const struct options *options)
{
    char error[1400], memory[1024];
    const char *path = options->catalog;
    struct bytes json;
    battle_err err;
    if (path == NULL) file_of_catalog("base.json", memory, sizeof memory), path = memory;
    if (!file_read(path, BATTLE_CATALOG_BYTES, &json, error, sizeof error)) complain(error, "");
    battle_catalog *catalog = battle_catalog_load(json.data, json.length, &err);
    free((void *)(uintptr_t)json.data);
    if (catalog != NULL) return catalog;
    fprintf(stderr, "replay: %s: %s: %s %s\n", path, err.place, battle_error_name(err.code), err.message);
    exit(EXIT_USAGE);
}

static void tell_versions(const battle_catalog *catalog, struct bytes timeline)
{
    struct bytes cat = json_view_field(timeline, "cat");
    char id[BATTLE_ID_BYTES], sha[65], engine[16];
    json_view_text(json_view_field(cat, "id"), id, sizeof id);
    json_view_text(json_view_field(cat, "sha"), sha, sizeof sha);
    json_view_text(json_view_field(timeline, "eng"), engine, sizeof engine);
    fprintf(stderr, "  made with engine %s, catalog %s %lld (%.16s); here engine %s, catalog %s %d (%.16s)\n",
            engine, id, (long long)json_view_integer_or(json_view_field(cat, "ver"), 0), sha,
            BATTLE_ENGINE_VERSION, battle_catalog_id(catalog), battle_catalog_version(catalog),
            battle_catalog_sha256(catalog));
}

static int verify_timeline(const battle_catalog *catalog, struct bytes timeline, battle_err *err)
{
    bool relay = json_view_equals(json_view_field(timeline, "fmt"), "relay");
    return (relay ? battle_relay_verify : battle_verify)(catalog, timeline.data, timeline.length, err);
}

/* The header that names the versions: of a relay, that of its first bout. */
static struct bytes header_of(struct bytes timeline)
{
    struct bytes bouts = json_view_field(timeline, "bouts"), bout;
    return json_view_next(&bouts, NULL, &bout) ? bout : timeline;
}

static int verify(const struct options *options, const char *name, struct bytes timeline)
{
    battle_err err;
    battle_catalog *catalog = load_catalog(options);
    int code = verify_timeline(catalog, timeline, &err);
    if (code == BATTLE_OK) {
        printf("%s: verified, %zu bytes\n", name, timeline.length);
    } else {
        fprintf(stderr, "replay: %s: %s%s%s %s\n", name, err.place, err.place[0] == '\0' ? "" : ": ",
                battle_error_name(code), err.message);
        if (code != BATTLE_E_SCHEMA) tell_versions(catalog, header_of(timeline));
    }
    battle_catalog_free(catalog);
    return code == BATTLE_OK ? EXIT_SUCCESS : EXIT_DIFFERENT;
}

/* ---- showing ----------------------------------------------------------------------------------------------- */

static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) == 1 && (no_colour == NULL || no_colour[0] == '\0');
}

/* Drops events outside of what was asked for. */
static void limit(const struct options *options, struct replay_lines *lines)
{
    size_t kept = 0;
    for (size_t i = 0; i < lines->count; i++) {
        struct replay_line line = lines->rows[i];
        bool inside = line.t_ms < 0 || (line.t_ms >= options->from_ms && line.t_ms <= options->to_ms);
        if (inside) lines->rows[kept++] = line;
        else free(line.text);
    }
    lines->count = kept;
}

/* Keys come from stdin, unless the timeline did. */
static void step(const struct options *options, const struct replay_lines *lines)
{
    bool from_file = options->file != NULL && strcmp(options->file, "-") != 0;
    int keys = from_file ? STDIN_FILENO : open("/dev/tty", O_RDONLY | O_CLOEXEC);
    if (keys < 0) complain("--step with a timeline from stdin needs a terminal", "");
    replay_step(lines, keys, wants_colour());
    if (!from_file) close(keys);
}

static int show(const struct options *options, const char *name, struct bytes timeline)
{
    struct replay_lines lines = {0};
    char error[320];
    bool told = replay_lines_read(timeline, &lines, error, sizeof error);
    limit(options, &lines);
    if (options->step && told) step(options, &lines);
    for (size_t i = 0; !options->step && i < lines.count; i++)
        replay_line_print(&lines.rows[i], wants_colour());
    fflush(stdout);
    if (!told) fprintf(stderr, "replay: %s: %s\n", name, error);
    replay_lines_free(&lines);
    return told ? EXIT_SUCCESS : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options options;
    struct buffer timeline = {0};
    char error[1400];
    read_options(argc, argv, &options);
    const char *name = options.file == NULL || strcmp(options.file, "-") == 0 ? "stdin" : options.file;
    if (!replay_file_read(options.file, &timeline, error, sizeof error)) {
        fprintf(stderr, "replay: %s\n", error);
        return EXIT_USAGE;
    }
    int code = options.verify ? verify(&options, name, buffer_bytes(&timeline))
                              : show(&options, name, buffer_bytes(&timeline));
    buffer_free(&timeline);
    return code;
}
