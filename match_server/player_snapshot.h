/* player_snapshot.h -- what the scripts answer about players, and how players are told.
 *
 * The reply of every script about players is one flat array: status, two values of the script's own, then
 * SNAPSHOT_VALUES values for each player (lua/_player.lua). It is read here and nowhere else. A reply that
 * is missing, an error or of another shape is never acted upon. Pure but for the publishing. */
#ifndef DUELPOD_PLAYER_SNAPSHOT_H
#define DUELPOD_PLAYER_SNAPSHOT_H

#include "common/world.h"

enum { SNAPSHOT_VALUES = 14 };

/* A view of a reply; lives as long as the reply. */
struct answer {
    const struct redis_reply *reply;
    struct bytes status, first, second;
    size_t player_count;
};

/* A player's snapshot and the pod it goes to. The match card borrows the reply. */
struct told_player {
    struct proto_snapshot snapshot;
    char pod_id[POD_ID_MAX + 1];
};

/* False: not such an array. NULL is harmless. */
bool answer_read(const struct redis_reply *reply, struct answer *out);

bool answer_is(const struct answer *answer, const char *status);

/* Player `index` of the answer. False: a value has the wrong type or is too long; `out` is then unusable. */
bool answer_player(const struct answer *answer, size_t index, struct told_player *out);

/* How many players of the answer are in this state. */
int64_t answer_players_in(const struct answer *answer, enum player_state state);

/* Publishes on the pod's channel for match results, or for battle results in state result. False: a limit. */
bool player_snapshot_publish(struct world *world, const char *pod_id, const struct proto_snapshot *snapshot);

#endif
