/* pod.c -- a game_server: load balance, one player shard and one battle worker as they are. */
#include <stdio.h>
#include <stdlib.h>

#include "common/files.h"
#include "game_server/battle_actor.h"
#include "game_server/load_balance.h"
#include "game_server/loadout.h"
#include "game_server/player.h"
#include "tests/sim/pod.h"

static struct game_config config;
static struct game shared;
static struct metrics_block *metrics;

enum { SHARD_BALANCE, SHARD_PLAYERS, SHARD_BATTLES };

struct pod {
    struct game_config config;
    struct game game;
    struct load_balance balance;
    struct player_shard home;
    struct battle_actor worker;
    actor_address home_address, worker_address;
};

static const char *encoded(const struct proto_record *record, const void *value)
{
    struct buffer text = {0};
    codec_encode(&text, NULL, record, value);
    buffer_append_character(&text, '\0');
    return text.data;
}

static void load_catalog(void)
{
    char error[256];
    battle_err reason;
    check(file_read("game_server/catalog/base.json", BATTLE_CATALOG_BYTES, &shared.catalog_json, error,
                    sizeof error));
    shared.catalog = battle_catalog_load(shared.catalog_json.data, shared.catalog_json.length, &reason);
    check(shared.catalog != NULL);
    struct proto_loadout *loadout = memory_new(sizeof *loadout);
    struct proto_collection *collection = memory_new(sizeof *collection);
    loadout_starter(shared.catalog, loadout, collection);
    shared.starter.loadout_json = encoded(&proto_record_loadout, loadout);
    shared.starter.collection_json = encoded(&proto_record_collection, collection);
    free(loadout);
    free(collection);
}

void pod_prepare(void)
{
    static const char *const arguments[] = {
        "game_server",
        "--session.disconnect_grace_ms=1200",
        "--session.request_retry_ms=250",
        "--session.heartbeat_ms=400",
        "--session.queue_status_ms=1500",
        "--pve.interval_ms=100",
        "--party.invite_ttl_s=1",
        "--party.invites_per_minute=1000",
    };
    static const char *const environment[] = {
        "DUELPOD_AUTH_HS256_SECRET=a-secret-that-nobody-ever-looks-at-here", NULL};
    enum options_outcome outcome =
        options_load(&game_program, (int)ARRAY_LENGTH(arguments), (char *const *)arguments,
                     (char *const *)environment, &config, stdout, stderr);
    check(outcome == OPTIONS_START);
    metrics = metrics_block_open(metrics_open(game_metrics, GAME_METRIC_COUNT));
    load_catalog();
}

static void open_actors(struct process *process, struct pod *pod)
{
    static const char *names[LOAD_BALANCE_CHANNELS + 1];
    struct shard **shards = process->shards;
    pod->balance =
        (struct load_balance){.game = &pod->game, .shard = shards[SHARD_BALANCE], .metrics = metrics};
    load_balance_channels(&pod->balance, "", names);
    pod->game.load_balance = load_balance_address(&pod->balance);
    pod->home = (struct player_shard){.game = &pod->game, .shard = shards[SHARD_PLAYERS], .metrics = metrics};
    pod->home_address = player_shard_address(&pod->home);
    pod->worker =
        (struct battle_actor){.game = &pod->game, .shard = shards[SHARD_BATTLES], .metrics = metrics};
    pod->worker_address = battle_actor_address(&pod->worker);
    pod->balance.shards = &pod->home_address;
    pod->balance.workers = &pod->worker_address;
    pod->balance.shard_count = pod->balance.worker_count = 1;
    pod->game.workers = &pod->worker_address;
    pod->game.worker_count = 1;
}

void pod_start(struct process *process)
{
    struct pod *pod = memory_new(sizeof *pod);
    process->program = pod;
    process->shard_count = SIM_SHARDS;
    for (unsigned i = 0; i < SIM_SHARDS; i++) process->shards[i] = sim_shard_open(process->sim, process, i);
    pod->config = config;
    text_copy(pod->config.common.pod_id, sizeof pod->config.common.pod_id, process->pod_id);
    pod->game.config = &pod->config;
    pod->game.catalog = shared.catalog;
    pod->game.catalog_json = shared.catalog_json;
    pod->game.starter = shared.starter;
    open_actors(process, pod);
    load_balance_started(&pod->balance);
    player_shard_started(&pod->home);
    battle_actor_started(&pod->worker);
}

void pod_kill(struct process *process)
{
    struct pod *pod = process->program;
    for (struct ws_conn *conn = process->sim->conns; conn != NULL; conn = conn->next) {
        if (conn->pod == process) socket_end(conn);
    }
    while (pod->home.players != NULL) player_abandon(pod->home.players);
    battle_actor_stopping(&pod->worker);
    load_balance_stopping(&pod->balance);
    free(pod);
}

void pod_redis_ready(struct process *process)
{
    load_balance_redis_ready(&((struct pod *)process->program)->balance);
}

void pod_message(struct process *process, struct bytes channel, struct bytes payload)
{
    load_balance_message(&((struct pod *)process->program)->balance, channel, payload);
}

struct player_shard *pod_players(struct process *process)
{
    return &((struct pod *)process->program)->home;
}
