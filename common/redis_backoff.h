/* redis_backoff.h -- how long to wait before the next attempt: exponential with full jitter, so that a fleet
 * that lost Redis together does not come back together. Pure: chance is an argument. */
#ifndef DUELPOD_REDIS_BACKOFF_H
#define DUELPOD_REDIS_BACKOFF_H

#include <stdint.h>

enum {
    REDIS_BACKOFF_FLOOR_MS = 5,
    REDIS_BACKOFF_STABLE_MS = 1000, /* a connection that was ready this long makes its loss a first one */
};

/* Begin with {0} losses. */
struct redis_backoff {
    unsigned losses; /* in a row, without a stable connection between them */
};

/* The link was lost after having been ready for `ready_ms` (0: it never was). Wait so many milliseconds:
 * uniform in 0 .. min(max_ms, min_ms * 2^losses) by `chance`, any 64 random bits, but never below the
 * floor. */
int redis_backoff_lost(struct redis_backoff *backoff, int64_t ready_ms, int min_ms, int max_ms,
                       uint64_t chance);

/* The other side answers but is not ready yet: the next pause is at most 2 * min_ms, whatever came before. */
void redis_backoff_shorten(struct redis_backoff *backoff);

#endif
