/* ws_client.h -- a small WebSocket client (RFC 6455) on a libuv loop, made for thousands of connections at
 * once.
 *
 * One `ws_clients` per loop holds what its connections share: the receive buffer and the source of frame
 * masks. A connection owns a buffer only while part of a frame is waiting, so an idle one is about 1 KB.
 * Messages are handed out in place; what a handler sends while messages are handed out leaves in one write
 * afterwards.
 *
 * Limits: 1 MB a message in, 256 KB waiting out, 16 KB of handshake answer; 5 s to connect and shake hands, 3
 * s for the closing handshake. Too much in closes the connection with 1009, too much out refuses the send.
 *
 * Everything runs on the loop's thread. The process must ignore SIGPIPE. */
#ifndef DUELPOD_WS_CLIENT_H
#define DUELPOD_WS_CLIENT_H

#include "clients/ws_frame.h"
#include "clients/ws_handshake.h"
#include "common/base.h"

#include <uv.h>

#define WS_CLIENT_SEND_BYTES_MAX (256u << 10)
#define WS_CLIENT_HANDSHAKE_BYTES_MAX (16u << 10)

/* Codes of `closed` that never travel in a frame; WS_CLOSED_NO_CODE (ws_frame.h) is another. */
#define WS_CLOSED_NOT_OPENED 0 /* no connection, or no handshake */
#define WS_CLOSED_LOST 1006    /* the connection ended without a close frame */

struct ws_clients;
struct ws_client;

/* `text` and `data` are borrowed until the handler returns. `closed` comes exactly once, after ws_client_open
 * has returned, and is the last event: the ws_client is gone after it. Handlers may send and close. */
struct ws_client_events {
    void (*opened)(void *owner);
    void (*text)(void *owner, struct bytes text);
    void (*binary)(void *owner, struct bytes data);
    void (*closed)(void *owner, int code, const char *reason);
};

struct ws_clients *ws_clients_open(uv_loop_t *loop);

/* Only after the last `closed` event has been delivered and the loop has run dry. */
void ws_clients_free(struct ws_clients *clients);

/* Starts to connect. `events` must outlive the connection; `url` is copied. Never fails at once: what goes
 * wrong is told by `closed`. */
struct ws_client *ws_client_open(struct ws_clients *clients, const struct ws_url *url,
                                 const struct ws_client_events *events, void *owner);

/* False when the connection is not open or WS_CLIENT_SEND_BYTES_MAX would be passed; then nothing is sent. */
bool ws_client_send_text(struct ws_client *client, struct bytes text);

/* Starts the closing handshake; no more messages are handed out. Harmless when already closing. */
void ws_client_close(struct ws_client *client, int code, const char *reason);

#endif
