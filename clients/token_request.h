/* token_request.h -- asks a game server in development mode for a token: POST /v1/dev/token.
 *
 * A blocking request on a connection of its own, for command-line tools that have nothing else to do
 * meanwhile. Takes at most about 5 s. */
#ifndef DUELPOD_TOKEN_REQUEST_H
#define DUELPOD_TOKEN_REQUEST_H

#include "clients/ws_handshake.h"
#include "common/base.h"

enum token_request_result { TOKEN_REQUEST_OK, TOKEN_REQUEST_NOT_CONNECTED, TOKEN_REQUEST_REFUSED };

/* On success `*token` is the caller's to free; else `error` has a sentence. Only host and port of `server`
 * count. */
enum token_request_result token_request(const struct ws_url *server, const char *player_id, char **token,
                                        char *error, size_t error_capacity);

#endif
