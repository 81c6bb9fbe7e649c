#include "clients/bot_session_internal.h"

#include "clients/bot_send.h"
#include "common/codec.h"

#include <stdlib.h>
#include <string.h>

#define REPEAT_MS 1000      /* before a refused wish is repeated, unless the server says otherwise */
#define REPEAT_MS_MAX 60000 /* a longer wait than this is a refusal */

static const struct codec_limits limits = {TIMELINE_BYTES_MAX, 32};

static void enqueue(struct bot_session *session)
{
    session->queued = true;
    bot_send_enqueue(session->client, session->options->mode);
}

/* Goes on from where the server says the player is. */
static void act_on_state(struct bot_session *session, const char *name, const char *match_id)
{
    enum player_state state = proto_state_named(name);
    session->queued = state == STATE_queueing || state == STATE_queued;
    if (state == STATE_lobby) enqueue(session);
    if (state == STATE_loading) bot_send_loading_complete(session->client, match_id);
}

static void take_match_found(struct bot_session *session, const struct proto_match_found *match)
{
    session->queued = false;
    if (match->loading_deadline_ms != 0) bot_send_loading_complete(session->client, match->match_id);
}

static void take_result(struct bot_session *session)
{
    char error[BOT_ERROR_BYTES];
    if (!bot_result_tell(&session->result, session->options, session->show, session->matches_done + 1, error,
                         sizeof error)) {
        bot_show_complaint(session->show, "%s", error);
        bot_session_end(session, BOT_EXIT_REFUSED);
        return;
    }
    bot_send_ack_result(session->client, session->result.record.match_id);
}

static void take_acked(struct bot_session *session)
{
    session->matches_done++;
    session->reconnects = 0;
    session->errors = 0;
    if (session->matches_done >= session->options->matches) bot_session_end(session, BOT_EXIT_DONE);
    else enqueue(session);
}

static void take_error(struct bot_session *session, const struct proto_error *error)
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
        bot_session_end(session, BOT_EXIT_REFUSED);
    else bot_session_ask_later(session, wait_ms);
}

static void act(struct bot_session *session, enum server_message message, const void *record,
                struct bytes text)
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
        bot_session_ask_later(session, REPEAT_MS);
        break;
    case SERVER_match_cancelled:
        session->queued = cancelled->requeued;
        if (!cancelled->requeued) bot_session_ask_later(session, REPEAT_MS);
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

static void complain_about(struct bot_session *session, const char *type, const struct codec_error *error)
{
    bot_show_complaint(session->show, "the server sent a bad %s: %s %s", type, error->place, error->detail);
    bot_session_end(session, BOT_EXIT_REFUSED);
}

/* A type the bot does not know is to be ignored: the server may be newer. */
static void take_document(struct bot_session *session, struct codec_document *document, struct bytes text)
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

void bot_play_text(void *owner, struct bytes text)
{
    struct bot_session *session = owner;
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

void bot_play_binary(void *owner, struct bytes data)
{
    struct bot_session *session = owner;
    char error[BOT_ERROR_BYTES];
    if (session->ending) return;
    if (bot_result_add_frame(&session->result, data, error, sizeof error)) {
        take_result(session);
    } else {
        bot_show_complaint(session->show, "%s", error);
        bot_session_end(session, BOT_EXIT_REFUSED);
    }
}
