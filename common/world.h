/* world.h -- everything that game logic may do to the outside.
 *
 * Intake, matchmakers, reaper, outbox, players, load balance and battle actors act through this interface only:
 * they read the clock, draw chance, call Redis, publish, set timers and send mail here and nowhere else. In
 * production a shard (shard.h) is behind it; in the simulation a seeded scheduler is, with a fault at every
 * call. So logic holds no clock, no socket and no library type, and a run can be repeated from its seed.
 *
 * One thread: a world and the logic on it belong to one shard. Replies and timers come from its loop, never
 * from inside the call that asked for them. */
#ifndef DUELPOD_WORLD_H
#define DUELPOD_WORLD_H

#include "common/mailbox.h"
#include "common/redis_reply.h"
#include "common/scripts.h"
#include "common/timers.h"
#include "proto/proto.h"

struct world;

/* reply NULL: the outcome is unknown; repeat with the same ids. `reply` is valid during the call only. */
typedef void world_reply_fn(void *context, uint64_t tag, const struct redis_reply *reply);

struct world_ops {
    int64_t (*now_ms)(struct world *world);
    uint64_t (*random)(struct world *world);
    bool (*command)(struct world *world, const struct bytes *arguments, size_t count, world_reply_fn *reply,
                    void *context, uint64_t tag);
    bool (*blocking_command)(struct world *world, const struct bytes *arguments, size_t count,
                             world_reply_fn *reply, void *context, uint64_t tag);
    bool (*script)(struct world *world, enum script_id script, const struct bytes *keys, size_t key_count,
                   const struct bytes *arguments, size_t argument_count, world_reply_fn *reply, void *context,
                   uint64_t tag);
    bool (*send)(struct world *world, uint64_t to, struct message *message);
};

struct world {
    const struct world_ops *ops;
    struct timers *timers;  /* in milliseconds of world_now_ms() */
    const char *key_prefix; /* the realm, "" for none; for proto_key_name() */
};

/* Milliseconds since 1970 on a clock that never jumps: it follows the wall clock by 10 ms a second. */
int64_t world_now_ms(struct world *world);

/* 64 random bits, not secret. */
uint64_t world_random(struct world *world);

/* One Redis command. False: a limit was reached, nothing was sent and `reply` will not be called.
 * `reply` may be NULL when nobody cares. */
bool world_command(struct world *world, const struct bytes *arguments, size_t count, world_reply_fn *reply,
                   void *context, uint64_t tag);

/* A command that Redis may hold back (XREAD BLOCK), on a connection of its own. */
bool world_blocking_command(struct world *world, const struct bytes *arguments, size_t count,
                            world_reply_fn *reply, void *context, uint64_t tag);

/* One atomic step; every key it touches is among `keys`. */
bool world_script(struct world *world, enum script_id script, const struct bytes *keys, size_t key_count,
                  const struct bytes *arguments, size_t argument_count, world_reply_fn *reply, void *context,
                  uint64_t tag);

/* Encodes `record` (a struct of the channel's record type) and publishes it. Losing it is harmless by design,
 * so there is no answer. False: a limit was reached and nothing was published. */
bool world_publish(struct world *world, enum channel channel, const char *id, const void *record);

/* The same, and `reply` tells whether Redis did it (an integer) or nobody knows (NULL). */
bool world_publish_and_know(struct world *world, enum channel channel, const char *id, const void *record,
                            world_reply_fn *reply, void *context, uint64_t tag);

/* Mail to an actor, of this process. Takes `message` when true; false: the mailbox is full, or nobody is
 * there. */
bool world_send(struct world *world, uint64_t to, struct message *message);

/* Timers: `timer->fire` is called once, at or after at_ms. */
void world_timer_set(struct world *world, struct timer *timer, int64_t at_ms);
void world_timer_cancel(struct world *world, struct timer *timer);

#endif
