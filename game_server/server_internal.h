/* server_internal.h -- the inside of game_server, shared by what puts it together (server.c) and what
 * operators see of it (server_admin.c). Main thread only, but for what other threads may read by its own
 * promise: shards, metrics, draining. */
#ifndef DUELPOD_GAME_SERVER_SERVER_INTERNAL_H
#define DUELPOD_GAME_SERVER_SERVER_INTERNAL_H

#include "common/admin.h"
#include "common/redis_world.h"
#include "game_server/battle_actor.h"
#include "game_server/load_balance.h"
#include "game_server/server.h"
#include "game_server/settings.h"

struct server {
    struct game game;
    uv_loop_t *loop;
    struct redis_link_config redis;
    struct shard_directory directory;
    struct settings settings;
    struct load_balance balance;
    struct player_shard *shards;
    size_t shard_count;
    struct battle_actor *workers;
    size_t worker_count;
    const char *channels[LOAD_BALANCE_CHANNELS + 1];
    uint16_t client_port;
    struct metrics *metrics;
    struct metrics_block *main_metrics;
    struct admin *admin;
    struct redis_world *redis_world; /* for the admin port */
    struct season_admin *seasons;
    uv_work_t join;
    void (*stopped)(void *context);
    void *stopped_context;
};

/* The admin port, its pages, and its own link to Redis. False: the port cannot be used; it has been logged. */
bool server_admin_open(struct server *server);

#endif
