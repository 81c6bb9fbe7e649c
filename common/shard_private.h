/* shard_private.h -- the inside of a shard: shard.c has the loop, its clock and its life, shard_links.c its
 * links to Redis. */
#ifndef DUELPOD_SHARD_PRIVATE_H
#define DUELPOD_SHARD_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "common/rng.h"
#include "common/shard.h"

enum link_role { LINK_COMMAND, LINK_SUBSCRIBER, LINK_BLOCKING, LINKS_MAX };

struct shard_link {
    struct shard *shard;
    enum link_role role;
    struct redis_link *link;
    bool ready;
};

struct shard {
    struct world world; /* first: container_of in the operations below */
    struct shard_config config;
    unsigned index;
    uv_loop_t loop;
    uv_thread_t thread;
    uv_async_t stop_signal;
    uv_timer_t alarm; /* the earliest of `timers` */
    uv_timer_t beat;
    struct timers timers;
    struct mailbox *mailbox;
    struct actors *actors;
    struct rng rng;
    struct shard_link links[LINKS_MAX];
    struct redis_name alive_channel;
    int64_t alive_sequence;
    int64_t clock_offset_ms; /* wall minus monotonic, followed slowly: a clock that never jumps */
    int64_t beat_expected_us;
    bool stopping, finished;
    atomic_bool redis_ready;
    atomic_int breaker; /* of the link for commands */
    uint64_t breaker_opened;
    atomic_int_fast64_t beat_ms;
    pthread_mutex_t figures_lock;
    struct shard_figures figures;
};

/* Own thread. The links that the configuration asks for; all of them end again. */
void shard_links_open(struct shard *shard);
void shard_links_close(struct shard *shard);

/* Of all links together. */
struct redis_link_counters shard_links_counters(const struct shard *shard);

#endif
