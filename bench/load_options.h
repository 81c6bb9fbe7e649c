/* load_options.h -- the command line of the load generator. */
#ifndef DUELPOD_LOAD_OPTIONS_H
#define DUELPOD_LOAD_OPTIONS_H

#include "clients/ws_handshake.h"
#include "common/base.h"
#include "common/redis_address.h"

#include <sys/types.h>

#define LOAD_SERVERS_MAX 16
#define LOAD_PROCESSES_MAX 16
#define LOAD_PLAYERS_MAX 1000000
#define LOAD_NAME_BYTES 24

struct load_process_option {
    char name[LOAD_NAME_BYTES]; /* several processes may share one; then they are summed up */
    pid_t pid;
};

/* Texts are borrowed from argv and live as long as it. */
struct load_options {
    struct ws_url servers[LOAD_SERVERS_MAX];
    size_t server_count;
    struct load_process_option processes[LOAD_PROCESSES_MAX];
    size_t process_count;
    struct redis_address redis;
    bool has_redis;
    char secret[256];
    const char *issuer;
    const char *audience;
    const char *prefix;
    const char *mode;
    const char *timeline_encoding;
    const char *out; /* file for the figures as JSON, or NULL */
    int64_t players;
    int64_t rate_per_s; /* arrivals; 0: closed loop */
    int64_t waiting;    /* of the players, the first ones: they only fill the queue */
    int64_t ramp_per_s;
    int64_t duration_s;
    int64_t warmup_s;
    int64_t drain_s;
    int64_t verify_every; /* one timeline in so many is unpacked and read; 0: none */
    bool idle;
    bool quiet;
};

/* True: go on. False: the program ends with `*exit_code`; help or the complaint has been printed. */
bool load_options_read(int argc, char **argv, struct load_options *options, int *exit_code);

#endif
