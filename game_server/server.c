#include "game_server/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/codec.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/log.h"
#include "common/redis_options.h"
#include "game_server/dev_token.h"
#include "game_server/gate.h"
#include "game_server/loadout.h"
#include "game_server/season_admin.h"
#include "game_server/server_internal.h"
#include "game_server/session.h"

enum { MAILBOX_CAPACITY = 1 << 17 };

static bool fail(const char *event, const char *problem)
{
    log_event(LOG_ERROR, event, LOG_TEXT("problem", problem));
    return false;
}

/* ---- what all threads share ---------------------------------------------------------------------- */

static bool load_catalog(struct game *game)
{
    char error[1400], memory[1024];
    battle_err reason = {.code = BATTLE_OK};
    const char *path = game->config->game_catalog_file;
    if (path[0] == '\0') file_of_catalog("base.json", memory, sizeof memory), path = memory;
    if (!file_read(path, BATTLE_CATALOG_BYTES, &game->catalog_json, error, sizeof error)) {
        return fail("catalog_unreadable", error);
    }
    game->catalog = battle_catalog_load(game->catalog_json.data, game->catalog_json.length, &reason);
    if (game->catalog == NULL || battle_catalog_lint(game->catalog, &reason) != BATTLE_OK) {
        snprintf(error, sizeof error, "%s: %s: %s", path, reason.place, reason.message);
        return fail("catalog_refused", error);
    }
    snprintf(game->catalog_version, sizeof game->catalog_version, "%s.%d.%.16s",
             battle_catalog_id(game->catalog), battle_catalog_version(game->catalog),
             battle_catalog_sha256(game->catalog));
    return true;
}

static char *encode_text(const struct proto_record *record, const void *value)
{
    struct buffer json = {0};
    codec_encode(&json, NULL, record, value);
    buffer_append_character(&json, '\0');
    return json.data;
}

static void make_starter(struct game *game)
{
    struct proto_loadout *loadout = memory_new(sizeof *loadout);
    struct proto_collection *collection = memory_new(sizeof *collection);
    loadout_starter(game->catalog, loadout, collection);
    game->starter.loadout_json = encode_text(&proto_record_loadout, loadout);
    game->starter.collection_json = encode_text(&proto_record_collection, collection);
    free(loadout);
    free(collection);
}

static bool open_settings(struct server *server)
{
    char error[256];
    const struct game_config *original = server->game.config;
    return settings_open(&server->settings, &server->game, &server->directory, original, error,
                         sizeof error) ||
           fail("auth_unusable", error);
}

/* ---- threads ------------------------------------------------------------------------------------- */

static struct shard_config shard_defaults(struct server *server, const char *name, void *context)
{
    return (struct shard_config){
        .directory = &server->directory,
        .name = name,
        .mailbox_capacity = MAILBOX_CAPACITY,
        .redis = &server->redis,
        .key_prefix = server->game.config->common.redis_key_prefix,
        .metrics = metrics_block_open(server->metrics),
        .context = context,
    };
}

static void open_load_balance(struct server *server)
{
    struct load_balance *balance = &server->balance;
    balance->game = &server->game;
    balance->metrics = metrics_block_open(server->metrics);
    load_balance_channels(balance, server->game.config->common.redis_key_prefix, server->channels);
    struct shard_config config = shard_defaults(server, "load-balance", balance);
    config.channels = server->channels;
    config.instance_id = server->game.instance_id;
    config.events = (struct shard_events){.started = load_balance_started,
                                          .stopping = load_balance_stopping,
                                          .redis_ready = load_balance_redis_ready,
                                          .message = load_balance_message};
    balance->shard = shard_open(&config);
    server->game.load_balance = load_balance_address(balance);
}

static void adopt_http(void *context, int fd)
{
    struct player_shard *home = context;
    http_server_adopt_fd(home->dev_tokens, fd);
}

static bool open_front(struct player_shard *home, uint16_t port)
{
    char error[256];
    const struct game_config *config = home->game->config;
    struct ws_front_config front = player_shard_front_config(config, port);
    struct ws_front_events events = session_events;
    if (config->auth_dev_tokens) {
        events.http_adopt = adopt_http;
        home->dev_tokens = dev_token_open(shard_loop(home->shard), home->game);
    }
    home->front = ws_front_open(shard_loop(home->shard), &front, &events, home, error, sizeof error);
    return home->front != NULL || fail("client_port_unusable", error);
}

static bool open_player_shards(struct server *server)
{
    const struct game_config *config = server->game.config;
    server->shard_count =
        config->client_shards > 0 ? (size_t)config->client_shards : (size_t)uv_available_parallelism();
    server->shards = memory_new(server->shard_count * sizeof *server->shards);
    server->balance.shards = memory_new(server->shard_count * sizeof *server->balance.shards);
    server->client_port = (uint16_t)config->client_port;
    for (size_t i = 0; i < server->shard_count; i++) {
        struct player_shard *home = &server->shards[i];
        home->game = &server->game;
        home->metrics = metrics_block_open(server->metrics);
        struct shard_config shard = shard_defaults(server, "players", home);
        shard.events =
            (struct shard_events){.started = player_shard_started, .stopping = player_shard_stopping};
        home->shard = shard_open(&shard);
        server->balance.shards[server->balance.shard_count++] = player_shard_address(home);
        if (!open_front(home, server->client_port)) return false;
        server->client_port = ws_front_port(home->front);
    }
    return true;
}

static void open_workers(struct server *server)
{
    server->worker_count = (size_t)server->game.config->client_battle_workers;
    server->workers = memory_new(server->worker_count * sizeof *server->workers);
    server->balance.workers = memory_new(server->worker_count * sizeof *server->balance.workers);
    for (size_t i = 0; i < server->worker_count; i++) {
        struct battle_actor *actor = &server->workers[i];
        actor->game = &server->game;
        actor->metrics = metrics_block_open(server->metrics);
        struct shard_config shard = shard_defaults(server, "battle", actor);
        shard.events =
            (struct shard_events){.started = battle_actor_started, .stopping = battle_actor_stopping};
        actor->shard = shard_open(&shard);
        server->balance.workers[server->balance.worker_count++] = battle_actor_address(actor);
    }
    server->game.workers = server->balance.workers;
    server->game.worker_count = server->balance.worker_count;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static bool open_parts(struct server *server)
{
    const char *error = "";
    if (!redis_options_read(&server->game.config->common, &server->redis, &error))
        return fail("redis_url", error);
    if (!load_catalog(&server->game) || !open_settings(server)) return false;
    make_starter(&server->game);
    server->game.gate = gate_open(server->game.config);
    open_load_balance(server);
    if (!open_player_shards(server)) return false;
    open_workers(server);
    return server_admin_open(server);
}

static void log_front_warning(const char *line)
{
    log_event(LOG_WARNING, "libwebsockets", LOG_TEXT("line", line));
}

struct server *server_open(uv_loop_t *loop, const struct game_config *config)
{
    ws_front_set_log(log_front_warning);
    struct server *server = memory_new(sizeof *server);
    server->loop = loop;
    server->game.config = config;
    ids_match_id(server->game.instance_id);
    server->metrics = metrics_open(game_metrics, GAME_METRIC_COUNT);
    server->main_metrics = metrics_block_open(server->metrics);
    if (!open_parts(server)) return NULL; /* the process ends; the system takes back what was opened */
    for (size_t i = 0; i < server->directory.count; i++) shard_start(server->directory.shards[i]);
    log_event(LOG_INFO, "listening", LOG_TEXT("pod_id", config->common.pod_id),
              LOG_INT("client_port", server->client_port), LOG_INT("admin_port", admin_port(server->admin)),
              LOG_INT("shards", server->shard_count), LOG_TEXT("catalog", server->game.catalog_version));
    return server;
}

bool server_reload(struct server *server, const struct reload_sources *sources)
{
    char error[256];
    struct game_config *fresh = memory_new(sizeof *fresh);
    int64_t start_us = clock_monotonic_us();
    bool done = reload_read(sources, server->game.config, fresh);
    if (done && !settings_replace(&server->settings, fresh, error, sizeof error)) {
        reload_refuse(error);
        done = false;
    }
    if (done) log_set_level((enum log_level)fresh->common.log_level);
    if (done) reload_done(start_us);
    metrics_add(server->main_metrics, done ? METRIC_reloads_done : METRIC_reloads_refused, 1);
    explicit_bzero(fresh, sizeof *fresh);
    free(fresh);
    return done;
}

/* Joins off the main loop, so that the admin port answers until the end. */
static void join_all(uv_work_t *work)
{
    struct server *server = work->data;
    /* Players first: their last messages still pass through load balance and the workers. */
    for (size_t i = 0; i < server->shard_count; i++) shard_stop(server->shards[i].shard);
    for (size_t i = 0; i < server->shard_count; i++) shard_join(server->shards[i].shard);
    for (size_t i = 0; i < server->worker_count; i++) shard_stop(server->workers[i].shard);
    for (size_t i = 0; i < server->worker_count; i++) shard_join(server->workers[i].shard);
    shard_stop(server->balance.shard);
    shard_join(server->balance.shard);
}

static void on_admin_closed(void *context)
{
    struct server *server = context;
    server->stopped(server->stopped_context);
}

/* Without Redis every question still open has been answered. */
static void on_redis_closed(void *context)
{
    struct server *server = context;
    season_admin_close(server->seasons);
    server->seasons = NULL;
    admin_close(server->admin, on_admin_closed);
}

static void on_joined(uv_work_t *work, int status)
{
    (void)status;
    struct server *server = work->data;
    redis_world_close(server->redis_world, on_redis_closed, server);
}

void server_stop(struct server *server, void (*stopped)(void *context), void *context)
{
    server->stopped = stopped;
    server->stopped_context = context;
    atomic_store(&server->game.draining, true);
    server->join.data = server;
    check(uv_queue_work(server->loop, &server->join, join_all, on_joined) == 0);
}

void server_close(struct server *server)
{
    for (size_t i = 0; i < server->directory.count; i++) shard_close(server->directory.shards[i]);
    metrics_close(server->metrics);
    settings_close(&server->settings);
    gate_free(server->game.gate);
    battle_catalog_free(server->game.catalog);
    free((void *)(uintptr_t)server->game.starter.loadout_json);
    free((void *)(uintptr_t)server->game.starter.collection_json);
    free((void *)(uintptr_t)server->game.catalog_json.data);
    free(server->balance.shards);
    free(server->balance.workers);
    free(server->shards);
    free(server->workers);
    free(server);
}
