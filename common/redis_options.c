#include "common/redis_options.h"

#include <string.h>

/* There is one user and one password for all places. */
static void log_in_everywhere(struct redis_link_config *out)
{
    for (size_t i = 0; i < out->endpoints.count; i++) {
        struct redis_address *place = &out->endpoints.list[i];
        memcpy(place->username, out->address.username, sizeof place->username);
        memcpy(place->password, out->address.password, sizeof place->password);
    }
}

bool redis_options_read(const struct common_config *config, struct redis_link_config *out, const char **error)
{
    *out = (struct redis_link_config){
        .connect_timeout_ms = (int)config->redis_connect_timeout_ms,
        .command_timeout_ms = (int)config->redis_command_timeout_ms,
        .backoff_min_ms = (int)config->redis_backoff_min_ms,
        .backoff_max_ms = (int)config->redis_backoff_max_ms,
        .breaker_losses = (unsigned)config->redis_breaker_losses,
        .replicas_min = (unsigned)config->redis_replicas_min,
        .wait_ms = (int)config->redis_wait_ms,
        .pending_max = (size_t)config->redis_pending_max,
    };
    if (!redis_address_parse(config->redis_url, &out->address, error) ||
        !redis_endpoints_parse(config->redis_endpoints, &out->endpoints, error) ||
        !redis_endpoints_parse(config->redis_sentinels, &out->sentinels, error))
        return false;
    text_copy(out->sentinel_master, sizeof out->sentinel_master, config->redis_sentinel_master);
    if (config->redis_username[0] != '\0') {
        text_copy(out->address.username, sizeof out->address.username, config->redis_username);
    }
    if (config->redis_password[0] != '\0') {
        text_copy(out->address.password, sizeof out->address.password, config->redis_password);
    }
    log_in_everywhere(out);
    return true;
}
