/* expiry.h -- puts waiters out whose lease is over, with their mates, and waiters whose mate got lost.
 *
 *     expiry_begin(server); expiry_add(server, "ann", ""); expiry_add(server, "ben", "cy"); expiry_send(server);
 *
 * lua/expire.lua looks for itself who of them has to go. Where it needs to be told the mate of somebody
 * overdue, it is called once more with him; whoever changed again meanwhile is for the next time. The call is
 * put together in the server's: nothing else may be put together between begin and send. One thread. */
#ifndef DUELPOD_EXPIRY_H
#define DUELPOD_EXPIRY_H

struct match_server;

void expiry_begin(struct match_server *server);

/* `mate_id` "": none, or not known. */
void expiry_add(struct match_server *server, const char *player_id, const char *mate_id);
void expiry_send(struct match_server *server);

#endif
