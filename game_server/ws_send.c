/* Outgoing bytes. Every send is written at once when nothing waits: asking for POLLOUT first costs two
 * epoll_ctl calls and a turn of the loop per message. The library keeps the tail of a short write itself
 * and tells so; from then on messages wait in the connection's own bounded queue until the socket takes
 * more. */
#include "game_server/ws_internal.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(WS_LIBRARY_HEADROOM >= LWS_PRE, "the scratch buffer needs the library's headroom");

static bool conn_may_write(const struct ws_conn *conn)
{
    return conn->state != WS_ENDING && !lws_partial_buffered(conn->wsi);
}

/* One frame through the scratch buffer, because the library writes its header in front of the payload: into a
 * buffer shared between threads it must not. False: the socket is dead. */
static bool conn_write_frame(struct ws_conn *conn, const char *data, size_t length, int flags)
{
    char *payload = conn->front->scratch + WS_LIBRARY_HEADROOM;
    if (length > 0) memcpy(payload, data, length);
    if (lws_write(conn->wsi, (unsigned char *)payload, length, (enum lws_write_protocol)flags) < 0) {
        ws_send_kill(conn);
        return false;
    }
    ws_count_add(conn->front, WS_COUNTER_bytes_out, length);
    return true;
}

static void conn_drop_first(struct ws_conn *conn)
{
    struct ws_item *item = conn->first;
    conn->first = item->next;
    if (conn->first == NULL) conn->last = NULL;
    if (item->shared == NULL) {
        conn->queued_messages--;
        conn->queued_bytes -= (uint32_t)item->length;
    } else {
        conn->queued_shared--;
        shared_bytes_release(item->shared);
    }
    free(item);
}

/* The next frame of the first message. A message up to WS_SEND_CHUNK is one frame. */
static bool conn_write_first(struct ws_conn *conn)
{
    struct ws_item *item = conn->first;
    const char *data = item->shared == NULL ? item->text : shared_bytes_read(item->shared).data;
    size_t length = item->length - item->offset;
    int flags = item->shared == NULL ? LWS_WRITE_TEXT : LWS_WRITE_BINARY;
    if (item->offset > 0) flags = LWS_WRITE_CONTINUATION;
    if (length > WS_SEND_CHUNK) {
        length = WS_SEND_CHUNK;
        flags |= LWS_WRITE_NO_FIN;
    }
    if (!conn_write_frame(conn, data + item->offset, length, flags)) return false;
    item->offset += length;
    if (item->offset == item->length) {
        conn_drop_first(conn);
        ws_count(conn->front, WS_COUNTER_messages_out);
    }
    return true;
}

/* The close frame is made here and written as plain bytes: as Debian builds it, the library closes twice
 * under libuv whenever a connection is ended from a writeable event, and the second time drops its own
 * close frame. */
static void conn_write_close(struct ws_conn *conn, uint16_t code, const char *reason)
{
    char frame[2 + 2 + WS_CLOSE_REASON_BYTES_MAX] = {(char)0x88, 0};
    size_t length = 2;
    if (code != WS_CLOSE_NO_CODE) {
        frame[2] = (char)(code >> 8);
        frame[3] = (char)(code & 0xff);
        memcpy(frame + 4, reason, strlen(reason));
        length = 4 + strlen(reason);
    }
    frame[1] = (char)(length - 2);
    if (conn_write_frame(conn, frame, length, LWS_WRITE_HTTP)) conn->state = WS_ENDING;
}

/* A payload is needed anyway, because the library keeps pongs without one to itself. */
void ws_ping_text(const struct ws_conn *conn, char out[WS_PING_SIZE])
{
    snprintf(out, WS_PING_SIZE, "probe %u", conn->probes);
}

static bool conn_write_ping(struct ws_conn *conn)
{
    char text[WS_PING_SIZE];
    ws_ping_text(conn, text);
    return conn_write_frame(conn, text, strlen(text), LWS_WRITE_PING);
}

/* Writes until the socket is full or nothing waits. A ping goes before what waits, a probe behind it. */
static void conn_flush(struct ws_conn *conn)
{
    if (conn->ping_due && conn_may_write(conn)) {
        conn->ping_due = false;
        if (!conn_write_ping(conn)) return;
    }
    while (conn->first != NULL && conn_may_write(conn)) {
        if (!conn_write_first(conn)) return;
    }
    if (conn->probe_due && conn->first == NULL && conn_may_write(conn)) {
        conn->probe_due = false;
        conn->probe_open = true;
        conn->probes++;
        if (!conn_write_ping(conn)) return;
    }
    if (conn->state == WS_CLOSING && conn_may_write(conn)) {
        conn_write_close(conn, conn->code, conn->close_reason == NULL ? "" : conn->close_reason);
    } else if (conn->first != NULL || conn->ping_due || conn->probe_due || conn->state == WS_CLOSING) {
        lws_callback_on_writable(conn->wsi);
    }
}

void ws_send_ping(struct ws_conn *conn)
{
    conn->ping_due = true;
    conn_flush(conn);
}

void ws_conn_probe(struct ws_conn *conn)
{
    if (conn->state != WS_OPEN) return;
    conn->probe_open = false;
    conn->probe_due = true;
    conn_flush(conn);
}

void ws_send_writeable(struct ws_conn *conn)
{
    if (conn->state != WS_ENDING) conn_flush(conn);
}

void ws_send_close_answer(struct ws_conn *conn, uint16_t code)
{
    ws_conn_move(conn, &conn->front->closing);
    if (conn_may_write(conn)) conn_write_close(conn, code, "");
    conn->state = WS_ENDING;
}

void ws_send_drop_queue(struct ws_conn *conn)
{
    while (conn->first != NULL) conn_drop_first(conn);
}

/* ---- sending ------------------------------------------------------------------------------------ */

static bool conn_takes_sends(const struct ws_conn *conn)
{
    return conn->state == WS_OPEN || conn->state == WS_LAST_WORDS;
}

/* The queue is full. The owner hears of it in the next turn of the loop, not from inside its own call. */
static bool conn_overflow(struct ws_conn *conn)
{
    if (conn->state == WS_LAST_WORDS) return false;
    conn->state = WS_FAULTING;
    ws_conn_move(conn, &conn->front->faulting);
    uv_timer_start(&conn->front->soon, conn->front->soon.timer_cb, 0, 0);
    return false;
}

static void conn_enqueue(struct ws_conn *conn, struct ws_item *item)
{
    if (conn->last == NULL) conn->first = item;
    else conn->last->next = item;
    conn->last = item;
    conn_flush(conn);
}

/* A text larger than the whole queue may go alone: its size is its owner's decision, not the peer's. */
static bool conn_text_fits(const struct ws_conn *conn, size_t length)
{
    const struct ws_front_config *config = &conn->front->config;
    bool last_words = conn->state == WS_LAST_WORDS;
    size_t messages = config->send_messages_max + (last_words ? WS_LAST_WORDS_MAX : 0);
    size_t bytes = config->send_bytes_max + (last_words ? WS_LAST_WORDS_BYTES_MAX : 0);
    if (conn->queued_messages == 0) return true;
    return conn->queued_messages < messages && conn->queued_bytes + length <= bytes;
}

bool ws_conn_send_text(struct ws_conn *conn, struct bytes text)
{
    check(text.length <= UINT32_MAX / 2);
    if (!conn_takes_sends(conn)) return false;
    if (conn->first == NULL && text.length <= WS_SEND_CHUNK && conn_may_write(conn)) {
        if (!conn_write_frame(conn, text.data, text.length, LWS_WRITE_TEXT)) return false;
        ws_count(conn->front, WS_COUNTER_messages_out);
        return true;
    }
    if (!conn_text_fits(conn, text.length)) return conn_overflow(conn);
    struct ws_item *item = memory_new(sizeof(*item) + text.length);
    if (text.length > 0) memcpy(item->text, text.data, text.length);
    item->length = text.length;
    conn->queued_messages++;
    conn->queued_bytes += (uint32_t)text.length;
    conn_enqueue(conn, item);
    return true;
}

bool ws_conn_send_shared(struct ws_conn *conn, struct shared_bytes *shared)
{
    if (!conn_takes_sends(conn)) return false;
    if (conn->queued_shared >= conn->front->config.shared_frames_max) return conn_overflow(conn);
    struct ws_item *item = memory_new(sizeof(*item));
    item->shared = shared_bytes_hold(shared);
    item->length = shared_bytes_read(shared).length;
    conn->queued_shared++;
    conn_enqueue(conn, item);
    return true;
}

/* ---- ending ------------------------------------------------------------------------------------- */

/* A cut reason must still be whole characters. */
static char *close_reason_copy(const char *reason)
{
    size_t length = strnlen(reason, WS_CLOSE_REASON_BYTES_MAX + 1);
    if (length == 0) return NULL;
    if (length > WS_CLOSE_REASON_BYTES_MAX) {
        length = WS_CLOSE_REASON_BYTES_MAX;
        while (length > 0 && ((unsigned char)reason[length] & 0xc0) == 0x80) length--;
    }
    char *copy = memory_new(length + 1);
    memcpy(copy, reason, length);
    return copy;
}

void ws_conn_close(struct ws_conn *conn, uint16_t code, const char *reason)
{
    if (conn->state == WS_CLOSING || conn->state == WS_ENDING) return;
    conn->state = WS_CLOSING;
    conn->code = code;
    conn->close_reason = close_reason_copy(reason);
    conn->ping_due = conn->probe_due = false;
    ws_conn_move(conn, &conn->front->closing);
    conn_flush(conn);
}

void ws_send_kill(struct ws_conn *conn)
{
    conn->state = WS_ENDING;
    if (conn->code == 0) conn->code = WS_CLOSE_LOST;
    ws_list_remove(&conn->link);
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    /* Outside its own events the library looks at its timers only when something wakes it. */
    lws_cancel_service(conn->front->lws);
}

void ws_send_fault(struct ws_conn *conn, enum ws_fault fault)
{
    static const struct {
        uint16_t code;
        enum ws_counter counter;
        const char *reason;
    } faults[] = {
        [WS_FAULT_TOO_BIG] = {WS_CLOSE_TOO_BIG, WS_COUNTER_fault_too_big, "message too big"},
        [WS_FAULT_FRAGMENTS] = {WS_CLOSE_POLICY, WS_COUNTER_fault_fragments, "too many fragments"},
        [WS_FAULT_BINARY] = {WS_CLOSE_UNSUPPORTED, WS_COUNTER_fault_binary, "text messages only"},
        [WS_FAULT_SLOW_READER] = {WS_CLOSE_SLOW_READER, WS_COUNTER_fault_slow_reader, "reading too slowly"},
    };
    ws_count(conn->front, faults[fault].counter);
    conn->state = WS_LAST_WORDS;
    conn->front->events.faulted(conn->owner, fault);
    ws_conn_close(conn, faults[fault].code, faults[fault].reason);
}
