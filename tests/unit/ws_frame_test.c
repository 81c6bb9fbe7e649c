/* Frames, messages and the handshake of the WebSocket client, byte by byte. */
#include "clients/ws_frame.h"
#include "clients/ws_handshake.h"
#include "clients/ws_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bytes run_of(const void *data, size_t length)
{
    return (struct bytes){data, length};
}

#define BYTES(...) run_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* ---- headers ---- */

static void header_lengths_are_read(void **state)
{
    (void)state;
    struct ws_frame frame;
    assert_int_equal(ws_frame_read_header(BYTES(0x81, 0x05), &frame), WS_FRAME_OK);
    assert_int_equal(frame.code, WS_FRAME_TEXT);
    assert_true(frame.final);
    assert_int_equal(frame.header_bytes, 2);
    assert_int_equal(frame.payload_bytes, 5);
    assert_int_equal(ws_frame_read_header(BYTES(0x02, 0x7e, 0x01, 0x00), &frame), WS_FRAME_OK);
    assert_int_equal(frame.code, WS_FRAME_BINARY);
    assert_false(frame.final);
    assert_int_equal(frame.payload_bytes, 256);
    assert_int_equal(ws_frame_read_header(BYTES(0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0), &frame), WS_FRAME_OK);
    assert_int_equal(frame.header_bytes, 10);
    assert_int_equal(frame.payload_bytes, 65536);
}

static void a_cut_header_needs_more(void **state)
{
    (void)state;
    static const uint8_t header[] = {0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0};
    struct ws_frame frame;
    for (size_t length = 0; length < sizeof header; length++) {
        assert_int_equal(ws_frame_read_header(run_of(header, length), &frame), WS_FRAME_NEED_MORE);
    }
}

static void headers_against_the_rules_are_bad(void **state)
{
    (void)state;
    struct ws_frame frame;
    const struct bytes bad[] = {
        BYTES(0xc1, 0x00),                               /* a reserved bit */
        BYTES(0x83, 0x00),                               /* an unknown data code */
        BYTES(0x8b, 0x00),                               /* an unknown control code */
        BYTES(0x81, 0x80),                               /* a server that masks */
        BYTES(0x09, 0x00),                               /* a fragmented control frame */
        BYTES(0x89, 0x7e),                               /* a control frame over 125 bytes */
        BYTES(0x82, 0x7e, 0x00, 0x7d),                   /* 125 in the long form */
        BYTES(0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff), /* 65535 in the longest form */
        BYTES(0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0),    /* the highest bit of a length */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (ws_frame_read_header(bad[i], &frame) != WS_FRAME_BAD) fail_msg("row %zu", i);
    }
}

static void written_frames_are_masked_and_whole(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 125, 126, 65535, 65536};
    static const size_t headers[] = {6, 6, 6, 8, 8, 14};
    static char payload[65536];
    for (size_t i = 0; i < sizeof payload; i++) payload[i] = (char)i;
    for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
        struct buffer output = {0};
        ws_frame_append(&output, WS_FRAME_TEXT, run_of(payload, lengths[i]), 0x11223344);
        assert_int_equal(output.length, headers[i] + lengths[i]);
        const uint8_t *data = (const uint8_t *)output.data;
        assert_int_equal(data[0], 0x81);
        assert_int_equal(data[1] & 0x80, 0x80);
        for (size_t k = 0; k < lengths[i]; k++) {
            uint8_t mask = data[headers[i] - 4 + k % 4];
            assert_int_equal(data[headers[i] + k] ^ mask, (uint8_t)payload[k]);
        }
        buffer_free(&output);
    }
}

static void close_payloads_are_judged(void **state)
{
    (void)state;
    int code;
    char reason[WS_FRAME_REASON_BYTES];
    assert_true(ws_frame_read_close(BYTES(0x03, 0xe8, 'b', 'y', 'e'), &code, reason));
    assert_int_equal(code, 1000);
    assert_string_equal(reason, "bye");
    assert_true(ws_frame_read_close(run_of("", 0), &code, reason));
    assert_int_equal(code, WS_CLOSED_NO_CODE);
    assert_true(ws_frame_read_close(BYTES(0x0f, 0xa9), &code, reason));
    assert_int_equal(code, 4009);
    assert_false(ws_frame_read_close(BYTES(0x03), &code, reason));
    assert_false(ws_frame_read_close(BYTES(0x03, 0xe7), &code, reason));       /* 999 */
    assert_false(ws_frame_read_close(BYTES(0x03, 0xee), &code, reason));       /* 1006 never travels */
    assert_false(ws_frame_read_close(BYTES(0x13, 0x88), &code, reason));       /* 5000 */
    assert_false(ws_frame_read_close(BYTES(0x03, 0xe8, 0xff), &code, reason)); /* no UTF-8 */
}

static void close_payloads_survive_the_way_there_and_back(void **state)
{
    (void)state;
    char payload[WS_FRAME_CONTROL_BYTES_MAX], reason[WS_FRAME_REASON_BYTES], long_reason[200];
    int code;
    memset(long_reason, 'x', sizeof long_reason - 1);
    long_reason[sizeof long_reason - 1] = '\0';
    size_t length = ws_frame_write_close(payload, 4008, long_reason);
    assert_int_equal(length, WS_FRAME_CONTROL_BYTES_MAX);
    assert_true(ws_frame_read_close(run_of(payload, length), &code, reason));
    assert_int_equal(code, 4008);
    assert_int_equal(strlen(reason), 123);
    assert_int_equal(ws_frame_write_close(payload, WS_CLOSED_NO_CODE, "unsaid"), 0);
}

/* ---- messages ---- */

struct heard {
    char log[4096];
    bool stop_at_first;
};

static bool hear_message(void *owner, enum ws_frame_code code, struct bytes payload)
{
    struct heard *heard = owner;
    size_t length = strlen(heard->log);
    int shown = payload.length < 20 ? (int)payload.length : 20;
    snprintf(heard->log + length, sizeof heard->log - length, "%d:%zu:%.*s ", (int)code, payload.length,
             shown, payload.data);
    return !heard->stop_at_first;
}

static void hear_broken(void *owner, int close_code, const char *reason)
{
    struct heard *heard = owner;
    size_t length = strlen(heard->log);
    snprintf(heard->log + length, sizeof heard->log - length, "broken %d %s", close_code, reason);
}

static const struct ws_reader_events heard_events = {hear_message, hear_broken};

/* Feeds `input` in pieces of `piece` bytes and compares what was heard. */
static void expect(struct bytes input, size_t piece, bool goes_on, const char *log)
{
    struct ws_reader reader = {0};
    struct heard heard = {0};
    bool on = true;
    for (size_t at = 0; at < input.length && on; at += piece) {
        size_t length = input.length - at < piece ? input.length - at : piece;
        char *copy = memory_new(length); /* its own block, so that reading past its end is noticed */
        memcpy(copy, input.data + at, length);
        on = ws_reader_feed(&reader, run_of(copy, length), &heard_events, &heard);
        free(copy);
    }
    assert_string_equal(heard.log, log);
    assert_int_equal(on, goes_on);
    if (goes_on) assert_null(reader.input.data); /* at rest it owns nothing */
    ws_reader_free(&reader);
}

static void messages_come_whole_however_the_bytes_are_cut(void **state)
{
    (void)state;
    struct bytes input = BYTES(0x81, 2, 'h', 'i', 0x01, 3, 'o', 'n', 'e', 0x89, 1, 'p', 0x00, 0, 0x80, 3, 't',
                               'w', 'o', 0x82, 1, 'b', 0x8a, 0);
    for (size_t piece = 1; piece <= input.length; piece++)
        expect(input, piece, true, "1:2:hi 9:1:p 1:6:onetwo 2:1:b 10:0: ");
}

static void broken_streams_name_their_close_code(void **state)
{
    (void)state;
    expect(BYTES(0x80, 1, 'x'), 8, false, "broken 1002 a continuation of nothing");
    expect(BYTES(0x01, 1, 'x', 0x81, 1, 'y'), 8, false, "broken 1002 a new message inside another");
    expect(BYTES(0x81, 1, 'x', 0xf1, 0), 8, false, "1:1:x broken 1002 a malformed frame");
    expect(BYTES(0x81, 2, 0xc0, 0x80), 8, false, "broken 1007 text that is not UTF-8");
    /* UTF-8 is judged over the whole message: a character may be split between fragments. */
    expect(BYTES(0x01, 1, 0xc3, 0x80, 1, 0xa9), 8, true, "1:2:\xc3\xa9 ");
    expect(BYTES(0x02, 1, 0xff, 0x80, 0), 8, true, "2:1:\xff ");
}

static void too_big_is_seen_before_it_is_stored(void **state)
{
    (void)state;
    expect(BYTES(0x82, 0x7f, 0, 0, 0, 0, 0, 0x10, 0, 1), 10, false, "broken 1009 a message over 1 MB");
    struct ws_reader reader = {0};
    struct heard heard = {0};
    char *fragment = memory_new(4 + 65535);
    memcpy(fragment, "\x02\x7e\xff\xff", 4);
    bool on = true;
    for (int i = 0; i < 20 && on; i++) {
        on = ws_reader_feed(&reader, run_of(fragment, 4 + 65535), &heard_events, &heard);
        fragment[0] = 0x00;
    }
    assert_string_equal(heard.log, "broken 1009 a message over 1 MB");
    ws_reader_free(&reader);
    free(fragment);
}

static void the_largest_message_passes(void **state)
{
    (void)state;
    size_t length = 10 + WS_READER_MESSAGE_BYTES_MAX;
    char *frame = memory_new(length);
    memcpy(frame, "\x82\x7f\0\0\0\0\0\x10\0\0", 10);
    memset(frame + 10, 'z', WS_READER_MESSAGE_BYTES_MAX);
    expect(run_of(frame, length), 60000, true, "2:1048576:zzzzzzzzzzzzzzzzzzzz ");
    free(frame);
}

static void a_reader_told_to_stop_stops(void **state)
{
    (void)state;
    struct ws_reader reader = {0};
    struct heard heard = {.stop_at_first = true};
    assert_false(ws_reader_feed(&reader, BYTES(0x81, 1, 'a', 0x81, 1, 'b'), &heard_events, &heard));
    assert_string_equal(heard.log, "1:1:a ");
    ws_reader_free(&reader);
}

/* ---- the handshake ---- */

static void urls_are_taken_apart(void **state)
{
    (void)state;
    struct ws_url url;
    char error[160];
    assert_true(ws_url_parse("ws://127.0.0.1:8081/v1/ws", &url, error, sizeof error));
    assert_string_equal(url.host, "127.0.0.1");
    assert_int_equal(url.port, 8081);
    assert_string_equal(url.path, "/v1/ws");
    assert_true(ws_url_parse("ws://example", &url, error, sizeof error));
    assert_int_equal(url.port, 80);
    assert_string_equal(url.path, "/");
    static const char *const bad[] = {
        "",           "http://a/",       "wss://a/",         "ws://",    "ws:///x",
        "ws://a:0/",  "ws://a:65536/",   "ws://a:x/",        "ws://a:/", "ws://u@a/",
        "ws://a/b c", "ws://a/\r\nX: y", "ws://a:123456789/"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (ws_url_parse(bad[i], &url, error, sizeof error)) fail_msg("accepted: %s", bad[i]);
    }
}

/* Key and answer are the example of RFC 6455 section 1.3. */
static const uint8_t example_nonce[WS_HANDSHAKE_KEY_BYTES] = "the sample nonce";
#define ANSWER "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE "upgrade: WebSocket\r\nConnection: Upgrade\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static void the_request_carries_the_key(void **state)
{
    (void)state;
    char output[WS_HANDSHAKE_BYTES_MAX];
    struct ws_url url = {.host = "localhost", .path = "/v1/ws", .port = 8081};
    size_t length = ws_handshake_write(output, &url, example_nonce);
    assert_int_equal(length, strlen(output));
    assert_memory_equal(output, "GET /v1/ws HTTP/1.1\r\nHost: localhost:8081\r\n", 43);
    assert_non_null(strstr(output, "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
    assert_string_equal(output + length - 4, "\r\n\r\n");
}

static void answers_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *head, *error;
    } rows[] = {
        {ANSWER UPGRADE ACCEPT "\r\n", NULL},
        {ANSWER UPGRADE ACCEPT "Sec-WebSocket-Protocol: duelpod.v1\r\n\r\n", NULL},
        {ANSWER UPGRADE ACCEPT "Sec-WebSocket-Protocol: chat\r\n\r\n", "a subprotocol nobody asked for"},
        {ANSWER UPGRADE ACCEPT "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
         "an extension nobody asked for"},
        {ANSWER UPGRADE "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n\r\n",
         "a wrong Sec-WebSocket-Accept"},
        {ANSWER UPGRADE "\r\n", "a wrong Sec-WebSocket-Accept"},
        {ANSWER "Connection: Upgrade\r\n" ACCEPT "\r\n", "no 'Upgrade: websocket'"},
        {ANSWER "Upgrade: websocket\r\n" ACCEPT "\r\n", "no 'Connection: Upgrade'"},
        {"HTTP/1.1 404 Not Found\r\n\r\n", "'HTTP/1.1 404 Not Found'"},
        {"\r\n\r\n", "answered ''"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char error[120] = "";
        enum ws_handshake_result result =
            ws_handshake_check(bytes_of_text(rows[i].head), example_nonce, error, sizeof error);
        assert_int_equal(result, rows[i].error == NULL ? WS_HANDSHAKE_OK : WS_HANDSHAKE_REFUSED);
        if (rows[i].error != NULL && strstr(error, rows[i].error) == NULL)
            fail_msg("row %zu says: %s", i, error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_lengths_are_read),
        cmocka_unit_test(a_cut_header_needs_more),
        cmocka_unit_test(headers_against_the_rules_are_bad),
        cmocka_unit_test(written_frames_are_masked_and_whole),
        cmocka_unit_test(close_payloads_are_judged),
        cmocka_unit_test(close_payloads_survive_the_way_there_and_back),
        cmocka_unit_test(messages_come_whole_however_the_bytes_are_cut),
        cmocka_unit_test(broken_streams_name_their_close_code),
        cmocka_unit_test(too_big_is_seen_before_it_is_stored),
        cmocka_unit_test(the_largest_message_passes),
        cmocka_unit_test(a_reader_told_to_stop_stops),
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(the_request_carries_the_key),
        cmocka_unit_test(answers_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
