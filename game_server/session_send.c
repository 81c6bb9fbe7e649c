/* What a session tells its client, the end included. */
#include <string.h>

#include "common/codec.h"
#include "common/log.h"
#include "game_server/session.h"

void session_send(struct session *session, enum server_message message, const void *record)
{
    if (session->phase == SESSION_CLOSING) return;
    struct buffer text = {0};
    codec_encode(&text, proto_server_messages[message].name, proto_server_messages[message].record, record);
    ws_conn_send_text(session->conn, buffer_bytes(&text));
    buffer_free(&text);
}

static const size_t error_rows[ERROR_COUNT] = {
#define ERROR(name, retry, sentence) [ERROR_##name] = METRIC_client_error_##name,
#include "proto/errors.def"
#undef ERROR
};

void session_refuse(struct session *session, enum error_code code, const char *place, int64_t reply_to,
                    int64_t retry_after_ms)
{
    session_refuse_saying(session, code, proto_errors[code].sentence, place, reply_to, retry_after_ms);
}

void session_refuse_saying(struct session *session, enum error_code code, const char *sentence,
                           const char *place, int64_t reply_to, int64_t retry_after_ms)
{
    struct proto_error error = {.reply_to = reply_to, .retry_after_ms = retry_after_ms};
    text_copy(error.code, sizeof error.code, proto_errors[code].name);
    text_copy(error.message, sizeof error.message, sentence);
    text_copy(error.field, sizeof error.field, place);
    session_send(session, SERVER_error, &error);
    log_event(LOG_DEBUG, "client_refused", LOG_TEXT("code", error.code), LOG_TEXT("place", place),
              LOG_TEXT("player_id", session->player_id), LOG_TEXT("session_id", session->session_id),
              LOG_TEXT("trace_id", session->trace_id));
    metrics_add(session->home->metrics, error_rows[code], 1);
}

void session_notice(struct session *session, const char *code, const char *message,
                    int64_t reconnect_after_ms)
{
    struct proto_notice notice = {.reconnect_after_ms = reconnect_after_ms};
    text_copy(notice.code, sizeof notice.code, code);
    text_copy(notice.message, sizeof notice.message, message);
    session_send(session, SERVER_notice, &notice);
}

void session_probe(struct session *session)
{
    if (session->phase != SESSION_CLOSING) ws_conn_probe(session->conn);
}

static size_t close_row(enum close_code code)
{
    switch (code) {
#define CLOSE(code, name, reconnect, reason) \
    case CLOSE_##name:                       \
        return METRIC_client_close_##name;
#include "proto/closes.def"
#undef CLOSE
    }
    return METRIC_client_close_internal_failure;
}

void session_close(struct session *session, enum close_code code, int64_t retry_after_ms)
{
    if (session->phase == SESSION_CLOSING) return;
    metrics_add(session->home->metrics, close_row(code), 1);
    const struct proto_close_info *info = proto_close(code);
    struct proto_closing closing = {
        .code = code, .reconnect = info->reconnect, .retry_after_ms = retry_after_ms};
    text_copy(closing.reason, sizeof closing.reason, info->reason);
    session_send(session, SERVER_closing, &closing);
    session->phase = SESSION_CLOSING;
    world_timer_cancel(session->home->world, &session->timer);
    ws_conn_close(session->conn, (uint16_t)code, info->reason);
}
