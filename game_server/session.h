/* session.h -- one connection: who is it, and what may it say?
 *
 *     fresh --authenticate--> logging in --login, state--> live --close--> closing
 *
 * Fresh: nothing but authenticate is even parsed further, and only for client.auth_timeout_ms. Live: messages
 * are decoded here, checked against the state table and handed to the player. A session ends with its socket;
 * the player may outlive it (player.h).
 *
 * One thread: the player shard that accepted the socket. */
#ifndef DUELPOD_SESSION_H
#define DUELPOD_SESSION_H

#include "common/trace.h"
#include "game_server/player_shard.h"

enum session_phase { SESSION_FRESH, SESSION_LOGGING_IN, SESSION_LIVE, SESSION_CLOSING };

struct session {
    struct player_shard *home;
    struct ws_conn *conn;
    actor_address address; /* so that a late reply finds the session, or nobody */
    enum session_phase phase;
    struct timer timer; /* authentication, then token expiry */
    struct player *player;
    int64_t login_id; /* `id` of authenticate */
    int64_t token_expires_ms;
    bool expiry_told;
    uint64_t address_key, player_key; /* in the gate */
    int64_t refusals_us;              /* bucket (limiter.h) of refused messages */
    bool gzip;
    char session_id[UUID_LENGTH + 1];
    char trace_id[TRACE_ID_SIZE]; /* the client's, or the session id */
    char player_id[PLAYER_ID_MAX + 1];
    char device_id[64 + 1];
    struct player_login *login; /* while logging in, between the two replies */
};

/* For ws_front_events; `context` is the player_shard. */
extern const struct ws_front_events session_events;

/* Encodes and sends one message; `record` is the struct of the message's record. */
void session_send(struct session *session, enum server_message message, const void *record);

/* Sends error{code}. `detail` goes to the log only; place may be "". */
void session_refuse(struct session *session, enum error_code code, const char *place, int64_t reply_to,
                    int64_t retry_after_ms);

/* The same with a sentence of its own. */
void session_refuse_saying(struct session *session, enum error_code code, const char *sentence,
                           const char *place, int64_t reply_to, int64_t retry_after_ms);

/* Asks for a sign that the client received everything sent so far; it comes as player_prompt_seen(). */
void session_probe(struct session *session);

/* Sends closing{code}, then closes. Nothing is received afterwards. */
void session_close(struct session *session, enum close_code code, int64_t retry_after_ms);

/* Sends notice{code, message}. */
void session_notice(struct session *session, const char *code, const char *message,
                    int64_t reconnect_after_ms);

#endif
