#include "common/shard_metrics.h"

#include "common/clock.h"
#include "common/scripts.h"

static const size_t script_calls[] = {
#define SCRIPT(name) [SCRIPT_##name] = METRIC_script_calls_##name,
#include "lua/scripts.def"
#undef SCRIPT
};

static const size_t script_us[] = {
#define SCRIPT(name) [SCRIPT_##name] = METRIC_script_us_##name,
#include "lua/scripts.def"
#undef SCRIPT
};

void metrics_observe_redis(struct metrics_block *block, int script, uint64_t time_us)
{
    bool is_script = script >= 0;
    metrics_observe(block, is_script ? METRIC_redis_seconds_script : METRIC_redis_seconds_command,
                    (int64_t)time_us);
    if (!is_script) return;
    check((size_t)script < ARRAY_LENGTH(script_calls));
    metrics_add(block, script_calls[script], 1);
    metrics_add(block, script_us[script], (int64_t)time_us);
}

static void metrics_set_shards(struct metrics_block *block, const struct shard_directory *directory)
{
    struct shard_figures sum = {0};
    int64_t ready = 0, open = 0, half_open = 0;
    for (size_t i = 0; i < directory->count; i++) {
        struct shard_figures figures = shard_figures(directory->shards[i]);
        ready += shard_redis_is_ready(directory->shards[i]);
        open += shard_redis_breaker(directory->shards[i]) == REDIS_BREAKER_OPEN;
        half_open += shard_redis_breaker(directory->shards[i]) == REDIS_BREAKER_HALF_OPEN;
        sum.breaker_opened += figures.breaker_opened;
        sum.actors += figures.actors;
        sum.dead_letters += figures.dead_letters;
        sum.mail.received += figures.mail.received;
        sum.mail.refused += figures.mail.refused;
        sum.mail.depth_max += figures.mail.depth_max;
        redis_link_counters_add(&sum.redis, &figures.redis);
    }
    metrics_set(block, METRIC_redis_ready, ready);
    metrics_set(block, METRIC_redis_breaker_open, open);
    metrics_set(block, METRIC_redis_breaker_half_open, half_open);
    metrics_set(block, METRIC_redis_breaker_opened, (int64_t)sum.breaker_opened);
    metrics_set(block, METRIC_redis_waits, (int64_t)sum.redis.waits);
    metrics_set(block, METRIC_redis_waits_short, (int64_t)sum.redis.waits_short);
    metrics_set(block, METRIC_redis_commands, (int64_t)sum.redis.commands);
    metrics_set(block, METRIC_redis_errors, (int64_t)sum.redis.errors);
    metrics_set(block, METRIC_redis_timeouts, (int64_t)sum.redis.timeouts);
    metrics_set(block, METRIC_redis_reconnects, (int64_t)sum.redis.losses);
    metrics_set(block, METRIC_redis_pending, (int64_t)sum.redis.pending);
    metrics_set(block, METRIC_redis_scripts, (int64_t)sum.redis.scripts);
    metrics_set(block, METRIC_redis_refused, (int64_t)sum.redis.refused);
    metrics_set(block, METRIC_redis_messages, (int64_t)sum.redis.messages);
    metrics_set(block, METRIC_redis_sent_bytes, (int64_t)sum.redis.bytes_out);
    metrics_set(block, METRIC_redis_received_bytes, (int64_t)sum.redis.bytes_in);
    metrics_set(block, METRIC_actors, (int64_t)sum.actors);
    metrics_set(block, METRIC_mailbox_sent, (int64_t)sum.mail.received);
    metrics_set(block, METRIC_mailbox_refused, (int64_t)sum.mail.refused);
    metrics_set(block, METRIC_mailbox_depth, (int64_t)sum.mail.depth_max);
    metrics_set(block, METRIC_dead_letters, (int64_t)sum.dead_letters);
}

void metrics_scrape(struct metrics *metrics, struct metrics_block *block,
                    const struct shard_directory *directory, struct buffer *out)
{
    int64_t start_us = clock_monotonic_us();
    metrics_set_shards(block, directory);
    metrics_set_process(block);
    metrics_write(metrics, out);
    metrics_set(block, METRIC_scrape_us, clock_monotonic_us() - start_us);
}
