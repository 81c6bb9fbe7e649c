/* checker.h -- is what must never happen really not happening?
 *
 * It knows nothing of the servers' memory: it reads the keys of Redis after every script that may have changed
 * a player, and the history of what the scripts answered and what clients were delivered. From these it asserts
 *
 *   place        a player is in at most one of {a queue, an active match}, and `st` agrees
 *   change       only transitions of the state machine happen, each by its own script, with a higher version
 *   request      a request takes effect at most once, and never behind a newer one of its player
 *   fence        fencing epochs grow, a lease has one holder, only the newest one commits
 *   result       a match has one result, and every delivery of it carries the same bytes
 *   watched      an active match has a deadline, a waiter a lease, and nobody else has
 *   kept         the original place in the queue survives a requeueing
 *   expiry       nobody is expired, drained or timed out before his time, nor long after it
 *   party        a player is in at most one party, both say so, and only who may changes it
 *   mates        two who queued together wait at one place and fight on one side; whatever moves one moves both
 *   rest         nobody goes round in circles
 *   drained      at the end: nothing waits, nothing is active, everybody is in the lobby and knows it
 *   counted      every player was given exactly the results of his finished matches
 *   keys         there is no key but those of living players and matches
 *
 * At a failover the history goes back with the keys: what was lost never happened. */
#ifndef DUELPOD_SIM_CHECKER_H
#define DUELPOD_SIM_CHECKER_H

#include "common/scripts.h"
#include "tests/sim/sim.h"

/* `ids`: every player there may be; borrowed. */
struct checker *checker_open(struct store *store, const char *const *ids, size_t count);
void checker_close(struct checker *checker);

/* A script has run: who called it, with what, and what it answered. True: it may have changed players or queues. */
bool checker_script(struct checker *checker, const char *caller, enum script_id script,
                    const struct bytes *keys, size_t key_count, const struct bytes *arguments,
                    size_t argument_count, const struct redis_reply *reply, int64_t now_ms);

/* Is somebody still waiting whose lease ended long ago? Some match_server has worked without a break since then. */
void checker_overdue(struct checker *checker, int64_t served_since_ms, int64_t now_ms);

/* A client was given these bytes as the timeline of a match. */
void checker_delivery(struct checker *checker, const char *player, const char *match_id, struct bytes frame);

/* A client was told this outcome: win, loss or draw. */
void checker_outcome(struct checker *checker, const char *player, const char *match_id, const char *outcome);

/* A client was told what a battle against a stage brought: the text of `rewards`. */
void checker_rewards(struct checker *checker, const char *player, const char *match_id, const char *rewards);

/* With store_save() and store_restore(). */
void checker_save(struct checker *checker, int64_t now_ms);
void checker_restore(struct checker *checker);

/* Has everything drained? Says in `why` what has not. */
bool checker_is_drained(struct checker *checker, char *why, size_t why_size);

/* The last look, after everything has drained. */
void checker_finish(struct checker *checker);

/* Anybody may find a problem; the first one counts. */
void checker_refuse(struct checker *checker, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *checker_problem(const struct checker *checker); /* NULL: none */
size_t checker_match_count(const struct checker *checker);  /* finished */
size_t checker_taken_along(const struct checker *checker);  /* who expired because of his mate */

#endif
