/* server.h -- match_server's logic as a whole: everything between Redis messages in and scripts out.
 *
 *     requests --> intake ----> one script each ----> Redis        matchmaker (one per mode): lease -> mirror
 *                    |                                  |                     -> matcher -> commits of many
 *                    +--> snapshots of players <--------+          reaper: overdue matches, lost waiters
 *                         on their pods' channels                  outbox: news nobody acknowledged
 *
 * State is in Redis; what is kept here can be lost at any instant. It acts through struct world only, so the
 * same code runs on a shard and in a simulation. One thread: the world's. */
#ifndef DUELPOD_MATCH_SERVER_H
#define DUELPOD_MATCH_SERVER_H

#include <stdatomic.h>

#include "common/metrics.h"
#include "common/world.h"
#include "match_server/config.h"

struct match_server;

/* What other threads may look at. */
struct server_signs {
    atomic_bool game_servers_gone; /* as the detector finds (listener_watch.h) */
};

/* The channels it must hear, without prefix and id. */
extern const enum channel match_server_channels[];
extern const size_t match_server_channel_count;

/* Borrows everything for its life. Reloadable options may change between calls. Does nothing yet. */
struct match_server *server_open(struct world *world, const struct match_config *config,
                                 struct metrics_block *metrics);

/* Shows its signs there from now on; they outlive it. */
void server_show(struct match_server *server, struct server_signs *signs);

/* Every link is up, at the first time and after every loss: announces itself and looks at everything anew. */
void server_redis_ready(struct match_server *server);

/* A message of any channel; what is not understood is logged and counted, nothing else. */
void server_message(struct match_server *server, struct bytes channel, struct bytes payload);

/* Takes no more work, gives leases back, and calls `done` once when Redis has answered everything. */
void server_stop(struct match_server *server, void (*done)(void *context), void *context);

/* After `done`, or when the world is gone: no reply may come any more. */
void server_close(struct match_server *server);

#endif
