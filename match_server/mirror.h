/* mirror.h -- the waiters of one queue, in memory, in their order.
 *
 * The matchmaker keeps it equal to queue:<mode> by following the queue's log: who is in it is decided by the
 * log alone, entry by entry, so after entry n it is the queue as it was at n. What the matchmaker does with a
 * ticket only changes its state. The queue's policy is told of every change, so that its index agrees. The tickets
 * of a party point at each other while both wait at the same place; one whose mate does not is a stray, for a
 * moment between two entries of the log or because of damage. Pure: no clock, no Redis. Bounded by the queue. One
 * thread. */
#ifndef DUELPOD_MIRROR_H
#define DUELPOD_MIRROR_H

#include "match_server/ticket.h"

struct mirror;
struct device_crowd;
struct order_place;
struct queue_policy;

/* Borrows the policy; NULL: nobody is told. */
struct mirror *mirror_open(struct queue_policy *policy);
void mirror_close(struct mirror *mirror);
void mirror_clear(struct mirror *mirror);

/* Adds or replaces by player id; the ticket is copied. One with an older version than a ticket that is not
 * doubtful is ignored. Returns the ticket in the mirror, valid until the player is put again or removed. */
struct ticket *mirror_put(struct mirror *mirror, const struct ticket *ticket);

/* The only way to change the state of a ticket of the mirror. */
void mirror_mark(struct mirror *mirror, struct ticket *ticket, enum ticket_state state);

/* Harmless when absent. */
void mirror_remove(struct mirror *mirror, const char *player_id);

/* NULL when absent. */
struct ticket *mirror_find(const struct mirror *mirror, const char *player_id);

size_t mirror_count(const struct mirror *mirror);

/* The first strays in order, at most `out_max`; returns how many. Free of cost when there is none. */
size_t mirror_strays(const struct mirror *mirror, struct ticket **out, size_t out_max);

/* Walks over all in order: start with {0, 0}; NULL at the end. Valid until the next change. */
struct ticket *mirror_next(const struct mirror *mirror, struct order_place *place);

/* The first `count_max` free tickets in order with q_ms <= `until_ms`, without those that `crowd` (NULL: nobody)
 * does not admit. Returns how many; sets `complete` when there is no further one. */
size_t mirror_waiting(const struct mirror *mirror, int64_t until_ms, struct device_crowd *crowd,
                      struct ticket **out, size_t count_max, bool *complete);

#endif
