/* Frames in, whole messages out. The library unmasks, splits frames and handles pings; here are the limits
 * it does not have, and UTF-8, which it checks frame by frame with holes: an empty last fragment hides a
 * character cut short, and a pong between fragments is mistaken for text. */
#include "common/utf8.h"
#include "game_server/ws_internal.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

/* The peer gave a sign of life. */
static void conn_heard(struct ws_conn *conn)
{
    if (conn->state <= WS_OPEN) ws_conn_move(conn, &conn->front->quiet);
}

/* A peer may answer the last of several pings only, so every ping carries the number of the last probe. */
void ws_receive_pong(struct ws_conn *conn, const char *payload, size_t length)
{
    char number[WS_PING_SIZE];
    conn_heard(conn);
    if (!conn->probe_open || conn->state != WS_OPEN) return;
    ws_ping_text(conn, number);
    if (!bytes_equal_text((struct bytes){payload, length}, number)) return;
    conn->probe_open = false;
    if (conn->front->events.answered != NULL) conn->front->events.answered(conn->owner);
}

static void conn_forget_message(struct ws_conn *conn)
{
    free(conn->message);
    conn->message = NULL;
    conn->message_length = 0;
    conn->fragments = 0;
}

static void conn_fault(struct ws_conn *conn, enum ws_fault fault)
{
    conn_forget_message(conn);
    ws_send_fault(conn, fault);
}

static void conn_deliver(struct ws_conn *conn, const char *data, size_t length)
{
    ws_count(conn->front, WS_COUNTER_messages_in);
    struct bytes text = {data, length};
    if (utf8_valid(text)) conn->front->events.received(conn->owner, text);
    else ws_conn_close(conn, WS_CLOSE_BAD_UTF8, "not UTF-8");
}

/* Appends to the message being put together; `remaining` more bytes of the same frame are announced. */
static void conn_append(struct ws_conn *conn, const char *data, size_t length, size_t remaining)
{
    if (length == 0) return;
    conn->message = memory_resize(conn->message, conn->message_length + length + remaining);
    memcpy(conn->message + conn->message_length, data, length);
    conn->message_length += (uint32_t)length;
}

void ws_receive_chunk(struct ws_conn *conn, const char *data, size_t length)
{
    const struct ws_front_config *config = &conn->front->config;
    ws_count_add(conn->front, WS_COUNTER_bytes_in, length);
    if (conn->state > WS_OPEN) return;
    conn_heard(conn);

    if (lws_frame_is_binary(conn->wsi)) {
        conn_fault(conn, WS_FAULT_BINARY);
        return;
    }
    size_t remaining = lws_remaining_packet_payload(conn->wsi);
    size_t room = config->message_bytes_max - conn->message_length;
    if (remaining > room || length > room - remaining) {
        conn_fault(conn, WS_FAULT_TOO_BIG);
        return;
    }
    bool final = lws_is_final_fragment(conn->wsi) != 0;
    if (final && conn->message_length == 0) {
        conn->fragments = 0;
        conn_deliver(conn, data, length);
        return;
    }
    if (remaining == 0 && ++conn->fragments >= config->fragments_max && !final) {
        conn_fault(conn, WS_FAULT_FRAGMENTS);
        return;
    }
    conn_append(conn, data, length, remaining);
    if (!final) return;
    char *message = conn->message;
    size_t message_length = conn->message_length;
    conn->message = NULL;
    conn_forget_message(conn);
    conn_deliver(conn, message, message_length);
    free(message);
}

static bool close_code_valid(uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

void ws_receive_close(struct ws_conn *conn, const char *payload, size_t length)
{
    if (conn->state == WS_ENDING) return; /* the answer to ours */
    uint16_t code = WS_CLOSE_NO_CODE;
    if (length == 1) code = WS_CLOSE_PROTOCOL;
    if (length >= 2) {
        code = (uint16_t)((uint16_t)(uint8_t)payload[0] << 8 | (uint8_t)payload[1]);
        if (!close_code_valid(code)) code = WS_CLOSE_PROTOCOL;
        else if (!utf8_valid((struct bytes){payload + 2, length - 2})) code = WS_CLOSE_BAD_UTF8;
    }
    if (conn->code == 0) conn->code = code;
    ws_send_close_answer(conn, conn->code);
}
