/* bot_session_internal.h -- what bot_session.c (the connection and its end) and bot_play.c (what the server
 * says) share. Nobody else includes it. */
#ifndef DUELPOD_BOT_SESSION_INTERNAL_H
#define DUELPOD_BOT_SESSION_INTERNAL_H

#include "clients/bot_result.h"
#include "clients/bot_session.h"
#include "clients/ws_client.h"

#define BOT_ERROR_BYTES 200

struct bot_session {
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

/* Asks the server for the state after a while, and goes on from the answer. */
void bot_session_ask_later(struct bot_session *session, int64_t wait_ms);

/* Closes the connection; the session is over when that is done. */
void bot_session_end(struct bot_session *session, enum bot_exit exit_code);

/* The handlers of the connection. */
void bot_play_text(void *owner, struct bytes text);
void bot_play_binary(void *owner, struct bytes data);

#endif
