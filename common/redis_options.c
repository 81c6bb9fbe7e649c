#include "common/redis_options.h"

bool redis_options_read(const struct common_config *config, struct redis_link_config *out, const char **error)
{
    *out = (struct redis_link_config){
        .connect_timeout_ms = (int)config->redis_connect_timeout_ms,
        .command_timeout_ms = (int)config->redis_command_timeout_ms,
        .backoff_min_ms = (int)config->redis_backoff_min_ms,
        .backoff_max_ms = (int)config->redis_backoff_max_ms,
        .pending_max = (size_t)config->redis_pending_max,
    };
    if (!redis_address_parse(config->redis_url, &out->address, error)) return false;
    if (config->redis_username[0] != '\0') {
        text_copy(out->address.username, sizeof out->address.username, config->redis_username);
    }
    if (config->redis_password[0] != '\0') {
        text_copy(out->address.password, sizeof out->address.password, config->redis_password);
    }
    return true;
}
