/* redis_options.h -- from the [redis] options to the configuration of a link. */
#ifndef DUELPOD_REDIS_OPTIONS_H
#define DUELPOD_REDIS_OPTIONS_H

#include "common/common_config.h"
#include "common/redis_link.h"

/* Fills what all links of a process share. False: a place of redis.url, redis.endpoints or
 * redis.sentinels cannot be understood; `error` says why. */
bool redis_options_read(const struct common_config *config, struct redis_link_config *out,
                        const char **error);

#endif
