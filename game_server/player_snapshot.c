#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/log.h"
#include "game_server/player_internal.h"

/* ---- what the state is --------------------------------------------------------------------------- */

/* Read once a match: what the card says never changes, though every snapshot of the match carries it. */
static void card_keep(struct player *player, const struct proto_snapshot *snapshot)
{
    bool known = player->card != NULL && strcmp(player->card->match_id, snapshot->match_id) == 0;
    if (snapshot->match.length > 0 && known) return;
    free(player->card);
    player->card = NULL;
    if (snapshot->match.length == 0) return;
    struct codec_error error;
    struct proto_match_card *card = memory_new(sizeof *card);
    struct codec_document *document = codec_open(snapshot->match, &codec_limits_internal, &error);
    if (document != NULL && codec_decode(document, &proto_record_match_card, card, &error) &&
        card->players_count >= 2) {
        player->card = card;
    } else {
        log_event(LOG_ERROR, "match_card_unreadable", LOG_TEXT("match_id", snapshot->match_id),
                  LOG_TEXT("place", error.place), LOG_TEXT("detail", error.detail));
        free(card);
    }
    codec_close(document);
}

static void windows_keep(struct player *player, const struct proto_snapshot *snapshot)
{
    memcpy(player->windows, snapshot->windows, sizeof player->windows);
    player->window_count = snapshot->windows_count;
}

void player_adopt(struct player *player, const struct proto_snapshot *snapshot)
{
    player->version = snapshot->version;
    player->state = proto_state_named(snapshot->state);
    check(player->state != STATE_COUNT);
    text_copy(player->mode, sizeof player->mode, snapshot->mode);
    text_copy(player->mate, sizeof player->mate, snapshot->mate);
    player->enqueued_at_ms = snapshot->enqueued_at_ms;
    windows_keep(player, snapshot);
    player->status_at_ms =
        world_now_ms(player->home->world) + player->home->game->config->session_queue_status_ms;
    if (player->state != STATE_result || strcmp(player->match_id, snapshot->match_id) != 0) {
        player->result_attempts = 0;
        player->result_told = false;
    }
    text_copy(player->match_id, sizeof player->match_id, snapshot->match_id);
    player->ready_count = snapshot->ready_count;
    card_keep(player, snapshot);
    player->loading_deadline_ms =
        player->state == STATE_loading && player->card != NULL ? player->card->loading_deadline_ms : 0;
}

/* ---- what the client is told --------------------------------------------------------------------- */

void player_fill_contestants(const struct player *player, const struct proto_match_card *card,
                             struct proto_match_found *found)
{
    size_t own = card->players_count;
    for (size_t i = 0; i < card->players_count; i++) {
        if (strcmp(card->players[i].player_id, player->player_id) == 0) own = i;
    }
    size_t team_size = card->players_count / 2;
    for (size_t i = 0; i < card->players_count; i++) {
        bool mate = i / team_size == own / team_size;
        if (i == own) continue;
        if (mate) {
            found->teammates[found->teammates_count++] = card->players[i];
        } else {
            found->opponents[found->opponents_count++] = card->players[i];
        }
    }
}

void player_tell_match(struct player *player)
{
    const struct proto_match_card *card = player->card;
    text_copy(player->announced, sizeof player->announced, player->match_id);
    if (player->session == NULL || card == NULL) return;
    struct proto_match_found found = {.loading_deadline_ms = card->loading_deadline_ms};
    text_copy(found.match_id, sizeof found.match_id, card->match_id);
    text_copy(found.mode, sizeof found.mode, card->mode);
    text_copy(found.seed_commitment, sizeof found.seed_commitment, card->seed_commitment);
    player_fill_contestants(player, card, &found);
    if (found.opponents_count == 1) {
        text_copy(found.opponent_id, sizeof found.opponent_id, found.opponents[0].player_id);
    }
    session_send(player->session, SERVER_match_found, &found);
    PLAYER_LOG(player, "match_told", LOG_TEXT("mode", found.mode));
    if (player->state == STATE_loading) session_probe(player->session);
}

/* Published once and not repeated: should it be lost, the player is not blamed for a time-out. */
void player_prompt_seen(struct player *player)
{
    if (player->state != STATE_loading || strcmp(player->announced, player->match_id) != 0) return;
    const struct game *game = player->home->game;
    struct proto_prompt_seen seen = {.connection_epoch = player->connection_epoch};
    text_copy(seen.player_id, sizeof seen.player_id, player->player_id);
    text_copy(seen.pod_id, sizeof seen.pod_id, game->config->common.pod_id);
    text_copy(seen.instance_id, sizeof seen.instance_id, game->instance_id);
    text_copy(seen.match_id, sizeof seen.match_id, player->match_id);
    world_publish(player->home->world, CHANNEL_prompt_seen, "", &seen);
}

static void tell_enqueued(struct player *player, const struct proto_snapshot *snapshot)
{
    struct proto_enqueued told = {.reply_to = player->enqueue_reply_to,
                                  .position = snapshot->position > 0 ? snapshot->position : 1,
                                  .queue_size = snapshot->queue_size > 0 ? snapshot->queue_size : 1,
                                  .estimated_wait_ms = snapshot->estimated_wait_ms,
                                  .enqueued_at_ms = snapshot->enqueued_at_ms};
    text_copy(told.mode, sizeof told.mode, snapshot->mode);
    player->estimated_wait_ms = snapshot->estimated_wait_ms;
    session_send(player->session, SERVER_enqueued, &told);
    player->enqueue_reply_to = 0;
    if (snapshot->position == 0)
        player_queue_status(player); /* the request was the mate's: the place is not told */
}

static void tell_progress(struct player *player, const struct proto_snapshot *snapshot, int64_t reply_to)
{
    struct proto_loading_progress told = {.reply_to = reply_to, .ready_count = snapshot->ready_count};
    memcpy(told.ready, snapshot->ready, sizeof told.ready);
    text_copy(told.match_id, sizeof told.match_id, snapshot->match_id);
    session_send(player->session, SERVER_loading_progress, &told);
}

static bool is_cancellation(const char *reason)
{
    static const char *const reasons[] = {"opponent_cancelled", "you_cancelled", "opponent_timed_out",
                                          "you_timed_out", "server"};
    for (size_t i = 0; i < ARRAY_LENGTH(reasons); i++) {
        if (strcmp(reasons[i], reason) == 0) return true;
    }
    return false;
}

static void tell_cancelled(struct player *player, const struct proto_snapshot *snapshot, int64_t reply_to)
{
    struct proto_match_cancelled told = {.reply_to = reply_to, .requeued = player->state == STATE_queued};
    bool lost = !is_cancellation(snapshot->reason); /* Redis went back to before the match */
    text_copy(told.match_id, sizeof told.match_id, lost ? player->announced : snapshot->match_id);
    text_copy(told.reason, sizeof told.reason, lost ? "server" : snapshot->reason);
    text_copy(told.penalty, sizeof told.penalty, snapshot->penalty);
    session_send(player->session, SERVER_match_cancelled, &told);
}

/* What the client saw before the snapshot. */
struct before {
    enum player_state state;
    char mode[MODE_MAX + 1];
    size_t ready_count;
    bool result_told;
    struct request ended; /* kind REQUEST_NONE: the snapshot answers no request */
};

static int64_t reply_to_of(const struct before *before, enum request_kind kind)
{
    return before->ended.kind == kind ? before->ended.reply_to : 0;
}

/* A state that Redis has lost names neither queue nor reason. */
static void tell_dequeued(struct player *player, const struct proto_snapshot *snapshot,
                          const struct before *before)
{
    struct proto_dequeued told = {.reply_to = reply_to_of(before, REQUEST_DEQUEUE)};
    text_copy(told.mode, sizeof told.mode, snapshot->mode[0] != '\0' ? snapshot->mode : before->mode);
    text_copy(told.reason, sizeof told.reason, snapshot->reason[0] != '\0' ? snapshot->reason : "expired");
    session_send(player->session, SERVER_dequeued, &told);
}

static void tell_acked(struct player *player, const char *match_id, int64_t reply_to)
{
    struct proto_result_acked told = {.reply_to = reply_to};
    text_copy(told.match_id, sizeof told.match_id, match_id);
    session_send(player->session, SERVER_result_acked, &told);
}

static void tell_queue(struct player *player, const struct proto_snapshot *snapshot,
                       const struct before *before)
{
    /* From a result only a failover leads back here: the match was lost, and perhaps its result was never told. */
    bool over = before->state == STATE_result && before->result_told;
    bool was_in_match =
        before->state == STATE_loading || before->state == STATE_battling || before->state == STATE_result;
    if (before->state == STATE_queueing || before->state == STATE_lobby || over) {
        tell_enqueued(player, snapshot);
    } else if (was_in_match) {
        tell_cancelled(player, snapshot, 0);
    }
}

static void tell_lobby(struct player *player, const struct proto_snapshot *snapshot,
                       const struct before *before)
{
    if (before->state == STATE_lobby) return;
    bool lost = strcmp(player->announced, snapshot->match_id) != 0; /* by a failover */
    if (before->state == STATE_result && lost && !before->result_told) {
        tell_cancelled(player, snapshot, 0);
    } else if (before->state == STATE_result) {
        tell_acked(player, player->announced, reply_to_of(before, REQUEST_RESULT_ACK));
    } else if (is_cancellation(snapshot->reason) && strcmp(player->announced, snapshot->match_id) == 0) {
        tell_cancelled(player, snapshot, reply_to_of(before, REQUEST_LOADING_CANCEL));
    } else {
        tell_dequeued(player, snapshot, before);
    }
}

/* The match that the client was in has ended and the next was made before we heard of it: why it ended is not
 * known any more. */
static void tell_skipped(struct player *player, const struct before *before)
{
    bool was_in_match = before->state == STATE_loading || before->state == STATE_battling;
    if (!was_in_match || player->announced[0] == '\0') return;
    struct proto_match_cancelled told = {.requeued = true};
    text_copy(told.match_id, sizeof told.match_id, player->announced);
    text_copy(told.reason, sizeof told.reason, "server");
    session_send(player->session, SERVER_match_cancelled, &told);
}

static void tell_match(struct player *player, const struct proto_snapshot *snapshot,
                       const struct before *before)
{
    if (strcmp(player->announced, player->match_id) != 0) {
        tell_skipped(player, before);
        if (before->state == STATE_queueing && player->enqueue_reply_to != 0) tell_enqueued(player, snapshot);
        metrics_observe(player->home->metrics, METRIC_match_found_seconds,
                        world_now_ms(player->home->world) - player->enqueued_at_ms);
        player_tell_match(player);
    }
    bool answered = before->ended.kind == REQUEST_LOADING_COMPLETE;
    bool progressed = snapshot->ready_count != before->ready_count && snapshot->ready_count > 0;
    if (player->state != STATE_result && (answered || progressed)) {
        tell_progress(player, snapshot, reply_to_of(before, REQUEST_LOADING_COMPLETE));
    }
}

static void tell(struct player *player, const struct proto_snapshot *snapshot, const struct before *before)
{
    switch (player->state) {
    case STATE_lobby: tell_lobby(player, snapshot, before); break;
    case STATE_queued: tell_queue(player, snapshot, before); break;
    case STATE_loading:
    case STATE_battling:
    case STATE_result: tell_match(player, snapshot, before); break;
    case STATE_queueing:
    case STATE_COUNT: break;
    }
}

/* ---- applying ------------------------------------------------------------------------------------ */

/* Follow-ups that the state itself demands, whoever caused it. */
static void player_react(struct player *player, const struct proto_snapshot *snapshot)
{
    bool free_to_ask = player->request.kind == REQUEST_NONE;
    bool redis_went_back = snapshot->refused[0] != '\0' && snapshot->version < player->version;
    bool abandoned = player->abandoned_request != 0 && snapshot->request == player->abandoned_request;
    if (player->state == STATE_queued && free_to_ask && (player->leaving || abandoned)) {
        player->abandoned_request = 0;
        player_request(player, REQUEST_DEQUEUE, 0);
    } else if (free_to_ask && (redis_went_back || (player->state != STATE_lobby &&
                                                   snapshot->connection_epoch < player->connection_epoch))) {
        player_request(player, REQUEST_RESUME, 0);
    }
    if (player->state == STATE_result && !player->result_told) player_result_fetch(player);
}

static void log_odd_transition(const struct player *player, enum player_state from)
{
    if (proto_transition_allowed(from, player->state)) return;
    log_event(LOG_DEBUG, "states_skipped", LOG_TEXT("player_id", player->player_id),
              LOG_TEXT("from", proto_state_names[from]), LOG_TEXT("to", proto_state_names[player->state]));
}

void player_apply(struct player *player, const struct proto_snapshot *snapshot)
{
    if (proto_state_named(snapshot->state) == STATE_COUNT) {
        log_event(LOG_ERROR, "snapshot_unreadable", LOG_TEXT("player_id", player->player_id),
                  LOG_TEXT("state", snapshot->state));
        return;
    }
    struct before before = {
        .state = player->state, .ready_count = player->ready_count, .result_told = player->result_told};
    text_copy(before.mode, sizeof before.mode, player->mode);
    if (!player_request_confirm(player, snapshot, &before.ended)) before.ended.kind = REQUEST_NONE;
    bool fresh = snapshot->version > player->version;
    player->heard_older = player->heard_older || snapshot->version < player->version;
    metrics_add(player->home->metrics, fresh ? METRIC_snapshots_applied : METRIC_snapshots_old, 1);
    if (fresh) {
        bool asks = player->request.kind == REQUEST_ENQUEUE || player_party_pairs(player);
        bool still_queueing = player->state == STATE_queueing && asks &&
                              strcmp(snapshot->state, proto_state_names[STATE_lobby]) == 0;
        player_adopt(player, snapshot);
        if (still_queueing) player->state = STATE_queueing; /* older news; the request is still on its way */
        log_odd_transition(player, before.state);
    }
    player_shard_acknowledge(player);
    bool answered = before.ended.kind != REQUEST_NONE && snapshot->refused[0] == '\0';
    if (player->session != NULL && (fresh || answered)) tell(player, snapshot, &before);
    player_react(player, snapshot);
    if (before.ended.kind == REQUEST_ENQUEUE) player_party_forget_mate(player);
    player_party_moved(player);
}
