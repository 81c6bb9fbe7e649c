#include "game_server/session.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/codec.h"
#include "common/ids.h"
#include "common/log.h"
#include "common/token.h"
#include "game_server/gate.h"
#include "game_server/player.h"
#include "game_server/progress.h"
#include "game_server/session_limits.h"

enum { EXPIRY_WARNING_MS = 60 * 1000, RETRY_AFTER_MS = 1000 };

/* ---- the token ---------------------------------------------------------------------------------- */

static void session_on_timer(struct timer *timer)
{
    struct session *session = container_of(timer, struct session, timer);
    struct world *world = session->home->world;
    if (session->phase != SESSION_LIVE) {
        metrics_add(session->home->metrics, METRIC_logins_late, 1);
        session_refuse(session, ERROR_auth_timeout, "", 0, 0);
        session_close(session, CLOSE_no_authentication, RETRY_AFTER_MS);
    } else if (!session->expiry_told) {
        session->expiry_told = true;
        session_notice(session, "token_expiring", "Your token expires soon; send refresh_token.", 0);
        world_timer_set(world, &session->timer, session->token_expires_ms);
    } else {
        session_close(session, CLOSE_expired, 0);
    }
}

static void session_watch_expiry(struct session *session, int64_t expires_at_s)
{
    struct world *world = session->home->world;
    session->token_expires_ms = (expires_at_s + session->home->game->config->auth_leeway_s) * 1000;
    session->expiry_told = false;
    world_timer_set(world, &session->timer, session->token_expires_ms - EXPIRY_WARNING_MS);
}

/* The subject of a good token; else the client is told why not. */
static bool session_verify(struct session *session, const char *token, int64_t id,
                           struct token_claims *claims, enum token_result *failure)
{
    int64_t start_us = clock_monotonic_us();
    *failure = token_verify(session->home->game->verifier, bytes_of_text(token),
                            world_now_ms(session->home->world) / 1000, claims);
    metrics_observe(session->home->metrics, METRIC_token_seconds, clock_monotonic_us() - start_us);
    if (*failure == TOKEN_GOOD) return true;
    metrics_add(session->home->metrics,
                *failure == TOKEN_EXPIRED ? METRIC_logins_expired : METRIC_logins_invalid, 1);
    log_event(LOG_INFO, "token_refused", LOG_TEXT("session_id", session->session_id),
              LOG_TEXT("reason", token_result_name(*failure)));
    session_refuse(session, *failure == TOKEN_EXPIRED ? ERROR_token_expired : ERROR_invalid_token, "token",
                   id, 0);
    return false;
}

static void session_refresh_token(struct session *session, const char *token, int64_t id)
{
    struct token_claims claims;
    enum token_result failure;
    if (!session_verify(session, token, id, &claims, &failure)) return;
    if (strcmp(claims.subject, session->player_id) != 0) {
        session_refuse(session, ERROR_invalid_token, "token", id, 0);
        return;
    }
    session_watch_expiry(session, claims.expires_at_s);
    struct proto_token_refreshed answer = {.reply_to = id};
    session_send(session, SERVER_token_refreshed, &answer);
}

/* ---- login: two or more replies, the session may be gone when they come -------------------------- */

static struct session *session_find(struct player_shard *home, uint64_t tag)
{
    struct session *session = actors_find(home->actors, tag);
    return session != NULL && session->phase == SESSION_LOGGING_IN ? session : NULL;
}

static void login_fail(struct session *session, const char *problem)
{
    log_event(LOG_ERROR, "login_failed", LOG_TEXT("player_id", session->player_id),
              LOG_TEXT("session_id", session->session_id), LOG_TEXT("trace_id", session->trace_id),
              LOG_TEXT("problem", problem));
    session_refuse(session, ERROR_internal, "", session->login_id, RETRY_AFTER_MS);
    session_close(session, CLOSE_internal_failure, RETRY_AFTER_MS);
}

static void on_login_state(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct session *session = session_find(context, tag);
    if (session == NULL) return;
    struct proto_snapshot state;
    if (reply == NULL || !player_store_state_read(reply, session->player_id, &state)) {
        if (reply == NULL) {
            login_fail(session, "Redis did not answer");
            return;
        }
        /* What cannot be read counts as lobby: match_server repairs or removes it at the next request. */
        log_event(LOG_WARNING, "state_unreadable", LOG_TEXT("player_id", session->player_id));
        text_copy(state.state, sizeof state.state, proto_state_names[STATE_lobby]);
    }
    progress_complete(session->home->game->catalog, &session->login->record.profile);
    session->phase = SESSION_LIVE;
    session_watch_expiry(session, session->token_expires_ms / 1000);
    session->player = player_open(session, session->login, &state);
    free(session->login);
    session->login = NULL;
    if (session->player == NULL) login_fail(session, "too many players");
}

static void login_ask_state(struct session *session)
{
    if (!player_store_state(session->home->world, session->player_id, on_login_state, session->home,
                            session->address)) {
        login_fail(session, "too many commands wait for Redis");
    }
}

static void login_ask_party(struct session *session);

static void on_login_party(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player_shard *home = context;
    struct session *session = session_find(home, tag);
    struct party_answer answer;
    party_answer_read(reply, &answer);
    if (answer.status == PARTY_OK) party_publish_news(home->world, reply);
    if (session == NULL) return;
    if (answer.status == PARTY_AGAIN && party_guess_improve(&session->login->party_guess, reply)) {
        login_ask_party(session);
    } else if (answer.status == PARTY_LOST) {
        login_fail(session, "the party cannot be read");
    } else {
        session->login->party = answer;
        login_ask_state(session);
    }
}

/* The others see him come. */
static void login_ask_party(struct session *session)
{
    const struct game_config *config = session->home->game->config;
    struct party_caller caller = {.world = session->home->world,
                                  .player_id = session->player_id,
                                  .pod_id = config->common.pod_id,
                                  .connection_epoch = session->login->connection_epoch,
                                  .kept_ms = config->party_ttl_s * 1000};
    if (!party_store_login(&caller, &session->login->party_guess, on_login_party, session->home,
                           session->address)) {
        login_fail(session, "too many commands wait for Redis");
    }
}

static void on_login(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct session *session = session_find(context, tag);
    if (session == NULL) return;
    session->login = memory_new(sizeof *session->login);
    const char *problem = "Redis did not answer";
    if (reply == NULL || !player_store_login_read(reply, session->player_id, session->login, &problem)) {
        free(session->login);
        session->login = NULL;
        login_fail(session, problem);
        return;
    }
    if (session->login->looks_for_party) {
        login_ask_party(session);
    } else {
        login_ask_state(session);
    }
}

static void session_authenticate(struct session *session, const struct proto_authenticate *wish, int64_t id)
{
    struct game *game = session->home->game;
    struct token_claims claims;
    enum token_result failure;
    bool known_encoding = wish->timeline_encoding[0] == '\0' ||
                          strcmp(wish->timeline_encoding, "json") == 0 ||
                          strcmp(wish->timeline_encoding, "gzip") == 0;
    if (!known_encoding) {
        session_refuse(session, ERROR_invalid_field, "timeline_encoding", id, 0);
        return;
    }
    if (!session_verify(session, wish->token, id, &claims, &failure)) {
        session_close(session, failure == TOKEN_EXPIRED ? CLOSE_expired : CLOSE_bad_token, 0);
        return;
    }
    session->gzip = strcmp(wish->timeline_encoding, "gzip") == 0;
    text_copy(session->player_id, sizeof session->player_id, claims.subject);
    text_copy(session->device_id, sizeof session->device_id, wish->device_id);
    (void)trace_id_read(wish->traceparent, session->trace_id);
    if (game->gate != NULL) session->player_key = gate_player_key(game->gate, session->player_id);
    session->phase = SESSION_LOGGING_IN;
    session->login_id = id;
    session->token_expires_ms = claims.expires_at_s * 1000;
    if (!player_store_login(session->home->world, session->player_id, game->config->common.pod_id,
                            session->session_id, session->device_id, &game->starter, on_login, session->home,
                            session->address)) {
        login_fail(session, "too many commands wait for Redis");
    }
}

/* ---- receiving ---------------------------------------------------------------------------------- */

static void session_pong(struct session *session, int64_t id)
{
    struct proto_pong pong = {.reply_to = id, .server_time_ms = world_now_ms(session->home->world)};
    session_send(session, SERVER_pong, &pong);
}

static void session_live_message(struct session *session, enum client_message message, int64_t id,
                                 const union client_message_body *body)
{
    if (message == CLIENT_authenticate) {
        session_refuse(session, ERROR_already_authenticated, "", id, 0);
        session_close(session, CLOSE_authenticated_twice, 0);
    } else if (message == CLIENT_ping) {
        session_pong(session, id);
    } else if (message == CLIENT_refresh_token) {
        session_refresh_token(session, body->refresh_token.token, id);
    } else {
        player_message(session->player, message, id, body);
    }
}

static void session_message(struct session *session, enum client_message message, int64_t id,
                            const union client_message_body *body)
{
    if (session->phase == SESSION_LIVE) {
        session_live_message(session, message, id, body);
    } else if (session->phase == SESSION_FRESH && message == CLIENT_authenticate) {
        session_authenticate(session, &body->authenticate, id);
    } else if (message == CLIENT_authenticate) {
        session_refuse(session, ERROR_already_authenticated, "", id, 0);
        session_close(session, CLOSE_authenticated_twice, 0);
    } else {
        session_refuse(session, ERROR_unauthenticated, "", id, 0);
        if (session->phase == SESSION_FRESH) session_close(session, CLOSE_not_authenticated, 0);
    }
}

static void session_unreadable(struct session *session, const struct codec_error *error, int64_t id)
{
    log_event(LOG_DEBUG, "message_refused", LOG_TEXT("session_id", session->session_id),
              LOG_TEXT("code", proto_errors[error->code].name), LOG_TEXT("place", error->place),
              LOG_TEXT("detail", error->detail));
    session_refuse(session, error->code, error->place, id, 0);
    if (session->phase != SESSION_FRESH) return;
    session_close(session, error->code == ERROR_bad_message ? CLOSE_bad_frame : CLOSE_not_authenticated, 0);
}

static void on_received(void *owner, struct bytes text)
{
    struct session *session = owner;
    if (session->phase == SESSION_CLOSING) return;
    struct codec_error error;
    enum client_message message;
    union client_message_body body;
    int64_t id = 0;
    int64_t wait_ms = session_limits_wait_ms(session);
    struct codec_document *document = codec_open(text, &codec_limits_client, &error);
    bool readable = document != NULL && codec_read_client_message(document, &message, &id, &body, &error);
    if (wait_ms > 0) {
        session_limits_refuse(session, id, wait_ms);
    } else if (!readable) {
        session_unreadable(session, &error, id);
    } else {
        session_message(session, message, id, &body);
    }
    codec_close(document);
}

/* ---- the socket --------------------------------------------------------------------------------- */

/* Sessions get no mail; the address only tells late replies whether they still live. */
static void receive_nothing(void *self, const struct message *message)
{
    (void)self;
    (void)message;
}

static void *on_opened(void *context, struct ws_conn *conn, const char *peer_ip)
{
    struct player_shard *home = context;
    if (atomic_load(&home->game->draining)) return NULL;
    uint64_t address_key = home->game->gate == NULL ? 0 : gate_address_key(home->game->gate, peer_ip);
    if (!session_limits_enter(home, conn, address_key)) return NULL;
    struct session *session = memory_new(sizeof *session);
    session->home = home;
    session->conn = conn;
    session->address_key = address_key;
    session->address = actors_add(home->actors, receive_nothing, session);
    if (session->address == ACTOR_NOBODY) {
        session_limits_leave(home, address_key);
        free(session);
        return NULL;
    }
    session->timer.fire = session_on_timer;
    ids_session_id(session->session_id);
    text_copy(session->trace_id, sizeof session->trace_id, session->session_id);
    world_timer_set(home->world, &session->timer,
                    world_now_ms(home->world) + home->game->config->client_auth_timeout_ms);
    return session;
}

static void on_answered(void *owner)
{
    struct session *session = owner;
    if (session->phase == SESSION_LIVE && session->player != NULL) player_prompt_seen(session->player);
}

static void on_faulted(void *owner, enum ws_fault fault)
{
    static const struct {
        enum error_code error;
        enum close_code close;
    } answers[] = {
        [WS_FAULT_TOO_BIG] = {ERROR_message_too_big, CLOSE_too_big},
        [WS_FAULT_FRAGMENTS] = {ERROR_bad_message, CLOSE_policy},
        [WS_FAULT_BINARY] = {ERROR_bad_message, CLOSE_bad_frame},
        [WS_FAULT_SLOW_READER] = {ERROR_rate_limited, CLOSE_too_fast},
    };
    struct session *session = owner;
    session_refuse(session, answers[fault].error, "", 0, 0);
    session_close(session, answers[fault].close, fault == WS_FAULT_SLOW_READER ? RETRY_AFTER_MS : 0);
}

static void on_closed(void *owner, uint16_t code)
{
    struct session *session = owner;
    struct player_shard *home = session->home;
    log_event(LOG_DEBUG, "session_closed", LOG_TEXT("session_id", session->session_id),
              LOG_TEXT("player_id", session->player_id), LOG_INT("code", code));
    world_timer_cancel(home->world, &session->timer);
    actors_remove(home->actors, session->address);
    if (session->player != NULL) player_disconnected(session->player);
    session_limits_leave(home, session->address_key);
    free(session->login);
    free(session);
}

const struct ws_front_events session_events = {
    .admit = session_limits_admit,
    .opened = on_opened,
    .received = on_received,
    .answered = on_answered,
    .faulted = on_faulted,
    .closed = on_closed,
};
