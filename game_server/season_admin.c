#include "game_server/season_admin.h"

#include <stdlib.h>

#include "common/log.h"
#include "common/operator_page.h"
#include "game_server/rating.h"
#include "game_server/season_store.h"

struct season_admin {
    struct world *world;
    const struct game *game;
    struct admin *admin;
};

static void write_season(struct http_response *response, int64_t number, int64_t started_at_ms)
{
    buffer_append_text(&response->body, "{\"season\":");
    buffer_append_integer(&response->body, number);
    if (started_at_ms > 0) {
        buffer_append_text(&response->body, ",\"started_at_ms\":");
        buffer_append_integer(&response->body, started_at_ms);
    }
    buffer_append_text(&response->body, "}\n");
}

static void answer(struct operator_question *question, int status, int64_t number, int64_t started_at_ms)
{
    struct http_response response;
    http_response_init(&response);
    response.status = status;
    write_season(&response, number, started_at_ms);
    operator_question_answer(question, &response);
}

static void on_read(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct operator_question *question = context;
    int64_t number, started_at_ms;
    if (season_store_read_reply(reply, &number, &started_at_ms)) {
        answer(question, 200, number, started_at_ms);
    } else {
        operator_question_fail(question);
    }
}

static void on_started(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct operator_question *question = context;
    int64_t number, started_at_ms;
    if (redis_reply_integer(redis_reply_item(reply, 1), &number) &&
        redis_reply_integer(redis_reply_item(reply, 2), &started_at_ms)) {
        bool begun = redis_reply_equals(redis_reply_item(reply, 0), "OK");
        if (begun) log_event(LOG_INFO, "season_started", LOG_INT("season", number));
        answer(question, begun ? 200 : 409, number, started_at_ms);
    } else {
        operator_question_fail(question);
    }
}

void season_admin_show(struct season_admin *seasons, const struct http_request *request,
                       struct http_response *response)
{
    (void)request;
    struct operator_question *question = operator_question_put(seasons->admin, response);
    if (!season_store_read(seasons->world, on_read, question, 0))
        operator_question_withdraw(question, response);
}

void season_admin_start(struct season_admin *seasons, const struct http_request *request,
                        struct http_response *response)
{
    int64_t ending = 0;
    const struct game_config *config = seasons->game->config;
    const struct season_rules rules = {.keep_permille = config->season_keep_permille,
                                       .base = RATING_START,
                                       .board_ttl_ms = config->season_leaderboard_ttl_s * 1000};
    struct codec_document *document = operator_page_read(request, response);
    if (document == NULL) return;
    bool named = codec_integer(document, "ending", &ending) && ending >= SEASON_FIRST;
    codec_close(document);
    if (!named) {
        admin_refuse(response, 400, "ending: the number of the season that ends");
        return;
    }
    struct operator_question *question = operator_question_put(seasons->admin, response);
    if (!season_store_start(seasons->world, ending, &rules, on_started, question, 0))
        operator_question_withdraw(question, response);
}

struct season_admin *season_admin_open(struct world *world, const struct game *game, struct admin *admin)
{
    struct season_admin *seasons = memory_new(sizeof *seasons);
    seasons->world = world;
    seasons->game = game;
    seasons->admin = admin;
    return seasons;
}

void season_admin_close(struct season_admin *seasons)
{
    free(seasons);
}
