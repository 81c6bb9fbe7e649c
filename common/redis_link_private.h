/* redis_link_private.h -- the inside of a link, shared by the two halves of its implementation:
 * redis_link.c keeps the connection up, redis_link_commands.c carries commands and replies over it.
 *
 *              back-off over            connected             every step answered
 *     WAITING --------------> CONNECTING --------> PREPARING --------------------> READY
 *        |                        ^
 *        +------> ASKING ---------+   with sentinels: where is the primary?
 *        ^                        |                    |                             |
 *        +------------------------+--------------------+-----------------------------+   lost
 */
#ifndef DUELPOD_REDIS_LINK_PRIVATE_H
#define DUELPOD_REDIS_LINK_PRIVATE_H

#include "common/redis_backoff.h"
#include "common/redis_held.h"
#include "common/redis_link.h"
#include "common/redis_pipeline.h"
#include "common/redis_reader.h"
#include "common/redis_sentinel.h"
#include "common/redis_stream.h"
#include "common/rng.h"

enum redis_link_state { LINK_WAITING, LINK_ASKING, LINK_CONNECTING, LINK_PREPARING, LINK_READY, LINK_CLOSED };

struct redis_link {
    uv_loop_t *loop;
    struct redis_link_config config; /* its texts are ours */
    struct redis_link_events events;
    void *context;
    void (*closed)(void *context);

    enum redis_link_state state;
    struct redis_backoff backoff;
    int64_t ready_since_ms;
    int64_t heard_ms; /* the last time anything came in */
    char reason[256]; /* why the connection ended */

    struct redis_stream *stream; /* NULL while waiting or closed */
    unsigned parts_open;         /* own handles and streams not yet released by the loop */
    struct redis_reader *reader;
    struct redis_pipeline handshake;
    struct redis_pipeline work;
    unsigned place;                  /* which of the places, or of the sentinels, is tried next */
    struct redis_address found;      /* what the sentinel said */
    struct redis_sentinel *sentinel; /* NULL unless it is being asked */
    unsigned doubts;                 /* answers in a row that name another primary than ours */
    enum redis_breaker breaker;
    struct redis_held held; /* answers behind which a WAIT is on its way */
    size_t waits;           /* in `work` */
    bool wait_due;          /* a script was issued since the last WAIT */
    bool *script_reloading; /* a SCRIPT LOAD is in `work` */
    redis_timed_fn *timed;  /* NULL: nobody wants to know */
    void *timed_context;

    uv_timer_t phase_timer;   /* waiting: next attempt; connecting, preparing: time-out; ready: liveness */
    uv_timer_t command_timer; /* the deadline of the front of `work` */
    uv_timer_t watch_timer;   /* with sentinels, from the connect on: is it the primary? */
    uv_prepare_t flush;       /* last stop of a loop turn before it sleeps: everything issued is written */
    struct rng rng;
    struct redis_link_counters counters;
};

bool redis_link_is_subscriber(const struct redis_link *link);

/* Ends the connection, answers NULL to what was sent and plans the next attempt. */
void redis_link_lose(struct redis_link *link, const char *what, const char *detail);

/* Every step of the handshake has been answered. */
void redis_link_become_ready(struct redis_link *link);

/* The commands' half. */
void redis_link_write_pending(struct redis_link *link);
void redis_link_take_bytes(struct redis_link *link, struct bytes bytes);
void redis_link_give_up(struct redis_link *link, size_t count);

#endif
