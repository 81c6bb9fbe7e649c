/* ws_conn.h -- one open WebSocket connection, as its owner sees it: text in (ws_front.h), bytes out
 * (here).
 *
 * A connection exists from opened() until closed() returns, and all calls are made on its front's thread,
 * from inside an event or not. What is sent leaves in order. The queue of what the socket has not taken
 * yet is bounded (send_messages_max, send_bytes_max, shared_frames_max): the first send that does not fit
 * is dropped and the connection is a slow reader from then on, which reaches the owner as
 * faulted(WS_FAULT_SLOW_READER). */
#ifndef DUELPOD_GAME_SERVER_WS_CONN_H
#define DUELPOD_GAME_SERVER_WS_CONN_H

#include "common/base.h"
#include "common/shared_bytes.h"

struct ws_conn;

/* Close reasons longer than this are cut (a close frame has 125 bytes, 2 of them the code). */
#define WS_CLOSE_REASON_BYTES_MAX 123

/* Sends one text frame; the bytes (valid UTF-8, the caller's promise) are copied. False: not sent, because
 * the queue is full (the connection is about to fault) or the connection is already closing. */
bool ws_conn_send_text(struct ws_conn *conn, struct bytes text);

/* Sends one binary message by reference: takes its own reference and releases it when the last byte has left
 * or the connection ends. Leaves in fragments, so it is never copied whole; not counted in send_bytes_max.
 * False as above. */
bool ws_conn_send_shared(struct ws_conn *conn, struct shared_bytes *shared);

/* Pings behind everything sent so far. The answer to it proves that the peer received that, and comes once as
 * answered(); a newer probe takes the place of an older one. */
void ws_conn_probe(struct ws_conn *conn);

/* Ends the connection: nothing is received or accepted for sending any more, what is queued goes out, then a
 * close frame with `code` and `reason` (a short text; may be ""). Whatever the peer does, the socket is gone
 * after close_timeout_ms. closed() follows later, never from inside this call. The first call decides. */
void ws_conn_close(struct ws_conn *conn, uint16_t code, const char *reason);

#endif
