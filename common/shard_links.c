#include "common/log.h"
#include "common/shard_metrics.h"
#include "common/shard_private.h"

/* BLOCKING_MS_MAX: that Redis may hold a blocking command back; its answer has the usual time on top. */
enum { LIVENESS_TIMEOUT_MS = 3000, BLOCKING_MS_MAX = 500 };

static void links_changed(struct shard *shard, const char *lost_reason)
{
    bool ready = true;
    for (size_t i = 0; i < LINKS_MAX; i++) {
        if (shard->links[i].link != NULL && !shard->links[i].ready) ready = false;
    }
    bool was_ready = atomic_exchange(&shard->redis_ready, ready);
    const struct shard_events *events = &shard->config.events;
    if (ready && !was_ready && events->redis_ready != NULL) events->redis_ready(shard->config.context);
    if (!ready && was_ready && events->redis_lost != NULL)
        events->redis_lost(shard->config.context, lost_reason);
}

static const char *const link_role_names[LINKS_MAX] = {"command", "subscriber", "blocking"};

static void on_link_ready(void *context)
{
    struct shard_link *link = context;
    link->ready = true;
    log_event(LOG_INFO, "redis_ready", LOG_TEXT("shard", link->shard->config.name),
              LOG_TEXT("link", link_role_names[link->role]));
    links_changed(link->shard, NULL);
}

static void on_link_lost(void *context, const char *reason)
{
    struct shard_link *link = context;
    link->ready = false;
    log_event(LOG_WARNING, "redis_lost", LOG_TEXT("shard", link->shard->config.name),
              LOG_TEXT("link", link_role_names[link->role]), LOG_TEXT("reason", reason));
    links_changed(link->shard, reason);
}

static void on_link_breaker(void *context, enum redis_breaker breaker)
{
    static const char *const names[] = {"closed", "open", "half_open"};
    struct shard_link *link = context;
    struct shard *shard = link->shard;
    if (link->role != LINK_COMMAND) return;
    enum redis_breaker before = (enum redis_breaker)atomic_exchange(&shard->breaker, (int)breaker);
    shard->breaker_opened += before == REDIS_BREAKER_CLOSED;
    log_event(breaker == REDIS_BREAKER_CLOSED ? LOG_INFO : LOG_WARNING, "redis_breaker",
              LOG_TEXT("shard", shard->config.name), LOG_TEXT("state", names[breaker]));
}

static void on_link_message(void *context, struct bytes channel, struct bytes payload)
{
    struct shard_link *link = context;
    const struct shard_config *config = &link->shard->config;
    /* Mail sent before the message was published is handled before it. */
    mailbox_drain(link->shard->mailbox, SIZE_MAX);
    if (config->events.message != NULL) config->events.message(config->context, channel, payload);
}

static void on_link_timed(void *context, int script, uint64_t time_us)
{
    metrics_observe_redis(context, script, time_us);
}

static void link_open(struct shard *shard, enum link_role role)
{
    struct redis_link_config config = *shard->config.redis;
    config.client_name = shard->config.name;
    config.scripts = role == LINK_COMMAND ? scripts_embedded() : NULL;
    if (role == LINK_SUBSCRIBER) {
        config.channels = shard->config.channels;
        config.liveness_channel = shard->alive_channel.text;
        config.liveness_timeout_ms = LIVENESS_TIMEOUT_MS;
    }
    if (role == LINK_BLOCKING) config.command_timeout_ms += BLOCKING_MS_MAX;
    shard->links[role] = (struct shard_link){.shard = shard, .role = role};
    struct redis_link_events events = {on_link_ready, on_link_lost, on_link_message, on_link_breaker};
    shard->links[role].link = redis_link_open(&shard->loop, &config, &events, &shard->links[role]);
    if (role == LINK_COMMAND && shard->config.metrics != NULL)
        redis_link_time(shard->links[role].link, on_link_timed, shard->config.metrics);
}

void shard_links_open(struct shard *shard)
{
    if (shard->config.redis == NULL) return;
    if (shard->config.channels != NULL) {
        shard->alive_channel =
            proto_channel_name(CHANNEL_alive, shard->config.key_prefix, shard->config.instance_id);
        link_open(shard, LINK_SUBSCRIBER);
    }
    link_open(shard, LINK_COMMAND);
    if (shard->config.blocking_link) link_open(shard, LINK_BLOCKING);
}

void shard_links_close(struct shard *shard)
{
    for (size_t i = 0; i < LINKS_MAX; i++) {
        if (shard->links[i].link != NULL) redis_link_close(shard->links[i].link, NULL);
        shard->links[i].link = NULL;
    }
}

struct redis_link_counters shard_links_counters(const struct shard *shard)
{
    struct redis_link_counters sum = {0};
    for (size_t i = 0; i < LINKS_MAX; i++) {
        if (shard->links[i].link == NULL) continue;
        struct redis_link_counters counters = redis_link_counters(shard->links[i].link);
        redis_link_counters_add(&sum, &counters);
    }
    return sum;
}

/* ---- asked from any thread ----------------------------------------------------------------------- */

bool shard_redis_is_ready(struct shard *shard)
{
    return atomic_load(&shard->redis_ready);
}

enum redis_breaker shard_redis_breaker(struct shard *shard)
{
    return (enum redis_breaker)atomic_load(&shard->breaker);
}

const char *shard_redis_trouble(struct shard *shard)
{
    if (shard_redis_is_ready(shard)) return NULL;
    switch (shard_redis_breaker(shard)) {
    case REDIS_BREAKER_CLOSED: break;
    case REDIS_BREAKER_OPEN: return "not connected, breaker open";
    case REDIS_BREAKER_HALF_OPEN: return "not connected, breaker half open";
    }
    return "not connected";
}
