#include "game_server/dev_token.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/codec.h"
#include "common/ids.h"
#include "common/token_mint.h"

static void allow_any_origin(struct http_response *response)
{
    http_response_header(response, "Access-Control-Allow-Origin", "*");
    http_response_header(response, "Access-Control-Allow-Headers", "content-type");
}

static void on_options(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    (void)request;
    response->status = 204;
    allow_any_origin(response);
}

static bool read_player(struct bytes body, char *player, size_t capacity)
{
    struct codec_error error;
    struct codec_document *document = codec_open(body, &codec_limits_client, &error);
    bool read = document != NULL && codec_text(document, "player_id", player, capacity) &&
                ids_is_player_id(bytes_of_text(player));
    codec_close(document);
    return read;
}

static void on_post(void *context, const struct http_request *request, struct http_response *response)
{
    const struct game_config *config = ((const struct game *)context)->config;
    char player[PLAYER_ID_MAX + 1];
    allow_any_origin(response);
    response->content_type = "application/json";
    if (!read_player(request->body, player, sizeof player)) {
        response->status = 400;
        buffer_append_text(&response->body, "{\"error\":\"player_id: 1 to 64 of A-Z a-z 0-9 _ -\"}");
        return;
    }
    char *token =
        token_mint_hs256(config->auth_hs256_secret, player, config->auth_issuer, config->auth_audience,
                         clock_wall_ms() / 1000, config->auth_dev_token_ttl_s);
    if (token == NULL) {
        http_response_refuse(response, 500);
        return;
    }
    buffer_append_text(&response->body, "{\"token\":");
    buffer_append_json_text(&response->body, token);
    buffer_append_character(&response->body, '}');
    free(token);
}

struct http_server *dev_token_open(uv_loop_t *loop, const struct game *game)
{
    static const struct http_route routes[] = {
        {"POST", "/v1/dev/token", on_post}, {"OPTIONS", "/v1/dev/token", on_options}, {NULL, NULL, NULL}};
    const char *error;
    struct http_server *server = http_server_open(loop, NULL, 0, routes, (void *)(uintptr_t)game, &error);
    check(server != NULL);
    return server;
}
