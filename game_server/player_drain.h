/* player_drain.h -- the process stops: every player of a shard is told and sent away, one after the other.
 *
 *     begin  all hear notice{server_draining, reconnect_after_ms}; match_servers hear that the pod is leaving
 *     0 .. session.drain_ms   each is closed with 1001 at a moment of his own, so that they do not come back all at
 *            once; who fights is closed after his result, at the end at the latest
 *     done   nobody has a socket any more, and the pod has been leaving for DRAIN_LINGER_MS at least: no battle was
 *            given to it meanwhile
 *
 * Nothing is taken out of Redis: who waits keeps his place for queue.lease_ms, a match goes on where he logs in next.
 * The shard's thread. */
#ifndef DUELPOD_PLAYER_DRAIN_H
#define DUELPOD_PLAYER_DRAIN_H

#include "game_server/player_shard.h"

enum { DRAIN_LINGER_MS = 250 };

/* Once. `done` is called when it is over, from a timer. */
void player_drain_begin(struct player_shard *home, void (*done)(struct player_shard *home));

/* Tells a player and chooses his moment; also one who has just logged in. */
void player_drain_add(struct player *player);

#endif
