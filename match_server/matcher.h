/* matcher.h -- pairs waiting tickets by rating: the heart of ranked matchmaking.
 *
 * A ticket is one unit that waits: a player, later a party. Its half-window grows with its age; two tickets
 * fit when their windows touch, |rating a - rating b| <= half a + half b.
 *
 *      a============>            <==b==>    <=====c        rating ->
 *
 * The idea: if any two fit, two *neighbours* in rating order fit, because whoever stands between a and c is
 * covered by the window of one of them. So only neighbours are watched, each pair with the time at which its
 * windows will touch. An arrival is compared with its neighbours, a window that opens by waiting is found
 * the millisecond it opens, and nothing is polled.
 *
 * Tickets of equal rating are paired oldest first; the one that may be left over per rating stands in the
 * chain of neighbours. Of all these pairs the first in one total order is made, again and again: smallest
 * (gap - age_bonus_per_s * seconds that the longer waiter has waited); then the older longer waiter, its
 * smaller id, the older other, its smaller id; rematches after all others. The order in which tickets were
 * added between two runs changes nothing.
 *
 * Two never meet when they share a device or an id. Last opponents meet again only when both have waited
 * rematch_wait_ms and neither fits anybody else. Around such conflicts, and only there, "neighbours" reaches
 * MATCHER_REACH places to either side; two that fit further apart than that across a crowd of conflicts wait.
 *
 * After a run that returned fewer than out_max pairs nobody who fits anybody (within that reach) is left.
 *
 * Time: now_ms is the caller's, the same clock as since_ms; it never runs backwards in here. Memory: 64
 * bytes per ticket, at most 96 when everybody is in the chain, reserved by doubling; 0.7 MB. Add, remove,
 * hold: O(log n); a run O(log n) per pair and change. A full matcher refuses. Pure: no clock, no chance, no
 * I/O. One thread. */
#ifndef DUELPOD_MATCHER_H
#define DUELPOD_MATCHER_H

#include "match_server/matcher_rules.h"

#define MATCHER_NONE UINT32_MAX
#define MATCHER_NEVER_MS INT64_MAX

enum { MATCHER_REACH = 8 };

struct matcher_ticket {
    uint64_t id;               /* hash of the player */
    uint64_t opponent, device; /* hashes of the last opponent and of the device; 0: none */
    void *owner;               /* the caller's; only handed back */
    int64_t since_ms;          /* original time of joining: survives going back into the queue */
    int32_t rating, deviation;
};

/* Handles of two tickets, the longer waiter first. */
struct matcher_pair {
    uint32_t members[2];
    int32_t gap;
    bool rematch;
};

struct matcher;

/* Rules without a problem; room for `capacity_hint` tickets at once, later more up to rules->capacity_max. */
struct matcher *matcher_open(const struct matcher_rules *rules, uint32_t capacity_hint);
void matcher_close(struct matcher *matcher);

/* The handle is valid until matcher_remove(). MATCHER_NONE, nothing is changed: capacity_max tickets wait. */
uint32_t matcher_add(struct matcher *matcher, const struct matcher_ticket *ticket);
void matcher_remove(struct matcher *matcher, uint32_t handle);

/* New facts about the same ticket; a held one stays held. */
void matcher_update(struct matcher *matcher, uint32_t handle, const struct matcher_ticket *ticket);

/* A held ticket counts but is not matched: its match is being committed, or it is in doubt. Both are harmless
 * when it is so already. */
void matcher_hold(struct matcher *matcher, uint32_t handle);
void matcher_release(struct matcher *matcher, uint32_t handle);

/* The owner given with the ticket; how many tickets there are, held ones included; how many are held. */
void *matcher_owner(const struct matcher *matcher, uint32_t handle);
uint32_t matcher_count(const struct matcher *matcher);
uint32_t matcher_held_count(const struct matcher *matcher);

/* Writes at most `out_max` pairs and returns how many. Their members are held: remove them when the match is
 * made, release them when it is not. */
size_t matcher_run(struct matcher *matcher, int64_t now_ms, struct matcher_pair *out, size_t out_max);

/* When to run next: INT64_MIN at once (something changed or was left over), the time at which the next
 * windows touch, or MATCHER_NEVER_MS. */
int64_t matcher_next_ms(const struct matcher *matcher);

/* Between the two nobody ages (maintenance): windows stand still, matching goes on. Both are idempotent. */
void matcher_freeze(struct matcher *matcher, int64_t now_ms);
void matcher_thaw(struct matcher *matcher, int64_t now_ms);

#endif
