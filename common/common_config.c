#include "common/common_config.h"

#include <string.h>

void common_config_validate(const struct common_config *config, struct options_report *report)
{
    if (config->redis_backoff_min_ms > config->redis_backoff_max_ms) {
        options_refuse(report, "redis.backoff_min_ms is above redis.backoff_max_ms");
    }
    if (config->redis_password[0] != '\0' && strchr(config->redis_url, '@') != NULL) {
        options_refuse(report, "redis.password is set, and redis.url has a user or password too: use one");
    }
}
