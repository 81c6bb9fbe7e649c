/* shard.h -- one thread of a server: a libuv loop, a mailbox, timers, actors and Redis links, as one world.
 *
 *     other threads --> mailbox --> actors <-- replies, timers <-- loop --> command link    --> Redis
 *                                                                      --> subscriber link  --> Redis
 *                                                                      --> blocking link    --> Redis
 *
 * Logic on a shard sees struct world only. Shards of a process know each other through a directory that is
 * filled before the first one starts and never changes.
 *
 * Life: open (any thread) -> start (makes the thread, which calls started()) -> stop (any thread; the shard's
 * thread calls stopping(), the owner winds up and calls shard_finish()) -> join -> close. */
#ifndef DUELPOD_SHARD_H
#define DUELPOD_SHARD_H

#include <uv.h>

#include "common/actor.h"
#include "common/metrics.h"
#include "common/redis_link.h"
#include "common/world.h"

struct shard;

struct shard_directory {
    struct shard *shards[SHARDS_MAX];
    size_t count;
};

/* All callbacks run on the shard's thread. Those not needed may be NULL. */
struct shard_events {
    void (*started)(void *context);
    void (*stopping)(void *context);
    void (*redis_ready)(void *context);                    /* every link of the shard is up */
    void (*redis_lost)(void *context, const char *reason); /* one of them went down */
    void (*message)(void *context, struct bytes channel, struct bytes payload); /* from the subscriber link */
};

struct shard_config {
    struct shard_directory *directory; /* the shard adds itself; NULL: it is alone */
    const char *name;                  /* thread name, at most 15 characters; in the log and in CLIENT LIST */
    size_t mailbox_capacity;
    const struct redis_link_config *redis; /* address, time-outs, back-off; NULL: no Redis at all */
    const char *key_prefix;
    const char *const *channels;   /* subscribe to these (already with prefix); NULL: no subscriber */
    const char *instance_id;       /* with channels: the id of the alive channel, unique to the process */
    bool blocking_link;            /* world_blocking_command() works */
    struct metrics_block *metrics; /* loop lag and Redis times are counted here; NULL: nowhere */
    struct shard_events events;
    void *context;
};

/* Copies nothing but the struct: what it points to outlives the shard. */
struct shard *shard_open(const struct shard_config *config);
void shard_start(struct shard *shard);
void shard_stop(struct shard *shard); /* any thread, more than once */
/* Mail from a thread that is no shard; any thread. False: refused, and the caller keeps the message. */
bool shard_post(struct shard *shard, actor_address to, struct message *message);
void shard_finish(struct shard *shard); /* own thread, after stopping(): links, mailbox and loop end */
void shard_join(struct shard *shard);
void shard_close(struct shard *shard); /* after join, when no thread can send to it any more */

unsigned shard_index(const struct shard *shard);
struct world *shard_world(struct shard *shard);              /* own thread */
uv_loop_t *shard_loop(struct shard *shard);                  /* own thread, or before start */
struct actors *shard_actors(struct shard *shard);            /* own thread */
bool shard_redis_is_ready(struct shard *shard);              /* any thread: all links up */
enum redis_breaker shard_redis_breaker(struct shard *shard); /* any thread: of the link for commands */
/* Any thread: what keeps the shard from Redis, for /ready; NULL when nothing does. */
const char *shard_redis_trouble(struct shard *shard);
int64_t shard_beat_ms(struct shard *shard); /* any thread: wall time of the last turn of its loop */

/* What a scrape may read from any thread: as of the last second. */
struct shard_figures {
    struct redis_link_counters redis; /* of all its links together */
    struct mailbox_counters mail;
    uint64_t breaker_opened, dead_letters, actors;
};
struct shard_figures shard_figures(struct shard *shard);

#endif
