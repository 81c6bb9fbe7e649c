/* load_balance.h -- LoadBalance: which actor is which player, and where does a message go?
 *
 * One thread owns the process's Redis subscriber and the registry player id -> actor address. It reads each
 * incoming message, finds the player's actor and posts it there; battle requests go to the workers in turn.
 * Of two logins of one player the one with the higher connection epoch stays; the other is told.
 *
 * When Redis comes back it asks every player shard for a heartbeat: what was missed in between comes back as
 * snapshots. Only then does the pod count as ready. */
#ifndef DUELPOD_LOAD_BALANCE_H
#define DUELPOD_LOAD_BALANCE_H

#include "common/registry.h"
#include "game_server/player_shard.h"

/* match_result, battle_result, session_replaced, battle_request, party, maintenance */
enum { LOAD_BALANCE_CHANNELS = 6 };

struct load_balance {
    struct game *game;
    struct shard *shard;
    struct registry *registry;
    actor_address *shards; /* the player shards */
    size_t shard_count;
    actor_address *workers; /* the battle actors */
    size_t worker_count, next_worker;
    struct timer heartbeat_timer;
    struct metrics_block *metrics;
    struct redis_name channels[LOAD_BALANCE_CHANNELS];
    struct proto_maintenance_news maintenance; /* as last heard */
};

/* The channels to subscribe to, terminated by NULL; `names` has room for LOAD_BALANCE_CHANNELS + 1. */
void load_balance_channels(struct load_balance *balance, const char *prefix, const char **names);

/* For shard_events; `context` is the load_balance with game, shard, shards and workers set. */
void load_balance_started(void *context);
void load_balance_stopping(void *context);
void load_balance_redis_ready(void *context);
void load_balance_message(void *context, struct bytes channel, struct bytes payload);

/* Its actor: gets MAIL_register and MAIL_unregister. Before the shard starts. */
actor_address load_balance_address(struct load_balance *balance);

#endif
