/* server.h -- game_server put together: threads, shards, admin port; start, readiness, orderly stop.
 *
 *     main thread        options, signals, admin HTTP
 *     load balance       Redis subscriber, registry
 *     player shards      client.shards of them: sockets, sessions, players
 *     battle workers     client.battle_workers of them
 *
 * Main thread only. */
#ifndef DUELPOD_GAME_SERVER_SERVER_H
#define DUELPOD_GAME_SERVER_SERVER_H

#include <uv.h>

#include "common/reload.h"
#include "game_server/config.h"

struct server;

/* Loads the catalog, opens all ports and starts the threads. NULL: something cannot be used; it has been
 * logged. `config` is borrowed until server_close(). */
struct server *server_open(uv_loop_t *loop, const struct game_config *config);

/* SIGHUP: takes what can change from its sources, the keys of tokens included. False: refused and logged, and
 * nothing has changed. */
bool server_reload(struct server *server, const struct reload_sources *sources);

/* SIGTERM: no new logins, players are told and sent away, then all threads end. `stopped` comes from the loop
 * of the main thread. */
void server_stop(struct server *server, void (*stopped)(void *context), void *context);

/* After `stopped`. */
void server_close(struct server *server);

#endif
