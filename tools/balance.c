/* balance -- judges a catalog: is it complete, is it fair, what is each card worth, which deck breaks it?
 *
 *     balance [OPTIONS] lint | check | matrix | ablate [ID...] | search | bench
 *
 * docs/balance.md explains the figures. Ends with 0 when all is well, 1 when the catalog is not as it should be,
 * 2 on wrong usage or an unreadable file. Same input, same output, whatever the number of threads; only bench
 * looks at the clock, and search for its end. */
#include "tools/balance.h"

#include "common/buffer.h"
#include "common/files.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_USAGE 2

static const struct {
    const char *name, *sentence;
    balance_command *run;
} commands[] = {
    {"lint", "words used too rarely, loops, what can never happen", balance_lint},
    {"check", "every aim of docs/balance.md, on fixed seeds; the last line counts", balance_check},
    {"matrix", "every reference deck against every other: CSV, HTML, SVG, tables", balance_matrix},
    {"ablate", "what each card, item and artifact adds to its deck, against a plain one", balance_ablate},
    {"search", "climbs from the reference decks to legal decks that beat them all", balance_search},
    {"bench", "battles per second of this machine", balance_bench},
};

enum {
    OPTION_NONE,
#define OPTION(name, value, sentence) OPTION_##name,
    BALANCE_OPTION_ROWS(OPTION)
#undef OPTION
        OPTION_help,
};

static const struct option long_options[] = {
#define OPTION(name, value, sentence) {#name, required_argument, NULL, OPTION_##name},
    BALANCE_OPTION_ROWS(OPTION)
#undef OPTION
        {"help", no_argument, NULL, OPTION_help},
    {NULL, 0, NULL, 0},
};

_Noreturn static void complain(const char *what, const char *detail)
{
    fprintf(stderr, "balance: %s%s; --help tells more\n", what, detail);
    exit(EXIT_USAGE);
}

_Noreturn static void fail(const char *sentence)
{
    fprintf(stderr, "balance: %s\n", sentence);
    exit(EXIT_USAGE);
}

static void print_help(void)
{
    puts("balance -- judges a catalog\n\n  balance [OPTIONS] COMMAND\n");
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
        printf("  %-8s  %s\n", commands[i].name, commands[i].sentence);
    puts("");
#define OPTION(name, value, sentence) printf("  --%-8s %-7s %s\n", #name, value, sentence);
    BALANCE_OPTION_ROWS(OPTION)
#undef OPTION
}

static long long read_number(const char *name, const char *text, long long high)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || value < 1 || value > high) {
        fprintf(stderr, "balance: --%s must be 1..%lld\n", name, high);
        exit(EXIT_USAGE);
    }
    return value;
}

static void read_option(struct balance *balance, int option)
{
    switch (option) {
    case OPTION_catalog: balance->catalog_file = optarg; break;
    case OPTION_decks: balance->decks_file = optarg; break;
    case OPTION_out: balance->out = optarg; break;
    case OPTION_page: balance->page = optarg; break;
    case OPTION_level: balance->level = (int)read_number("level", optarg, BATTLE_LEVELS); break;
    case OPTION_seeds: balance->seeds = (uint64_t)read_number("seeds", optarg, 1000000); break;
    case OPTION_first: balance->first_seed = (uint64_t)read_number("first", optarg, INT64_MAX); break;
    case OPTION_seconds: balance->seconds = (int)read_number("seconds", optarg, 3600); break;
    case OPTION_threads: balance->threads = (int)read_number("threads", optarg, PLAY_THREADS_MAX); break;
    case OPTION_help: print_help(); exit(EXIT_SUCCESS);
    default: exit(EXIT_USAGE); /* getopt has complained */
    }
}

static void load_catalog(struct balance *balance)
{
    char error[1400], memory[1024];
    battle_err err;
    const char *path = balance->catalog_file;
    if (path == NULL) file_of_catalog("base.json", memory, sizeof memory), path = memory;
    if (!file_read(path, BATTLE_CATALOG_BYTES, &balance->catalog_json, error, sizeof error)) fail(error);
    balance->catalog = battle_catalog_load(balance->catalog_json.data, balance->catalog_json.length, &err);
    if (balance->catalog == NULL || battle_catalog_lint(balance->catalog, &err) != BATTLE_OK) {
        fprintf(stderr, "%s: %s: %s %s\n", path, err.place, battle_error_name(err.code), err.message);
        exit(1);
    }
}

static void load_decks(struct balance *balance)
{
    char error[1400], memory[1024];
    struct bytes json;
    const char *path = balance->decks_file;
    if (path == NULL) file_of_catalog("decks.json", memory, sizeof memory), path = memory;
    if (!file_read(path, DECKS_BYTES, &json, error, sizeof error)) fail(error);
    if (!decks_read(balance->catalog, json, &balance->decks, error, sizeof error)) {
        fprintf(stderr, "%s: %s\n", path, error);
        exit(1);
    }
    free((void *)(uintptr_t)json.data);
}

static void show_progress(void *user, size_t done, size_t count)
{
    const struct balance *balance = user;
    if (balance->terminal) fprintf(stderr, "\r\033[K%zu of %zu pairs", done, count);
}

void balance_progress_end(const struct balance *balance)
{
    if (balance->terminal) fputs("\r\033[K", stderr);
}

/* Makes every folder of the path. */
static void make_folders(const char *path)
{
    char folder[1024];
    if (!text_copy(folder, sizeof folder, path)) return;
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0777);
        *slash = '/';
    }
    mkdir(folder, 0777);
}

void balance_write_file(const char *folder, const char *name, const struct buffer *text)
{
    char path[1200];
    make_folders(folder);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    bool good = file != NULL && fwrite(text->data, 1, text->length, file) == text->length;
    if (file != NULL && fclose(file) != 0) good = false;
    if (!good) {
        fprintf(stderr, "balance: %s: %s\n", path, strerror(errno));
        exit(EXIT_USAGE);
    }
    fprintf(stderr, "wrote %s\n", path);
}

struct play_plan balance_plan(struct balance *balance, const struct pairing *pairings, size_t count,
                              uint64_t seeds_default)
{
    return (struct play_plan){.catalog = balance->catalog,
                              .pairings = pairings,
                              .count = count,
                              .first_seed = balance->first_seed,
                              .seeds = balance->seeds != 0 ? balance->seeds : seeds_default,
                              .threads = balance->threads,
                              .progress = show_progress,
                              .user = balance};
}

static int threads_default(void)
{
    return sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1;
}

static balance_command *read_command_line(struct balance *balance, int argc, char **argv)
{
    int option;
    *balance = (struct balance){.out = "build/balance",
                                .first_seed = 1,
                                .threads = threads_default(),
                                .terminal = isatty(STDERR_FILENO) == 1};
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) read_option(balance, option);
    if (optind == argc) complain("which command?", "");
    balance->words = (const char *const *)(argv + optind + 1);
    balance->word_count = argc - optind - 1;
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        if (strcmp(argv[optind], commands[i].name) != 0) continue;
        if (balance->word_count > 0 && commands[i].run != balance_ablate)
            complain("unexpected: ", balance->words[0]);
        return commands[i].run;
    }
    complain("unknown command: ", argv[optind]);
}

int main(int argc, char **argv)
{
    static struct balance balance;
    balance_command *run = read_command_line(&balance, argc, argv);
    load_catalog(&balance);
    load_decks(&balance);
    int code = run(&balance);
    battle_catalog_free(balance.catalog);
    free((void *)(uintptr_t)balance.catalog_json.data);
    return code;
}
