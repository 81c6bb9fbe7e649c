/* session_limits.h -- the gate (gate.h) as sessions meet it: what is refused is counted, told, and at last cut.
 *
 * One thread: the player shard of the socket. */
#ifndef DUELPOD_SESSION_LIMITS_H
#define DUELPOD_SESSION_LIMITS_H

#include "game_server/session.h"

/* For ws_front_events; `context` is the player_shard. */
bool session_limits_admit(void *context, const char *peer_ip);

/* Counts an open connection of the address; false: there are too many, and `conn` is being closed with 4008.
 * What was counted is given back with session_limits_leave. */
bool session_limits_enter(struct player_shard *home, struct ws_conn *conn, uint64_t address_key);
void session_limits_leave(struct player_shard *home, uint64_t address_key);

/* Takes a token of the address and, after the login, of the player; else how long the message has to wait. */
int64_t session_limits_wait_ms(struct session *session);

/* Answers a message that came too fast and changes nothing else. Who is not slowed by that is cut: 4008. */
void session_limits_refuse(struct session *session, int64_t id, int64_t wait_ms);

#endif
