/* battle_actor.h -- BattleActor: computes battles, one after the other, on a worker thread.
 *
 * Against a stage (MAIL_pve) it goes the same way, but both sides and the seed come with the mail, and the player
 * is told instead of match_server; when that fails, no battle took place.
 *
 *     battle request -> read match:<id> -> sides, seed -> battle core -> timeline -> gzip
 *                    -> store result:<id> -> report to match_server
 *
 * A match of four is a relay of two bouts (battle/relay.h) with one timeline, one result and one report.
 *
 * A battle is a function of what is frozen in match:<id>, so a host that dies is replaced by another that
 * computes the same bytes, and a doubled request is harmless. The report goes out only after Redis has
 * confirmed the result; when anything fails, nothing is said and match_server's deadline asks the next host.
 * The report itself is repeated by nobody: the deadline heals its loss too. At a stop the battles that were
 * begun are reported first. */
#ifndef DUELPOD_BATTLE_ACTOR_H
#define DUELPOD_BATTLE_ACTOR_H

#include "common/buffer.h"
#include "game_server/player_shard.h"

struct battle_actor {
    struct game *game;
    struct shard *shard;
    struct metrics_block *metrics;
    battle_ctx *context;
    char *timeline; /* BATTLE_RELAY_BYTES */
    struct gzip *gzip;
    struct buffer compressed;
    size_t open_tasks; /* battles between request and report */
    bool stopping, finished;
    struct timer stop_timer;
};

/* For shard_events; `context` is the battle_actor with game and shard set. */
void battle_actor_started(void *context);
void battle_actor_stopping(void *context);

/* Gets MAIL_battle and MAIL_pve. Before the shard starts. */
actor_address battle_actor_address(struct battle_actor *actor);

#endif
