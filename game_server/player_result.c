#include <stdlib.h>
#include <string.h>

#include "common/gzip.h"
#include "common/ids.h"
#include "common/log.h"
#include "game_server/player_internal.h"

enum { RESULT_ATTEMPTS_MAX = 20, BINARY_HEADER_BYTES = 16 };

/* ---- deliver ------------------------------------------------------------------------------------- */

static void deliver_gzip(struct session *session, struct proto_battle_result *result,
                         struct shared_bytes *frame)
{
    text_copy(result->timeline_encoding, sizeof result->timeline_encoding, "gzip");
    session_send(session, SERVER_battle_result, result);
    ws_conn_send_shared(session->conn, frame);
}

static void deliver_json(struct session *session, struct proto_battle_result *result,
                         struct shared_bytes *frame)
{
    struct bytes timeline = shared_bytes_read(frame);
    timeline.data += BINARY_HEADER_BYTES;
    timeline.length -= BINARY_HEADER_BYTES;
    struct buffer plain = {0};
    if (gzip_expand(timeline, TIMELINE_BYTES_MAX, &plain)) {
        result->timeline = buffer_bytes(&plain);
    } else {
        log_event(LOG_ERROR, "timeline_unreadable", LOG_TEXT("match_id", result->match_id));
    }
    session_send(session, SERVER_battle_result, result);
    buffer_free(&plain);
}

static size_t player_side(const struct player *player)
{
    struct proto_match_card card;
    if (!player_card(player, &card) || card.players_count < 2) return 0;
    size_t at = 0;
    while (at < card.players_count && strcmp(card.players[at].player_id, player->player_id) != 0) at++;
    return at / (card.players_count / 2) & 1;
}

static const char *outcome_of(size_t side, int winner)
{
    if (winner < 0) return "draw";
    return (size_t)winner == side ? "win" : "loss";
}

static void player_deliver(struct player *player)
{
    struct session *session = player->session;
    player->result_told = true;
    if (session == NULL) return;
    size_t side = player_side(player);
    struct proto_battle_result result = {.you = (int64_t)side};
    text_copy(result.match_id, sizeof result.match_id, player->match_id);
    text_copy(result.mode, sizeof result.mode, player->mode);
    text_copy(result.outcome, sizeof result.outcome, outcome_of(side, player->result_winner));
    if (session->gzip) {
        deliver_gzip(session, &result, player->result_frame);
    } else {
        deliver_json(session, &result, player->result_frame);
    }
    metrics_add(player->home->metrics, METRIC_results_delivered, 1);
}

/* ---- fetch, apply, then tell ---------------------------------------------------------------------
 * A failure anywhere leaves result_told false: the player's timer starts again with the fetch. */

static void result_drop(struct player *player)
{
    shared_bytes_release(player->result_frame);
    player->result_frame = NULL;
}

/* Acknowledged before, or impossible to show: only matchmaking must still hear of it. */
static void result_close(struct player *player)
{
    player->result_told = true;
    if (player->request.kind == REQUEST_NONE) player_request(player, REQUEST_RESULT_ACK, 0);
}

static void on_applied(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player *player = player_find(context, tag);
    if (player == NULL || player->result_frame == NULL) return;
    const struct redis_reply *status = redis_reply_item(reply, 0);
    if (player->state != STATE_result || player->result_told) {
        /* the state has moved on while Redis answered */
    } else if (redis_reply_equals(status, "NEW") || redis_reply_equals(status, "KNOWN")) {
        player_deliver(player);
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
    player->result_frame = shared_bytes_new(BINARY_HEADER_BYTES + timeline.length);
    char *at = shared_bytes_write(player->result_frame);
    ids_uuid_to_bytes(player->match_id, (uint8_t *)at);
    memcpy(at + BINARY_HEADER_BYTES, timeline.data, timeline.length);
}

static void on_result(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player_shard *home = context;
    struct player *player = player_find(home, tag);
    if (player == NULL || player->state != STATE_result || player->result_told) return;
    int winner;
    struct bytes timeline;
    if (player_store_result_read(reply, &winner, &timeline)) {
        result_keep(player, winner, timeline);
        player_store_apply(home->world, player->player_id, player->match_id,
                           outcome_of(player_side(player), winner), on_applied, home, tag);
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
