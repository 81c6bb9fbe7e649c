/* faults.c -- what goes wrong in a run: rates for what happens to every message, and a plan of blows. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/checker.h"
#include "tests/sim/sim.h"

enum {
    BLOW_EVERY_MS = 300,
    DOWN_MS_MAX = 2000,
    PAUSE_MS_MAX = 3000,
    CUT_MS_MAX = 600,
    CLOCK_AHEAD_MS_MAX = 2000,
    SAVED_AGO_MS_MAX = 300,
    AMBUSH_EVERY_MS = 20,
    AMBUSH_PAIR_MS = 2000, /* so long it looks for a pair */
    LULL_MS = 3000,        /* so long it waits for them to queue */
    LULL_EMPTY_MS = 800,   /* after which the others have left the queue */
    BACK_MS_MIN = -200, /* he comes back so long after the queue lease's end: about then, or long after it */
    BACK_MS_MAX = 800,
    GONE_MS_MIN = 2300,
    GONE_MS_MAX = 3300,
    DRAIN_AFTER_MS = 1000,
    EXPIRE_LATE_MS_MIN = 50,
    EXPIRE_LATE_MS_MAX = 600,
};

enum blow { BLOW_KILL, BLOW_PAUSE, BLOW_CUT, BLOW_FAILOVER, BLOW_DRAIN, BLOW_COUNT };

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

static void blow_kill(struct sim *sim, struct process *process, int64_t down_ms)
{
    sim->counts[COUNT_KILLS]++;
    sim_trace(sim, "kill %s %s", process->kind == PROCESS_MATCH ? "match" : "game", process->pod_id);
    process_kill(process);
    later(sim, on_restart, process, down_ms);
}

static void blow_pause(struct sim *sim, struct process *process, int64_t pause_ms)
{
    sim->counts[COUNT_PAUSES]++;
    process->paused_until_ms = process->serves_since_ms = sim->now_ms + pause_ms;
    sim_trace(sim, "pause %s %s", process->kind == PROCESS_MATCH ? "match" : "game", process->pod_id);
}

static void cut(struct sim *sim, struct process *process)
{
    int64_t down_ms = sim_between(sim, 5, CUT_MS_MAX);
    sim_trace(sim, "cut %s %s", process->kind == PROCESS_MATCH ? "match" : "game", process->pod_id);
    for (size_t i = 0; i < process->shard_count; i++) sim_link_cut(process->shards[i], sim->now_ms + down_ms);
    if (process->serves_since_ms < sim->now_ms + down_ms) process->serves_since_ms = sim->now_ms + down_ms;
    later(sim, on_ready, process, down_ms);
}

/* An operator ends the leases of whoever waits on a dead pod: of one pod, or of any. */
static void blow_drain(struct sim *sim, struct process *process)
{
    const struct process *pod = &sim->processes[SIM_PODS + sim_between(sim, 0, SIM_PODS - 1)];
    bool works = process->kind == PROCESS_MATCH && process->alive;
    if (works) match_drain(process, sim_chance(sim, 500) ? pod->pod_id : "");
}

static void on_drain(struct sim *sim, struct event *event, bool dead)
{
    struct process *process = container_of(event, struct later, event)->process;
    (void)sim;
    free(event);
    if (!dead && process->alive) match_drain(process, "");
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
    sim->redis_ahead_ms += sim_between(sim, sim_chance(sim, 500) ? -1000 : -200, 200);
}

static void blow_failover(struct sim *sim)
{
    store_save(sim->store);
    checker_save(sim->checker, sim_redis_ms(sim));
    later(sim, on_failover, NULL, sim_between(sim, 1, SAVED_AGO_MS_MAX));
}

/* ---- waiters whose pod is gone longer than their queue lease ---------------------------------------------------- */

/* Chooses one, best of a party, and makes the others leave a queue to the two of them. When they wait there alone, so
 * that nobody matches them, his pod is gone, dead or frozen, and he with it. */
struct ambush {
    struct event event;
    bool apart; /* his mate is on another pod, or on the same */
    int64_t single_from_ms;
    struct client *chosen; /* NULL: nobody yet */
};

static bool is_free(const struct client *client)
{
    return client->live && (client->state == STATE_lobby || client->state == STATE_queued);
}

static bool is_pair(const struct client *client, const struct client *mate, bool apart)
{
    return client->mates > 0 && is_free(mate) && strcmp(client->party_id, mate->party_id) == 0 &&
           (client->conn->pod != mate->conn->pod) == apart;
}

static struct client *choose(struct sim *sim, const struct ambush *ambush)
{
    bool single = sim->now_ms >= ambush->single_from_ms;
    size_t from = (size_t)sim_between(sim, 0, SIM_PLAYERS - 1);
    struct client *chosen = NULL;
    for (size_t i = 0; i < SIM_PLAYERS; i++) {
        size_t index = (from + i) % SIM_PLAYERS;
        struct client *client = &sim->clients[index];
        if (!is_free(client)) continue;
        if (is_pair(client, &sim->clients[index ^ 1], ambush->apart)) return client;
        if (single && client->mates == 0) chosen = client;
    }
    return chosen;
}

static void begin_lull(struct sim *sim, const struct client *chosen)
{
    sim->lull_until_ms = sim->now_ms + LULL_MS;
    sim->lull_spares_from_ms = sim->now_ms + LULL_EMPTY_MS;
    sim->lull_spares = (size_t)(chosen - sim->clients);
    text_copy(sim->lull_mode, sizeof sim->lull_mode, chosen->mates > 0 ? "party" : "normal");
    sim_trace(sim, "nobody but %s wants to play %s", chosen->id, sim->lull_mode);
}

static void vanish(struct sim *sim, struct client *waiter)
{
    struct process *pod = waiter->conn->pod;
    int64_t gone_ms = sim->queue_lease_ms;
    gone_ms += sim_chance(sim, 500) ? sim_between(sim, BACK_MS_MIN, BACK_MS_MAX)
                                    : sim_between(sim, GONE_MS_MIN, GONE_MS_MAX);
    sim->lull_until_ms = sim->now_ms + gone_ms;
    sim_trace(sim, "%s vanishes", waiter->id);
    for (size_t i = 0; i < SIM_PLAYERS; i++) {
        struct client *client = &sim->clients[i];
        if (client->conn != NULL && client->conn->pod == pod) client->away_until_ms = sim->lull_until_ms;
    }
    if (sim_chance(sim, 600)) {
        blow_kill(sim, pod, gone_ms);
    } else {
        blow_pause(sim, pod, gone_ms);
    }
    int64_t drain_ms = SIM_POD_DEAD_MS + sim_between(sim, 1, DRAIN_AFTER_MS);
    if (sim_chance(sim, 700))
        later(sim, on_drain, &sim->processes[sim_between(sim, 0, SIM_PODS - 1)], drain_ms);
}

/* An expire is on its way. The link is slow, and who was gone comes back just then. */
int64_t faults_delay_expire(struct sim *sim)
{
    if (!sim_chance(sim, sim->rates.expire_late)) return 0;
    for (size_t i = 0; i < SIM_PLAYERS; i++) {
        struct client *client = &sim->clients[i];
        if (client->away_until_ms <= sim->now_ms) continue;
        client->away_until_ms = sim->now_ms;
        if (client->conn == NULL) client->online_at_ms = sim->now_ms;
    }
    return sim_between(sim, EXPIRE_LATE_MS_MIN, EXPIRE_LATE_MS_MAX);
}

static bool may_vanish(const struct sim *sim, const struct client *client)
{
    bool waits = client->live && client->state == STATE_queued;
    return waits && sim_lull(sim, client, client->mode) == LULL_SPARED && client->conn->pod->alive &&
           client->conn->pod->paused_until_ms <= sim->now_ms;
}

/* True: that was all. */
static bool lurk(struct sim *sim, struct ambush *ambush)
{
    if (ambush->chosen == NULL) {
        if (sim->now_ms >= SIM_START_MS + SIM_FAULTS_MS) return true;
        ambush->chosen = choose(sim, ambush);
        if (ambush->chosen != NULL) begin_lull(sim, ambush->chosen);
        return false;
    }
    if (sim->now_ms >= sim->lull_until_ms) return true;
    if (!may_vanish(sim, ambush->chosen)) return false;
    vanish(sim, ambush->chosen);
    return true;
}

static void on_ambush(struct sim *sim, struct event *event, bool dead)
{
    struct ambush *ambush = container_of(event, struct ambush, event);
    if (dead || lurk(sim, ambush)) {
        free(ambush);
        return;
    }
    event->order = 0;
    events_add(&sim->events, event, sim->now_ms + AMBUSH_EVERY_MS);
}

static void lay_ambush(struct sim *sim)
{
    struct ambush *ambush = memory_new(sizeof *ambush);
    int64_t at_ms = sim->now_ms + sim_between(sim, 1, SIM_FAULTS_MS / 2);
    ambush->event.run = on_ambush;
    ambush->apart = sim_chance(sim, 600);
    ambush->single_from_ms = at_ms + (sim->teams ? AMBUSH_PAIR_MS : 0);
    events_add(&sim->events, &ambush->event, at_ms);
}

/* ---- the plan --------------------------------------------------------------------------------------------------- */

static void strike(struct sim *sim, enum blow blow)
{
    struct process *process = &sim->processes[sim_between(sim, 0, SIM_PROCESSES - 1)];
    if (blow == BLOW_FAILOVER) {
        blow_failover(sim);
    } else if (process->alive && blow == BLOW_KILL) {
        blow_kill(sim, process, sim_between(sim, 50, DOWN_MS_MAX));
    } else if (process->alive && blow == BLOW_PAUSE) {
        blow_pause(sim, process, sim_between(sim, 50, PAUSE_MS_MAX));
    } else if (process->alive && blow == BLOW_DRAIN) {
        blow_drain(sim, process);
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
        .expire_late = rate(sim, 700),
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
    plan->chances[BLOW_DRAIN] = rate(sim, 600);
    if (sim_chance(sim, sim->teams ? 700 : 500)) lay_ambush(sim);
    events_add(&sim->events, &plan->event, sim->now_ms + BLOW_EVERY_MS);
}

/* What is down comes back by itself; what was planned before still happens. */
void faults_stop(struct sim *sim)
{
    sim->faults = false;
    sim->rates = (struct fault_rates){.publish_lost = 0};
}
