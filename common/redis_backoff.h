/* redis_backoff.h -- how long to wait before the next attempt: exponential with full jitter, so that a fleet
 * that lost Redis together does not come back together. Pure. */
#ifndef DUELPOD_REDIS_BACKOFF_H
#define DUELPOD_REDIS_BACKOFF_H

#include <stdint.h>

enum { REDIS_BACKOFF_FLOOR_MS = 5 };

/* `attempt` counts from 0; `chance` is any 64 random bits. The answer is uniform in
 * 0 .. min(max_ms, min_ms * 2^attempt), but never below REDIS_BACKOFF_FLOOR_MS. */
int redis_backoff_ms(unsigned attempt, int min_ms, int max_ms, uint64_t chance);

#endif
