/* redis_stream.h -- one life of one byte stream to Redis: look up, connect, read, write, end.
 *
 * A stream is opened once and never reused; a reconnect is a new stream. It ends by `lost` (the other side,
 * the network) or by redis_stream_close() (us); after either no event comes but `closed`, once the memory is
 * gone. TCP streams have no delay, keepalive, and a limit for unacknowledged data, so that a vanished peer is
 * noticed. Owned and used by the loop's thread. */
#ifndef DUELPOD_REDIS_STREAM_H
#define DUELPOD_REDIS_STREAM_H

#include <uv.h>

#include "common/redis_address.h"

struct redis_stream;

struct redis_stream_events {
    void (*connected)(void *context);
    void (*received)(void *context, struct bytes bytes); /* the bytes live during the call */
    void (*writable)(void *context);                     /* after a write was not taken whole */
    void (*lost)(void *context, const char *reason);
    void (*closed)(void *context);
};

/* Starts connecting; events come from the loop, never during this call. `events` must outlive the stream. */
struct redis_stream *redis_stream_open(uv_loop_t *loop, const struct redis_address *address, unsigned attempt,
                                       const struct redis_stream_events *events, void *context);

/* How many of the bytes were taken, from none to all; the rest is to be offered again when `writable` comes.
 * When the socket is broken none are taken and `lost` comes. */
size_t redis_stream_write(struct redis_stream *stream, struct bytes bytes);

void redis_stream_close(struct redis_stream *stream);

#endif
