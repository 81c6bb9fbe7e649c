/* faults.c -- what goes wrong in a run: rates for what happens to every message, and a plan of blows. */
#include <stdlib.h>

#include "tests/sim/checker.h"
#include "tests/sim/sim.h"

enum {
    BLOW_EVERY_MS = 300,
    DOWN_MS_MAX = 2000,
    PAUSE_MS_MAX = 3000,
    CUT_MS_MAX = 600,
    CLOCK_AHEAD_MS_MAX = 2000,
    SAVED_AGO_MS_MAX = 300,
};

enum blow { BLOW_KILL, BLOW_PAUSE, BLOW_CUT, BLOW_FAILOVER, BLOW_COUNT };

struct plan {
    struct event event;
    unsigned chances[BLOW_COUNT]; /* of a blow every BLOW_EVERY_MS, in thousandths */
};

struct later {
    struct event event;
    struct process *process;
};

/* ---- single processes -------------------------------------------------------------------------------------- */

static void later(struct sim *sim, event_fn *run, struct process *process, int64_t wait_ms)
{
    struct later *event = memory_new(sizeof *event);
    event->event.run = run;
    event->process = process;
    events_add(&sim->events, &event->event, sim->now_ms + wait_ms);
}

static void on_restart(struct sim *sim, struct event *event, bool dead)
{
    struct process *process = container_of(event, struct later, event)->process;
    free(event);
    if (dead) return;
    sim_trace(sim, "start %s %s", process->kind == PROCESS_MATCH ? "match" : "game", process->pod_id);
    process_start(process);
}

static void on_ready(struct sim *sim, struct event *event, bool dead)
{
    struct process *process = container_of(event, struct later, event)->process;
    free(event);
    bool is_last = !dead && process->alive && sim->now_ms >= process->shards[0]->listens_at_ms;
    if (is_last) process_redis_ready(process);
}

static void blow_kill(struct sim *sim, struct process *process)
{
    sim->counts[COUNT_KILLS]++;
    sim_trace(sim, "kill %s %s", process->kind == PROCESS_MATCH ? "match" : "game", process->pod_id);
    process_kill(process);
    later(sim, on_restart, process, sim_between(sim, 50, DOWN_MS_MAX));
}

static void blow_pause(struct sim *sim, struct process *process)
{
    sim->counts[COUNT_PAUSES]++;
    process->paused_until_ms = sim->now_ms + sim_between(sim, 50, PAUSE_MS_MAX);
    sim_trace(sim, "pause %s %s", process->kind == PROCESS_MATCH ? "match" : "game", process->pod_id);
}

static void cut(struct sim *sim, struct process *process)
{
    int64_t down_ms = sim_between(sim, 5, CUT_MS_MAX);
    sim_trace(sim, "cut %s %s", process->kind == PROCESS_MATCH ? "match" : "game", process->pod_id);
    for (size_t i = 0; i < process->shard_count; i++) sim_link_cut(process->shards[i], sim->now_ms + down_ms);
    later(sim, on_ready, process, down_ms);
}

/* ---- Redis: a replica without the last writes takes over, on a machine with another clock --------------------- */

static void on_failover(struct sim *sim, struct event *event, bool dead)
{
    free(container_of(event, struct later, event));
    if (dead) return;
    sim->counts[COUNT_FAILOVERS]++;
    sim_trace(sim, "failover");
    for (size_t i = 0; i < SIM_PROCESSES; i++) {
        if (sim->processes[i].alive) cut(sim, &sim->processes[i]);
    }
    store_restore(sim->store);
    checker_restore(sim->checker);
    sim->writes++;
    sim->redis_ahead_ms += sim_between(sim, -200, 200);
}

static void blow_failover(struct sim *sim)
{
    store_save(sim->store);
    checker_save(sim->checker);
    later(sim, on_failover, NULL, sim_between(sim, 1, SAVED_AGO_MS_MAX));
}

/* ---- the plan --------------------------------------------------------------------------------------------------- */

static void strike(struct sim *sim, enum blow blow)
{
    struct process *process = &sim->processes[sim_between(sim, 0, SIM_PROCESSES - 1)];
    if (blow == BLOW_FAILOVER) {
        blow_failover(sim);
    } else if (process->alive && blow == BLOW_KILL) {
        blow_kill(sim, process);
    } else if (process->alive && blow == BLOW_PAUSE) {
        blow_pause(sim, process);
    } else if (process->alive) {
        sim->counts[COUNT_CUTS]++;
        cut(sim, process);
    }
}

static void on_plan(struct sim *sim, struct event *event, bool dead)
{
    struct plan *plan = container_of(event, struct plan, event);
    bool over = sim->now_ms + SAVED_AGO_MS_MAX >= SIM_START_MS + SIM_FAULTS_MS;
    if (dead || over) {
        free(plan);
        return;
    }
    for (int blow = 0; blow < BLOW_COUNT; blow++) {
        if (sim_chance(sim, plan->chances[blow])) strike(sim, (enum blow)blow);
    }
    event->order = 0;
    events_add(&sim->events, event, sim->now_ms + sim_between(sim, 1, 2 * BLOW_EVERY_MS));
}

/* A seed leaves some kinds of faults out, so that each is also seen without the others. */
static unsigned rate(struct sim *sim, unsigned max)
{
    return sim_chance(sim, 300) ? 0 : (unsigned)sim_between(sim, 0, max);
}

void faults_start(struct sim *sim)
{
    sim->faults = true;
    sim->rates = (struct fault_rates){
        .publish_lost = rate(sim, 200),
        .publish_doubled = rate(sim, 150),
        .publish_late = rate(sim, 150),
        .request_lost = rate(sim, 20),
        .reply_lost = rate(sim, 30),
        .stall = rate(sim, 10),
        .client_leaves = rate(sim, 300),
        .client_elsewhere = rate(sim, 8),
        .client_cancels = rate(sim, 150),
        .client_silent = rate(sim, 150),
    };
    bool skewed = sim_chance(sim, 500);
    for (size_t i = 0; i < SIM_PROCESSES && skewed; i++) {
        sim->processes[i].clock_ahead_ms = sim_between(sim, -CLOCK_AHEAD_MS_MAX, CLOCK_AHEAD_MS_MAX);
    }
    struct plan *plan = memory_new(sizeof *plan);
    plan->event.run = on_plan;
    plan->chances[BLOW_KILL] = rate(sim, 400);
    plan->chances[BLOW_PAUSE] = rate(sim, 300);
    plan->chances[BLOW_CUT] = rate(sim, 300);
    plan->chances[BLOW_FAILOVER] = sim_chance(sim, 300) ? 100 : 0;
    events_add(&sim->events, &plan->event, sim->now_ms + BLOW_EVERY_MS);
}

/* What is down comes back by itself; what was planned before still happens. */
void faults_stop(struct sim *sim)
{
    sim->faults = false;
    sim->rates = (struct fault_rates){.publish_lost = 0};
}
