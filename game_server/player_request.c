#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "game_server/player_internal.h"

enum { ATTEMPTS_BEFORE_GIVING_UP = 16 };

/* Every request record begins with these fields (REQUEST_FIELDS in proto/internal.def). */
#define REQUEST_FILL(record, player)                                                  \
    do {                                                                              \
        text_copy((record).player_id, sizeof(record).player_id, (player)->player_id); \
        text_copy((record).pod_id, sizeof(record).pod_id, player_pod(player));        \
        (record).connection_epoch = (player)->connection_epoch;                       \
        (record).request = (player)->request.number;                                  \
        (record).attempt = (player)->request.attempt;                                 \
        text_copy((record).trace_id, sizeof(record).trace_id, (player)->trace_id);    \
    } while (0)

static const char *player_pod(const struct player *player)
{
    return player->home->game->config->common.pod_id;
}

int64_t player_rating(const struct player *player)
{
    static const char *const names[MODE_COUNT] = {"normal", "ranked", "party"};
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        if (strcmp(names[mode], player->mode) == 0) return player->ratings[mode];
    }
    return 0;
}

static void publish_enqueue(struct player *player)
{
    struct proto_enqueue_request request = {.level = player->level, .rating = player_rating(player)};
    REQUEST_FILL(request, player);
    text_copy(request.mode, sizeof request.mode, player->mode);
    text_copy(request.name, sizeof request.name, player->name);
    text_copy(request.device_id, sizeof request.device_id, player->device_id);
    request.snapshot = bytes_of_text(player->snapshot_json);
    const struct proto_party_mate *mate = player_party_mate(player);
    request.has_mate = mate != NULL;
    if (mate != NULL) request.mate = *mate;
    world_publish(player->home->world, CHANNEL_enqueue_request, "", &request);
}

static void publish_dequeue(struct player *player)
{
    struct proto_dequeue_request request = {.attempt = 0};
    REQUEST_FILL(request, player);
    text_copy(request.reason, sizeof request.reason, player->leaving ? "disconnected" : "requested");
    world_publish(player->home->world, CHANNEL_dequeue_request, "", &request);
}

static void publish_loading(struct player *player, const char *action)
{
    struct proto_loading_request request = {.attempt = 0};
    REQUEST_FILL(request, player);
    text_copy(request.match_id, sizeof request.match_id, player->match_id);
    text_copy(request.action, sizeof request.action, action);
    world_publish(player->home->world, CHANNEL_loading_request, "", &request);
}

static void publish_result_ack(struct player *player)
{
    struct proto_result_request request = {.attempt = 0};
    REQUEST_FILL(request, player);
    text_copy(request.match_id, sizeof request.match_id, player->match_id);
    world_publish(player->home->world, CHANNEL_result_request, "", &request);
}

static void publish_resume(struct player *player)
{
    struct proto_resume_request request = {.attempt = 0};
    REQUEST_FILL(request, player);
    world_publish(player->home->world, CHANNEL_resume_request, "", &request);
}

/* A publication refused by a full link is one that was lost: the repetition heals it. */
static void player_publish(struct player *player)
{
    switch (player->request.kind) {
    case REQUEST_NONE: break;
    case REQUEST_ENQUEUE: publish_enqueue(player); break;
    case REQUEST_DEQUEUE: publish_dequeue(player); break;
    case REQUEST_LOADING_COMPLETE: publish_loading(player, "complete"); break;
    case REQUEST_LOADING_CANCEL: publish_loading(player, "cancel"); break;
    case REQUEST_RESULT_ACK: publish_result_ack(player); break;
    case REQUEST_RESUME: publish_resume(player); break;
    }
}

static void request_log(const struct player *player)
{
    static const char *const names[] = {
        [REQUEST_NONE] = "none",
        [REQUEST_ENQUEUE] = "enqueue",
        [REQUEST_DEQUEUE] = "dequeue",
        [REQUEST_LOADING_COMPLETE] = "loading_complete",
        [REQUEST_LOADING_CANCEL] = "loading_cancel",
        [REQUEST_RESULT_ACK] = "result_ack",
        [REQUEST_RESUME] = "resume",
    };
    bool of_match =
        player->state == STATE_loading || player->state == STATE_battling || player->state == STATE_result;
    log_event(LOG_INFO, "request_sent", LOG_TEXT("match_id", of_match ? player->match_id : ""),
              LOG_TEXT("player_id", player->player_id), LOG_TEXT("session_id", player->session_id),
              LOG_TEXT("trace_id", player->trace_id), LOG_TEXT("request", names[player->request.kind]),
              LOG_INT("number", player->request.number));
}

static void request_send(struct player *player)
{
    if (player->request.attempt == 0) request_log(player);
    struct world *world = player->home->world;
    int64_t retry_ms = player->home->game->config->session_request_retry_ms;
    int64_t jitter_ms = (int64_t)(world_random(world) % (uint64_t)(retry_ms / 4 + 1));
    player->request.attempt++;
    metrics_add(player->home->metrics, METRIC_requests_published, 1);
    player->request.repeat_at_ms = world_now_ms(world) + retry_ms + jitter_ms;
    player_publish(player);
}

void player_request(struct player *player, enum request_kind kind, int64_t reply_to)
{
    if (kind != REQUEST_ENQUEUE) player_party_forget_mate(player);
    player->request =
        (struct request){.kind = kind, .number = ++player->request_number, .reply_to = reply_to};
    request_send(player);
    player_timer_update(player);
}

void player_request_quietly(struct player *player, enum request_kind kind)
{
    player_request(player, kind, 0);
    player->request.quiet = true;
}

/* Nobody answers. Wishes of the client end with an error; what keeps the state in order is repeated for ever. */
static void request_give_up(struct player *player)
{
    struct request request = player->request;
    player->request.kind = REQUEST_NONE;
    if (request.kind == REQUEST_ENQUEUE) {
        player->abandoned_request = request.number;
        player->state = STATE_lobby;
        player_party_forget_mate(player);
    }
    metrics_add(player->home->metrics, METRIC_requests_given_up, 1);
    if (player->session == NULL) return;
    session_refuse(player->session, ERROR_matchmaking_unavailable, "", request.reply_to,
                   player->home->game->config->session_request_retry_ms);
}

void player_request_repeat(struct player *player)
{
    bool wish = player->request.kind == REQUEST_ENQUEUE || player->request.kind == REQUEST_LOADING_CANCEL;
    if (wish && player->request.attempt >= ATTEMPTS_BEFORE_GIVING_UP) {
        request_give_up(player);
        return;
    }
    metrics_add(player->home->metrics, METRIC_requests_repeated, 1);
    request_send(player);
}

static void request_refused(struct player *player, const struct proto_snapshot *snapshot,
                            const struct request *request)
{
    enum error_code code = proto_error_named(snapshot->refused);
    if (code == ERROR_none) code = ERROR_internal;
    bool queueing = player->state == STATE_queueing && !player_party_pairs(player);
    if (queueing && request->kind == REQUEST_DEQUEUE) {
        player->abandoned_request = request->number - 1; /* the enqueue, should it be on its way still */
    }
    if (queueing && (request->kind == REQUEST_ENQUEUE || request->kind == REQUEST_DEQUEUE)) {
        player->state = STATE_lobby;
    }
    if (queueing && request->quiet) { /* the party's affair, but his enqueue is not answered yet */
        player_party_withdraw(player, 0);
        return;
    }
    bool told = request->kind != REQUEST_RESUME && request->kind != REQUEST_RESULT_ACK && !request->quiet;
    if (!told || player->session == NULL) return;
    const char *mate = snapshot->refused_player;
    char memory[160];
    const char *sentence = mate[0] == '\0' ? proto_errors[code].sentence
                                           : player_party_refusal(player, code, mate, memory, sizeof memory);
    session_refuse_saying(player->session, code, sentence, "", request->reply_to, snapshot->retry_after_ms);
}

bool player_request_confirm(struct player *player, const struct proto_snapshot *snapshot,
                            struct request *ended)
{
    *ended = player->request;
    if (player->request.kind == REQUEST_NONE) return false;
    if (snapshot->refused[0] != '\0') {
        if (snapshot->refused_request != player->request.number) return false;
        player->request.kind = REQUEST_NONE;
        request_refused(player, snapshot, ended);
        return true;
    }
    bool mine =
        snapshot->connection_epoch == player->connection_epoch && snapshot->request >= player->request.number;
    if (mine) player->request.kind = REQUEST_NONE;
    return mine;
}
