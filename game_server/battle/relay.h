/* relay.h -- battles of two against two: a relay of bouts of the one-against-one core. Pure, as battle.h.
 *
 *     side 0   a   b          bout 0: a against c, with the seed of the match
 *              |   |          bout 1: b against d, with a seed made from it
 *     side 1   c   d
 *
 * Who wins more bouts wins the relay. When both sides won as many, the side with the larger sum of remaining
 * hero health (permille of the maximum, floored, nothing below 0) wins, and equal sums are a draw.
 *
 * The timeline `relay/1` holds both bouts as complete `bt/1` timelines, byte for byte, and the end that
 * follows from them (docs/battle.md, section 10). Units, ownership, threads and errors are those of battle.h. */
#ifndef DUELPOD_BATTLE_RELAY_H
#define DUELPOD_BATTLE_RELAY_H

#include "battle.h"

enum {
    BATTLE_RELAY_BOUTS = 2,
    BATTLE_RELAY_PLAYERS = 2 * BATTLE_RELAY_BOUTS,                               /* a, b, then c, d */
    BATTLE_RELAY_BYTES = BATTLE_RELAY_BOUTS * BATTLE_TIMELINE_BYTES + (4 << 10), /* holds every relay */
};

enum battle_relay_why { BATTLE_RELAY_BY_BOUTS = 1, BATTLE_RELAY_BY_HEALTH, BATTLE_RELAY_EVEN };

typedef struct battle_relay_result {
    int winner; /* 0, 1, or -1 for a draw */
    enum battle_relay_why why;
    int permille[BATTLE_RELAY_PLAYERS]; /* remaining health of every player's hero */
    battle_result bouts[BATTLE_RELAY_BOUTS];
} battle_relay_result;

/* The seed of a bout: bout 0 has the seed of the match, so that it is the battle the first two would fight
 * alone; bout i the first eight bytes of the SHA-256 of "relay:<seed in hex>:<i>". */
battle_seed battle_relay_seed(const battle_seed *match, int bout);

/* The rule: fills winner, why and permille from the bouts. */
void battle_relay_decide(battle_relay_result *result);

/* Fights all bouts of `players` (a, b, c, d) and writes the `relay/1` bytes, without a terminator. `length` is
 * 0 when `capacity` is too small (BATTLE_RELAY_BYTES always suffices). */
int battle_relay_run(battle_ctx *ctx, const battle_catalog *catalog,
                     const battle_snapshot players[BATTLE_RELAY_PLAYERS], const battle_seed *seed,
                     const char *match_id, char *buffer, size_t capacity, size_t *length,
                     battle_relay_result *result);

/* Verifies every bout as battle_verify does, and that seeds, match id, players and end are what the bouts
 * and the rule give, byte for byte. Places in a bout begin with bouts[i]. */
int battle_relay_verify(const battle_catalog *catalog, const void *timeline, size_t size, battle_err *err);

#endif
