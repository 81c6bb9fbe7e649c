#include <signal.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/operator_page.h"
#include "common/shard_metrics.h"
#include "game_server/gate.h"
#include "game_server/season_admin.h"
#include "game_server/server_internal.h"

enum { LOOP_DEAD_MS = 10000 };

/* ---- health and figures -------------------------------------------------------------------------- */

static void report_health(void *context, struct admin_report *report)
{
    struct server *server = context;
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < server->directory.count; i++) {
        bool turns = now_ms - shard_beat_ms(server->directory.shards[i]) < LOOP_DEAD_MS;
        if (!turns) admin_report_check(report, "loop", false, "a thread does not turn");
    }
}

static void report_ready(void *context, struct admin_report *report)
{
    struct server *server = context;
    const char *redis = NULL;
    for (size_t i = 0; i < server->directory.count && redis == NULL; i++) {
        redis = shard_redis_trouble(server->directory.shards[i]);
    }
    bool draining = atomic_load(&server->game.draining);
    admin_report_check(report, "redis", redis == NULL, redis);
    admin_report_check(report, "draining", !draining, draining ? "shutting down" : NULL);
    report_health(context, report);
}

static void set_front_metrics(struct server *server)
{
    uint64_t sum[WS_COUNTER_COUNT] = {0};
    for (size_t i = 0; i < server->shard_count; i++) {
        uint64_t values[WS_COUNTER_COUNT];
        ws_front_counters_read(server->shards[i].front, values);
        for (size_t k = 0; k < WS_COUNTER_COUNT; k++) sum[k] += values[k];
    }
    static const struct {
        size_t metric;
        enum ws_counter counter;
    } rows[] = {
        {METRIC_connections, WS_COUNTER_open},
        {METRIC_connections_accepted, WS_COUNTER_accepted},
        {METRIC_messages_received, WS_COUNTER_messages_in},
        {METRIC_messages_sent, WS_COUNTER_messages_out},
        {METRIC_client_received_bytes, WS_COUNTER_bytes_in},
        {METRIC_client_sent_bytes, WS_COUNTER_bytes_out},
        {METRIC_slow_readers, WS_COUNTER_fault_slow_reader},
        {METRIC_connections_closed, WS_COUNTER_closed},
        {METRIC_connections_idle, WS_COUNTER_idle},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        metrics_set(server->main_metrics, rows[i].metric, (int64_t)sum[rows[i].counter]);
    }
    metrics_set(server->main_metrics, METRIC_websocket_warnings, (int64_t)ws_front_warnings());
    metrics_set(server->main_metrics, METRIC_connections_refused,
                (int64_t)(sum[WS_COUNTER_accepted] - sum[WS_COUNTER_opened] - sum[WS_COUNTER_pending] -
                          sum[WS_COUNTER_http_adopted]));
}

static void write_metrics(void *context, struct buffer *out)
{
    struct server *server = context;
    /* Fronts go away with their threads while the process stops; the last figures stay. */
    if (!atomic_load(&server->game.draining)) set_front_metrics(server);
    metrics_set(server->main_metrics, METRIC_draining, atomic_load(&server->game.draining));
    metrics_set(server->main_metrics, METRIC_limits_forgotten, (int64_t)gate_forgotten(server->game.gate));
    metrics_scrape(server->metrics, server->main_metrics, &server->directory, out);
}

/* ---- the operator's pages ------------------------------------------------------------------------- */

static void append_number(struct buffer *out, const char *name, int64_t number)
{
    buffer_append_text(out, name);
    buffer_append_integer(out, number);
}

/* {"pod_id":"pod-a","instance_id":"...","draining":false,"connections":2,"players":{"lobby":1,...}} */
static void on_status(void *context, const struct http_request *request, struct http_response *response)
{
    (void)request;
    struct server *server = context;
    struct buffer *out = &response->body;
    bool draining = atomic_load(&server->game.draining);
    if (!draining) set_front_metrics(server);
    response->content_type = "application/json";
    buffer_append_text(out, "{\"pod_id\":");
    buffer_append_json_text(out, server->game.config->common.pod_id);
    buffer_append_text(out, ",\"instance_id\":");
    buffer_append_json_text(out, server->game.instance_id);
    buffer_append_text(out, draining ? ",\"draining\":true" : ",\"draining\":false");
    append_number(out, ",\"connections\":", metrics_read(server->metrics, METRIC_connections));
    buffer_append_text(out, ",\"players\":{");
    for (int state = 0; state < STATE_COUNT; state++) {
        buffer_append_text(out, state == 0 ? "" : ",");
        buffer_append_json_text(out, proto_state_names[state]);
        append_number(out, ":", metrics_read(server->metrics, METRIC_sessions_lobby + (size_t)state));
    }
    buffer_append_text(out, "}}\n");
}

static void on_log(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    operator_page_log(request, response);
}

/* The same as a first SIGTERM, for who has no shell there; again it changes nothing. */
static void on_drain(void *context, const struct http_request *request, struct http_response *response)
{
    const struct server *server = context;
    struct codec_document *document = operator_page_read(request, response);
    if (document == NULL) return;
    codec_close(document);
    response->content_type = "application/json";
    buffer_append_text(&response->body, "{\"draining\":true}\n");
    if (!atomic_load(&server->game.draining)) (void)raise(SIGTERM);
}

static void on_season_show(void *context, const struct http_request *request, struct http_response *response)
{
    season_admin_show(((struct server *)context)->seasons, request, response);
}

static void on_season_start(void *context, const struct http_request *request, struct http_response *response)
{
    season_admin_start(((struct server *)context)->seasons, request, response);
}

bool server_admin_open(struct server *server)
{
    static const struct admin_events events = {report_health, report_ready, write_metrics};
    static const struct admin_page pages[] = {
        {.path = "/status", .method = "GET", .handle = on_status},
        {.path = "/drain", .method = "POST", .handle = on_drain},
        {.path = "/log", .method = "POST", .handle = on_log},
        {.path = "/season", .method = "GET", .handle = on_season_show},
        {.path = "/season", .method = "POST", .handle = on_season_start},
        {.path = NULL}};
    const struct game_config *config = server->game.config;
    const char *error = "";
    server->admin = admin_open(server->loop, config->admin_host, (uint16_t)config->admin_port, &events, pages,
                               server, &error);
    if (server->admin == NULL) {
        log_event(LOG_ERROR, "admin_port_unusable", LOG_TEXT("problem", error));
        return false;
    }
    admin_protect(server->admin, config->admin_token, admin_host_is_loopback(config->admin_host));
    server->redis_world =
        redis_world_open(server->loop, &server->redis, "admin", config->common.redis_key_prefix);
    server->seasons = season_admin_open(redis_world_get(server->redis_world), &server->game, server->admin);
    return true;
}
