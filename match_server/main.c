/* match_server: options, logging, signals, one shard with all of the logic, the admin port. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/admin.h"
#include "common/clock.h"
#include "common/fault.h"
#include "common/ids.h"
#include "common/log.h"
#include "common/operator_page.h"
#include "common/redis_options.h"
#include "common/reload.h"
#include "common/redis_world.h"
#include "common/service.h"
#include "common/shard_metrics.h"
#include "match_server/metrics.h"
#include "match_server/operator_admin.h"
#include "match_server/penalty_admin.h"
#include "match_server/server.h"
#include "match_server/status_admin.h"

enum {
    EXIT_BAD_OPTIONS = 2,
    EXIT_CANNOT_START = 3,
    STOP_DEADLINE_MS = 10000,
    LOOP_DEAD_MS = 10000,
    MAILBOX_CAPACITY = 1024,
    CHANNELS_MAX = 16,
};

/* The shard has a copy of its own, which it changes itself when it gets this. */
struct mail_reload {
    struct message message;
    struct match_config fresh;
};

struct program {
    struct match_config config; /* of the main thread */
    struct match_config shard_config;
    actor_address shard_configurer;
    struct reload_sources sources;
    uv_loop_t *loop;
    struct service *service;
    struct admin *admin;
    struct redis_world *redis_world; /* for the admin port */
    struct penalty_admin *penalties;
    struct operator_admin *operators;
    struct status_admin *status;
    struct shard_directory directory;
    struct shard *shard;
    struct redis_link_config redis;
    struct redis_name channels[CHANNELS_MAX];
    const char *channel_names[CHANNELS_MAX + 1];
    char instance_id[IDS_UUID_SIZE];
    struct match_server *server;
    struct server_signs signs;
    struct metrics *metrics;
    struct metrics_block *main_metrics;
    uv_work_t join;
};

/* ---- on the shard -------------------------------------------------------------------------------- */

static void shard_started(void *context)
{
    struct program *program = context;
    log_set_component("matchmaking");
    program->server = server_open(shard_world(program->shard), &program->shard_config,
                                  metrics_block_open(program->metrics));
    server_show(program->server, &program->signs);
}

static void shard_redis_ready(void *context)
{
    server_redis_ready(((struct program *)context)->server);
}

static void shard_message(void *context, struct bytes channel, struct bytes payload)
{
    server_message(((struct program *)context)->server, channel, payload);
}

static void server_done(void *context)
{
    shard_finish(((struct program *)context)->shard);
}

static void shard_stopping(void *context)
{
    struct program *program = context;
    server_stop(program->server, server_done, program);
}

static void shard_receive(void *self, const struct message *message)
{
    struct program *program = self;
    const struct mail_reload *mail = (const void *)message;
    options_adopt(&match_program, &program->shard_config, &mail->fresh, NULL, NULL);
}

static void open_shard(struct program *program)
{
    const char *prefix = program->config.common.redis_key_prefix;
    check(match_server_channel_count <= CHANNELS_MAX);
    for (size_t i = 0; i < match_server_channel_count; i++) {
        program->channels[i] = proto_channel_name(match_server_channels[i], prefix, "");
        program->channel_names[i] = program->channels[i].text;
    }
    ids_match_id(program->instance_id);
    struct shard_config config = {
        .directory = &program->directory,
        .name = "matchmaking",
        .mailbox_capacity = MAILBOX_CAPACITY,
        .redis = &program->redis,
        .key_prefix = prefix,
        .channels = program->channel_names,
        .instance_id = program->instance_id,
        .blocking_link = true,
        .metrics = metrics_block_open(program->metrics),
        .events = {.started = shard_started,
                   .stopping = shard_stopping,
                   .redis_ready = shard_redis_ready,
                   .message = shard_message},
        .context = program,
    };
    program->shard_config = program->config;
    program->shard = shard_open(&config);
    program->shard_configurer = actors_add(shard_actors(program->shard), shard_receive, program);
}

/* ---- admin port ---------------------------------------------------------------------------------- */

static void report_health(void *context, struct admin_report *report)
{
    struct program *program = context;
    bool turns = clock_wall_ms() - shard_beat_ms(program->shard) < LOOP_DEAD_MS;
    admin_report_check(report, "loop", turns, turns ? NULL : "the thread does not turn");
}

/* As the detector finds; the page for who wants to restart game_servers, and one check among others of /ready. */
static void report_game_server(void *context, struct admin_report *report)
{
    struct program *program = context;
    bool gone = atomic_load(&program->signs.game_servers_gone);
    admin_report_check(report, "game_server", !gone, gone ? "no game_server listens" : NULL);
}

static void report_ready(void *context, struct admin_report *report)
{
    struct program *program = context;
    const char *redis = shard_redis_trouble(program->shard);
    bool stopping = service_is_stopping(program->service);
    admin_report_check(report, "redis", redis == NULL, redis);
    admin_report_check(report, "stopping", !stopping, stopping ? "shutting down" : NULL);
    report_game_server(context, report);
    report_health(context, report);
}

static void write_metrics(void *context, struct buffer *out)
{
    struct program *program = context;
    metrics_scrape(program->metrics, program->main_metrics, &program->directory, out);
}

static void on_penalties(void *context, const struct http_request *request, struct http_response *response)
{
    penalty_admin_list(((struct program *)context)->penalties, request, response);
}

static void on_penalty_lift(void *context, const struct http_request *request, struct http_response *response)
{
    penalty_admin_lift(((struct program *)context)->penalties, request, response);
}

static void on_status(void *context, const struct http_request *request, struct http_response *response)
{
    status_admin_show(((struct program *)context)->status, request, response);
}

static void on_maintenance(void *context, const struct http_request *request, struct http_response *response)
{
    operator_admin_show(((struct program *)context)->operators, request, response);
}

static void on_switch(void *context, const struct http_request *request, struct http_response *response)
{
    operator_admin_switch(((struct program *)context)->operators, request, response);
}

static void on_drain(void *context, const struct http_request *request, struct http_response *response)
{
    operator_admin_drain(((struct program *)context)->operators, request, response);
}

static void on_log(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    operator_page_log(request, response);
}

/* What the pages ask Redis goes over a link of the main loop's own. */
static void open_pages(struct program *program)
{
    program->redis_world =
        redis_world_open(program->loop, &program->redis, "admin", program->config.common.redis_key_prefix);
    struct world *world = redis_world_get(program->redis_world);
    program->penalties = penalty_admin_open(world, &program->config, program->admin);
    program->operators = operator_admin_open(world, &program->config, program->admin);
    program->status = status_admin_open(world, &program->config, program->admin);
}

static bool open_admin(struct program *program)
{
    static const struct admin_events events = {report_health, report_ready, write_metrics};
    static const struct admin_page pages[] = {
        {.path = "/health/game-server", .failing_status = 500, .report = report_game_server},
        {.path = "/penalties", .method = "GET", .handle = on_penalties},
        {.path = "/penalties/lift", .method = "POST", .handle = on_penalty_lift},
        {.path = "/status", .method = "GET", .handle = on_status},
        {.path = "/maintenance", .method = "GET", .handle = on_maintenance},
        {.path = "/maintenance", .method = "POST", .handle = on_switch},
        {.path = "/drain", .method = "POST", .handle = on_drain},
        {.path = "/log", .method = "POST", .handle = on_log},
        {.path = NULL},
    };
    const char *error = "";
    program->admin = admin_open(program->loop, program->config.admin_host,
                                (uint16_t)program->config.admin_port, &events, pages, program, &error);
    if (program->admin == NULL) {
        log_event(LOG_ERROR, "admin_port_unusable", LOG_TEXT("problem", error));
        return false;
    }
    admin_protect(program->admin, program->config.admin_token,
                  admin_host_is_loopback(program->config.admin_host));
    open_pages(program);
    return true;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void on_admin_closed(void *context)
{
    service_close(((struct program *)context)->service);
}

/* Without Redis every question still open has been answered. */
static void on_redis_closed(void *context)
{
    struct program *program = context;
    penalty_admin_close(program->penalties);
    operator_admin_close(program->operators);
    status_admin_close(program->status);
    program->penalties = NULL;
    program->operators = NULL;
    program->status = NULL;
    admin_close(program->admin, on_admin_closed);
}

static void join_shard(uv_work_t *work)
{
    struct program *program = work->data;
    shard_stop(program->shard);
    shard_join(program->shard);
}

static void on_joined(uv_work_t *work, int status)
{
    (void)status;
    struct program *program = work->data;
    redis_world_close(program->redis_world, on_redis_closed, program);
}

static void on_stop(void *context)
{
    struct program *program = context;
    log_event(LOG_INFO, "stopping");
    program->join.data = program;
    check(uv_queue_work(program->loop, &program->join, join_shard, on_joined) == 0);
}

static bool reload(struct program *program)
{
    struct mail_reload *mail = memory_new(sizeof *mail);
    struct match_config fresh;
    mail->message.size = sizeof *mail;
    bool good = reload_read(&program->sources, &program->config, &mail->fresh);
    fresh = mail->fresh;
    bool sent = good && shard_post(program->shard, program->shard_configurer, &mail->message);
    if (sent) {
        options_adopt(&match_program, &program->config, &fresh, NULL, NULL);
        log_set_level((enum log_level)fresh.common.log_level);
    } else {
        if (good) reload_refuse("the mailbox of the matchmaking thread is full");
        free(mail);
    }
    explicit_bzero(&fresh, sizeof fresh);
    return sent;
}

static void on_reload(void *context)
{
    struct program *program = context;
    int64_t start_us = clock_monotonic_us();
    bool done = reload(program);
    if (done) reload_done(start_us);
    metrics_add(program->main_metrics, done ? METRIC_reloads_done : METRIC_reloads_refused, 1);
}

static void start_log(const struct common_config *config)
{
    struct log_config log = {.level = (enum log_level)config->log_level,
                             .format = (enum log_format)config->log_format,
                             .fd = STDERR_FILENO,
                             .per_second_max = (int)config->log_lines_per_second_max};
    log_start(&log);
}

static bool start(struct program *program)
{
    const char *error = "";
    if (!redis_options_read(&program->config.common, &program->redis, &error)) {
        log_event(LOG_ERROR, "redis_url", LOG_TEXT("problem", error));
        return false;
    }
    program->metrics = metrics_open(match_metrics, MATCH_METRIC_COUNT);
    program->main_metrics = metrics_block_open(program->metrics);
    if (!open_admin(program)) return false;
    open_shard(program);
    static const struct service_events events = {.stop = on_stop, .reload = on_reload};
    program->service = service_open(program->loop, STOP_DEADLINE_MS, &events, program);
    shard_start(program->shard);
    log_event(LOG_INFO, "listening", LOG_TEXT("pod_id", program->config.common.pod_id),
              LOG_INT("admin_port", admin_port(program->admin)),
              LOG_TEXT("modes", program->config.queue_modes));
    service_announce_ready();
    return true;
}

int main(int argc, char **argv)
{
    static struct program program;
    switch (options_load(&match_program, argc, argv, environ, &program.config, stdout, stderr)) {
    case OPTIONS_DONE: return 0;
    case OPTIONS_REFUSED: return EXIT_BAD_OPTIONS;
    case OPTIONS_START: break;
    }
    service_prepare(false);
    start_log(&program.config.common);
    const char *problem = "";
    if (!fault_start(&problem)) {
        log_event(LOG_ERROR, "fault_point", LOG_TEXT("problem", problem));
        return EXIT_BAD_OPTIONS;
    }
    program.sources = (struct reload_sources){&match_program, argc, argv, environ};
    program.loop = uv_default_loop();
    if (!start(&program)) _exit(EXIT_CANNOT_START); /* half started: the system takes it all back */
    uv_run(program.loop, UV_RUN_DEFAULT);
    server_close(program.server);
    shard_close(program.shard);
    metrics_close(program.metrics);
    uv_loop_close(program.loop);
    log_event(LOG_INFO, "stopped");
    return 0;
}
