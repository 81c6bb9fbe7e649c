/* matchmaker_internal.h -- the parts of a matchmaker: lease (matchmaker.c), mirror (matchmaker_mirror.c),
 * parties that lost a half (matchmaker_strays.c), commits (matchmaker_commit.c). */
#ifndef DUELPOD_MATCHMAKER_INTERNAL_H
#define DUELPOD_MATCHMAKER_INTERNAL_H

#include "match_server/matchmaker.h"
#include "match_server/mirror.h"
#include "match_server/queue_policy.h"
#include "match_server/server_internal.h"

enum {
    LOCK_SIZE = 96,
    STREAM_ID_SIZE = 48,
    CHUNK_MIN = 512,   /* waiters read by one step of a rebuild */
    RECOUNT_MS = 1000, /* between comparisons of mirror and queue */
    PAUSE_MS = 200,    /* after an error of Redis */
    STRAYS_MAX = 64,   /* waiters without their mates looked at between two comparisons */
};

struct matchmaker {
    struct match_server *server;
    struct mode *mode;
    struct queue_policy *policy;
    struct mirror *mirror;
    bool started;

    /* lease */
    char owner[POD_ID_MAX + 20];
    char lock[LOCK_SIZE]; /* its value while leading, else "" */
    int64_t epoch_seen;
    int64_t lease_until_ms;
    bool lease_asked; /* the answer is not there yet */
    struct timer lease_timer;

    /* mirror */
    uint64_t generation;         /* of the mirror; replies to questions of an older one are ignored */
    char log_id[STREAM_ID_SIZE]; /* the last entry applied; "" while not following */
    bool rebuilding;
    int64_t rebuilt_until_ms; /* waiters up to this time are all in the mirror */
    int64_t chunk_from_ms;
    size_t chunk_max, chunk_unread;
    bool chunk_is_last;
    char mark_id[STREAM_ID_SIZE]; /* compare the counts when this entry has been applied; "" none */
    int64_t mark_count;
    unsigned differences;
    struct timer recount_timer;

    /* commits */
    size_t commits_in_flight;
    int64_t paused_until_ms;
    struct timer pause_timer;
    struct timer window_timer; /* windows of two waiters touch */
};

bool matchmaker_leads(const struct matchmaker *matchmaker);

/* ---- matchmaker_mirror.c */
void matchmaker_rebuild(struct matchmaker *matchmaker);  /* anew, from the sorted set */
void matchmaker_unfollow(struct matchmaker *matchmaker); /* forgets everything */
void matchmaker_recount_timer(struct timer *timer);

/* Looks a waiter up whose ticket turned out to be old. */
void matchmaker_refresh(struct matchmaker *matchmaker, const struct ticket *ticket);

/* ---- matchmaker_strays.c */
/* Waiters whose mate does not wait with them leave the queue, if Redis says so too. */
void matchmaker_put_strays_out(struct matchmaker *matchmaker);

/* ---- matchmaker_commit.c */
void matchmaker_pass(struct matchmaker *matchmaker);
void matchmaker_pause_timer(struct timer *timer);
void matchmaker_window_timer(struct timer *timer);

#endif
