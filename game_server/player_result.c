#include <stdlib.h>
#include <string.h>

#include "common/ids.h"
#include "common/log.h"
#include "game_server/player_internal.h"
#include "game_server/rating.h"

enum { RESULT_ATTEMPTS_MAX = 20 };

/* ---- deliver ------------------------------------------------------------------------------------- */

static size_t player_side(const struct player *player)
{
    const struct proto_match_card *card = player->card;
    if (card == NULL) return 0;
    size_t at = 0;
    while (at < card->players_count && strcmp(card->players[at].player_id, player->player_id) != 0) at++;
    return at / (card->players_count / 2) & 1;
}

static const char *outcome_of(size_t side, int winner)
{
    if (winner < 0) return "draw";
    return (size_t)winner == side ? "win" : "loss";
}

/* Modes that change a rating. */
static int rated_mode(const struct player *player)
{
    if (strcmp(player->mode, "ranked") == 0) return MODE_ranked;
    return strcmp(player->mode, "party") == 0 ? MODE_party : MODE_COUNT;
}

/* By how much the own side was stronger, as frozen in the match: the same for everybody, whenever he hears. */
static int64_t lead_of(const struct proto_match_card *card, size_t side)
{
    size_t team_size = card->players_count / 2;
    int64_t own[MATCH_PLAYERS_MAX], other[MATCH_PLAYERS_MAX];
    for (size_t i = 0; i < team_size; i++) {
        own[i] = card->players[side * team_size + i].rating;
        other[i] = card->players[(1 - side) * team_size + i].rating;
    }
    return rating_lead(own, other, team_size);
}

static void effect_rate(const struct player *player, size_t side, int winner, struct result_effect *effect)
{
    static const enum rating_weight weights[RESULT_WEIGHTS] = {RATING_FULL, RATING_HALF, RATING_QUARTER};
    int mode = rated_mode(player);
    if (mode == MODE_COUNT || player->card == NULL) return;
    enum rating_score score = winner < 0 ? RATING_DRAW : (size_t)winner == side ? RATING_WIN : RATING_LOSS;
    int64_t lead = lead_of(player->card, side);
    effect->rated_mode = player->mode;
    effect->rating_before = player->ratings[mode];
    effect->games_before = player->games[mode];
    effect->season = player->home->season;
    for (size_t i = 0; i < RESULT_WEIGHTS; i++) {
        effect->rating_after[i] =
            rating_after(effect->rating_before, effect->games_before, lead, score, weights[i]);
    }
}

static void player_deliver(struct player *player, const struct proto_rating_change *rating)
{
    struct session *session = player->session;
    player->result_told = true;
    if (session == NULL) return;
    size_t side = player_side(player);
    struct proto_battle_result result = {.you = (int64_t)side, .has_rating = rating != NULL};
    if (rating != NULL) result.rating = *rating;
    text_copy(result.match_id, sizeof result.match_id, player->match_id);
    text_copy(result.mode, sizeof result.mode, player->mode);
    text_copy(result.outcome, sizeof result.outcome, outcome_of(side, player->result_winner));
    session_send_timeline(session, SERVER_battle_result, &result, result.timeline_encoding, &result.timeline,
                          player->result_frame);
    PLAYER_LOG(player, "result_told", LOG_TEXT("outcome", result.outcome));
    metrics_add(player->home->metrics, METRIC_results_delivered, 1);
}

/* ---- fetch, apply, then tell ---------------------------------------------------------------------
 * A failure anywhere leaves result_told false: the player's timer starts again with the fetch. */

static void result_drop(struct player *player)
{
    shared_bytes_release(player->result_frame);
    player->result_frame = NULL;
}

/* Acknowledged before, or impossible to show: only matchmaking must still hear of it. While another request is in
 * flight the timer starts again with the fetch, and comes back here. */
static void result_close(struct player *player)
{
    if (player->request.kind != REQUEST_NONE) return;
    player->result_told = true;
    player_request(player, REQUEST_RESULT_ACK, 0);
}

static void take_rating(struct player *player, const struct proto_rating_change *rating, bool is_new)
{
    int mode = rated_mode(player);
    if (mode == MODE_COUNT) return;
    player->ratings[mode] = rating->after;
    player->games[mode] += is_new;
}

static void take_figures(struct player *player, const struct redis_reply *reply)
{
    int mode = rated_mode(player);
    if (mode == MODE_COUNT) return;
    redis_reply_integer(redis_reply_item(reply, 1), &player->ratings[mode]);
    redis_reply_integer(redis_reply_item(reply, 2), &player->games[mode]);
    redis_reply_integer(redis_reply_item(reply, 3), &player->home->season);
}

static void on_applied(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player *player = player_find(context, tag);
    if (player == NULL || player->result_frame == NULL) return;
    const struct redis_reply *status = redis_reply_item(reply, 0);
    if (player->state != STATE_result || player->result_told) {
        /* the state has moved on while Redis answered */
    } else if (redis_reply_equals(status, "NEW") || redis_reply_equals(status, "KNOWN")) {
        struct proto_rating_change rating;
        bool rated = player_store_rating_read(reply, &rating);
        if (rated) take_rating(player, &rating, redis_reply_equals(status, "NEW"));
        player_deliver(player, rated ? &rating : NULL);
    } else if (redis_reply_equals(status, "STALE")) {
        take_figures(player, reply); /* the timer fetches the result again and applies it with these */
    } else if (redis_reply_equals(status, "DONE")) {
        result_close(player);
    } else if (redis_reply_equals(status, "NONE") && player->result_attempts >= RESULT_ATTEMPTS_MAX) {
        result_close(player); /* Redis has lost the player himself */
    } else {
        log_event(LOG_ERROR, "result_not_applied", LOG_TEXT("player_id", player->player_id),
                  LOG_TEXT("match_id", player->match_id));
    }
    result_drop(player);
    player_timer_update(player);
}

static void result_keep(struct player *player, int winner, struct bytes timeline)
{
    result_drop(player);
    player->result_winner = winner;
    player->result_frame = timeline_frame(player->match_id, timeline);
}

static void player_take_effect(struct player *player, const struct stored_result *result)
{
    size_t side = player_side(player);
    struct result_effect effect = {.outcome = outcome_of(side, result->winner),
                                   .rated_mode = "",
                                   .match_made_ms = ids_uuid_time_ms(player->match_id)};
    if (effect.match_made_ms == 0) effect.match_made_ms = world_now_ms(player->home->world);
    if (result->rated) effect_rate(player, side, result->winner, &effect);
    player_history_entry(player, &effect);
    player_store_apply(player->home->world, player->player_id, player->match_id, &effect, on_applied,
                       player->home, player->address);
    buffer_free(&effect.opponents);
    buffer_free(&effect.history);
}

static void on_result(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player_shard *home = context;
    struct player *player = player_find(home, tag);
    if (player == NULL || player->state != STATE_result || player->result_told) return;
    struct stored_result result;
    if (player_store_result_read(reply, &result)) {
        result_keep(player, result.winner, result.timeline);
        player_take_effect(player, &result);
    } else if (player->result_attempts >= RESULT_ATTEMPTS_MAX) {
        log_event(LOG_ERROR, "result_missing", LOG_TEXT("player_id", player->player_id),
                  LOG_TEXT("match_id", player->match_id));
        result_close(player);
    }
    player_timer_update(player);
}

void player_result_fetch(struct player *player)
{
    player->result_attempts++;
    player_store_result(player->home->world, player->match_id, on_result, player->home, player->address);
}
