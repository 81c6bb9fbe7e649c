/* ws_handshake.h -- the opening of a WebSocket (RFC 6455 section 4): where to, what to ask, what to accept.
 *
 * Pure text work without I/O. TLS is not offered: the server
 * speaks plain WebSocket on loopback or behind a proxy that ends TLS. */
#ifndef DUELPOD_WS_HANDSHAKE_H
#define DUELPOD_WS_HANDSHAKE_H

#include "common/base.h"

#define WS_HANDSHAKE_BYTES_MAX 1024 /* our request */
#define WS_HANDSHAKE_KEY_BYTES 16

struct ws_url {
    char host[128];
    char path[256];
    uint16_t port;
};

enum ws_handshake_result { WS_HANDSHAKE_OK, WS_HANDSHAKE_REFUSED };

/* Takes ws://host[:port]/path apart; the port defaults to 80 and the path to "/". False with a sentence in
 * `error` for anything else (wss, user names, characters that could break out of a header line). */
bool ws_url_parse(const char *text, struct ws_url *url, char *error, size_t error_capacity);

/* Writes the request; returns its length. `nonce` is random and must be kept for the answer. */
size_t ws_handshake_write(char output[WS_HANDSHAKE_BYTES_MAX], const struct ws_url *url,
                          const uint8_t nonce[WS_HANDSHAKE_KEY_BYTES]);

/* Judges the head of the answer (up to and with its empty line). Refused: a sentence in `error`, such as
 * "the server answered 'HTTP/1.1 404 Not Found'". No extension and no subprotocol but duelpod.v1 is
 * accepted. */
enum ws_handshake_result ws_handshake_check(struct bytes head, const uint8_t nonce[WS_HANDSHAKE_KEY_BYTES],
                                            char *error, size_t error_capacity);

#endif
