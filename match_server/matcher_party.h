/* matcher_party.h -- two against two: parties of two, and solo players completed into teams.
 *
 *     parties in order   P1 P2 P3 ...      P1 meets the party nearest in average rating of the next LOOK_AHEAD;
 *     solos in order     s1 s2 s3 ...      without one, the longest waiting solo player and the one of the next
 *                                          LOOK_AHEAD that makes their average nearest; then solos by fours
 *
 * Parties come first because they are the harder ones to place: a party needs four to be exactly right, any
 * four solo players make a match. Four solo players are taken in order and parted so that the averages of the
 * teams differ least: highest and lowest against the two between.
 *
 * Nobody is overtaken for ever. The longest waiter that fits anybody is always taken, so at most LOOK_AHEAD
 * of the same kind that came later play before a party or a solo player. And when the party whose turn it is
 * came more than PATIENCE_MS after the longest waiting solo player, it is completed with him instead of
 * meeting a party: parties that come in pairs for ever let two solo players wait for that long and until the
 * next party, and no longer.
 *
 * Two of one device never meet; the two of a party may share one. Last opponents meet again only if nobody
 * else waits. The same input gives the same matches; the cost is linear in those who wait. Pure: order in,
 * matches out. */
#ifndef DUELPOD_MATCHER_PARTY_H
#define DUELPOD_MATCHER_PARTY_H

#include "match_server/ticket.h"

enum { MATCHER_PARTY_LOOK_AHEAD = 8, MATCHER_PARTY_PATIENCE_MS = 10000, PARTY_MATCH_PLAYERS = 4 };

/* Who waits, each list in order. */
struct party_waiting {
    struct ticket *const *parties; /* one of each two; the other is his mate */
    struct ticket *const *solos;
    size_t party_count, solo_count;
    bool complete; /* nobody waits behind them */
};

/* Two teams; the longer waiter's first, and in a team the longer waiter. */
struct party_match {
    struct ticket *members[PARTY_MATCH_PLAYERS];
};

/* `taken` is party_count + solo_count bytes of work space. Writes at most `out_max` matches and returns how
 * many. */
size_t matcher_party(const struct party_waiting *waiting, bool *taken, struct party_match *out,
                     size_t out_max);

#endif
