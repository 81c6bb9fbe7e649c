/* ws_frame.h -- the frames of RFC 6455 as a client sees them, without any I/O.
 *
 * A frame is a header of 2 to 14 bytes and its payload. A client masks what it sends; a server never masks.
 *
 *      byte 0            byte 1             then                      then
 *     +-+---+----+      +-+-------+      +----------------------+   +-------------+
 *     |F|RSV|code|      |M|length |      |0, 2 or 8 bytes length|   |mask, 4 bytes|   payload ...
 *     +-+---+----+      +-+-------+      +----------------------+   +-------------+
 *
 * Pure: no state, no allocation, any thread. */
#ifndef DUELPOD_WS_FRAME_H
#define DUELPOD_WS_FRAME_H

#include "common/base.h"
#include "common/buffer.h"

#define WS_FRAME_CONTROL_BYTES_MAX 125

enum ws_frame_code {
    WS_FRAME_CONTINUATION = 0,
    WS_FRAME_TEXT = 1,
    WS_FRAME_BINARY = 2,
    WS_FRAME_CLOSE = 8,
    WS_FRAME_PING = 9,
    WS_FRAME_PONG = 10,
};

enum ws_frame_result { WS_FRAME_OK, WS_FRAME_NEED_MORE, WS_FRAME_BAD };

struct ws_frame {
    enum ws_frame_code code;
    bool final;
    size_t header_bytes;
    uint64_t payload_bytes;
};

/* Reads the header at the start of `input`, as sent by a server. WS_FRAME_BAD: reserved bits, an unknown
 * code, a masked frame, a length not in its shortest form, or a control frame that is fragmented or over 125
 * bytes. */
enum ws_frame_result ws_frame_read_header(struct bytes input, struct ws_frame *frame);

/* Appends one whole (final) masked client frame. */
void ws_frame_append(struct buffer *output, enum ws_frame_code code, struct bytes payload, uint32_t mask);

#define WS_CLOSED_NO_CODE 1005 /* a close frame without a code; never sent */

/* The longest reason of a close, with its terminator. */
#define WS_FRAME_REASON_BYTES (WS_FRAME_CONTROL_BYTES_MAX - 1)

/* Takes the payload of a close frame apart. False when it breaks the rules: one byte, a code that may not be
 * sent (RFC 6455 section 7.4), a reason that is not UTF-8. `reason` is cut at a zero byte. */
bool ws_frame_read_close(struct bytes payload, int *code, char reason[WS_FRAME_REASON_BYTES]);

/* Writes the payload of a close frame; returns its length. WS_CLOSED_NO_CODE writes an empty one. */
size_t ws_frame_write_close(char payload[WS_FRAME_CONTROL_BYTES_MAX], int code, const char *reason);

#endif
