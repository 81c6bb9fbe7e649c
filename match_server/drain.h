/* drain.h -- ends the queue leases of waiters whose pod is dead, long before they would end by themselves.
 *
 * One walk: ZSCAN over queue:leases in chunks of about DRAIN_CHUNK, one script call per chunk, the next chunk
 * when the answer is there. The script looks at each waiter's pod itself, so nobody who waits on a pod that
 * lives is touched, and whoever comes or goes meanwhile does no harm. The reaper then takes them out of their
 * queues.
 *
 * It acts through commands and scripts of a struct world only, on its thread. */
#ifndef DUELPOD_DRAIN_H
#define DUELPOD_DRAIN_H

#include "match_server/script_call.h"

enum { DRAIN_CHUNK = 100 };

/* How it ended: `ended` leases, or -1: Redis did not answer, and some may have been ended. */
typedef void drain_done_fn(void *context, int64_t ended);

struct drain {
    struct world *world;
    struct script_call call;
    char pod_id[POD_ID_MAX + 1]; /* "" any */
    char cursor[24];
    int64_t ended;
    bool running;
    drain_done_fn *done;
    void *context;
};

void drain_init(struct drain *drain, struct world *world);
void drain_free(struct drain *drain);

/* One walk over all waiters, for one pod or, "", any that is dead. False: one is under way, or a limit; then
 * `done` will not be called. */
bool drain_start(struct drain *drain, const char *pod_id, drain_done_fn *done, void *context);

#endif
