/* player_shard.h -- one shard's players and sockets: what its actors share.
 *
 * Each player shard is one thread (common/shard.h) with its own WebSocket front. The players logged in on it
 * are actors there; nothing of this struct is touched by another thread. What many players do at once is
 * gathered here and leaves in one message: acknowledgements of snapshots, heartbeats. */
#ifndef DUELPOD_PLAYER_SHARD_H
#define DUELPOD_PLAYER_SHARD_H

#include <stdatomic.h>

#include "common/shard.h"
#include "game_server/battle/battle.h"
#include "game_server/config.h"
#include "game_server/metrics.h"
#include "game_server/player_store.h"
#include "game_server/ws_front.h"

struct gate;
struct player;
struct player_shard;
struct http_server;
struct token_verifier;

/* What all shards of a process share. Only the configuration and the verifier change after the start, see settings.h:
 * take them out once for each use. */
struct game {
    _Atomic(const struct game_config *) config;
    battle_catalog *catalog;
    struct bytes catalog_json;
    char catalog_version[80]; /* id, number and hash: what get_catalog compares */
    struct player_starter starter;
    _Atomic(struct token_verifier *) verifier;
    struct gate *gate; /* NULL: nobody is limited */
    actor_address load_balance;
    const actor_address *workers; /* battle workers */
    size_t worker_count;
    char instance_id[UUID_LENGTH + 1]; /* of this process */
    atomic_bool draining;              /* no new logins, no new queueing */
};

/* The stop of a shard, see player_drain.h. */
struct player_drain {
    struct timer timer;
    int64_t began_ms, until_ms; /* 0: it does not stop */
    void (*done)(struct player_shard *home);
};

struct player_shard {
    struct game *game;
    struct shard *shard;
    struct world *world;
    struct actors *actors;
    struct ws_front *front;
    struct http_server *dev_tokens; /* NULL: off */
    struct player *players;         /* list of all, newest first */
    struct metrics_block *metrics;
    int64_t season;        /* the newest heard of */
    struct boards *boards; /* player_board.c: leaderboards read lately */
    uint64_t next_worker;
    struct proto_snapshot_ack acks;
    uint64_t ack_batch; /* number of the batch being gathered, from 1 */
    uint64_t beats;     /* heartbeats so far */
    struct timer ack_timer, heartbeat_timer;
    struct proto_maintenance_news maintenance; /* as last heard */
    struct player_drain drain;
};

/* For shard_events.started and .stopping; `context` is the player_shard, with game, shard and front set. */
void player_shard_started(void *context);
void player_shard_stopping(void *context);

/* How the shard's front listens. */
struct ws_front_config player_shard_front_config(const struct game_config *config, uint16_t port);

/* Its actor: gets MAIL_heartbeat_now and MAIL_maintenance. Before the shard starts. */
actor_address player_shard_address(struct player_shard *home);

/* Whose heartbeat it is, and whether the pod stops. */
void player_shard_sign(const struct game *game, struct proto_heartbeat *beat);

/* Notes that the player's version was applied. The acknowledgement leaves with others within 20 ms; a player
 * who moved on meanwhile is acknowledged once, at the last version. */
void player_shard_acknowledge(struct player *player);

#endif
