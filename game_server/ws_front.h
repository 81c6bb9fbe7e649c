/* ws_front.h -- the WebSocket side of one shard thread: sockets and frames below, whole text messages
 * above.
 *
 * Each shard owns one front: its own listener on the shared port (SO_REUSEPORT, so the kernel spreads the
 * connections), its own libwebsockets context, both on the shard's libuv loop. A front knows nothing of
 * the game. Everything a peer can make grow has a limit here, and what happens at each limit is decided
 * here:
 *
 *     too many connections, or admit() says no   the TCP connection is closed at accept
 *     too many handshakes, no descriptor left    accepting pauses; newcomers wait in the kernel's backlog
 *     slow, odd or foreign handshake             closed before it opens (ws_guard.c says what is refused)
 *     message too big, too many fragments,       faulted(): the owner may send a last word and choose the
 *     binary message, reader too slow            close code; without its choice 1009, 1008, 1003, 4008
 *     nothing heard (after a ping)               the socket is closed, code 1006
 *
 * Thread: open before the loop runs or on its thread; everything else, events included, on the loop's
 * thread, except ws_front_counters_read. SIGPIPE must be ignored by the process. */
#ifndef DUELPOD_GAME_SERVER_WS_FRONT_H
#define DUELPOD_GAME_SERVER_WS_FRONT_H

#include "common/base.h"
#include "game_server/ws_conn.h"
#include "game_server/ws_counters.h"

#include <uv.h>

/* A zero is replaced by the default in brackets; the texts must outlive the front. */
struct ws_front_config {
    const char *host;              /* numeric IPv4 or IPv6 address ["127.0.0.1"] */
    uint16_t port;                 /* 0: any free port, see ws_front_port */
    bool reuse_port;               /* share the port with the fronts of the other shards */
    const char *origins;           /* allowed Origin values, comma separated; NULL or "" allows any */
    const char *trusted_proxies;   /* addresses and ranges whose X-Forwarded-For counts [none] */
    bool origin_required;          /* refuse a request without Origin (native clients send none) */
    uint32_t connections_max;      /* open or in handshake [10000] */
    uint32_t handshakes_max;       /* of these, not yet open [256] */
    uint32_t message_bytes_max;    /* received message [4096] */
    uint32_t fragments_max;        /* frames of one received message [16] */
    uint32_t send_messages_max;    /* text messages waiting for the socket [64] */
    uint32_t send_bytes_max;       /* their bytes [65536] */
    uint32_t shared_frames_max;    /* messages by reference waiting for the socket [4] */
    uint32_t socket_send_bytes;    /* the kernel's send buffer per connection (it doubles this) [65536] */
    uint32_t ping_interval_ms;     /* nothing heard for this long: ping [15000] */
    uint32_t idle_timeout_ms;      /* nothing heard for this long: the socket is closed [40000] */
    uint32_t handshake_timeout_ms; /* accept to open, rounded up to seconds [5000] */
    uint32_t close_timeout_ms;     /* ws_conn_close to gone [2000] */
};

enum ws_fault { WS_FAULT_TOO_BIG, WS_FAULT_FRAGMENTS, WS_FAULT_BINARY, WS_FAULT_SLOW_READER };

/* `context` is ws_front_open's, `owner` is what opened() returned. peer_ip (the client's,
 * behind trusted proxies too) is valid during the call. */
struct ws_front_events {
    /* Optional: may this address connect? False closes it at accept. Trusted proxies are not asked about, but who
     * stands behind them is, when the request names him: false is then answered with HTTP 429. */
    bool (*admit)(void *context, const char *peer_ip);
    /* A connection opened. Returns its owner; NULL refuses it (1008, or what the call gave to
     * ws_conn_close). */
    void *(*opened)(void *context, struct ws_conn *conn, const char *peer_ip);
    /* One whole, valid UTF-8 message; `text` is valid during the call. */
    void (*received)(void *owner, struct bytes text);
    /* Optional: the peer has everything that was sent before the last ws_conn_probe. */
    void (*answered)(void *owner);
    /* The peer broke a limit. Last chance to send (2 more messages fit into a full queue) and to
     * ws_conn_close. */
    void (*faulted)(void *owner, enum ws_fault fault);
    /* Exactly once per owner, and the last use of its connection. The code that ended it: ours, the
     * peer's, or 1005 (the peer gave none), 1006 (lost without a close frame). */
    void (*closed)(void *owner, uint16_t code);
    /* Optional, development only: takes ownership of `fd`, a fresh connection whose first bytes, still
     * unread, are "POST " or "OPTIONS ". Without it nothing is peeked and such a request is refused like
     * any other. */
    void (*http_adopt)(void *context, int fd);
};

struct ws_front;

/* Listens and starts accepting. NULL and a sentence in `error` when the address cannot be used. The caller
 * owns the front and ends it with ws_front_close. `config` and `events` are copied. (Should the library
 * itself fail to start, the loop has to run once more before it can be closed.) */
struct ws_front *ws_front_open(uv_loop_t *loop, const struct ws_front_config *config,
                               const struct ws_front_events *events, void *context, char *error,
                               size_t error_capacity);

/* The port it listens on. */
uint16_t ws_front_port(const struct ws_front *front);

/* Closes the listener; open connections stay. May be called twice. */
void ws_front_stop_accepting(struct ws_front *front);

/* Stops accepting, ends every connection (1001, unless it is already closing) and, when the last is gone or
 * close_timeout_ms has passed, frees everything; then calls closed(context), after which the front leaves no
 * handle on the loop and the pointer is invalid. */
void ws_front_close(struct ws_front *front, void (*closed)(void *context));

/* Process-wide, must be called once before any front is opened: where the library's own warnings go, at
 * most 10 lines per second, from any thread. NULL drops them. */
void ws_front_set_log(void (*log)(const char *line));
/* Warnings seen since the process started, dropped ones included. Any thread. */
uint64_t ws_front_warnings(void);

#endif
