#include "match_server/maintenance.h"

#include <assert.h>
#include <string.h>

#include "common/fault.h"
#include "common/log.h"
#include "match_server/maintenance_flag.h"
#include "match_server/matcher_clock.h"
#include "match_server/matchmaker.h"
#include "match_server/server_internal.h"

static_assert((int)MAINTENANCE_PAUSES_MAX == (int)MATCHER_FREEZES_MAX,
              "what Redis keeps a matcher remembers");

bool maintenance_is_active(const struct maintenance *maintenance)
{
    return maintenance->news.active;
}

int64_t maintenance_retry_after_ms(const struct maintenance *maintenance)
{
    if (maintenance->news.active) return maintenance->news.retry_after_ms;
    return maintenance->server->config->maintenance_retry_after_ms;
}

/* ---- the switch ---------------------------------------------------------------------------------- */

static void on_switched(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct maintenance *maintenance = context;
    struct match_server *server = maintenance->server;
    struct answer answer;
    FAULT_POINT(after_maintenance);
    if (!server_answer(server, SCRIPT_maintenance, reply, &answer)) return;
    if (!server->stopping) maintenance_look(maintenance);
}

static void keep_flag(struct maintenance *maintenance)
{
    struct match_server *server = maintenance->server;
    const struct match_config *config = server->config;
    maintenance_call_begin(&server->call, server->world, MAINTENANCE_DETECTOR, config->maintenance_flag_ms,
                           "", config->maintenance_retry_after_ms);
    FAULT_POINT(before_maintenance);
    script_call_send(&server->call, SCRIPT_maintenance, on_switched, maintenance, 0);
}

static void end_flag(struct maintenance *maintenance)
{
    struct match_server *server = maintenance->server;
    maintenance_call_end(&server->call, server->world, MAINTENANCE_DETECTOR);
    FAULT_POINT(before_maintenance);
    script_call_send(&server->call, SCRIPT_maintenance, on_switched, maintenance, 0);
}

/* ---- the detector -------------------------------------------------------------------------------- */

static void on_drained(void *context, int64_t ended)
{
    struct match_server *server = ((struct maintenance *)context)->server;
    if (ended <= 0) return;
    metrics_add(server->metrics, METRIC_waiters_drained, ended);
    log_event(LOG_WARNING, "waiters_drained", LOG_INT("players", ended));
}

static void show_gone(struct maintenance *maintenance, bool gone)
{
    struct match_server *server = maintenance->server;
    maintenance->gone = gone;
    metrics_set(server->metrics, METRIC_game_servers_gone, gone);
    if (server->signs != NULL) atomic_store(&server->signs->game_servers_gone, gone);
    if (gone) log_event(LOG_ERROR, "game_servers_gone");
    else log_event(LOG_INFO, "game_servers_back");
}

static void consider(struct maintenance *maintenance)
{
    struct match_server *server = maintenance->server;
    bool was_gone = maintenance->gone;
    bool silent = listener_watch_gone(&maintenance->watch, server->config->maintenance_silence_ms,
                                      world_now_ms(server->world));
    bool gone = silent && pods_count_alive(&server->pods, POD_GAME, server_redis_now_ms(server)) == 0;
    if (gone != was_gone) show_gone(maintenance, gone);
    if (gone) {
        keep_flag(maintenance);
        drain_start(&maintenance->drain, "", on_drained, maintenance);
    } else if (was_gone || (maintenance->by_detector && maintenance->watch.listened)) {
        end_flag(maintenance); /* also one that a match_server left behind which is no more */
    }
}

void maintenance_heard(struct maintenance *maintenance)
{
    listener_watch_heard(&maintenance->watch);
    if (maintenance->gone) consider(maintenance);
}

static void on_probed(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct maintenance *maintenance = context;
    struct match_server *server = maintenance->server;
    int64_t listeners;
    if (server->stopping) return;
    if (redis_reply_integer(reply, &listeners)) {
        listener_watch_counted(&maintenance->watch, listeners, world_now_ms(server->world));
        consider(maintenance);
    } else {
        listener_watch_unknown(&maintenance->watch);
    }
}

static void probe(struct maintenance *maintenance)
{
    world_publish_and_know(maintenance->server->world, CHANNEL_maintenance, "", &maintenance->news, on_probed,
                           maintenance, 0);
}

static void on_probe_timer(struct timer *timer)
{
    struct maintenance *maintenance = container_of(timer, struct maintenance, probe_timer);
    struct match_server *server = maintenance->server;
    if (maintenance->known) probe(maintenance);
    world_timer_set(server->world, timer, world_now_ms(server->world) + server->config->maintenance_probe_ms);
}

/* ---- what flag and pauses say -------------------------------------------------------------------- */

static void freeze_all(struct match_server *server, int64_t from_ms)
{
    for (size_t i = 0; i < server->mode_count; i++) matchmaker_freeze(server->modes[i].matchmaker, from_ms);
}

static void thaw_all(struct match_server *server, int64_t to_ms)
{
    for (size_t i = 0; i < server->mode_count; i++) matchmaker_thaw(server->modes[i].matchmaker, to_ms);
}

/* What ended before this server looked first is news to its matchers only if they read the queue after it. */
static void rebuild_all(struct match_server *server)
{
    for (size_t i = 0; i < server->mode_count; i++) matchmaker_start(server->modes[i].matchmaker);
}

static void learn_pauses(struct maintenance *maintenance)
{
    const struct proto_maintenance_news *news = &maintenance->news;
    struct match_server *server = maintenance->server;
    bool first = !maintenance->known && news->pauses_count > 0;
    for (size_t i = 0; i < news->pauses_count; i++) {
        const struct proto_pause *pause = &news->pauses[i];
        if (pause->to_ms <= maintenance->paused_until_ms || pause->from_ms >= pause->to_ms) continue;
        freeze_all(server, pause->from_ms);
        thaw_all(server, pause->to_ms);
        maintenance->paused_until_ms = pause->to_ms;
    }
    if (first) rebuild_all(server);
}

static void show_active(struct maintenance *maintenance)
{
    const struct proto_maintenance_news *news = &maintenance->news;
    metrics_set(maintenance->server->metrics, METRIC_maintenance, news->active);
    if (news->active) {
        log_event(LOG_WARNING, "maintenance_begins",
                  LOG_TEXT("by", maintenance->by_detector ? MAINTENANCE_DETECTOR : MAINTENANCE_OPERATOR),
                  LOG_TEXT("reason", news->reason));
    } else {
        log_event(LOG_INFO, "maintenance_ends");
    }
}

static void pass_all(struct match_server *server)
{
    for (size_t i = 0; i < server->mode_count; i++) matchmaker_log_caught_up(server->modes[i].matchmaker);
}

/* A flag from before the end of the last pause was read just before it was taken down. */
static void apply(struct maintenance *maintenance)
{
    struct proto_maintenance_news *news = &maintenance->news;
    struct match_server *server = maintenance->server;
    const struct proto_maintenance_flag *flag = &maintenance->read.flag;
    bool was_active = news->active;
    learn_pauses(maintenance);
    news->active = maintenance->read.active && flag->since_ms >= maintenance->paused_until_ms;
    maintenance->by_detector = news->active && maintenance->read.by_detector;
    news->since_ms = news->active ? flag->since_ms : 0;
    news->retry_after_ms = news->active ? flag->retry_after_ms : 0;
    text_copy(news->reason, sizeof news->reason, news->active ? flag->reason : "");
    maintenance->known = true;
    if (news->active) {
        freeze_all(server, news->since_ms);
    } else if (was_active) {
        int64_t now_ms = server_redis_now_ms(server);
        thaw_all(server, now_ms); /* nothing to do unless the flag ended by itself */
    }
    if (news->active == was_active) return;
    show_active(maintenance);
    probe(maintenance);
    if (!news->active) pass_all(server);
}

static void on_flag(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct maintenance *maintenance = context;
    struct match_server *server = maintenance->server;
    struct proto_maintenance_flag *flag = &maintenance->read.flag;
    maintenance->read.active = reply != NULL && reply->type != REDIS_NIL;
    if (!maintenance_flag_parse(redis_reply_text(reply), flag)) { /* somebody set it by hand */
        bool same = maintenance->news.active && maintenance->read.active;
        *flag = (struct proto_maintenance_flag){.since_ms = same ? maintenance->news.since_ms
                                                                 : server_redis_now_ms(server),
                                                .retry_after_ms = server->config->maintenance_retry_after_ms};
    }
    maintenance->read.by_detector = strcmp(flag->by, MAINTENANCE_DETECTOR) == 0;
}

static void on_pauses(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct maintenance *maintenance = context;
    struct proto_maintenance_news *news = &maintenance->news;
    if (reply == NULL || maintenance->server->stopping)
        return; /* the flag was not answered either, or is old */
    news->pauses_count = 0;
    for (size_t i = 0; reply->type == REDIS_ARRAY && i < reply->count; i++) {
        if (news->pauses_count == MAINTENANCE_PAUSES_MAX) break;
        struct proto_pause *pause = &news->pauses[news->pauses_count];
        if (maintenance_pause_parse(redis_reply_text(&reply->items[i]), pause)) news->pauses_count++;
    }
    apply(maintenance);
}

/* The flag first: what ends between the two is then among the pauses. */
void maintenance_look(struct maintenance *maintenance)
{
    struct world *world = maintenance->server->world;
    struct redis_name flag = proto_key_name(KEY_maintenance, world->key_prefix, "");
    struct redis_name pauses = proto_key_name(KEY_maintenance_pauses, world->key_prefix, "");
    struct bytes get[] = {bytes_of_text("GET"), {flag.text, flag.length}};
    struct bytes range[] = {
        bytes_of_text("LRANGE"), {pauses.text, pauses.length}, bytes_of_text("0"), bytes_of_text("-1")};
    if (!world_command(world, get, ARRAY_LENGTH(get), on_flag, maintenance, 0)) return;
    world_command(world, range, ARRAY_LENGTH(range), on_pauses, maintenance, 0);
}

/* ---- life ---------------------------------------------------------------------------------------- */

void maintenance_init(struct maintenance *maintenance, struct match_server *server)
{
    *maintenance = (struct maintenance){.server = server, .probe_timer = {.fire = on_probe_timer}};
    drain_init(&maintenance->drain, server->world);
}

void maintenance_free(struct maintenance *maintenance)
{
    drain_free(&maintenance->drain);
}

void maintenance_start(struct maintenance *maintenance)
{
    if (timer_is_set(&maintenance->probe_timer)) return;
    struct match_server *server = maintenance->server;
    world_timer_set(server->world, &maintenance->probe_timer,
                    world_now_ms(server->world) + server->config->maintenance_probe_ms);
}

void maintenance_stop(struct maintenance *maintenance)
{
    world_timer_cancel(maintenance->server->world, &maintenance->probe_timer);
}
