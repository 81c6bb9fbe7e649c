/* matcher_normal.h -- first come, first served, one against one. Pure: order in, pairs out.
 *
 * Whoever waits longest is paired with the next in line that fits, at most MATCHER_LOOK_AHEAD places further;
 * so nobody is overtaken by more than that many. Two do not fit when they share a device; when one was the
 * other's last opponent they fit only if nobody else fits any of them. The odd one keeps the place. The same
 * input gives the same pairs. */
#ifndef DUELPOD_MATCHER_NORMAL_H
#define DUELPOD_MATCHER_NORMAL_H

#include "match_server/ticket.h"

enum { MATCHER_LOOK_AHEAD = 8 };

/* Members of a match as indexes into the waiting tickets, in the order of their sides. */
struct pairing {
    size_t members[2];
};

/* `waiting` in order; `complete`: nobody waits behind them. `taken` is `count` bytes of work space. Writes at
 * most `out_max` pairs, those of the longest waiters, and returns how many. */
size_t matcher_normal(struct ticket *const *waiting, size_t count, bool complete, bool *taken,
                      struct pairing *out, size_t out_max);

#endif
