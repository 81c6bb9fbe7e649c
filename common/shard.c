#include "common/shard.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/metrics_common.h"
#include "common/rng.h"
#include "common/shard_private.h"

enum { CLOCK_SLEW_MS = 10 /* a beat */, BEAT_MS = 1000, TIMERS_BATCH_MAX = 4096 };

/* ---- the world ---------------------------------------------------------------------------------- */

static struct shard *shard_of(struct world *world)
{
    return container_of(world, struct shard, world);
}

static int64_t shard_now_ms(struct world *world)
{
    return clock_monotonic_ms() + shard_of(world)->clock_offset_ms;
}

static uint64_t shard_random(struct world *world)
{
    return rng_next(&shard_of(world)->rng);
}

static void ignore_reply(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)context;
    (void)tag;
    (void)reply;
}

static bool shard_issue(struct world *world, enum link_role role, const struct bytes *arguments, size_t count,
                        world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_link *link = shard_of(world)->links[role].link;
    if (link == NULL) return false;
    return redis_link_command(link, arguments, count, reply == NULL ? ignore_reply : reply, context, tag);
}

static bool shard_command(struct world *world, const struct bytes *arguments, size_t count,
                          world_reply_fn *reply, void *context, uint64_t tag)
{
    return shard_issue(world, LINK_COMMAND, arguments, count, reply, context, tag);
}

static bool shard_blocking_command(struct world *world, const struct bytes *arguments, size_t count,
                                   world_reply_fn *reply, void *context, uint64_t tag)
{
    return shard_issue(world, LINK_BLOCKING, arguments, count, reply, context, tag);
}

static bool shard_script(struct world *world, enum script_id script, const struct bytes *keys,
                         size_t key_count, const struct bytes *arguments, size_t argument_count,
                         world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_link *link = shard_of(world)->links[LINK_COMMAND].link;
    if (link == NULL) return false;
    return redis_link_script(link, script, keys, key_count, arguments, argument_count,
                             reply == NULL ? ignore_reply : reply, context, tag);
}

static bool shard_send(struct world *world, uint64_t to, struct message *message)
{
    struct shard_directory *directory = shard_of(world)->config.directory;
    if (to == ACTOR_NOBODY || directory == NULL || actor_shard(to) >= directory->count) return false;
    message->to = to;
    return mailbox_send(directory->shards[actor_shard(to)]->mailbox, message);
}

static const struct world_ops shard_ops = {shard_now_ms,           shard_random, shard_command,
                                           shard_blocking_command, shard_script, shard_send};

static void receive_mail(void *context, struct message *message)
{
    actors_deliver(((struct shard *)context)->actors, message);
}

/* ---- time --------------------------------------------------------------------------------------- */

static void alarm_arm(struct shard *shard);

static void on_alarm(uv_timer_t *alarm)
{
    struct shard *shard = alarm->data;
    timers_fire_due(&shard->timers, shard_now_ms(&shard->world), TIMERS_BATCH_MAX);
}

/* Called before every wait of the loop: whatever ran since may have set an earlier timer. */
static void alarm_arm(struct shard *shard)
{
    int64_t next_ms = timers_next_ms(&shard->timers);
    if (next_ms == INT64_MAX || shard->finished) {
        uv_timer_stop(&shard->alarm);
        return;
    }
    int64_t wait_ms = next_ms - shard_now_ms(&shard->world);
    uv_timer_start(&shard->alarm, on_alarm, wait_ms > 0 ? (uint64_t)wait_ms : 0, 0);
}

static void figures_take(struct shard *shard)
{
    struct shard_figures figures = {.redis = shard_links_counters(shard),
                                    .mail = mailbox_counters(shard->mailbox),
                                    .breaker_opened = shard->breaker_opened,
                                    .dead_letters = actors_dead_letters(shard->actors),
                                    .actors = actors_count(shard->actors)};
    pthread_mutex_lock(&shard->figures_lock);
    shard->figures = figures;
    pthread_mutex_unlock(&shard->figures_lock);
}

/* Somebody may set the wall clock; logic sees at most CLOCK_SLEW_MS of it a second. */
static void clock_follow(struct shard *shard)
{
    int64_t off_ms = clock_wall_ms() - shard_now_ms(&shard->world);
    if (off_ms > CLOCK_SLEW_MS) off_ms = CLOCK_SLEW_MS;
    if (off_ms < -CLOCK_SLEW_MS) off_ms = -CLOCK_SLEW_MS;
    shard->clock_offset_ms += off_ms;
}

static void on_beat(uv_timer_t *beat)
{
    struct shard *shard = beat->data;
    int64_t now_us = clock_monotonic_us();
    int64_t lag_us = now_us - shard->beat_expected_us;
    figures_take(shard);
    if (shard->config.metrics != NULL)
        metrics_observe(shard->config.metrics, METRIC_loop_lag_seconds, lag_us);
    shard->beat_expected_us = now_us + BEAT_MS * 1000;
    clock_follow(shard);
    atomic_store(&shard->beat_ms, clock_wall_ms());
    if (shard->links[LINK_SUBSCRIBER].link == NULL) return;
    struct proto_alive alive = {.sequence = ++shard->alive_sequence};
    world_publish(&shard->world, CHANNEL_alive, shard->config.instance_id, &alive);
}

/* ---- life --------------------------------------------------------------------------------------- */

static void on_stop_signal(uv_async_t *signal)
{
    struct shard *shard = signal->data;
    if (shard->stopping) return;
    shard->stopping = true;
    if (shard->config.events.stopping != NULL) {
        shard->config.events.stopping(shard->config.context);
    } else {
        shard_finish(shard);
    }
}

static void run(void *argument)
{
    struct shard *shard = argument;
    pthread_setname_np(pthread_self(), shard->config.name);
    log_set_component(shard->config.name);
    shard_links_open(shard);
    shard->beat_expected_us = clock_monotonic_us();
    uv_timer_start(&shard->beat, on_beat, 0, BEAT_MS);
    if (shard->config.events.started != NULL) shard->config.events.started(shard->config.context);
    do {
        alarm_arm(shard);
    } while (uv_run(&shard->loop, UV_RUN_ONCE) != 0);
}

struct shard *shard_open(const struct shard_config *config)
{
    struct shard *shard = memory_new(sizeof *shard);
    shard->config = *config;
    shard->world = (struct world){&shard_ops, &shard->timers, config->key_prefix};
    check(uv_loop_init(&shard->loop) == 0);
    check(uv_async_init(&shard->loop, &shard->stop_signal, on_stop_signal) == 0);
    uv_timer_init(&shard->loop, &shard->alarm);
    uv_timer_init(&shard->loop, &shard->beat);
    shard->stop_signal.data = shard->alarm.data = shard->beat.data = shard;
    timers_init(&shard->timers);
    pthread_mutex_init(&shard->figures_lock, NULL);
    uint64_t seed;
    rng_entropy(&seed, sizeof seed);
    rng_init(&shard->rng, seed);
    shard->clock_offset_ms = clock_wall_ms() - clock_monotonic_ms();
    atomic_store(&shard->beat_ms, clock_wall_ms());
    if (config->directory != NULL) {
        check(config->directory->count < SHARDS_MAX);
        shard->index = (unsigned)config->directory->count;
        config->directory->shards[config->directory->count++] = shard;
    }
    shard->actors = actors_open(shard->index);
    shard->mailbox = mailbox_open(&shard->loop, config->mailbox_capacity, receive_mail, shard);
    return shard;
}

void shard_start(struct shard *shard)
{
    check(uv_thread_create(&shard->thread, run, shard) == 0);
}

void shard_stop(struct shard *shard)
{
    uv_async_send(&shard->stop_signal);
}

void shard_finish(struct shard *shard)
{
    if (shard->finished) return;
    shard->finished = true;
    atomic_store(&shard->redis_ready, false);
    shard_links_close(shard);
    struct message *rest = mailbox_close(shard->mailbox);
    while (rest != NULL) {
        struct message *next = rest->next;
        free(rest);
        rest = next;
    }
    uv_close((uv_handle_t *)&shard->alarm, NULL);
    uv_close((uv_handle_t *)&shard->beat, NULL);
    uv_close((uv_handle_t *)&shard->stop_signal, NULL);
}

void shard_join(struct shard *shard)
{
    check(uv_thread_join(&shard->thread) == 0);
}

void shard_close(struct shard *shard)
{
    mailbox_free(shard->mailbox);
    actors_close(shard->actors);
    timers_free(&shard->timers);
    check(uv_loop_close(&shard->loop) == 0);
    pthread_mutex_destroy(&shard->figures_lock);
    free(shard);
}

bool shard_post(struct shard *shard, actor_address to, struct message *message)
{
    message->to = to;
    return mailbox_send(shard->mailbox, message);
}

unsigned shard_index(const struct shard *shard)
{
    return shard->index;
}

struct world *shard_world(struct shard *shard)
{
    return &shard->world;
}

uv_loop_t *shard_loop(struct shard *shard)
{
    return &shard->loop;
}

struct actors *shard_actors(struct shard *shard)
{
    return shard->actors;
}

int64_t shard_beat_ms(struct shard *shard)
{
    return atomic_load(&shard->beat_ms);
}

struct shard_figures shard_figures(struct shard *shard)
{
    pthread_mutex_lock(&shard->figures_lock);
    struct shard_figures figures = shard->figures;
    pthread_mutex_unlock(&shard->figures_lock);
    return figures;
}
