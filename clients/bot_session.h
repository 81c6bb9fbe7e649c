/* bot_session.h -- plays: logs in, queues, loads, watches, acknowledges, again; until enough or refused.
 *
 * It keeps no state of its own about the match: after each login the server says where the player is, and the
 * bot goes on from there. So losing the connection at any moment costs a reconnect and nothing else.
 *
 *      connect -> authenticate -> (lobby) enqueue -> (loading) loading_complete -> battle_result ->
 * ack_result ^                          ^                                                             |
 *         '-- closed, may come back  '-------------------------------------------------------------'
 *
 * Limits: BOT_RECONNECTS_MAX connections without a finished match, BOT_ERRORS_MAX refusals without one. */
#ifndef DUELPOD_BOT_SESSION_H
#define DUELPOD_BOT_SESSION_H

#include "clients/bot_options.h"
#include "clients/bot_show.h"

#define BOT_RECONNECTS_MAX 10
#define BOT_ERRORS_MAX 20

/* Plays until done and returns the exit code of the program. Runs a loop of its own; SIGINT and SIGTERM leave
 * the queue and close, a second one ends at once. */
enum bot_exit bot_session_run(const struct bot_options *options, struct bot_show *show);

#endif
