#include "tests/sim/sim.h"

void process_start(struct process *process)
{
    process->alive = true;
    process->paused_until_ms = 0;
    process->serves_since_ms = process->sim->now_ms;
    (process->kind == PROCESS_MATCH ? match_start : pod_start)(process);
    process_redis_ready(process);
}

static bool is_of(const struct event *event, const void *context)
{
    return event->process == context;
}

/* Everything that was on its way ends; the callbacks free what they hold, and a dead world refuses the rest. */
void process_kill(struct process *process)
{
    process->alive = false;
    for (size_t i = 0; i < process->shard_count; i++) sim_link_cut(process->shards[i], 0);
    events_end(process->sim, is_of, process);
    for (size_t i = 0; i < process->shard_count; i++) timers_free(&process->shards[i]->timers);
    (process->kind == PROCESS_MATCH ? match_kill : pod_kill)(process);
    for (size_t i = 0; i < process->shard_count; i++) sim_shard_close(process->shards[i]);
    process->shard_count = 0;
}

void process_redis_ready(struct process *process)
{
    (process->kind == PROCESS_MATCH ? match_redis_ready : pod_redis_ready)(process);
}

void process_message(struct process *process, struct bytes channel, struct bytes payload)
{
    (process->kind == PROCESS_MATCH ? match_message : pod_message)(process, channel, payload);
}
