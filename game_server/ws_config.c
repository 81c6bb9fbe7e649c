#include "game_server/ws_internal.h"

static void config_default(struct ws_front_config *config)
{
#define WS_DEFAULT(field, value) \
    if (config->field == 0) config->field = (value)
    WS_DEFAULT(host, "127.0.0.1");
    WS_DEFAULT(connections_max, 10000);
    WS_DEFAULT(handshakes_max, 256);
    WS_DEFAULT(message_bytes_max, 4096);
    WS_DEFAULT(fragments_max, 16);
    WS_DEFAULT(send_messages_max, 64);
    WS_DEFAULT(send_bytes_max, 65536);
    WS_DEFAULT(shared_frames_max, 4);
    WS_DEFAULT(socket_send_bytes, 65536);
    WS_DEFAULT(ping_interval_ms, 15000);
    WS_DEFAULT(idle_timeout_ms, 40000);
    WS_DEFAULT(handshake_timeout_ms, 5000);
    WS_DEFAULT(close_timeout_ms, 2000);
#undef WS_DEFAULT
}

bool ws_config_complete(struct ws_front *front, char *error, size_t error_capacity)
{
    struct ws_front_config *config = &front->config;
    config_default(config);
    const char *wrong = NULL;
    if (config->idle_timeout_ms <= config->ping_interval_ms) {
        wrong = "idle_timeout_ms: not above ping_interval_ms";
    }
    if (!ws_proxies_parse(&front->proxies, config->trusted_proxies)) {
        wrong = "trusted_proxies: not a list of at most 16 addresses or ranges";
    }
    if (config->message_bytes_max > 1 << 20) wrong = "message_bytes_max: above 1 MiB";
    if (config->send_messages_max > 10000) wrong = "send_messages_max: above 10000";
    if (config->send_bytes_max > 64 << 20) wrong = "send_bytes_max: above 64 MiB";
    if (config->shared_frames_max > 10000) wrong = "shared_frames_max: above 10000";
    if (wrong != NULL) text_copy(error, error_capacity, wrong);
    return wrong == NULL;
}
