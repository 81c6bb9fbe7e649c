/* dev_token.h -- POST /v1/dev/token on the client port: a token for anybody who asks. Development only.
 *
 * The WebSocket front hands over connections that start with an HTTP method a game client never uses; the
 * tiny HTTP server answers them on the shard's loop. Off unless auth.dev_tokens is on, which production
 * settings refuse. Browsers may ask from any origin. */
#ifndef DUELPOD_DEV_TOKEN_H
#define DUELPOD_DEV_TOKEN_H

#include "common/http.h"
#include "game_server/player_shard.h"

/* Serves on `loop`; `game` outlives it. Closed with http_server_close(). */
struct http_server *dev_token_open(uv_loop_t *loop, const struct game *game);

#endif
