#include "clients/ws_frame.h"

#include "common/utf8.h"

#include <string.h>

static bool code_is_known(unsigned code)
{
    return code <= WS_FRAME_BINARY || (code >= WS_FRAME_CLOSE && code <= WS_FRAME_PONG);
}

static uint64_t read_big_endian(const uint8_t *from, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) value = value << 8 | from[i];
    return value;
}

enum ws_frame_result ws_frame_read_header(struct bytes input, struct ws_frame *frame)
{
    const uint8_t *data = (const uint8_t *)input.data;
    if (input.length < 2) return WS_FRAME_NEED_MORE;
    unsigned code = data[0] & 0x0f;
    bool masked = (data[1] & 0x80) != 0;
    unsigned short_length = data[1] & 0x7f;
    if ((data[0] & 0x70) != 0 || masked || !code_is_known(code)) return WS_FRAME_BAD;

    frame->final = (data[0] & 0x80) != 0;
    frame->code = (enum ws_frame_code)code;
    bool control_fits = frame->final && short_length <= WS_FRAME_CONTROL_BYTES_MAX;
    if (code >= WS_FRAME_CLOSE && !control_fits) return WS_FRAME_BAD;

    size_t length_bytes = short_length == 127 ? 8 : short_length == 126 ? 2 : 0;
    frame->header_bytes = 2 + length_bytes;
    if (input.length < frame->header_bytes) return WS_FRAME_NEED_MORE;
    frame->payload_bytes = length_bytes == 0 ? short_length : read_big_endian(data + 2, length_bytes);
    if (length_bytes == 2 && frame->payload_bytes < 126) return WS_FRAME_BAD;
    if (length_bytes == 8 && frame->payload_bytes <= UINT16_MAX) return WS_FRAME_BAD;
    return frame->payload_bytes >> 63 == 0 ? WS_FRAME_OK : WS_FRAME_BAD;
}

void ws_frame_append(struct buffer *output, enum ws_frame_code code, struct bytes payload, uint32_t mask)
{
    uint8_t header[14] = {(uint8_t)(0x80u | (unsigned)code)};
    size_t length_bytes = payload.length < 126 ? 0 : payload.length <= UINT16_MAX ? 2 : 8;
    header[1] = (uint8_t)(0x80u | (length_bytes == 0 ? payload.length : length_bytes == 2 ? 126u : 127u));
    for (size_t i = 0; i < length_bytes; i++) {
        header[2 + i] = (uint8_t)(payload.length >> (8 * (length_bytes - 1 - i)));
    }
    uint8_t *key = header + 2 + length_bytes;
    memcpy(key, &mask, sizeof mask);
    buffer_append(output, header, 2 + length_bytes + sizeof mask);
    buffer_append(output, payload.data, payload.length);
    uint8_t *masked = (uint8_t *)output->data + output->length - payload.length;
    for (size_t i = 0; i < payload.length; i++) masked[i] ^= key[i & 3];
}

static bool close_code_may_be_sent(int code)
{
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

bool ws_frame_read_close(struct bytes payload, int *code, char reason[WS_FRAME_REASON_BYTES])
{
    *code = WS_CLOSED_NO_CODE;
    reason[0] = '\0';
    if (payload.length == 0) return true;
    if (payload.length == 1 || payload.length > WS_FRAME_CONTROL_BYTES_MAX) return false;
    struct bytes text = {payload.data + 2, payload.length - 2};
    *code = (uint8_t)payload.data[0] << 8 | (uint8_t)payload.data[1];
    memcpy(reason, text.data, text.length);
    reason[text.length] = '\0';
    return close_code_may_be_sent(*code) && utf8_valid(text);
}

size_t ws_frame_write_close(char payload[WS_FRAME_CONTROL_BYTES_MAX], int code, const char *reason)
{
    if (code == WS_CLOSED_NO_CODE) return 0;
    payload[0] = (char)(code >> 8);
    payload[1] = (char)code;
    size_t length = strnlen(reason, WS_FRAME_CONTROL_BYTES_MAX - 2);
    memcpy(payload + 2, reason, length);
    return length + 2;
}
