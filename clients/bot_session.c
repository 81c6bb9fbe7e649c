#include "clients/bot_session_internal.h"

#include "clients/bot_send.h"
#include "clients/token_request.h"
#include "common/rng.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS 8000
#define LEAVE_MS 2000 /* to leave the queue when interrupted */

static void connect_now(struct bot_session *session);

/* ---- waiting ---- */

static void on_ask(uv_timer_t *timer)
{
    const struct bot_session *session = timer->data;
    bot_send_get_state(session->client);
}

static void on_reconnect(uv_timer_t *timer)
{
    connect_now(timer->data);
}

static void wait_then(struct bot_session *session, uv_timer_cb callback, int64_t wait_ms)
{
    if (!session->ending) uv_timer_start(&session->timer, callback, (uint64_t)wait_ms, 0);
}

void bot_session_ask_later(struct bot_session *session, int64_t wait_ms)
{
    wait_then(session, on_ask, wait_ms);
}

static int64_t backoff_ms(const struct bot_session *session)
{
    uint64_t jitter;
    int64_t wait_ms = BACKOFF_FIRST_MS << (session->reconnects < 6 ? session->reconnects : 6);
    if (wait_ms > BACKOFF_MAX_MS) wait_ms = BACKOFF_MAX_MS;
    rng_entropy(&jitter, sizeof jitter);
    return wait_ms / 2 + (int64_t)(jitter % (uint64_t)wait_ms) / 2;
}

/* ---- the connection ---- */

static void on_opened(void *owner)
{
    struct bot_session *session = owner;
    bot_send_authenticate(session->client, session->token, session->options->timeline_encoding);
}

/* What the server announced counts; a close code alone is looked up; a lost connection is worth another
 * try. */
static bool may_come_back(const struct bot_session *session, int code)
{
    if (session->closing_known) return session->closing.reconnect;
    for (size_t i = 0; i < proto_close_count; i++) {
        if ((int)proto_closes[i].code == code) return proto_closes[i].reconnect;
    }
    return code == WS_CLOSED_NOT_OPENED || code == WS_CLOSED_LOST || code == WS_CLOSED_NO_CODE;
}

static void come_back(struct bot_session *session)
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
    struct bot_session *session = owner;
    session->client = NULL;
    session->queued = false;
    uv_timer_stop(&session->timer);
    if (session->ending) {
        bot_session_end(session, session->exit_code);
    } else if (code == WS_CLOSED_NOT_OPENED && !session->connected_once) {
        bot_show_complaint(session->show, "could not connect to %s: %s", session->options->url_text, reason);
        bot_session_end(session, BOT_EXIT_NOT_CONNECTED);
    } else if (!may_come_back(session, code)) {
        bot_show_complaint(session->show, "the server closed the connection for good: %d %s", code, reason);
        bot_session_end(session, BOT_EXIT_REFUSED);
    } else if (session->reconnects >= BOT_RECONNECTS_MAX) {
        bot_show_complaint(session->show, "%d connections in a row came to nothing", session->reconnects);
        bot_session_end(session, BOT_EXIT_NOT_CONNECTED);
    } else {
        come_back(session);
    }
}

static const struct ws_client_events client_events = {on_opened, bot_play_text, bot_play_binary, on_closed};

/* A fresh token for every connection: the reason to come back may be that the old one expired. */
static enum bot_exit get_token(struct bot_session *session)
{
    char error[BOT_ERROR_BYTES];
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

static void connect_now(struct bot_session *session)
{
    enum bot_exit failure = get_token(session);
    bool try_again = failure == BOT_EXIT_NOT_CONNECTED && session->connected_once;
    session->closing_known = false;
    if (failure == BOT_EXIT_DONE) {
        session->client = ws_client_open(session->clients, &session->options->url, &client_events, session);
    } else if (try_again && session->reconnects < BOT_RECONNECTS_MAX) {
        come_back(session);
    } else {
        bot_session_end(session, failure);
    }
}

/* ---- the end ---- */

static void on_leave_late(uv_timer_t *timer)
{
    struct bot_session *session = timer->data;
    if (session->client != NULL) ws_client_close(session->client, 1000, "bye");
}

/* Ends as soon as the connection is closed; with nothing open the loop runs dry. */
void bot_session_end(struct bot_session *session, enum bot_exit exit_code)
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
    struct bot_session *session = signal->data;
    bool again = session->ending;
    (void)number;
    if (again) _Exit(BOT_EXIT_INTERRUPTED);
    if (session->queued && session->client != NULL) {
        session->ending = true;
        session->exit_code = BOT_EXIT_INTERRUPTED;
        uv_timer_start(&session->timer, on_leave_late, LEAVE_MS, 0);
        bot_send_dequeue(session->client);
    } else {
        bot_session_end(session, BOT_EXIT_INTERRUPTED);
    }
}

static void close_handles(struct bot_session *session)
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
    struct bot_session *session = memory_new(sizeof *session);
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
