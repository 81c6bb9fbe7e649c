/* HTTP requests as bytes: what is accepted, what is refused, and with which status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/http_request.h"

static enum http_parse parse(const char *text, struct http_request *request, int *status)
{
    return http_request_parse(bytes_of_text(text), request, status);
}

static void assert_bytes(struct bytes bytes, const char *text)
{
    assert_int_equal(bytes.length, strlen(text));
    if (bytes.length > 0) assert_memory_equal(bytes.data, text, bytes.length);
}

static void a_request_is_taken_apart(void **state)
{
    (void)state;
    struct http_request request;
    int status;
    assert_int_equal(
        parse("POST /v1/dev/token?a=1?b HTTP/1.1\r\nHost: h\r\nX-Thing: \t a b \t\r\nX-Empty:\r\n"
              "content-length: 5\r\n\r\nhelloGET / junk",
              &request, &status),
        HTTP_PARSE_WHOLE);
    assert_bytes(request.method, "POST");
    assert_bytes(request.path, "/v1/dev/token");
    assert_bytes(request.query, "a=1?b");
    assert_bytes(request.body, "hello");
    assert_int_equal(request.header_count, 4);
    assert_bytes(http_request_header(&request, "x-thing"), "a b");
    assert_bytes(http_request_header(&request, "X-EMPTY"), "");
    assert_null(http_request_header(&request, "missing").data);
}

static void a_request_is_whole_only_at_its_last_byte(void **state)
{
    (void)state;
    static const char text[] = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    struct http_request request;
    int status;
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char *exact = malloc(length + 1); /* an address sanitizer sees any look behind it */
        memcpy(exact, text, length);
        assert_int_equal(http_request_parse((struct bytes){exact, length}, &request, &status),
                         HTTP_PARSE_MORE);
        free(exact);
    }
    assert_int_equal(parse(text, &request, &status), HTTP_PARSE_WHOLE);
    assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n", &request, &status), HTTP_PARSE_WHOLE);
    assert_bytes(request.query, "");
}

static void bad_requests_get_the_status_they_deserve(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *text;
    } cases[] = {
        {400, "\r\n\r\n"},
        {400, "\n"},
        {400, "GET / HTTP/1.1\n"},
        {400, "GET\r\n"},
        {400, "GET /\r\n"},
        {400, "GET  / HTTP/1.1\r\n"},
        {400, "GET / HTTP/1.1 \r\n"},
        {400, " GET / HTTP/1.1\r\n"},
        {400, "G@T / HTTP/1.1\r\n"},
        {400, "GET / http/1.1\r\n"},
        {400, "GET / HTTP/1.1x\r\n"},
        {505, "GET / HTTP/2.0\r\n"},
        {505, "GET / HTTP/0.9\r\n"},
        {400, "GET http://h/ HTTP/1.1\r\n"},
        {400, "OPTIONS * HTTP/1.1\r\n"},
        {400, "GET /a#b HTTP/1.1\r\n"},
        {400, "GET /a\tb HTTP/1.1\r\n"},
        {400, "GET /\x80 HTTP/1.1\r\n"},
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n"},
        {400, "GET / HTTP/1.1\r\nHost : a\r\n"},
        {400, "GET / HTTP/1.1\r\nHost\r\n"},
        {400, "GET / HTTP/1.1\r\n: a\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\x01\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\x7f\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\rb\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\nX: b\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1,1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\na"},
        {413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n"},
        {413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n"},
        {501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {501, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: identity\r\n\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct http_request request;
        int status = 0;
        if (parse(cases[i].text, &request, &status) != HTTP_PARSE_BAD || status != cases[i].status)
            fail_msg("status %d for: %s", status, cases[i].text);
    }
}

static void limits_are_exact(void **state)
{
    (void)state;
    static const char before[] = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    struct http_request request;
    int status;
    char text[HTTP_HEAD_BYTES_MAX + 64];
    memset(text, 'x', sizeof text);
    memcpy(text, before, sizeof before - 1);
    assert_int_equal(http_request_parse((struct bytes){text, HTTP_HEAD_BYTES_MAX}, &request, &status),
                     HTTP_PARSE_MORE);
    assert_int_equal(http_request_parse((struct bytes){text, HTTP_HEAD_BYTES_MAX + 1}, &request, &status),
                     HTTP_PARSE_BAD);
    assert_int_equal(status, 431);
    memcpy(text + HTTP_HEAD_BYTES_MAX - 4, "\r\n\r\n", 4);
    assert_int_equal(http_request_parse((struct bytes){text, HTTP_HEAD_BYTES_MAX}, &request, &status),
                     HTTP_PARSE_WHOLE);
    memcpy(text + HTTP_HEAD_BYTES_MAX - 4, "xxx\r\n\r\n", 7);
    assert_int_equal(http_request_parse((struct bytes){text, HTTP_HEAD_BYTES_MAX + 3}, &request, &status),
                     HTTP_PARSE_BAD);
    assert_int_equal(status, 431);

    size_t length = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: h\r\n");
    for (int i = 1; i < HTTP_HEADERS_MAX; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "a: b\r\n");
    memcpy(text + length, "\r\n", 3);
    assert_int_equal(parse(text, &request, &status), HTTP_PARSE_WHOLE);
    memcpy(text + length, "a: b\r\n\r\n", 9);
    assert_int_equal(parse(text, &request, &status), HTTP_PARSE_BAD);
    assert_int_equal(status, 431);
}

/* Random edits of a good request must end in one of the three answers, with all views inside the bytes. */
static void edited_requests_do_no_harm(void **state)
{
    (void)state;
    static const char good[] = "POST /path?query HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nA: b\r\n\r\nabc";
    uint64_t seed = 99;
    size_t counts[3] = {0};
    for (int round = 0; round < 100000; round++) {
        char *text = malloc(sizeof good - 1);
        memcpy(text, good, sizeof good - 1);
        for (int edits = 0; edits < 1 + round % 3; edits++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[(seed >> 33) % (sizeof good - 1)] = (char)(seed >> 56);
        }
        struct http_request request;
        int status = 0;
        enum http_parse result = http_request_parse((struct bytes){text, sizeof good - 1}, &request, &status);
        counts[result]++;
        assert_int_equal(result == HTTP_PARSE_BAD, status != 0);
        if (result == HTTP_PARSE_WHOLE) {
            assert_true(request.path.data > text && request.path.data[0] == '/');
            assert_true(request.body.data + request.body.length <= text + sizeof good - 1);
        }
        free(text);
    }
    assert_true(counts[HTTP_PARSE_WHOLE] > 1000 && counts[HTTP_PARSE_BAD] > 1000 &&
                counts[HTTP_PARSE_MORE] > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(a_request_is_whole_only_at_its_last_byte),
        cmocka_unit_test(bad_requests_get_the_status_they_deserve),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(edited_requests_do_no_harm),
    };
    return cmocka_run_group_tests_name("http_request", tests, NULL, NULL);
}
