/* matcher: how long one full pass takes over many waiting players, from the mirror to the last pair.
 *
 *     matcher [--json]
 *
 * One in five has played before and one in ten shares a device with another, so the look-ahead has work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/rng.h"
#include "match_server/matcher_normal.h"
#include "match_server/mirror.h"

enum { ROUNDS = 5 };

static const int counts[] = {1000, 10000, 100000, 1000000};

static struct mirror *fill(int count)
{
    struct mirror *mirror = mirror_open(NULL);
    struct rng rng;
    rng_init(&rng, 1);
    for (int i = 0; i < count; i++) {
        struct ticket ticket = {.q_ms = i / 4, .version = 1, .state = TICKET_FREE};
        snprintf(ticket.player_id, sizeof ticket.player_id, "player-%07d", i);
        ticket.player = ticket_hash(bytes_of_text(ticket.player_id));
        if (rng_below(&rng, 5) == 0) ticket.opponents[0] = rng_next(&rng);
        if (rng_below(&rng, 10) == 0) ticket.device = 1 + rng_below(&rng, 1000);
        mirror_put(mirror, &ticket);
    }
    return mirror;
}

/* The best of some passes, in milliseconds. */
static double measure(int count)
{
    struct mirror *mirror = fill(count);
    struct ticket **waiting = memory_new((size_t)count * sizeof(struct ticket *));
    struct pairing *pairs = memory_new((size_t)count * sizeof *pairs);
    bool *taken = memory_new((size_t)count), complete;
    int64_t best_us = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start_us = clock_monotonic_us();
        size_t found = mirror_waiting(mirror, INT64_MAX, waiting, (size_t)count, &complete);
        size_t made = matcher_normal(waiting, found, complete, taken, pairs, (size_t)count);
        int64_t took_us = clock_monotonic_us() - start_us;
        check(made >= (size_t)count / 2 - (size_t)count / 100);
        if (took_us < best_us) best_us = took_us;
    }
    free(waiting);
    free(pairs);
    free(taken);
    mirror_close(mirror);
    return (double)best_us / 1000;
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    if (json) printf("{\"pass_ms\":{");
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        double ms = measure(counts[i]);
        if (json) {
            printf("%s\"%d\":%.3f", i == 0 ? "" : ",", counts[i], ms);
        } else {
            printf("one pass over %7d waiting: %.3f ms\n", counts[i], ms);
        }
    }
    if (json) printf("}}\n");
    return 0;
}
