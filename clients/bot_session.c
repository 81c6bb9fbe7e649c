#include "clients/bot_session.h"

#include "clients/bot_result.h"
#include "clients/bot_send.h"
#include "clients/token_request.h"
#include "clients/ws_client.h"
#include "common/codec.h"
#include "common/rng.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS 8000
#define REPEAT_MS 1000      /* before a refused wish is repeated, unless the server says otherwise */
#define REPEAT_MS_MAX 60000 /* a longer wait than this is a refusal */
#define LEAVE_MS 2000       /* to leave the queue when interrupted */
#define ERROR_BYTES 200

static const struct codec_limits limits = {TIMELINE_BYTES_MAX, 32};

struct session {
    const struct bot_options *options;
    struct bot_show *show;
    uv_loop_t loop;
    uv_timer_t timer; /* the one thing it waits for on its own: reconnect, repeat, leave */
    uv_signal_t signals[2];
    struct ws_clients *clients;
    struct ws_client *client; /* NULL between connections */
    char *token;
    struct bot_result result;
    struct proto_closing closing;
    bool closing_known;
    bool connected_once;
    bool queued;
    bool ending;
    enum bot_exit exit_code;
    int64_t matches_done;
    int reconnects;
    int errors;
};

static void end(struct session *session, enum bot_exit exit_code);
static void connect_now(struct session *session);

/* ---- waiting ---- */

static void on_repeat(uv_timer_t *timer)
{
    const struct session *session = timer->data;
    bot_send_get_state(session->client);
}

static void on_reconnect(uv_timer_t *timer)
{
    connect_now(timer->data);
}

static void wait_then(struct session *session, uv_timer_cb callback, int64_t wait_ms)
{
    if (!session->ending) uv_timer_start(&session->timer, callback, (uint64_t)wait_ms, 0);
}

static int64_t backoff_ms(const struct session *session)
{
    uint64_t jitter;
    int64_t wait_ms = BACKOFF_FIRST_MS << (session->reconnects < 6 ? session->reconnects : 6);
    if (wait_ms > BACKOFF_MAX_MS) wait_ms = BACKOFF_MAX_MS;
    rng_entropy(&jitter, sizeof jitter);
    return wait_ms / 2 + (int64_t)(jitter % (uint64_t)wait_ms) / 2;
}

/* ---- what the server says ---- */

static void enqueue(struct session *session)
{
    session->queued = true;
    bot_send_enqueue(session->client, session->options->mode);
}

/* Goes on from where the server says the player is. */
static void act_on_state(struct session *session, const char *name, const char *match_id)
{
    enum player_state state = proto_state_named(name);
    session->queued = state == STATE_queueing || state == STATE_queued;
    if (state == STATE_lobby) enqueue(session);
    if (state == STATE_loading) bot_send_loading_complete(session->client, match_id);
}

static void take_match_found(struct session *session, const struct proto_match_found *match)
{
    session->queued = false;
    if (match->loading_deadline_ms != 0) bot_send_loading_complete(session->client, match->match_id);
}

static void take_result(struct session *session)
{
    char error[ERROR_BYTES];
    if (!bot_result_tell(&session->result, session->options, session->show, session->matches_done + 1, error,
                         sizeof error)) {
        bot_show_complaint(session->show, "%s", error);
        end(session, BOT_EXIT_REFUSED);
        return;
    }
    bot_send_ack_result(session->client, session->result.record.match_id);
}

static void take_acked(struct session *session)
{
    session->matches_done++;
    session->reconnects = 0;
    session->errors = 0;
    if (session->matches_done >= session->options->matches) end(session, BOT_EXIT_DONE);
    else enqueue(session);
}

static void take_error(struct session *session, const struct proto_error *error)
{
    enum error_code code = proto_error_named(error->code);
    bool resync = code == ERROR_wrong_state || code == ERROR_already_queued ||
                  code == ERROR_already_in_match || code == ERROR_not_queued ||
                  code == ERROR_loading_closed || code == ERROR_no_such_match;
    bool repeat = resync || (code != ERROR_none && proto_errors[code].retry);
    bool login =
        error->reply_to == BOT_AUTHENTICATE_ID || code == ERROR_invalid_token || code == ERROR_token_expired;
    int64_t wait_ms = error->retry_after_ms > 0 ? error->retry_after_ms : REPEAT_MS;
    session->queued = false;
    if (login) return; /* the server closes, and says whether coming back makes sense */
    if (!repeat || wait_ms > REPEAT_MS_MAX || ++session->errors > BOT_ERRORS_MAX)
        end(session, BOT_EXIT_REFUSED);
    else wait_then(session, on_repeat, wait_ms);
}

static void act(struct session *session, enum server_message message, const void *record, struct bytes text)
{
    const struct proto_welcome *welcome = record;
    const struct proto_state *state = record;
    const struct proto_match_cancelled *cancelled = record;
    switch (message) {
    case SERVER_welcome:
        session->connected_once = true;
        act_on_state(session, welcome->state.state, welcome->state.match_id);
        break;
    case SERVER_state: act_on_state(session, state->state, state->match_id); break;
    case SERVER_match_found: take_match_found(session, record); break;
    case SERVER_battle_result:
        bot_result_start(&session->result, record, text);
        if (session->result.whole) take_result(session);
        break;
    case SERVER_result_acked: take_acked(session); break;
    case SERVER_dequeued:
        session->queued = false;
        wait_then(session, on_repeat, REPEAT_MS);
        break;
    case SERVER_match_cancelled:
        session->queued = cancelled->requeued;
        if (!cancelled->requeued) wait_then(session, on_repeat, REPEAT_MS);
        break;
    case SERVER_error: take_error(session, record); break;
    case SERVER_closing:
        session->closing = *(const struct proto_closing *)record;
        session->closing_known = true;
        break;
    default: break;
    }
}

static enum server_message message_named(const char *type)
{
    for (size_t i = 0; i < SERVER_MESSAGE_COUNT; i++) {
        if (strcmp(type, proto_server_messages[i].name) == 0) return (enum server_message)i;
    }
    return SERVER_MESSAGE_COUNT;
}

static void complain_about(struct session *session, const char *type, const struct codec_error *error)
{
    bot_show_complaint(session->show, "the server sent a bad %s: %s %s", type, error->place, error->detail);
    end(session, BOT_EXIT_REFUSED);
}

/* A type the bot does not know is to be ignored: the server may be newer. */
static void take_document(struct session *session, struct codec_document *document, struct bytes text)
{
    char type[32];
    struct codec_error error;
    if (!codec_text(document, "type", type, sizeof type)) return;
    enum server_message message = message_named(type);
    if (message == SERVER_MESSAGE_COUNT) return;
    const struct proto_record *record = proto_server_messages[message].record;
    void *value = memory_new(record->size);
    if (!codec_decode(document, record, value, &error)) {
        complain_about(session, type, &error);
    } else if (session->ending) {
        if (message == SERVER_dequeued || message == SERVER_error)
            ws_client_close(session->client, 1000, "bye");
    } else {
        if (message != SERVER_battle_result) bot_show_message(session->show, message, value);
        act(session, message, value, text);
    }
    free(value);
}

static void on_text(void *owner, struct bytes text)
{
    struct session *session = owner;
    struct codec_error error;
    struct codec_document *document = codec_open(text, &limits, &error);
    if (document == NULL) {
        complain_about(session, "message", &error);
        return;
    }
    bot_show_raw(session->show, text);
    take_document(session, document, text);
    codec_close(document);
}

static void on_binary(void *owner, struct bytes data)
{
    struct session *session = owner;
    char error[ERROR_BYTES];
    if (session->ending) return;
    if (bot_result_add_frame(&session->result, data, error, sizeof error)) {
        take_result(session);
    } else {
        bot_show_complaint(session->show, "%s", error);
        end(session, BOT_EXIT_REFUSED);
    }
}

/* ---- the connection ---- */

static void on_opened(void *owner)
{
    struct session *session = owner;
    bot_send_authenticate(session->client, session->token, session->options->timeline_encoding);
}

/* What the server announced counts; a close code alone is looked up; a lost connection is worth another try.
 */
static bool may_come_back(const struct session *session, int code)
{
    if (session->closing_known) return session->closing.reconnect;
    for (size_t i = 0; i < proto_close_count; i++) {
        if ((int)proto_closes[i].code == code) return proto_closes[i].reconnect;
    }
    return code == WS_CLOSED_NOT_OPENED || code == WS_CLOSED_LOST || code == WS_CLOSED_NO_CODE;
}

static void come_back(struct session *session)
{
    int64_t wait_ms = backoff_ms(session);
    if (session->closing_known && session->closing.retry_after_ms > wait_ms)
        wait_ms = session->closing.retry_after_ms;
    session->reconnects++;
    bot_show_step(session->show, "reconnecting in %lld ms", (long long)wait_ms);
    wait_then(session, on_reconnect, wait_ms);
}

static void on_closed(void *owner, int code, const char *reason)
{
    struct session *session = owner;
    session->client = NULL;
    session->queued = false;
    uv_timer_stop(&session->timer);
    if (session->ending) {
        end(session, session->exit_code);
    } else if (code == WS_CLOSED_NOT_OPENED && !session->connected_once) {
        bot_show_complaint(session->show, "could not connect to %s: %s", session->options->url_text, reason);
        end(session, BOT_EXIT_NOT_CONNECTED);
    } else if (!may_come_back(session, code)) {
        bot_show_complaint(session->show, "the server closed the connection for good: %d %s", code, reason);
        end(session, BOT_EXIT_REFUSED);
    } else if (session->reconnects >= BOT_RECONNECTS_MAX) {
        bot_show_complaint(session->show, "%d connections in a row came to nothing", session->reconnects);
        end(session, BOT_EXIT_NOT_CONNECTED);
    } else {
        come_back(session);
    }
}

static const struct ws_client_events client_events = {on_opened, on_text, on_binary, on_closed};

/* A fresh token for every connection: the reason to come back may be that the old one expired. */
static enum bot_exit get_token(struct session *session)
{
    char error[ERROR_BYTES];
    free(session->token);
    session->token = NULL;
    if (session->options->token != NULL) {
        session->token = memory_copy_text(session->options->token);
        return BOT_EXIT_DONE;
    }
    enum token_request_result result =
        token_request(&session->options->url, session->options->player, &session->token, error, sizeof error);
    if (result == TOKEN_REQUEST_OK) return BOT_EXIT_DONE;
    bot_show_complaint(session->show, "%s", error);
    return result == TOKEN_REQUEST_REFUSED ? BOT_EXIT_REFUSED : BOT_EXIT_NOT_CONNECTED;
}

static void connect_now(struct session *session)
{
    enum bot_exit failure = get_token(session);
    bool try_again = failure == BOT_EXIT_NOT_CONNECTED && session->connected_once;
    session->closing_known = false;
    if (failure == BOT_EXIT_DONE) {
        session->client = ws_client_open(session->clients, &session->options->url, &client_events, session);
    } else if (try_again && session->reconnects < BOT_RECONNECTS_MAX) {
        come_back(session);
    } else {
        end(session, failure);
    }
}

/* ---- the end ---- */

static void on_leave_late(uv_timer_t *timer)
{
    struct session *session = timer->data;
    if (session->client != NULL) ws_client_close(session->client, 1000, "bye");
}

/* Ends as soon as the connection is closed; with nothing open the loop runs dry. */
static void end(struct session *session, enum bot_exit exit_code)
{
    session->ending = true;
    session->exit_code = exit_code;
    uv_timer_stop(&session->timer);
    if (session->client != NULL) {
        ws_client_close(session->client, 1000, "bye");
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(session->signals); i++) uv_signal_stop(&session->signals[i]);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct session *session = signal->data;
    bool again = session->ending;
    (void)number;
    if (again) _Exit(BOT_EXIT_INTERRUPTED);
    if (session->queued && session->client != NULL) {
        session->ending = true;
        session->exit_code = BOT_EXIT_INTERRUPTED;
        uv_timer_start(&session->timer, on_leave_late, LEAVE_MS, 0);
        bot_send_dequeue(session->client);
    } else {
        end(session, BOT_EXIT_INTERRUPTED);
    }
}

static void close_handles(struct session *session)
{
    uv_close((uv_handle_t *)&session->timer, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(session->signals); i++)
        uv_close((uv_handle_t *)&session->signals[i], NULL);
    uv_run(&session->loop, UV_RUN_DEFAULT);
    check(uv_loop_close(&session->loop) == 0);
}

enum bot_exit bot_session_run(const struct bot_options *options, struct bot_show *show)
{
    static const int signal_numbers[] = {SIGINT, SIGTERM};
    struct session *session = memory_new(sizeof *session);
    session->options = options;
    session->show = show;
    check(uv_loop_init(&session->loop) == 0);
    check(uv_timer_init(&session->loop, &session->timer) == 0);
    session->timer.data = session;
    for (size_t i = 0; i < ARRAY_LENGTH(session->signals); i++) {
        check(uv_signal_init(&session->loop, &session->signals[i]) == 0);
        session->signals[i].data = session;
        check(uv_signal_start(&session->signals[i], on_signal, signal_numbers[i]) == 0);
    }
    session->clients = ws_clients_open(&session->loop);
    connect_now(session);
    uv_run(&session->loop, UV_RUN_DEFAULT);

    enum bot_exit exit_code = session->exit_code;
    close_handles(session);
    ws_clients_free(session->clients);
    bot_result_clear(&session->result);
    free(session->token);
    free(session);
    return exit_code;
}
