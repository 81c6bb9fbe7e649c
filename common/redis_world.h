/* redis_world.h -- a world of Redis commands and scripts on a link of its own, for logic outside of shards.
 *
 * The admin port lives on the main loop, where no shard is. What it asks Redis goes through here: the
 * world has no clock, no chance, no timers and no mail, only world_command() and world_script(). While the
 * link is down a command waits for it, at most command_timeout_ms; then its reply is NULL.
 *
 * Owned and used by the loop's thread. */
#ifndef DUELPOD_REDIS_WORLD_H
#define DUELPOD_REDIS_WORLD_H

#include "common/redis_link.h"
#include "common/world.h"

struct redis_world;

/* Copies `redis` but its channels; the scripts of this build are loaded at every connect. `key_prefix` and
 * `client_name` outlive it. */
struct redis_world *redis_world_open(uv_loop_t *loop, const struct redis_link_config *redis,
                                     const char *client_name, const char *key_prefix);

struct world *redis_world_get(struct redis_world *redis);

/* Every command not yet answered gets NULL during this call; `closed` comes from the loop when the memory is
 * gone. */
void redis_world_close(struct redis_world *redis, void (*closed)(void *context), void *context);

#endif
