/* follower.h -- reads what changes in the queues, as it changes.
 *
 * One blocking XREAD over queue:log:<mode> of every mode that wants it, one after the other without a pause.
 * It waits at most FOLLOWER_BLOCK_MS, so that a mode which starts to follow is heard soon. A lost reply loses
 * nothing: the next one starts at the same position. One thread. */
#ifndef DUELPOD_FOLLOWER_H
#define DUELPOD_FOLLOWER_H

#include "common/timers.h"

struct match_server;

enum { FOLLOWER_BLOCK_MS = 200, FOLLOWER_ENTRIES_MAX = 2000, FOLLOWER_RETRY_MS = 100 };

struct follower {
    struct match_server *server;
    struct timer retry_timer;
    bool reading, stopped;
};

void follower_init(struct follower *follower, struct match_server *server);

/* A mode follows from now on; harmless when already reading. */
void follower_wake(struct follower *follower);
void follower_stop(struct follower *follower);

#endif
