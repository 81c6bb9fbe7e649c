#include "common/redis_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/redis_handshake.h"
#include "common/redis_link_private.h"

enum {
    PENDING_MAX = 65536,
    PENDING_BYTES_MAX = 64 * 1024 * 1024,
    WATCH_FIRST_MS = 50,
    WATCH_MS = 500,
    DOUBTS_MAX = 2, /* answers in a row, of different sentinels where there are several */
};

static void start_attempt(struct redis_link *link);
static void start_watch(struct redis_link *link);

bool redis_link_is_subscriber(const struct redis_link *link)
{
    return link->config.channels != NULL || link->config.liveness_channel != NULL;
}

/* ---- one timer for the phase the link is in ---- */

static void on_phase_timer(uv_timer_t *timer)
{
    struct redis_link *link = timer->data;
    switch (link->state) {
    case LINK_WAITING: start_attempt(link); return;
    case LINK_ASKING: redis_link_lose(link, "the sentinel did not answer in time", NULL); return;
    case LINK_CONNECTING: redis_link_lose(link, "connect timed out", NULL); return;
    case LINK_PREPARING: redis_link_lose(link, "login timed out", NULL); return;
    case LINK_READY: break;
    case LINK_CLOSED: return;
    }
    int64_t left_ms = link->heard_ms + link->config.liveness_timeout_ms - clock_monotonic_ms();
    if (left_ms > 0) uv_timer_start(timer, on_phase_timer, (uint64_t)left_ms, 0);
    else redis_link_lose(link, "nothing heard in time", NULL);
}

static void set_phase_timer(struct redis_link *link, int wait_ms)
{
    uv_update_time(link->loop);
    uv_timer_start(&link->phase_timer, on_phase_timer, (uint64_t)wait_ms, 0);
}

/* ---- the breaker ---- */

static enum redis_breaker breaker_now(const struct redis_link *link)
{
    if (link->state == LINK_READY || link->config.breaker_losses == 0 ||
        link->backoff.losses < link->config.breaker_losses)
        return REDIS_BREAKER_CLOSED;
    return link->state == LINK_WAITING ? REDIS_BREAKER_OPEN : REDIS_BREAKER_HALF_OPEN;
}

static void watch_breaker(struct redis_link *link)
{
    enum redis_breaker now = breaker_now(link);
    if (now == link->breaker) return;
    link->breaker = now;
    if (link->events.breaker != NULL) link->events.breaker(link->context, now);
}

/* ---- the connection's life ---- */

static void on_stream_connected(void *context)
{
    struct redis_link *link = context;
    link->state = LINK_PREPARING;
    redis_handshake_begin(&link->handshake, &link->config);
    if (link->handshake.count == 0) redis_link_become_ready(link);
}

void redis_link_become_ready(struct redis_link *link)
{
    link->state = LINK_READY;
    link->ready_since_ms = link->heard_ms = clock_monotonic_ms();
    link->counters.connects++;
    uv_timer_stop(&link->phase_timer);
    watch_breaker(link);
    start_watch(link);
    if (link->config.liveness_channel != NULL && link->config.liveness_timeout_ms > 0)
        set_phase_timer(link, link->config.liveness_timeout_ms);
    if (link->events.ready != NULL) link->events.ready(link->context);
}

static void on_stream_received(void *context, struct bytes bytes)
{
    redis_link_take_bytes(context, bytes);
}

static void on_stream_writable(void *context)
{
    redis_link_write_pending(context);
}

static void on_stream_lost(void *context, const char *reason)
{
    struct redis_link *link = context;
    redis_link_lose(link, link->state == LINK_CONNECTING ? "connect failed" : "connection lost", reason);
}

static void release_part(struct redis_link *link);

static void on_stream_closed(void *context)
{
    release_part(context);
}

static const struct redis_stream_events stream_events = {
    .connected = on_stream_connected,
    .received = on_stream_received,
    .writable = on_stream_writable,
    .lost = on_stream_lost,
    .closed = on_stream_closed,
};

/* ---- where to ---- */

static struct redis_address *choose_address(struct redis_link *link)
{
    struct redis_link_config *config = &link->config;
    if (config->sentinels.count > 0) return &link->found;
    size_t place = link->place % (config->endpoints.count + 1);
    return place == 0 ? &config->address : &config->endpoints.list[place - 1];
}

static void connect_to_redis(struct redis_link *link)
{
    link->state = LINK_CONNECTING;
    link->parts_open++;
    link->stream =
        redis_stream_open(link->loop, choose_address(link), link->backoff.losses, &stream_events, link);
    set_phase_timer(link, link->config.connect_timeout_ms);
    start_watch(link);
}

static void on_sentinel_answer(void *context, const struct redis_address *primary, const char *error)
{
    struct redis_link *link = context;
    link->sentinel = NULL;
    if (primary == NULL) {
        redis_link_lose(link, "sentinel", error);
        return;
    }
    link->found = *primary;
    connect_to_redis(link);
}

static void on_sentinel_closed(void *context)
{
    release_part(context);
}

static void ask(struct redis_link *link, redis_sentinel_fn *answer)
{
    const struct redis_endpoints *sentinels = &link->config.sentinels;
    link->parts_open++;
    link->sentinel = redis_sentinel_ask(link->loop, &sentinels->list[link->place % sentinels->count],
                                        link->config.sentinel_master, answer, on_sentinel_closed, link);
}

static void ask_sentinel(struct redis_link *link)
{
    link->state = LINK_ASKING;
    ask(link, on_sentinel_answer);
    set_phase_timer(link, link->config.connect_timeout_ms);
}

/* ---- is it still the primary? ---- */

static void on_watch_answer(void *context, const struct redis_address *primary, const char *error)
{
    struct redis_link *link = context;
    (void)error; /* the next one is asked soon */
    link->sentinel = NULL;
    if (primary == NULL) return;
    bool same = primary->port == link->found.port && strcmp(primary->host, link->found.host) == 0;
    link->doubts = same ? 0 : link->doubts + 1;
    if (link->doubts >= DOUBTS_MAX) redis_link_lose(link, "the sentinels name another primary", NULL);
}

/* A primary that stood still while another took its place goes on as if nothing had been, until a sentinel
 * deposes it. One sentinel alone may be the one that is behind. */
static void on_watch_timer(uv_timer_t *timer)
{
    struct redis_link *link = timer->data;
    link->place++;
    if (link->sentinel != NULL) redis_sentinel_close(link->sentinel);
    ask(link, on_watch_answer);
}

static void start_watch(struct redis_link *link)
{
    link->doubts = 0;
    if (link->config.sentinels.count > 0)
        uv_timer_start(&link->watch_timer, on_watch_timer, WATCH_FIRST_MS, WATCH_MS);
}

static void start_attempt(struct redis_link *link)
{
    redis_reader_reset(link->reader);
    if (link->config.sentinels.count > 0) ask_sentinel(link);
    else connect_to_redis(link);
    watch_breaker(link);
}

static void drop_stream(struct redis_link *link)
{
    if (link->stream != NULL) redis_stream_close(link->stream);
    link->stream = NULL;
    if (link->sentinel != NULL) redis_sentinel_close(link->sentinel);
    link->sentinel = NULL;
    uv_timer_stop(&link->watch_timer);
    while (link->handshake.count > 0) redis_pipeline_pop(&link->handshake);
}

void redis_link_lose(struct redis_link *link, const char *what, const char *detail)
{
    int64_t ready_ms = link->state == LINK_READY ? clock_monotonic_ms() - link->ready_since_ms : 0;
    int wait_ms = redis_backoff_lost(&link->backoff, ready_ms, link->config.backoff_min_ms,
                                     link->config.backoff_max_ms, rng_next(&link->rng));
    snprintf(link->reason, sizeof link->reason, "%s%s%s", what, detail == NULL ? "" : ": ",
             detail == NULL ? "" : detail);
    if (link->state != LINK_READY) link->place++;
    drop_stream(link);
    link->state = LINK_WAITING;
    link->counters.losses++;
    set_phase_timer(link, wait_ms);
    watch_breaker(link);
    redis_link_give_up(link, link->work.sent_count);
    if (link->state != LINK_CLOSED && link->events.lost != NULL)
        link->events.lost(link->context, link->reason);
}

static void on_flush(uv_prepare_t *prepare)
{
    redis_link_write_pending(prepare->data);
}

/* ---- open and close ---- */

static char *copy_or_null(const char *text)
{
    return text == NULL ? NULL : memory_copy_text(text);
}

static const char *const *copy_channels(const char *const *channels)
{
    if (channels == NULL) return NULL;
    size_t count = 0;
    while (channels[count] != NULL) count++;
    const char **copy = memory_new((count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++) copy[i] = memory_copy_text(channels[i]);
    return copy;
}

static void copy_config(struct redis_link *link, const struct redis_link_config *config)
{
    link->config = *config;
    link->config.client_name = copy_or_null(config->client_name);
    link->config.liveness_channel = copy_or_null(config->liveness_channel);
    link->config.channels = copy_channels(config->channels);
    if (config->pending_max == 0) link->config.pending_max = PENDING_MAX;
    if (config->pending_bytes_max == 0) link->config.pending_bytes_max = PENDING_BYTES_MAX;
}

static void start_handles(struct redis_link *link)
{
    check(uv_timer_init(link->loop, &link->phase_timer) == 0);
    check(uv_timer_init(link->loop, &link->command_timer) == 0);
    check(uv_timer_init(link->loop, &link->watch_timer) == 0);
    check(uv_prepare_init(link->loop, &link->flush) == 0);
    link->phase_timer.data = link->command_timer.data = link->watch_timer.data = link->flush.data = link;
    link->parts_open = 4;
    check(uv_prepare_start(&link->flush, on_flush) == 0);
    uv_unref((uv_handle_t *)&link->flush);
}

struct redis_link *redis_link_open(uv_loop_t *loop, const struct redis_link_config *config,
                                   const struct redis_link_events *events, void *context)
{
    struct redis_link *link = memory_new(sizeof *link);
    size_t script_count = config->scripts == NULL ? 0 : config->scripts->count;
    uint64_t seed;
    check(config->connect_timeout_ms > 0);
    link->loop = loop;
    link->events = *events;
    link->context = context;
    copy_config(link, config);
    rng_entropy(&seed, sizeof seed);
    rng_init(&link->rng, seed);
    link->reader = redis_reader_open();
    redis_pipeline_init(&link->handshake);
    redis_pipeline_init(&link->work);
    link->script_reloading = memory_new((script_count + 1) * sizeof *link->script_reloading);
    start_handles(link);
    start_attempt(link);
    return link;
}

static void free_config(struct redis_link_config *config)
{
    for (size_t i = 0; config->channels != NULL && config->channels[i] != NULL; i++)
        free((char *)config->channels[i]);
    free((void *)config->channels);
    free((char *)config->client_name);
    free((char *)config->liveness_channel);
    explicit_bzero(&config->address, sizeof config->address);
    explicit_bzero(&config->endpoints, sizeof config->endpoints);
}

static void release_part(struct redis_link *link)
{
    if (--link->parts_open > 0) return;
    void (*closed)(void *) = link->closed;
    void *context = link->context;
    free_config(&link->config);
    redis_reader_close(link->reader);
    redis_pipeline_free(&link->handshake);
    redis_pipeline_free(&link->work);
    redis_held_free(&link->held);
    free(link->script_reloading);
    free(link);
    if (closed != NULL) closed(context);
}

static void on_handle_closed(uv_handle_t *handle)
{
    release_part(handle->data);
}

void redis_link_close(struct redis_link *link, void (*closed)(void *context))
{
    if (link->state == LINK_CLOSED) return;
    link->state = LINK_CLOSED;
    link->closed = closed;
    drop_stream(link);
    uv_close((uv_handle_t *)&link->phase_timer, on_handle_closed);
    uv_close((uv_handle_t *)&link->command_timer, on_handle_closed);
    uv_close((uv_handle_t *)&link->watch_timer, on_handle_closed);
    uv_close((uv_handle_t *)&link->flush, on_handle_closed);
    redis_link_give_up(link, link->work.count);
}

/* ---- asking ---- */

bool redis_link_is_ready(const struct redis_link *link)
{
    return link->state == LINK_READY;
}

enum redis_breaker redis_link_breaker(const struct redis_link *link)
{
    return link->breaker;
}

const char *redis_link_state_name(const struct redis_link *link)
{
    static const char *const names[] = {"waiting", "asking", "connecting", "preparing", "ready", "closed"};
    return names[link->state];
}

void redis_link_time(struct redis_link *link, redis_timed_fn *timed, void *context)
{
    link->timed = timed;
    link->timed_context = context;
}

struct redis_link_counters redis_link_counters(const struct redis_link *link)
{
    struct redis_link_counters counters = link->counters;
    counters.pending = link->work.count;
    return counters;
}

void redis_link_counters_add(struct redis_link_counters *sum, const struct redis_link_counters *more)
{
#define COUNTER(name, sentence) sum->name += more->name;
    REDIS_LINK_COUNTERS(COUNTER)
#undef COUNTER
}
