/* redis_address.h -- where Redis is and who we are there, taken from one text.
 *
 *     redis://host:port            redis://user:password@host:port/        redis://:password@[::1]:6379
 *     unix:///run/redis.sock       unix://user:password@/run/redis.sock
 *
 * User and password may be %-encoded. The port defaults to 6379. There is no database number: the keys of one
 * installation are told apart by a prefix, so a path behind the port is refused rather than ignored.
 * Pure: no I/O, no allocation, any thread. */
#ifndef DUELPOD_REDIS_ADDRESS_H
#define DUELPOD_REDIS_ADDRESS_H

#include <stdint.h>

#include "common/base.h"

enum {
    REDIS_HOST_BYTES = 256,
    REDIS_PATH_BYTES = 108, /* sun_path; a longer one would be cut silently by the kernel's structure */
    REDIS_USERNAME_BYTES = 128,
    REDIS_PASSWORD_BYTES = 512,
};

/* A TCP address when `host` is set, a unix socket when `path` is set; never both. */
struct redis_address {
    char host[REDIS_HOST_BYTES];
    uint16_t port;
    char path[REDIS_PATH_BYTES];
    char username[REDIS_USERNAME_BYTES]; /* "" = the default user */
    char password[REDIS_PASSWORD_BYTES]; /* "" = no AUTH at all */
};

/* Takes `text` apart into `out`. On a bad text: false, `*error` is a constant sentence that never contains
 * the text itself (it may hold a password), and `out` is unchanged. */
bool redis_address_parse(const char *text, struct redis_address *out, const char **error);

#endif
