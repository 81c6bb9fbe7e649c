/* redis_endpoints.h -- several places where Redis, or somebody who knows where Redis is, may be.
 *
 *     redis://10.0.0.1:6379, redis://10.0.0.2:6379, unix:///run/redis.sock
 *
 * A list has no users and passwords: they are the same everywhere and come from options of their own, so a
 * list may be shown. Pure: no I/O, no allocation, any thread. */
#ifndef DUELPOD_REDIS_ENDPOINTS_H
#define DUELPOD_REDIS_ENDPOINTS_H

#include "common/redis_address.h"

enum { REDIS_ENDPOINTS_MAX = 8, REDIS_MASTER_BYTES = 65 };

struct redis_endpoints {
    struct redis_address list[REDIS_ENDPOINTS_MAX];
    size_t count;
};

/* Takes a list apart, with commas between and spaces ignored; an empty text is an empty list. On a bad text:
 * false, `*error` is a constant sentence, and `out` is unchanged. */
bool redis_endpoints_parse(const char *text, struct redis_endpoints *out, const char **error);

#endif
