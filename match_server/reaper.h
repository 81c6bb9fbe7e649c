/* reaper.h -- moves on what would hang: matches whose phase is over and waiters whose pod is gone.
 *
 * Several times a second, at most REAPER_BATCH_MAX of each: the due ones are read from match:deadlines and
 * queue:leases, then one script per match and one for all waiters checks and acts. Every match_server reaps;
 * each leaves the matches that another looks after alone for a second. Never a SCAN. One thread. */
#ifndef DUELPOD_REAPER_H
#define DUELPOD_REAPER_H

#include "common/timers.h"

struct match_server;

enum { REAPER_BATCH_MAX = 100 };

struct reaper {
    struct match_server *server;
    struct timer timer;
    int64_t pods_swept_ms;
};

void reaper_init(struct reaper *reaper, struct match_server *server);
void reaper_start(struct reaper *reaper); /* more than once is harmless */
void reaper_stop(struct reaper *reaper);

#endif
