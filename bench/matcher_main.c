/* matcher: how long one full pass takes over many waiting players, from the mirror to the last match.
 *
 *     matcher [--json]
 *
 * One in five has played before and one in ten shares a device with another, so the look-ahead has work. In the
 * queue of parties every third who waits is a party. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/rng.h"
#include "match_server/matcher_normal.h"
#include "match_server/matcher_party.h"
#include "match_server/mirror.h"
#include "match_server/waiting_order.h"

enum { ROUNDS = 5 };

static const int counts[] = {1000, 10000, 100000, 1000000};
static const int unit_counts[] = {10000, 100000};

/* `mate` -1: none. */
static void put(struct mirror *mirror, struct rng *rng, int number, int mate, int q_ms)
{
    struct ticket ticket = {.q_ms = q_ms, .version = 1, .state = TICKET_FREE};
    snprintf(ticket.player_id, sizeof ticket.player_id, "player-%07d", number);
    if (mate >= 0) snprintf(ticket.mate_id, sizeof ticket.mate_id, "player-%07d", mate);
    ticket.player = ticket_hash(bytes_of_text(ticket.player_id));
    ticket.rating = 1000 + (int64_t)rng_below(rng, 1000);
    if (rng_below(rng, 5) == 0) ticket.opponents[0] = rng_next(rng);
    if (rng_below(rng, 10) == 0) ticket.device = 1 + rng_below(rng, 1000);
    mirror_put(mirror, &ticket);
}

static struct mirror *fill(int count)
{
    struct mirror *mirror = mirror_open(NULL);
    struct rng rng;
    rng_init(&rng, 1);
    for (int i = 0; i < count; i++) put(mirror, &rng, i, -1, i / 4);
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
        size_t found = mirror_waiting(mirror, INT64_MAX, NULL, waiting, (size_t)count, &complete);
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

/* ---- parties ------------------------------------------------------------------------------------- */

static struct mirror *fill_units(int count)
{
    struct mirror *mirror = mirror_open(NULL);
    struct rng rng;
    rng_init(&rng, 1);
    for (int i = 0; i < count; i++) {
        bool party = i % 3 == 0;
        put(mirror, &rng, 2 * i, party ? 2 * i + 1 : -1, i / 4);
        if (party) put(mirror, &rng, 2 * i + 1, 2 * i, i / 4);
    }
    return mirror;
}

struct units {
    struct ticket **parties, **solos;
    bool *taken;
    struct party_match *matches;
};

static size_t pass_over_units(const struct mirror *mirror, const struct units *units, size_t count)
{
    struct party_waiting waiting = {.parties = units->parties, .solos = units->solos, .complete = true};
    struct order_place place = {0, 0};
    struct ticket *ticket;
    while ((ticket = mirror_next(mirror, &place)) != NULL) {
        if (ticket->mate == NULL) {
            units->solos[waiting.solo_count++] = ticket;
        } else if (strcmp(ticket->player_id, ticket->mate_id) < 0) {
            units->parties[waiting.party_count++] = ticket;
        }
    }
    return matcher_party(&waiting, units->taken, units->matches, count);
}

static double measure_units(int how_many)
{
    size_t count = (size_t)how_many;
    struct mirror *mirror = fill_units(how_many);
    struct units units = {memory_new(count * sizeof *units.parties), memory_new(count * sizeof *units.solos),
                          memory_new(count), memory_new(count * sizeof *units.matches)};
    int64_t best_us = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start_us = clock_monotonic_us();
        size_t made = pass_over_units(mirror, &units, count);
        int64_t took_us = clock_monotonic_us() - start_us;
        check(made >= count / 3 - count / 100);
        if (took_us < best_us) best_us = took_us;
    }
    free(units.parties);
    free(units.solos);
    free(units.taken);
    free(units.matches);
    mirror_close(mirror);
    return (double)best_us / 1000;
}

/* ---- main ---------------------------------------------------------------------------------------- */

static void show(bool json, size_t index, const char *what, int count, double ms)
{
    if (json) {
        printf("%s\"%d\":%.3f", index == 0 ? "" : ",", count, ms);
    } else {
        printf("%s, one pass over %7d waiting: %.3f ms\n", what, count, ms);
    }
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    if (json) printf("{\"pass_ms\":{");
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) show(json, i, "normal", counts[i], measure(counts[i]));
    if (json) printf("},\"party_pass_ms\":{");
    for (size_t i = 0; i < ARRAY_LENGTH(unit_counts); i++) {
        show(json, i, "parties and solo players", unit_counts[i], measure_units(unit_counts[i]));
    }
    if (json) printf("}}\n");
    return 0;
}
