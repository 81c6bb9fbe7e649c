/* match.c -- a match_server: server.h as it is, on one shard. */
#include <stdio.h>
#include <stdlib.h>

#include "match_server/drain.h"
#include "match_server/metrics.h"
#include "match_server/server.h"
#include "tests/sim/sim.h"

static struct match_config config;
static struct metrics_block *metrics;

struct match_program {
    struct match_config config;
    struct match_server *server;
    struct drain drain;
};

/* Short times, so that a short run sees every one of them pass. */
void match_prepare(void)
{
    static const char *const arguments[] = {
        "match_server",
        "--queue.modes=normal,ranked,party",
        "--matchmaker.lease_ms=600",
        "--matchmaker.renew_ms=150",
        "--loading.deadline_ms=2000",
        "--battle.deadline_ms=500",
        "--battle.ready_deadline_ms=400",
        "--battle.attempts_max=4",
        "--pods.heartbeat_ttl_ms=1500",
        "--penalty.steps_s=0,1,2", /* bans that end within a run */
    };
    static const char *const environment[] = {NULL};
    enum options_outcome outcome =
        options_load(&match_program, (int)ARRAY_LENGTH(arguments), (char *const *)arguments,
                     (char *const *)environment, &config, stdout, stderr);
    check(outcome == OPTIONS_START);
    metrics = metrics_block_open(metrics_open(match_metrics, MATCH_METRIC_COUNT));
}

void match_start(struct process *process)
{
    struct match_program *program = memory_new(sizeof *program);
    program->config = config;
    program->config.loading_normal = process->sim->loading_normal;
    program->config.queue_lease_ms = process->sim->queue_lease_ms;
    text_copy(program->config.common.pod_id, sizeof program->config.common.pod_id, process->pod_id);
    process->program = program;
    process->shard_count = 1;
    process->shards[0] = sim_shard_open(process->sim, process, 0);
    program->server = server_open(&process->shards[0]->world, &program->config, metrics);
    drain_init(&program->drain, &process->shards[0]->world);
}

static void on_drained(void *context, int64_t ended)
{
    const struct process *process = context;
    sim_trace(process->sim, "%s drained %lld", process->pod_id, (long long)ended);
}

void match_drain(struct process *process, const char *pod_id)
{
    drain_start(&((struct match_program *)process->program)->drain, pod_id, on_drained, process);
}

void match_kill(struct process *process)
{
    struct match_program *program = process->program;
    drain_free(&program->drain);
    server_close(program->server);
    free(program);
}

void match_redis_ready(struct process *process)
{
    server_redis_ready(((struct match_program *)process->program)->server);
}

void match_message(struct process *process, struct bytes channel, struct bytes payload)
{
    server_message(((struct match_program *)process->program)->server, channel, payload);
}
