#include "game_server/config.h"

#include <stddef.h>

#include "common/base.h"
#include "common/version.h"
#include "game_server/ws_peer.h"

#define OPTIONS_STRUCT struct game_config

static const struct option game_options[] = {
#include "common/options_rows.h"
#define OPTIONS_PREFIX common.
#include "common/options_common.def"
#undef OPTIONS_PREFIX
#define OPTIONS_PREFIX
#include "game_server/options.def"
#undef OPTIONS_PREFIX
#include "common/options_end.h"
};

static void game_config_validate(const void *values, enum options_profile profile,
                                 struct options_report *report)
{
    const struct game_config *config = values;
    common_config_validate(&config->common, report);
    bool has_key = config->auth_hs256_secret[0] != '\0' || config->auth_jwks_file[0] != '\0';
    if (profile == PROFILE_PRODUCTION && !has_key) {
        options_refuse(report, "nobody could log in: set auth.jwks_file, auth.hs256_secret or "
                               "auth.hs256_secret_file");
    }
    if (config->auth_dev_tokens && config->auth_hs256_secret[0] == '\0') {
        options_refuse(report, "auth.dev_tokens is on, but there is no auth.hs256_secret to sign with");
    }
    struct ws_proxies proxies;
    if (!ws_proxies_parse(&proxies, config->client_trusted_proxies)) {
        options_refuse(report,
                       "client.trusted_proxies holds what is no address and no range, or more than %d",
                       WS_PROXY_RANGES_MAX);
    }
    if (config->client_idle_timeout_ms <= config->client_ping_interval_ms) {
        options_refuse(report,
                       "client.idle_timeout_ms is not above client.ping_interval_ms: every quiet client "
                       "would be cut off before its pong");
    }
}

const struct options_program game_program = {
    .name = "game_server",
    .version = DUELPOD_VERSION,
    .sentence = "Serves the players of a Duelpod pod.",
    .rows = game_options,
    .row_count = ARRAY_LENGTH(game_options),
    .config_size = sizeof(struct game_config),
    .validate = game_config_validate,
};
