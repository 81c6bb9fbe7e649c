/* main.c -- runs seeds: sim [--lua FOLDER] [--first N] [--seeds N] [--parties] [--stop] [--trace]
 *
 * --lua     the scripts of that folder, as tools/script.sh puts them together, instead of the embedded ones
 * --seeds   how many, from --first on; 0 goes on for ever
 * --parties in every seed players form parties, not only in every fourth
 * --stop    ends at the first seed that fails
 * --trace   every step of every client and every fault; logs of the servers on stderr
 *
 * A failing seed is printed with what broke; the same seed breaks the same way. The exit code is 1 when any
 * failed. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "tests/sim/sim.h"
#include "tests/support/redis_server.h"

struct arguments {
    const char *lua;
    uint64_t first, seeds;
    bool parties, stop, trace;
};

static void parse(int argc, char **argv, struct arguments *out)
{
    *out = (struct arguments){.first = 1, .seeds = 300};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--stop") == 0) {
            out->stop = true;
        } else if (strcmp(argv[i], "--parties") == 0) {
            out->parties = true;
        } else if (strcmp(argv[i], "--trace") == 0) {
            out->trace = true;
        } else if (strcmp(argv[i], "--lua") == 0) {
            out->lua = argv[++i];
        } else if (strcmp(argv[i], "--first") == 0) {
            out->first = strtoull(value, NULL, 10), i++;
        } else if (strcmp(argv[i], "--seeds") == 0) {
            out->seeds = strtoull(value, NULL, 10), i++;
        } else {
            fprintf(stderr,
                    "usage: sim [--lua FOLDER] [--first N] [--seeds N] [--parties] [--stop] [--trace]\n");
            exit(2);
        }
    }
}

/* Servers log what went wrong, and everything does. */
static void silence(bool trace)
{
    struct log_config log = {.level = LOG_INFO, .format = LOG_AS_TEXT, .fd = 2};
    if (!trace) log.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    log_start(&log);
    if (!trace) log_set_level(LOG_ERROR);
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    struct redis_server redis;
    static struct sim sim;
    uint64_t counts[ARRAY_LENGTH(sim.counts)] = {0}, matches = 0, failed = 0, passed = 0;
    parse(argc, argv, &arguments);
    silence(arguments.trace);
    match_prepare();
    pod_prepare();
    redis_server_start(&redis, false, NULL);
    struct store *store = store_open(redis.socket, arguments.lua);
    for (uint64_t seed = arguments.first; arguments.seeds == 0 || seed < arguments.first + arguments.seeds;
         seed++) {
        bool good = sim_run(store, seed, arguments.parties, arguments.trace, &sim);
        passed += good;
        failed += !good;
        matches += sim.matches;
        for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) counts[i] += sim.counts[i];
        if (!good)
            printf("    repeat it: build/sim --first %llu --seeds 1 --trace\n", (unsigned long long)seed);
        if (!good && arguments.stop) break;
        fflush(stdout);
    }
    store_close(store);
    redis_server_stop(&redis);
    printf("%llu matches, %llu events, %llu scripts, %llu messages lost, %llu kills, %llu pauses, %llu cuts, "
           "%llu failovers, %llu taken along by an overdue mate\n",
           (unsigned long long)matches, (unsigned long long)counts[COUNT_EVENTS],
           (unsigned long long)counts[COUNT_SCRIPTS], (unsigned long long)counts[COUNT_LOST],
           (unsigned long long)counts[COUNT_KILLS], (unsigned long long)counts[COUNT_PAUSES],
           (unsigned long long)counts[COUNT_CUTS], (unsigned long long)counts[COUNT_FAILOVERS],
           (unsigned long long)counts[COUNT_TAKEN_ALONG]);
    printf("%llu passed, %llu failed\n", (unsigned long long)passed, (unsigned long long)failed);
    return failed > 0;
}
