/* match_end.h -- the one place where matches that came to nothing, and the players who waited again, are counted.
 *
 * A player counts as put back only when the script's answer says that he waits: who had left, or who is
 * sanctioned, does not. Shard's thread. */
#ifndef DUELPOD_MATCH_END_H
#define DUELPOD_MATCH_END_H

#include "match_server/player_snapshot.h"
#include "match_server/server_internal.h"

enum match_end {
    MATCH_END_CANCELLED, /* a member called it off while loading */
    MATCH_END_TIMED_OUT, /* a member did not load in time */
    MATCH_END_HOST_LOST, /* no game_server computed the battle */
    MATCH_END_POISONED   /* a member's data could not be read */
};

/* After the script that ended the match answered that this call did it. */
void match_end_count(struct match_server *server, enum match_end end, const struct answer *answer);

#endif
