#include "bench/load_drive.h"

#include "bench/load_player.h"
#include "common/clock.h"
#include "common/rng.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define STEP_MS 1          /* arrivals and logins */
#define STEPS_PER_TICK 100 /* of every player */
#define SECOND_US INT64_C(1000000)
#define CONNECTING_MAX 256
#define SETTLE_US (2 * SECOND_US) /* idle mode: after the last login */
#define RAMP_PATIENCE_US (30 * SECOND_US)

enum phase { PHASE_RAMP, PHASE_WARMUP, PHASE_MEASURE, PHASE_DRAIN, PHASE_CLOSE };

struct driver {
    struct load_world world; /* first: the world is the driver */
    const struct load_options *options;
    struct load_outcome *outcome;
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t interrupt;
    struct rng rng;
    struct load_player *players;
    uint32_t *idle; /* open loop: players in the lobby, a ring: everybody plays as often as the others */
    size_t idle_first;
    size_t idle_count;
    int64_t *wishes; /* open loop: times of wishes without a player, a ring */
    size_t wish_first;
    size_t wish_count;
    enum phase phase;
    int64_t phase_since_us;
    int64_t started_us;
    int64_t next_wish_us;
    int64_t last_second_us;
    uint64_t last_results;
    size_t connected; /* players that were ever told to connect */
    unsigned step;
};

static struct driver *driver_of(struct load_world *world)
{
    return container_of(world, struct driver, world);
}

/* ---- wishes ---- */

static bool plays(const struct driver *driver)
{
    return !driver->options->idle && driver->phase < PHASE_DRAIN;
}

/* A player is back in the lobby: it takes the oldest waiting wish, or waits for one. */
static void on_ready(struct load_world *world, struct load_player *player)
{
    struct driver *driver = driver_of(world);
    if (!plays(driver)) return;
    if (driver->options->rate_per_s == 0 || load_player_is_filler(player)) {
        load_player_enqueue(player, clock_monotonic_us());
    } else if (driver->wish_count > 0) {
        int64_t wished_at_us = driver->wishes[driver->wish_first];
        driver->wish_first = (driver->wish_first + 1) % LOAD_WISHES_MAX;
        driver->wish_count--;
        load_player_enqueue(player, wished_at_us);
    } else if (driver->idle_count < (size_t)driver->options->players) {
        driver->idle[(driver->idle_first + driver->idle_count++) % (size_t)driver->options->players] =
            player->index;
    }
}

static struct load_player *take_idle(struct driver *driver)
{
    while (driver->idle_count > 0) {
        struct load_player *player = &driver->players[driver->idle[driver->idle_first]];
        driver->idle_first = (driver->idle_first + 1) % (size_t)driver->options->players;
        driver->idle_count--;
        if (player->state == PLAYER_LOBBY) return player;
    }
    return NULL;
}

static void wish(struct driver *driver, int64_t wished_at_us)
{
    struct load_player *player = take_idle(driver);
    if (player != NULL) {
        load_player_enqueue(player, wished_at_us);
    } else if (driver->wish_count < LOAD_WISHES_MAX) {
        driver->wishes[(driver->wish_first + driver->wish_count++) % LOAD_WISHES_MAX] = wished_at_us;
    } else {
        load_stats_error(&driver->world.stats, "", "wishes_dropped");
    }
}

/* Anything between nothing and twice the mean: as random as needed, without a logarithm. */
static int64_t next_gap_us(struct driver *driver)
{
    return rng_between(&driver->rng, 0, 2 * SECOND_US / driver->options->rate_per_s);
}

static void let_wishes_arrive(struct driver *driver, int64_t now_us)
{
    if (driver->options->rate_per_s == 0 || !plays(driver) || driver->phase == PHASE_RAMP) return;
    if (driver->next_wish_us == 0) driver->next_wish_us = now_us;
    while (driver->next_wish_us <= now_us) {
        wish(driver, driver->next_wish_us);
        driver->next_wish_us += next_gap_us(driver);
    }
}

/* ---- phases ---- */

static void sample(const struct driver *driver, struct load_usage *usage)
{
    char error[200];
    const struct load_options *options = driver->options;
    for (size_t i = 0; i < options->process_count; i++) {
        usage->processes[i] = load_sample_process(options->processes[i].pid);
        if (!usage->processes[i].alive)
            fprintf(stderr, "load: process %s is gone\n", options->processes[i].name);
    }
    if (options->has_redis && !load_sample_redis(&options->redis, &usage->redis, error, sizeof error)) {
        fprintf(stderr, "load: %s\n", error);
    }
    usage->own_cpu_us = load_sample_own_cpu_us();
}

static void enter(struct driver *driver, enum phase phase)
{
    static const char *const names[] = {"logging in", "warming up", "measuring", "draining", "closing"};
    driver->phase = phase;
    driver->phase_since_us = clock_monotonic_us();
    if (!driver->options->quiet) fprintf(stderr, "load: %s\n", names[phase]);
}

static void start_measuring(struct driver *driver)
{
    sample(driver, &driver->outcome->before);
    enter(driver, PHASE_MEASURE);
    driver->world.measure_from_us = driver->phase_since_us;
}

static void stop_measuring(struct driver *driver, int64_t now_us)
{
    driver->world.measure_to_us = now_us;
    if (!driver->options->idle)
        driver->outcome->measured_s = (double)(now_us - driver->world.measure_from_us) / 1e6;
    driver->outcome->online = driver->world.online;
    sample(driver, &driver->outcome->after);
    enter(driver, PHASE_DRAIN);
}

/* The fewest at once that filled the queue. */
static void count_waiting(struct driver *driver)
{
    int64_t count = 0;
    for (size_t i = 0; i < (size_t)driver->options->waiting; i++)
        count += driver->players[i].state == PLAYER_QUEUED;
    if (driver->outcome->waiting_min > count) driver->outcome->waiting_min = count;
}

static uint64_t count_playing(const struct driver *driver)
{
    uint64_t count = 0;
    for (size_t i = 0; i < driver->connected; i++) {
        const struct load_player *player = &driver->players[i];
        count += player->state >= PLAYER_QUEUEING;
    }
    return count;
}

/* Those who only wait can have nobody left to meet. */
static bool is_drained(const struct driver *driver, int64_t now_us)
{
    if (now_us - driver->phase_since_us >= driver->options->drain_s * SECOND_US) return true;
    for (size_t i = 0; i < driver->connected; i++) {
        enum load_player_state state = driver->players[i].state;
        if (state == PLAYER_QUEUEING || state == PLAYER_PLAYING || state == PLAYER_ACKING) return false;
    }
    return now_us - driver->phase_since_us >= SECOND_US;
}

static void close_all(struct driver *driver)
{
    driver->outcome->unfinished = count_playing(driver);
    driver->outcome->wishes_waiting = driver->wish_count;
    driver->world.ending = true;
    enter(driver, PHASE_CLOSE);
    for (size_t i = 0; i < driver->connected; i++) {
        load_player_leave(&driver->players[i]);
        load_player_disconnect(&driver->players[i]);
    }
    uv_close((uv_handle_t *)&driver->timer, NULL);
    uv_close((uv_handle_t *)&driver->interrupt, NULL);
}

static void log_in(struct driver *driver, int64_t now_us)
{
    const struct load_options *options = driver->options;
    int64_t due = (now_us - driver->started_us) * options->ramp_per_s / SECOND_US + 1;
    while (driver->connected < (size_t)options->players && (int64_t)driver->connected < due &&
           driver->world.connecting < CONNECTING_MAX) {
        load_player_connect(&driver->players[driver->connected++]);
    }
    bool all = driver->world.online == (size_t)options->players;
    int64_t patience_us = RAMP_PATIENCE_US + options->players * SECOND_US / options->ramp_per_s;
    if (!all && now_us - driver->started_us < patience_us) return;
    if (!all) {
        fprintf(stderr, "load: only %zu of %" PRId64 " players could log in\n", driver->world.online,
                options->players);
        load_stats_error(&driver->world.stats, "", "login_incomplete");
    }
    enter(driver, PHASE_WARMUP);
}

static void advance(struct driver *driver, int64_t now_us)
{
    const struct load_options *options = driver->options;
    int64_t spent_us = now_us - driver->phase_since_us;
    switch (driver->phase) {
    case PHASE_RAMP: log_in(driver, now_us); break;
    case PHASE_WARMUP:
        if (options->idle && spent_us >= SETTLE_US) stop_measuring(driver, now_us);
        else if (!options->idle && spent_us >= options->warmup_s * SECOND_US) start_measuring(driver);
        break;
    case PHASE_MEASURE:
        if (spent_us >= options->duration_s * SECOND_US) stop_measuring(driver, now_us);
        break;
    case PHASE_DRAIN:
        if (is_drained(driver, now_us)) close_all(driver);
        break;
    case PHASE_CLOSE: break;
    }
}

static void show_progress(struct driver *driver, int64_t now_us)
{
    const struct load_stats *stats = &driver->world.stats;
    if (driver->options->quiet || now_us - driver->last_second_us < SECOND_US) return;
    double seconds = (double)(now_us - driver->last_second_us) / 1e6;
    double results = (double)(stats->timelines - driver->last_results);
    fprintf(stderr, "load: %zu online, %.0f matches/s, errors %" PRIu64 ", disconnects %" PRIu64 "\n",
            driver->world.online, results / 2 / seconds, load_stats_error_total(stats), stats->disconnects);
    driver->last_second_us = now_us;
    driver->last_results = stats->timelines;
}

static void on_step(uv_timer_t *timer)
{
    struct driver *driver = timer->data;
    int64_t now_us = clock_monotonic_us();
    let_wishes_arrive(driver, now_us);
    show_progress(driver, now_us);
    if (++driver->step % STEPS_PER_TICK == 0) {
        for (size_t i = 0; i < driver->connected; i++) load_player_tick(&driver->players[i], now_us);
        if (driver->phase == PHASE_MEASURE) count_waiting(driver);
    }
    advance(driver, now_us);
}

static void on_interrupt(uv_signal_t *signal, int number)
{
    struct driver *driver = signal->data;
    (void)number;
    driver->outcome->interrupted = true;
    if (driver->phase == PHASE_MEASURE) stop_measuring(driver, clock_monotonic_us());
    else if (driver->phase != PHASE_CLOSE) close_all(driver);
}

/* ---- the whole ---- */

static bool raise_file_limit(const struct load_options *options, char *error, size_t error_capacity)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)options->players + 64;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= wanted) return true;
    snprintf(error, error_capacity, "%" PRId64 " players need more open files than the limit of %ju",
             options->players, (uintmax_t)limit.rlim_max);
    return false;
}

static struct driver *driver_open(const struct load_options *options)
{
    struct driver *driver = memory_new(sizeof *driver);
    driver->options = options;
    driver->outcome = memory_new(sizeof *driver->outcome);
    driver->outcome->waiting_min = options->waiting;
    driver->players = memory_new((size_t)options->players * sizeof *driver->players);
    driver->idle = memory_new((size_t)options->players * sizeof *driver->idle);
    driver->wishes = options->rate_per_s == 0 ? NULL : memory_new(LOAD_WISHES_MAX * sizeof *driver->wishes);
    rng_init(&driver->rng, 1);
    check(uv_loop_init(&driver->loop) == 0);
    check(uv_timer_init(&driver->loop, &driver->timer) == 0);
    check(uv_signal_init(&driver->loop, &driver->interrupt) == 0);
    driver->timer.data = driver;
    driver->interrupt.data = driver;
    driver->world.options = options;
    driver->world.clients = ws_clients_open(&driver->loop);
    driver->world.check = load_check_open();
    driver->world.measure_from_us = INT64_MAX;
    driver->world.measure_to_us = INT64_MAX;
    driver->world.ready = on_ready;
    for (size_t i = 0; i < (size_t)options->players; i++) {
        load_player_init(&driver->players[i], &driver->world, (uint32_t)i);
    }
    return driver;
}

static struct load_outcome *driver_free(struct driver *driver)
{
    struct load_outcome *outcome = driver->outcome;
    outcome->stats = driver->world.stats;
    outcome->one_sided = load_check_one_sided(driver->world.check);
    check(uv_loop_close(&driver->loop) == 0);
    load_check_free(driver->world.check);
    ws_clients_free(driver->world.clients);
    free(driver->wishes);
    free(driver->idle);
    free(driver->players);
    free(driver);
    return outcome;
}

struct load_outcome *load_drive(const struct load_options *options, char *error, size_t error_capacity)
{
    if (!raise_file_limit(options, error, error_capacity)) return NULL;
    struct driver *driver = driver_open(options);
    driver->started_us = clock_monotonic_us();
    driver->last_second_us = driver->started_us;
    if (options->idle) sample(driver, &driver->outcome->before);
    uv_signal_start(&driver->interrupt, on_interrupt, SIGINT);
    uv_timer_start(&driver->timer, on_step, 0, STEP_MS);
    enter(driver, PHASE_RAMP);
    uv_run(&driver->loop, UV_RUN_DEFAULT);
    return driver_free(driver);
}
