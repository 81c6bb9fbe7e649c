/* redis_sentinel.h -- one question to one sentinel: where is the primary?
 *
 * Sentinels watch a primary and its replicas, and promote a replica when most of them agree that the primary
 * is gone. Whoever wants to write asks one of them before every connection; the answer may be old, so who
 * connects looks at the ROLE as well. One question, one connection. Owned and used by the loop's thread. */
#ifndef DUELPOD_REDIS_SENTINEL_H
#define DUELPOD_REDIS_SENTINEL_H

#include <uv.h>

#include "common/redis_address.h"

struct redis_sentinel;

/* `primary` has no user or password and lives during the call; NULL: `error` says why there is none. */
typedef void redis_sentinel_fn(void *context, const struct redis_address *primary, const char *error);

/* Asks the sentinel at `address` for the primary called `master`. `answer` comes once, from the loop, never
 * during this call, unless redis_sentinel_close() comes first; `closed` when the memory is gone, always. There
 * is no time limit but the caller's. `address` and `master` outlive the question. */
struct redis_sentinel *redis_sentinel_ask(uv_loop_t *loop, const struct redis_address *address,
                                          const char *master, redis_sentinel_fn *answer,
                                          void (*closed)(void *context), void *context);

/* Ends a question that has not been answered. */
void redis_sentinel_close(struct redis_sentinel *sentinel);

#endif
