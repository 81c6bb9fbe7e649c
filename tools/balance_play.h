/* balance_play.h -- many battles of many pairs, on a few threads, with the same outcome whatever their number.
 *
 * A pair is played with the seeds first_seed, first_seed + 1 ...; the decks change seats with every seed, while
 * the seats keep their player ids. So a deck's share of wins is free of any bias of a seat or an id, and the
 * share of seat 0 shows that bias. The same seed gives the same rolls to whoever sits there (docs/battle.md
 * section 5), so two versions of a deck against the same opponents differ by the deck alone.
 *
 * The calling thread waits; tallies belong to the caller. */
#ifndef DUELPOD_BALANCE_PLAY_H
#define DUELPOD_BALANCE_PLAY_H

#include "common/base.h"
#include "game_server/battle/battle.h"

enum {
    PLAY_TICKS = BATTLE_END_MS / 50 + 1,
    PLAY_WHYS = BATTLE_OVERLOAD + 1,
    PLAY_THREADS_MAX = 16,
};

struct tally {
    uint64_t battles;
    uint64_t wins[2]; /* of the pair's first and second deck */
    uint64_t draws;
    uint64_t seat_wins[2];
    uint64_t why[PLAY_WHYS];
    uint64_t lengths[PLAY_TICKS]; /* battles by length in ticks of 50 ms */
};

struct pairing {
    const battle_snapshot *decks[2]; /* may be the same */
    struct tally *tally;             /* added to */
};

struct play_plan {
    const battle_catalog *catalog;
    const struct pairing *pairings;
    size_t count;
    uint64_t first_seed, seeds;                              /* battles per pairing */
    int threads;                                             /* 1..PLAY_THREADS_MAX */
    void (*progress)(void *user, size_t done, size_t count); /* from the calling thread; NULL for none */
    void *user;
};

/* Plays all of it. Every snapshot must have passed battle_snapshot_parse and _check for the catalog. */
void play_all(const struct play_plan *plan);

/* One battle of a plan's making: `seed` decides seats and chance. `sink` as in battle_run. */
battle_result play_one(battle_ctx *ctx, const battle_catalog *catalog, const battle_snapshot *const decks[2],
                       uint64_t seed, const battle_sink *sink);

void tally_add(struct tally *to, const struct tally *from);

/* The first deck's share of decided battles plus half of the draws, 0 to 1; 0.5 without battles. */
double tally_share(const struct tally *tally);

/* The length below which `permille` of the battles end, in ms. */
int tally_length_ms(const struct tally *tally, int permille);

#endif
