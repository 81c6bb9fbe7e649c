#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/checker.h"

enum { TIMERS_AT_ONCE = 64, DRAINED_EVERY_MS = 400, STEPS_MAX = 10000 };

/* Of a place in the queue: waiters of a dead pod are out before it is back, or not. */
enum { SHORT_LEASE_MS = 1000, LONG_LEASE_MS = 2500 };

bool sim_chance(struct sim *sim, unsigned thousandths)
{
    return thousandths > 0 && rng_below(&sim->rng, 1000) < thousandths;
}

int64_t sim_between(struct sim *sim, int64_t low, int64_t high)
{
    return rng_between(&sim->rng, low, high);
}

int64_t sim_redis_ms(const struct sim *sim)
{
    return sim->now_ms + sim->redis_ahead_ms;
}

enum lull sim_lull(const struct sim *sim, const struct client *client, const char *mode)
{
    if (sim->now_ms >= sim->lull_until_ms || strcmp(mode, sim->lull_mode) != 0) return LULL_NONE;
    size_t index = (size_t)(client - sim->clients);
    bool spared = sim->now_ms >= sim->lull_spares_from_ms && (index | 1) == (sim->lull_spares | 1);
    return spared ? LULL_SPARED : LULL_FELT;
}

int64_t sim_served_since_ms(const struct sim *sim)
{
    int64_t since_ms = sim->now_ms;
    for (size_t i = 0; i < SIM_PROCESSES; i++) {
        const struct process *process = &sim->processes[i];
        bool serves = process->kind == PROCESS_MATCH && process->alive;
        if (serves && process->serves_since_ms < since_ms) since_ms = process->serves_since_ms;
    }
    return since_ms;
}

void sim_trace(struct sim *sim, const char *format, ...)
{
    if (sim->trace == 0) return;
    va_list values;
    va_start(values, format);
    printf("%6lld  ", (long long)(sim->now_ms - SIM_START_MS));
    vprintf(format, values);
    printf("\n");
    va_end(values);
}

/* ---- what is next -------------------------------------------------------------------------------------- */

static int64_t later_of(int64_t a_ms, int64_t b_ms)
{
    return a_ms > b_ms ? a_ms : b_ms;
}

/* The shard whose timer is due first, and when; NULL: none has one. */
static struct shard *next_shard(struct sim *sim, int64_t *at_ms)
{
    struct shard *next = NULL;
    *at_ms = INT64_MAX;
    for (size_t i = 0; i < SIM_PROCESSES; i++) {
        struct process *process = &sim->processes[i];
        for (size_t k = 0; process->alive && k < process->shard_count; k++) {
            int64_t due_ms = timers_next_ms(&process->shards[k]->timers);
            if (due_ms == INT64_MAX) continue;
            due_ms = later_of(due_ms - process->clock_ahead_ms, process->paused_until_ms);
            if (due_ms >= *at_ms) continue;
            *at_ms = due_ms;
            next = process->shards[k];
        }
    }
    return next;
}

static void happen(struct sim *sim, struct event *event)
{
    struct process *process = event->process;
    if (process != NULL && process->paused_until_ms > sim->now_ms) {
        events_add(&sim->events, event, process->paused_until_ms);
        return;
    }
    sim->counts[COUNT_EVENTS]++;
    event->run(sim, event, false);
}

/* One event or the timers of one shard. */
static void step(struct sim *sim)
{
    int64_t timers_ms;
    struct shard *shard = next_shard(sim, &timers_ms);
    struct event *event = events_first(&sim->events);
    if (event != NULL && event->at_ms <= timers_ms) {
        sim->now_ms = later_of(sim->now_ms, event->at_ms);
        happen(sim, events_take(&sim->events));
        return;
    }
    check(shard != NULL);
    sim->now_ms = later_of(sim->now_ms, timers_ms);
    timers_fire_due(&shard->timers, sim->now_ms + shard->process->clock_ahead_ms, TIMERS_AT_ONCE);
}

/* ---- one run --------------------------------------------------------------------------------------------- */

static void open_processes(struct sim *sim)
{
    for (size_t i = 0; i < SIM_PROCESSES; i++) {
        struct process *process = &sim->processes[i];
        process->sim = sim;
        process->kind = i < SIM_PODS ? PROCESS_MATCH : PROCESS_GAME;
        snprintf(process->pod_id, sizeof process->pod_id, "pod-%c", (char)('a' + i % SIM_PODS));
    }
}

/* Nobody has so much to do in one ms that it is not one who has nothing to do and does not rest. */
static void play(struct sim *sim, int64_t until_ms)
{
    int64_t last_ms = 0;
    for (size_t steps = 0; sim->now_ms < until_ms && checker_problem(sim->checker) == NULL; steps++) {
        if (sim->now_ms != last_ms) steps = 0;
        last_ms = sim->now_ms;
        if (steps > STEPS_MAX)
            checker_refuse(sim->checker, "rest", "more than %d steps in one ms", STEPS_MAX);
        step(sim);
    }
}

/* Everybody is online, and believes what Redis says. */
static bool clients_agree(struct sim *sim, char *why, size_t why_size)
{
    for (size_t i = 0; i < SIM_PLAYERS; i++) {
        const struct client *client = &sim->clients[i];
        bool free = client->state == STATE_lobby && client->party_id[0] == '\0';
        if (client->conn != NULL && client->live && free) continue;
        snprintf(why, why_size, "%s %s", client->id,
                 client->live ? "believes not to be in the lobby, or to be in a party" : "cannot log in");
        return false;
    }
    for (const struct ws_conn *conn = sim->conns; conn != NULL; conn = conn->next) {
        if (conn->client != NULL || conn->session == NULL) continue;
        snprintf(why, why_size, "an older session of somebody lives on %s", conn->pod->pod_id);
        return false;
    }
    return true;
}

static void drain(struct sim *sim)
{
    char why[160] = "";
    int64_t start_ms = sim->now_ms;
    sim->draining = true;
    while (checker_problem(sim->checker) == NULL && sim->now_ms < start_ms + SIM_DRAIN_MS) {
        clients_poke_forgotten(sim);
        play(sim, sim->now_ms + DRAINED_EVERY_MS);
        bool over = checker_is_drained(sim->checker, why, sizeof why) && clients_agree(sim, why, sizeof why);
        if (!over) continue;
        checker_finish(sim->checker);
        return;
    }
    checker_refuse(sim->checker, "drained", "%d s after the last fault: %s", SIM_DRAIN_MS / 1000, why);
}

static bool is_any(const struct event *event, const void *context)
{
    (void)event;
    (void)context;
    return true;
}

static void close_all(struct sim *sim)
{
    for (size_t i = 0; i < SIM_PROCESSES; i++) {
        if (sim->processes[i].alive) process_kill(&sim->processes[i]);
    }
    events_end(sim, is_any, NULL);
    while (sim->conns != NULL) {
        struct ws_conn *conn = sim->conns;
        sim->conns = conn->next;
        free(conn);
    }
    free(sim->events.heap);
    checker_close(sim->checker);
}

bool sim_run(struct store *store, uint64_t seed, bool parties, int trace, struct sim *sim)
{
    const char *ids[SIM_PLAYERS];
    *sim = (struct sim){.seed = seed, .store = store, .now_ms = SIM_START_MS, .trace = trace};
    rng_init(&sim->rng, seed);
    store_words(store, "FLUSHALL");
    sim->loading_normal = sim_chance(sim, 650);
    sim->queue_lease_ms = sim_chance(sim, 400) ? SHORT_LEASE_MS : LONG_LEASE_MS;
    sim->teams = parties || seed % 4 == 3;
    open_processes(sim);
    clients_open(sim);
    for (size_t i = 0; i < SIM_PLAYERS; i++) ids[i] = sim->clients[i].id;
    sim->checker = checker_open(store, ids, SIM_PLAYERS);
    faults_start(sim);
    for (size_t i = 0; i < SIM_PROCESSES; i++) process_start(&sim->processes[i]);
    play(sim, SIM_START_MS + SIM_FAULTS_MS);
    play(sim, sim->lull_until_ms); /* what was begun is waited for */
    faults_stop(sim);
    drain(sim);
    const char *problem = checker_problem(sim->checker);
    if (problem != NULL)
        printf("seed %llu  %lld ms  %s\n", (unsigned long long)seed, (long long)(sim->now_ms - SIM_START_MS),
               problem);
    sim->matches = checker_match_count(sim->checker);
    sim->counts[COUNT_TAKEN_ALONG] = checker_taken_along(sim->checker);
    close_all(sim);
    return problem == NULL;
}
