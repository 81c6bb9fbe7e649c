/* battle_inputs.h -- what a battle is computed from, read from match:<id>. Pure.
 *
 * One against one has two players, two against two has four: a, b of side 0, then c, d of side 1. */
#ifndef DUELPOD_BATTLE_INPUTS_H
#define DUELPOD_BATTLE_INPUTS_H

#include "common/redis_reply.h"
#include "game_server/battle/relay.h"
#include "proto/proto.h"

static_assert((int)MATCH_PLAYERS_MAX == (int)BATTLE_RELAY_PLAYERS, "the largest match is a relay");

struct battle_inputs {
    size_t player_count; /* 2 or 4 */
    battle_snapshot players[MATCH_PLAYERS_MAX];
    battle_seed seed;
    char mode[MODE_MAX + 1];
    char player_list[MATCH_PLAYERS_MAX * (PLAYER_ID_MAX + 1)]; /* as stored: ids with commas between */
};

/* Why a match cannot be fought. While a new catalog is rolled out, a snapshot may be of another one than this
 * host's: that is nobody's fault, and another host may be able to. */
struct battle_problem {
    const char *what;                 /* in words, for the log */
    char poisoned[PLAYER_ID_MAX + 1]; /* the player whose snapshot is to blame; "" when it is nobody's */
    battle_err error;                 /* then: what is wrong with it */
};

/* `hash` is the reply of HGETALL. False: the match cannot be fought, and `problem` says why. */
bool battle_inputs_read(const battle_catalog *catalog, const struct redis_reply *hash,
                        struct battle_inputs *out, struct battle_problem *problem);

#endif
