#include "clients/ws_handshake.h"

#include "common/sha1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBPROTOCOL "duelpod.v1"
#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_TEXT_BYTES 25    /* 24 characters of base64 */
#define ACCEPT_TEXT_BYTES 29 /* 28 characters of base64 */

static bool text_is_visible(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~') return false;
    }
    return true;
}

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    if (*text < '0' || *text > '9') return false;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || value == 0 || value > UINT16_MAX) return false;
    *port = (uint16_t)value;
    return true;
}

bool ws_url_parse(const char *text, struct ws_url *url, char *error, size_t error_capacity)
{
    static const char scheme[] = "ws://";
    memset(url, 0, sizeof *url);
    url->port = 80;
    if (strncmp(text, scheme, sizeof scheme - 1) != 0 || !text_is_visible(text)) {
        snprintf(error, error_capacity, "the address must look like ws://host:port/path");
        return false;
    }
    const char *host = text + sizeof scheme - 1;
    size_t authority = strcspn(host, "/");
    size_t host_length = strcspn(host, ":/");
    char port[8] = "80";
    bool fits = host_length > 0 && host_length < sizeof url->host && memchr(host, '@', authority) == NULL;
    if (host_length < authority) fits = fits && authority - host_length - 1 < sizeof port;
    if (fits && host_length < authority) {
        memcpy(port, host + host_length + 1, authority - host_length - 1);
        port[authority - host_length - 1] = '\0';
    }
    const char *path = host[authority] == '/' ? host + authority : "/";
    if (!fits || !parse_port(port, &url->port) || !text_copy(url->path, sizeof url->path, path)) {
        snprintf(error, error_capacity, "the address has a bad host, port or path: %.100s", text);
        return false;
    }
    memcpy(url->host, host, host_length);
    return true;
}

static void base64_encode(const uint8_t *data, size_t length, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        uint32_t group = (uint32_t)data[i] << 16;
        if (i + 1 < length) group |= (uint32_t)data[i + 1] << 8;
        if (i + 2 < length) group |= data[i + 2];
        *text++ = digits[group >> 18];
        *text++ = digits[group >> 12 & 63];
        *text++ = i + 1 < length ? digits[group >> 6 & 63] : '=';
        *text++ = i + 2 < length ? digits[group & 63] : '=';
    }
    *text = '\0';
}

static void expected_accept(const uint8_t nonce[WS_HANDSHAKE_KEY_BYTES], char accept[ACCEPT_TEXT_BYTES])
{
    char text[KEY_TEXT_BYTES + sizeof ACCEPT_GUID];
    char hexadecimal[SHA1_TEXT_BYTES];
    uint8_t digest[(SHA1_TEXT_BYTES - 1) / 2];
    base64_encode(nonce, WS_HANDSHAKE_KEY_BYTES, text);
    memcpy(text + KEY_TEXT_BYTES - 1, ACCEPT_GUID, sizeof ACCEPT_GUID);
    sha1_text(bytes_of_text(text), hexadecimal);
    for (size_t i = 0; i < sizeof digest; i++) {
        char pair[3] = {hexadecimal[2 * i], hexadecimal[2 * i + 1], '\0'};
        digest[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    base64_encode(digest, sizeof digest, accept);
}

size_t ws_handshake_write(char output[WS_HANDSHAKE_BYTES_MAX], const struct ws_url *url,
                          const uint8_t nonce[WS_HANDSHAKE_KEY_BYTES])
{
    char key[KEY_TEXT_BYTES];
    base64_encode(nonce, WS_HANDSHAKE_KEY_BYTES, key);
    int length = snprintf(output, WS_HANDSHAKE_BYTES_MAX,
                          "GET %s HTTP/1.1\r\nHost: %s:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Protocol: " SUBPROTOCOL "\r\n\r\n",
                          url->path, url->host, url->port, key);
    check(length > 0 && length < WS_HANDSHAKE_BYTES_MAX);
    return (size_t)length;
}

/* The value of header `name` without the blanks around it; false when absent. Header names ignore case. */
static bool find_header(struct bytes head, const char *name, struct bytes *value)
{
    size_t name_length = strlen(name);
    const char *end = head.data + head.length;
    for (const char *line = head.data; line < end;) {
        const char *line_end = memchr(line, '\r', (size_t)(end - line));
        if (line_end == NULL) return false;
        if ((size_t)(line_end - line) > name_length && line[name_length] == ':' &&
            strncasecmp(line, name, name_length) == 0) {
            const char *from = line + name_length + 1;
            while (from < line_end && (*from == ' ' || *from == '\t')) from++;
            while (line_end > from && (line_end[-1] == ' ' || line_end[-1] == '\t')) line_end--;
            *value = (struct bytes){from, (size_t)(line_end - from)};
            return true;
        }
        line = line_end + 1 < end && line_end[1] == '\n' ? line_end + 2 : line_end + 1;
    }
    return false;
}

static bool value_is(struct bytes value, const char *text)
{
    return value.length == strlen(text) && strncasecmp(value.data, text, value.length) == 0;
}

static enum ws_handshake_result refuse(char *error, size_t error_capacity, const char *reason)
{
    snprintf(error, error_capacity, "the server's handshake has %s", reason);
    return WS_HANDSHAKE_REFUSED;
}

enum ws_handshake_result ws_handshake_check(struct bytes head, const uint8_t nonce[WS_HANDSHAKE_KEY_BYTES],
                                            char *error, size_t error_capacity)
{
    static const char switching[] = "HTTP/1.1 101";
    if (head.length < sizeof switching || memcmp(head.data, switching, sizeof switching - 1) != 0) {
        size_t length = 0;
        while (length < head.length && length < 60 && head.data[length] >= ' ' && head.data[length] <= '~')
            length++;
        snprintf(error, error_capacity, "the server answered '%.*s'", (int)length, head.data);
        return WS_HANDSHAKE_REFUSED;
    }
    struct bytes value;
    if (!find_header(head, "Upgrade", &value) || !value_is(value, "websocket")) {
        return refuse(error, error_capacity, "no 'Upgrade: websocket'");
    }
    if (!find_header(head, "Connection", &value) || !value_is(value, "Upgrade")) {
        return refuse(error, error_capacity, "no 'Connection: Upgrade'");
    }
    char accept[ACCEPT_TEXT_BYTES];
    expected_accept(nonce, accept);
    if (!find_header(head, "Sec-WebSocket-Accept", &value) || !bytes_equal_text(value, accept)) {
        return refuse(error, error_capacity, "a wrong Sec-WebSocket-Accept");
    }
    if (find_header(head, "Sec-WebSocket-Extensions", &value) && value.length > 0) {
        return refuse(error, error_capacity, "an extension nobody asked for");
    }
    if (find_header(head, "Sec-WebSocket-Protocol", &value) && !bytes_equal_text(value, SUBPROTOCOL)) {
        return refuse(error, error_capacity, "a subprotocol nobody asked for");
    }
    return WS_HANDSHAKE_OK;
}
