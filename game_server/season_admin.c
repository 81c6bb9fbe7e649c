#include "game_server/season_admin.h"

#include <stdlib.h>

#include "common/codec.h"
#include "common/log.h"
#include "game_server/rating.h"
#include "game_server/season_store.h"

struct season_admin {
    struct world *world;
    const struct game *game;
    struct admin *admin;
};

/* One request between question and answer. */
struct asked {
    struct season_admin *seasons;
    uint64_t ticket;
};

static void write_season(struct http_response *response, int64_t number, int64_t started_at_ms)
{
    response->content_type = "application/json";
    buffer_append_text(&response->body, "{\"season\":");
    buffer_append_integer(&response->body, number);
    if (started_at_ms > 0) {
        buffer_append_text(&response->body, ",\"started_at_ms\":");
        buffer_append_integer(&response->body, started_at_ms);
    }
    buffer_append_text(&response->body, "}\n");
}

static void write_problem(struct http_response *response, int status, const char *json)
{
    response->status = status;
    response->content_type = "application/json";
    buffer_append_text(&response->body, json);
}

static void answer(struct asked *asked, struct http_response *response)
{
    admin_answer(asked->seasons->admin, asked->ticket, response);
    http_response_free(response);
    free(asked);
}

static void on_read(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    int64_t number, started_at_ms;
    struct http_response response;
    http_response_init(&response);
    if (season_store_read_reply(reply, &number, &started_at_ms)) {
        write_season(&response, number, started_at_ms);
    } else {
        write_problem(&response, 503, "{\"error\":\"Redis does not answer\"}\n");
    }
    answer(context, &response);
}

static void on_started(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    int64_t number, started_at_ms;
    struct http_response response;
    http_response_init(&response);
    if (!redis_reply_integer(redis_reply_item(reply, 1), &number) ||
        !redis_reply_integer(redis_reply_item(reply, 2), &started_at_ms)) {
        write_problem(&response, 503, "{\"error\":\"Redis does not answer\"}\n");
    } else {
        bool begun = redis_reply_equals(redis_reply_item(reply, 0), "OK");
        response.status = begun ? 200 : 409;
        write_season(&response, number, started_at_ms);
        if (begun) log_event(LOG_INFO, "season_started", LOG_INT("season", number));
    }
    answer(context, &response);
}

static struct asked *asked_new(struct season_admin *seasons, struct http_response *response)
{
    struct asked *asked = memory_new(sizeof *asked);
    asked->seasons = seasons;
    asked->ticket = response->ticket;
    response->later = true;
    return asked;
}

static void asked_refuse(struct asked *asked, struct http_response *response)
{
    free(asked);
    response->later = false;
    write_problem(response, 503, "{\"error\":\"too many questions\"}\n");
}

void season_admin_show(struct season_admin *seasons, const struct http_request *request,
                       struct http_response *response)
{
    (void)request;
    struct asked *asked = asked_new(seasons, response);
    if (!season_store_read(seasons->world, on_read, asked, 0)) asked_refuse(asked, response);
}

static bool read_ending(const struct http_request *request, int64_t *ending)
{
    struct codec_error error;
    struct codec_document *document = codec_open(request->body, &codec_limits_client, &error);
    bool read = document != NULL && codec_integer(document, "ending", ending) && *ending >= SEASON_FIRST;
    codec_close(document);
    return read;
}

void season_admin_start(struct season_admin *seasons, const struct http_request *request,
                        struct http_response *response)
{
    int64_t ending;
    const struct game_config *config = seasons->game->config;
    const struct season_rules rules = {.keep_permille = config->season_keep_permille,
                                       .base = RATING_START,
                                       .board_ttl_ms = config->season_leaderboard_ttl_s * 1000};
    if (http_request_header(request, "Origin").data != NULL) {
        write_problem(response, 403, "{\"error\":\"not for web pages\"}\n");
        return;
    }
    if (!read_ending(request, &ending)) {
        write_problem(response, 400, "{\"error\":\"ending: the number of the season that ends\"}\n");
        return;
    }
    struct asked *asked = asked_new(seasons, response);
    if (!season_store_start(seasons->world, ending, &rules, on_started, asked, 0))
        asked_refuse(asked, response);
}

struct season_admin *season_admin_open(struct world *world, const struct game *game)
{
    struct season_admin *seasons = memory_new(sizeof *seasons);
    seasons->world = world;
    seasons->game = game;
    return seasons;
}

void season_admin_answer_at(struct season_admin *seasons, struct admin *admin)
{
    seasons->admin = admin;
}

void season_admin_close(struct season_admin *seasons)
{
    free(seasons);
}
