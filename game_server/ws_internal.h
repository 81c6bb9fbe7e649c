/* ws_internal.h -- what the files of the WebSocket front share. Not for anyone else.
 *
 *     ws_front.c    life of a front, the tick
 *     ws_config.c   defaults and what contradicts
 *     ws_library.c  libwebsockets: its context, its callback, adopting a socket
 *     ws_accept.c   listener, accept, the optional peek for the development HTTP server
 *     ws_peer.c     the client's address behind proxies
 *     ws_guard.c    which upgrade requests are let in
 *     ws_receive.c  frames -> whole messages, and the faults a peer can commit
 *     ws_send.c     the send queue, closing
 *
 * A connection is always in exactly one list of its front, ordered by when it joined, so that every
 * time-out is a look at a list's head:
 *
 *     opened -> quiet <-> pinged          heard from / asked for a sign of life
 *                 |         |
 *                 v         v
 *              faulting -> closing -> (gone)    slow reader, told in the next turn / a close code is decided
 */
#ifndef DUELPOD_GAME_SERVER_WS_INTERNAL_H
#define DUELPOD_GAME_SERVER_WS_INTERNAL_H

#include "game_server/ws_front.h"
#include "game_server/ws_peer.h"

#include <stdatomic.h>

struct lws;
struct lws_context;
struct lws_vhost;

#define WS_PROTOCOL_NAME "duelpod.v1"
#define WS_PATH "/v1/ws"

#define WS_TICK_MS 100            /* time-outs are this coarse; also the pause when descriptors ran out */
#define WS_RECEIVE_CHUNK 512      /* the library's buffer per connection: most messages fit into one */
#define WS_SEND_CHUNK 16384       /* longest frame sent; longer messages leave in fragments */
#define WS_HEADER_BYTES_MAX 16384 /* request line and headers of a handshake */
#define WS_LIBRARY_HEADROOM 16    /* bytes the library wants in front of what it sends (its LWS_PRE) */
#define WS_DESTROY_TURNS 3        /* of the loop, until the library's last handle is gone (2 suffice) */
#define WS_LAST_WORDS_MAX 2       /* messages that fit into a full queue from inside faulted() */
#define WS_LAST_WORDS_BYTES_MAX 2048

enum ws_close_code {
    WS_CLOSE_GOING_AWAY = 1001,
    WS_CLOSE_PROTOCOL = 1002,
    WS_CLOSE_UNSUPPORTED = 1003,
    WS_CLOSE_NO_CODE = 1005,
    WS_CLOSE_LOST = 1006,
    WS_CLOSE_BAD_UTF8 = 1007,
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_BIG = 1009,
    WS_CLOSE_SLOW_READER = 4008,
};

struct ws_link {
    struct ws_link *next, *previous;
};

enum ws_state {
    WS_OPEN,
    WS_FAULTING,   /* a slow reader whose owner has not been told yet */
    WS_LAST_WORDS, /* inside faulted() */
    WS_CLOSING,    /* close code decided, the queue drains */
    WS_ENDING,     /* a close frame has been sent, or the socket is dead: nothing is sent any more */
};

/* A message waiting for the socket: a copied text (bytes follow) or a shared reference. */
struct ws_item {
    struct ws_item *next;
    struct shared_bytes *shared;
    size_t length, offset;
    char text[];
};

/* Lives in the library's per-connection memory: zeroed when the WebSocket opens, freed after the last
 * callback. */
struct ws_conn {
    struct ws_link link;
    struct ws_front *front;
    struct lws *wsi;
    void *owner;       /* NULL: none yet, refused, or already told that it closed */
    uint64_t since_ms; /* when it joined its list */
    struct ws_item *first, *last;
    char *message; /* the part of a message received so far; NULL between messages */
    char *close_reason;
    uint32_t message_length;
    uint32_t fragments;
    uint32_t queued_bytes;
    uint16_t queued_messages, queued_shared;
    uint16_t code; /* what ended it, 0 while open */
    uint8_t state; /* enum ws_state */
    bool ping_due;
    bool probe_due, probe_open; /* to be written; written and not yet answered */
    uint32_t probes;            /* written so far: what every ping carries */
};

struct ws_peek;

struct ws_front {
    uv_loop_t *loop;
    struct ws_front_config config;
    struct ws_front_events events;
    struct ws_proxies proxies;
    void *context;

    struct lws_context *lws; /* set to NULL by the library when it is really gone */
    struct lws_vhost *vhost;
    struct ws_link quiet, pinged, faulting, closing;
    char scratch[WS_LIBRARY_HEADROOM + WS_SEND_CHUNK];

    int listen_fd; /* -1: not listening any more */
    uint16_t port;
    bool accept_paused;
    uint32_t pending; /* in handshake, peeked ones included */
    uint32_t open;
    bool adopted; /* the library made a connection during the current ws_front_adopt */
    struct ws_link peeks;

    uv_poll_t listener;
    uv_timer_t tick; /* every WS_TICK_MS */
    uv_timer_t soon; /* next turn of the loop: tells owners of slow readers */
    int handles_open;

    bool closing_down;
    uint64_t close_deadline_ms;
    int destroy_turns; /* 0: the library still runs; else turns since it was told to end */
    void (*closed)(void *context);

    _Atomic uint64_t counters[WS_COUNTER_COUNT];
};

/* ---- lists -------------------------------------------------------------------------------------- */

static inline void ws_list_init(struct ws_link *list)
{
    list->next = list->previous = list;
}

static inline bool ws_list_empty(const struct ws_link *list)
{
    return list->next == list;
}

static inline void ws_list_remove(struct ws_link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    ws_list_init(link);
}

static inline void ws_list_append(struct ws_link *list, struct ws_link *link)
{
    link->previous = list->previous;
    link->next = list;
    list->previous->next = link;
    list->previous = link;
}

/* Moves to the end of `list`; its time there starts now. */
static inline void ws_conn_move(struct ws_conn *conn, struct ws_link *list)
{
    ws_list_remove(&conn->link);
    ws_list_append(list, &conn->link);
    conn->since_ms = uv_now(conn->front->loop);
}

/* ---- counters: one writer, so no read-modify-write is needed ------------------------------------- */

static inline void ws_count_add(struct ws_front *front, enum ws_counter counter, uint64_t amount)
{
    uint64_t value = atomic_load_explicit(&front->counters[counter], memory_order_relaxed);
    atomic_store_explicit(&front->counters[counter], value + amount, memory_order_relaxed);
}

static inline void ws_count(struct ws_front *front, enum ws_counter counter)
{
    ws_count_add(front, counter, 1);
}

static inline void ws_count_set(struct ws_front *front, enum ws_counter counter, uint64_t value)
{
    atomic_store_explicit(&front->counters[counter], value, memory_order_relaxed);
}

/* ---- ws_config.c -------------------------------------------------------------------------------- */

/* Fills in the defaults and reads the list of proxies. False and a sentence when something is wrong. */
bool ws_config_complete(struct ws_front *front, char *error, size_t error_capacity);

/* ---- ws_library.c ------------------------------------------------------------------------------- */

bool ws_library_open(struct ws_front *front, char *error, size_t error_capacity);
/* The client's address: the TCP peer's, or whom trusted proxies name. True when they name somebody else than
 * themselves. */
bool ws_library_client_address(struct ws_front *front, struct lws *wsi, char text[WS_PEER_IP_BYTES]);
/* Gives an accepted socket to the library. Takes the descriptor in any case. */
void ws_library_adopt(struct ws_front *front, int fd);
/* The library ends in two steps: the first closes its sockets and handles, which takes WS_DESTROY_TURNS
 * turns of the loop; the second frees. */
void ws_library_close(struct ws_front *front);
void ws_library_free(struct ws_front *front);

/* ---- ws_accept.c -------------------------------------------------------------------------------- */

bool ws_accept_start(struct ws_front *front, char *error, size_t error_capacity);
/* Looks again at whatever waited for time to pass: a pause, fresh connections that sent too little. */
void ws_accept_tick(struct ws_front *front);
/* A handshake ended, one way or the other. */
void ws_accept_pending_ended(struct ws_front *front);
void ws_accept_stop(struct ws_front *front);

/* ---- ws_guard.c --------------------------------------------------------------------------------- */

/* An upgrade request has been parsed: true lets it in; otherwise it has been counted, and answered where
 * that is safe, and the caller must hang up. */
bool ws_guard_admit_upgrade(struct ws_front *front, struct lws *wsi);
/* A request that asked for no upgrade: answered; the caller must hang up. */
void ws_guard_answer_http(struct ws_front *front, struct lws *wsi);

/* ---- ws_receive.c ------------------------------------------------------------------------------- */

void ws_receive_chunk(struct ws_conn *conn, const char *data, size_t length);
/* The peer sent a close frame: answers it, after which the socket can go. */
void ws_receive_close(struct ws_conn *conn, const char *payload, size_t length);

/* ---- ws_send.c ---------------------------------------------------------------------------------- */

/* The socket takes more: writes what waits. */
void ws_send_writeable(struct ws_conn *conn);
/* The last frame of a connection whose peer has said goodbye. */
void ws_send_close_answer(struct ws_conn *conn, uint16_t code);
void ws_send_ping(struct ws_conn *conn);

/* What a ping carries now. */
enum { WS_PING_SIZE = 24 };
void ws_ping_text(const struct ws_conn *conn, char out[WS_PING_SIZE]);

/* A pong came; its payload is that of a ping of ours, or the peer's invention. */
void ws_receive_pong(struct ws_conn *conn, const char *payload, size_t length);
void ws_send_drop_queue(struct ws_conn *conn);
/* Runs faulted() and makes sure that the connection closes. */
void ws_send_fault(struct ws_conn *conn, enum ws_fault fault);
/* No closing handshake: the socket dies as soon as the library can end it. */
void ws_send_kill(struct ws_conn *conn);

#endif
