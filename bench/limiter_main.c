/* limiter: what one decision of the rate limits costs.
 *
 *     limiter [--json]
 *
 * decision_ns: one message asked about, table and lock included, over addresses that fit into the table;
 * spoofed_decision_ns: over a million addresses, each new one pushing another out; contended_decision_ns: two
 * threads at once, wall time for each decision of one thread. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base.h"
#include "game_server/gate.h"

enum { DECISIONS = 4000000, FEW = 10000, MANY = 1000000 };

struct bench {
    struct gate *gate;
    struct game_config config;
    uint64_t *keys;
    int64_t began_ms; /* of this run */
};

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double decide(struct bench *bench, size_t addresses, clockid_t clock)
{
    int64_t start_ns = now_ns(clock), refused = 0;
    for (size_t i = 0; i < DECISIONS; i++) {
        uint64_t key = bench->keys[i * 7919 % addresses];
        refused +=
            gate_address_wait_ms(bench->gate, &bench->config, key, bench->began_ms + (int64_t)i / 1000) > 0;
    }
    double ns = (double)(now_ns(clock) - start_ns) / DECISIONS;
    check(refused < DECISIONS);
    return ns;
}

static void *run_thread(void *context)
{
    double *ns = memory_new(sizeof *ns);
    *ns = decide(context, FEW, CLOCK_MONOTONIC);
    return ns;
}

static double decide_contended(struct bench *bench)
{
    pthread_t threads[2];
    double sum = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
        check(pthread_create(&threads[i], NULL, run_thread, bench) == 0);
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        void *ns;
        check(pthread_join(threads[i], &ns) == 0);
        sum += *(double *)ns;
        free(ns);
    }
    return sum / ARRAY_LENGTH(threads);
}

int main(int argc, char **argv)
{
    static struct bench bench = {.config = {.limits_address_messages_per_s = 10,
                                            .limits_address_messages_burst = 20,
                                            .limits_addresses_max = 65536,
                                            .client_connections_max = 20000}};
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    bench.gate = gate_open(&bench.config);
    bench.keys = memory_new(MANY * sizeof *bench.keys);
    for (size_t i = 0; i < MANY; i++) {
        char ip[32];
        snprintf(ip, sizeof ip, "10.%zu.%zu.%zu", i >> 16, i >> 8 & 255, i & 255);
        bench.keys[i] = gate_address_key(bench.gate, ip);
    }
    double few = decide(&bench, FEW, CLOCK_THREAD_CPUTIME_ID);
    bench.began_ms += DECISIONS / 1000;
    double many = decide(&bench, MANY, CLOCK_THREAD_CPUTIME_ID);
    bench.began_ms += DECISIONS / 1000;
    double contended = decide_contended(&bench);
    printf(json ? "{\"decision_ns\":%.1f,\"spoofed_decision_ns\":%.1f,\"contended_decision_ns\":%.1f}\n"
                : "decision %.1f ns, spoofed %.1f ns, contended %.1f ns\n",
           few, many, contended);
    free(bench.keys);
    gate_free(bench.gate);
    return 0;
}
