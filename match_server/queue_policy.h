/* queue_policy.h -- who of the waiters of one queue meets whom: one door, the kinds of queue behind it.
 *
 *     mirror --put, mark, remove--> policy <--matches? next?-- matchmaker
 *
 *     first come   whoever waits longest with the next in line (matcher_normal.h), straight from the mirror
 *     ranked       the nearest rating in windows that widen (matcher.h): an index of its own beside the mirror
 *     party        two against two (matcher_party.h): parties and solo players in an order of their own
 *
 * A policy only proposes: whether a match is made is the commit's business. What it proposed is marked as
 * committing by the matchmaker before it asks again. Times are Redis's clock, that of ticket.q_ms. Pure: no
 * clock, no chance, no I/O. One thread. */
#ifndef DUELPOD_QUEUE_POLICY_H
#define DUELPOD_QUEUE_POLICY_H

#include "match_server/matcher_rules.h"
#include "match_server/ticket.h"

#define QUEUE_NEVER_MS INT64_MAX

enum { QUEUE_MATCHES_MAX = 500, QUEUE_NO_WINDOW = -1, QUEUE_WAIT_UNKNOWN = -1 };

struct mirror;
struct queue_policy;

/* Members in the order of their sides, the longest waiter first; as many as the policy makes matches of. */
struct queue_match {
    struct ticket *members[MATCH_PLAYERS_MAX];
};

/* What of the mirror may be looked at, and when. */
struct queue_view {
    const struct mirror *mirror;
    int64_t now_ms;
    int64_t until_ms; /* waiters up to this time are all in the mirror */
    bool complete;    /* all waiters are */
};

struct queue_policy *queue_policy_open_first_come(void);

/* Rules without a problem. Waits until the mirror is complete; waiters beyond rules->capacity_max keep their
 * place in the queue and are matched when there is room. */
struct queue_policy *queue_policy_open_ranked(const struct matcher_rules *rules);

struct queue_policy *queue_policy_open_party(void);
void queue_policy_close(struct queue_policy *policy);

/* Members of each of its matches: 2, or 4 of whom two play together. */
size_t queue_policy_members(const struct queue_policy *policy);

/* For the mirror; NULL as policy is harmless. Put: a ticket is new, or its facts are; lift: they are about to
 * change, and put follows; mark: its state is new. */
void queue_policy_put(struct queue_policy *policy, struct ticket *ticket);
void queue_policy_lift(struct queue_policy *policy, struct ticket *ticket);
void queue_policy_mark(struct queue_policy *policy, struct ticket *ticket);
void queue_policy_remove(struct queue_policy *policy, struct ticket *ticket);

/* Writes at most `out_max` matches of free tickets, at most QUEUE_MATCHES_MAX, and returns how many. */
size_t queue_policy_matches(struct queue_policy *policy, const struct queue_view *view,
                            struct queue_match *out, size_t out_max);

/* When waiting alone will make a match possible; QUEUE_NEVER_MS: not before something changes. */
int64_t queue_policy_next_ms(const struct queue_policy *policy);

/* Half of the ticket's window in rating points; QUEUE_NO_WINDOW where ratings do not matter. */
int64_t queue_policy_half_window(const struct queue_policy *policy, const struct ticket *ticket,
                                 int64_t now_ms);

/* Nobody ages between the two, also who comes back with a time from before. Both are idempotent. */
void queue_policy_freeze(struct queue_policy *policy, int64_t from_ms);
void queue_policy_thaw(struct queue_policy *policy, int64_t to_ms);

/* Somebody of this rating asks to queue, on whatever server; and the wait that he would have to expect,
 * QUEUE_WAIT_UNKNOWN above ten minutes or where nothing is known. */
void queue_policy_note_arrival(struct queue_policy *policy, int64_t rating, int64_t now_ms);
int64_t queue_policy_expected_wait_ms(const struct queue_policy *policy, int64_t rating, int64_t now_ms);

#endif
