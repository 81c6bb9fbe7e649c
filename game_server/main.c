/* game_server: options, logging, signals, then the server. */
#include <stdio.h>
#include <unistd.h>

#include "common/fault.h"
#include "common/log.h"
#include "common/service.h"
#include "game_server/server.h"

enum { EXIT_BAD_OPTIONS = 2, EXIT_CANNOT_START = 3, STOP_MS = 13000 /* without the time for the players */ };

struct program {
    struct server *server;
    struct service *service;
    struct reload_sources sources;
};

static void on_stopped(void *context)
{
    service_close(((struct program *)context)->service);
}

static void on_stop(void *context)
{
    log_event(LOG_INFO, "stopping");
    server_stop(((struct program *)context)->server, on_stopped, context);
}

static void on_reload(void *context)
{
    struct program *program = context;
    server_reload(program->server, &program->sources);
}

static void start_log(const struct game_config *config)
{
    struct log_config log = {.level = (enum log_level)config->common.log_level,
                             .format = (enum log_format)config->common.log_format,
                             .fd = STDERR_FILENO,
                             .per_second_max = (int)config->common.log_lines_per_second_max};
    log_start(&log);
}

int main(int argc, char **argv)
{
    static struct game_config config;
    switch (options_load(&game_program, argc, argv, environ, &config, stdout, stderr)) {
    case OPTIONS_DONE: return 0;
    case OPTIONS_REFUSED: return EXIT_BAD_OPTIONS;
    case OPTIONS_START: break;
    }
    service_prepare(false);
    start_log(&config);
    const char *problem;
    if (!fault_start(&problem)) {
        log_event(LOG_ERROR, "fault_refused", LOG_TEXT("problem", problem));
        return EXIT_BAD_OPTIONS;
    }
    uv_loop_t *loop = uv_default_loop();
    struct program program = {.server = server_open(loop, &config),
                              .sources = {&game_program, argc, argv, environ}};
    if (program.server == NULL) _exit(EXIT_CANNOT_START); /* half started: the system takes it all back */
    static const struct service_events events = {.stop = on_stop, .reload = on_reload};
    program.service = service_open(loop, STOP_MS + (int)config.session_drain_ms, &events, &program);
    service_announce_ready();
    uv_run(loop, UV_RUN_DEFAULT);
    server_close(program.server);
    uv_loop_close(loop);
    log_event(LOG_INFO, "stopped");
    return 0;
}
