/* matchmaker.h -- makes the matches of one mode.
 *
 *     standby --lease acquired--> rebuild of the mirror --> following the log: pass -> commits -> pass ...
 *        ^                                                        |
 *        +------------------- lease lost or released -------------+
 *
 * Of all match_servers one holds the lease of a queue: for efficiency only, since every commit is checked
 * against the lease's epoch and every member's version. The holder keeps a mirror of the queue by following
 * its log, has its queue's policy pair the waiters, and commits batches, several in flight. It looks when
 * something changed and when the policy says that waiting alone has opened a window; nothing is polled.
 * Nothing is ever popped and held: a matchmaker that dies at any instant has taken nothing with it.
 *
 * Who is in the mirror is decided by the log alone. The outcome of a commit only says what to publish; a
 * commit whose outcome is unknown, a gap, or a count that differs twice from the queue's makes the mirror be
 * built anew from the sorted set, in chunks, while passes go on over the part that is already there.
 * One thread. */
#ifndef DUELPOD_MATCHMAKER_H
#define DUELPOD_MATCHMAKER_H

#include "common/redis_reply.h"

struct match_server;
struct matchmaker;
struct mode;

/* In standby and silent until started. Borrows both. */
struct matchmaker *matchmaker_open(struct match_server *server, struct mode *mode);
void matchmaker_close(struct matchmaker *matchmaker);

/* Redis is there (again): go for the lease. What an old connection left unknown is looked at anew. */
void matchmaker_start(struct matchmaker *matchmaker);

/* Takes no further match and gives the lease back. */
void matchmaker_stop(struct matchmaker *matchmaker);

/* Somebody asks to queue, on whatever server: for the estimates. The wait that he would have to expect, or
 * QUEUE_WAIT_UNKNOWN, is asked for before. */
int64_t matchmaker_expected_wait_ms(const struct matchmaker *matchmaker, int64_t rating);
void matchmaker_note_arrival(struct matchmaker *matchmaker, int64_t rating);

/* Maintenance: nobody ages from the one to the other (clock of Redis). Both are idempotent; that nobody is
 * matched meanwhile is seen to by the commits, who ask maintenance_is_active(). */
void matchmaker_freeze(struct matchmaker *matchmaker, int64_t from_ms);
void matchmaker_thaw(struct matchmaker *matchmaker, int64_t to_ms);

/* For the follower: after which entry to read (NULL: this mode does not follow), one entry, no more now. */
const char *matchmaker_log_position(const struct matchmaker *matchmaker);
void matchmaker_log_entry(struct matchmaker *matchmaker, struct bytes id, const struct redis_reply *fields);
void matchmaker_log_caught_up(struct matchmaker *matchmaker);

#endif
