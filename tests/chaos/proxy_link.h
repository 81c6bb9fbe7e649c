/* proxy_link.h -- one connection through the fault proxy: the client on TCP, Redis on a unix socket.
 *
 * Bytes may come late, in small pieces, much later, or not at all; but never changed, never in another order,
 * and never after a gap: a direction that loses bytes loses everything from then on, and its connection ends.
 * That is what a bad network does to TCP.
 *
 * At most PROXY_QUEUE_BYTES_MAX bytes a direction are held back; then its source is not read, as with a full
 * socket. Everything happens on the thread of the loop; a link frees itself after it has ended. */
#ifndef DUELPOD_PROXY_LINK_H
#define DUELPOD_PROXY_LINK_H

#include <uv.h>

#include "common/base.h"
#include "common/rng.h"

enum { PROXY_QUEUE_BYTES_MAX = 1 << 20, PROXY_READ_BYTES_MAX = 16384 };

/* What holds for every link until it is changed. */
struct proxy_rules {
    struct rng rng;
    uint64_t delay_min_ms, delay_max_ms; /* of every read, uniform in between */
    uint64_t piece_bytes_max;            /* 0: written as it was read; else in pieces of 1 to this many */
};

struct proxy_piece;

struct proxy_direction {
    struct proxy_link *link;
    uv_stream_t *from, *to;
    uv_timer_t timer; /* of the first piece */
    struct proxy_piece *first, *last;
    uint64_t last_due_ms;
    size_t held_bytes; /* read and not yet written */
    bool dropping, ended, reading;
};

struct proxy_link {
    struct proxy_link *next, *previous; /* the owner's list */
    struct proxy_rules *rules;
    uv_tcp_t client;
    uv_pipe_t server;
    uv_timer_t end;
    uv_shutdown_t shutdown;
    uv_connect_t connect;
    struct proxy_direction up, down; /* to Redis; from Redis */
    uint64_t stalled_until_ms;
    unsigned open_handles;
    bool closing;
    void (*closed)(struct proxy_link *link); /* unlink it: freed when this returns */
};

/* A link that takes over the next connection of `listener` and connects to the unix socket `path`. `rules`
 * are borrowed. When nothing could be accepted it is closing already. */
struct proxy_link *proxy_link_accept(uv_stream_t *listener, const char *path, struct proxy_rules *rules,
                                     void (*closed)(struct proxy_link *link));

/* Nothing passes for `ms`; what comes meanwhile passes afterwards. */
void proxy_link_stall(struct proxy_link *link, uint64_t ms);

/* The bytes of one direction are lost from now on, and the link is cut after `ms`. */
void proxy_link_drop(struct proxy_link *link, bool up, uint64_t ms);

/* Ends the link: the client sees the end of the stream, or with `reset` a connection reset. What was held
 * back is lost. Once more is fine. */
void proxy_link_close(struct proxy_link *link, bool reset);

#endif
