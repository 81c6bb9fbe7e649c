/* intake.h -- what game_servers ask for, executed: one message in, one script, snapshots out.
 *
 * Every match_server hears every request; server_executes() decides which one acts. A request whose reply is
 * unknown is simply dropped: it will be repeated, and the script knows a repetition. A message that cannot be
 * read, or whose ids could not stand in a key, is logged, counted and forgotten. */
#ifndef DUELPOD_INTAKE_H
#define DUELPOD_INTAKE_H

#include "common/world.h"

struct match_server;

/* A message of one of match_server_channels. */
void intake_message(struct match_server *server, enum channel channel, struct bytes payload);

#endif
