/* ws_counters.h -- what a WebSocket front counts, as one list: the enum, the names and what they mean.
 *
 * Written by the front's own thread only, read by any thread (metrics). All but `open` and `pending` only
 * grow. */
#ifndef DUELPOD_GAME_SERVER_WS_COUNTERS_H
#define DUELPOD_GAME_SERVER_WS_COUNTERS_H

#include "common/base.h"

/* X(name, meaning) */
#define WS_COUNTERS(X)                                                                          \
    X(accepted, "TCP connections accepted")                                                     \
    X(opened, "WebSocket connections opened")                                                   \
    X(closed, "WebSocket connections closed")                                                   \
    X(open, "WebSocket connections open now")                                                   \
    X(pending, "TCP connections that have not finished their handshake")                        \
    X(refused_full, "TCP connections closed because connections_max was reached")               \
    X(refused_peer, "Connections closed because admit() said no")                               \
    X(refused_owner, "WebSocket connections closed because opened() said no")                   \
    X(accept_pauses, "Times accepting paused because no file descriptor was left")              \
    X(handshake_http, "Requests that did not ask for a WebSocket")                              \
    X(handshake_path, "Upgrade requests for another path")                                      \
    X(handshake_origin, "Upgrade requests from an origin that is not allowed")                  \
    X(handshake_malformed, "Upgrade requests refused by the guard")                             \
    X(handshake_lost, "TCP connections that ended, or ran out of time, before their handshake") \
    X(messages_in, "Whole text messages received")                                              \
    X(messages_out, "Messages given to the socket")                                             \
    X(bytes_in, "Payload bytes received")                                                       \
    X(bytes_out, "Payload bytes given to the socket")                                           \
    X(pongs_in, "Pongs received, each the answer to a ping of ours")                            \
    X(fault_too_big, "Connections cut for a message over message_bytes_max")                    \
    X(fault_fragments, "Connections cut for a message in too many fragments")                   \
    X(fault_binary, "Connections cut for a binary message")                                     \
    X(fault_slow_reader, "Connections cut because their send queue was full")                   \
    X(idle, "Connections cut because nothing was heard from them")                              \
    X(http_adopted, "Connections given to the development HTTP server")

enum ws_counter {
#define WS_COUNTER_ENUM(name, meaning) WS_COUNTER_##name,
    WS_COUNTERS(WS_COUNTER_ENUM)
#undef WS_COUNTER_ENUM
        WS_COUNTER_COUNT
};

const char *ws_counter_name(enum ws_counter counter);

struct ws_front;

/* Any thread, while the front exists: copies all counters. */
void ws_front_counters_read(const struct ws_front *front, uint64_t values[WS_COUNTER_COUNT]);

#endif
