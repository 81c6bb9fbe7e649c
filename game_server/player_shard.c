#include "game_server/player_shard.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "game_server/dev_token.h"
#include "game_server/mail.h"
#include "game_server/player_drain.h"
#include "game_server/player_internal.h"
#include "game_server/season_store.h"
#include "game_server/session.h"

enum { ACK_DELAY_MS = 20, VERIFY_BEATS = 16, ADDRESS_SLOT_SHIFT = 32 };

/* ---- gathered messages --------------------------------------------------------------------------- */

static void acks_publish(struct player_shard *home)
{
    if (home->acks.players_count == 0) return;
    text_copy(home->acks.pod_id, sizeof home->acks.pod_id, home->game->config->common.pod_id);
    world_publish(home->world, CHANNEL_snapshot_ack, "", &home->acks);
    home->acks.players_count = 0;
    home->ack_batch++;
}

static void on_ack_timer(struct timer *timer)
{
    acks_publish(container_of(timer, struct player_shard, ack_timer));
}

void player_shard_acknowledge(struct player *player)
{
    struct player_shard *home = player->home;
    if (player->ack_batch != home->ack_batch) {
        player->ack_batch = home->ack_batch;
        player->ack_slot = home->acks.players_count++;
        struct proto_player_version *entry = &home->acks.players[player->ack_slot];
        text_copy(entry->player_id, sizeof entry->player_id, player->player_id);
    }
    home->acks.players[player->ack_slot].version = player->version;
    if (home->acks.players_count == HEARTBEAT_PLAYERS_MAX) acks_publish(home);
    if (!timer_is_set(&home->ack_timer)) {
        world_timer_set(home->world, &home->ack_timer, world_now_ms(home->world) + ACK_DELAY_MS);
    }
}

static void count_sessions(struct player_shard *home, const int64_t counts[STATE_COUNT])
{
    for (int state = 0; state < STATE_COUNT; state++) {
        metrics_set(home->metrics, METRIC_sessions_lobby + (size_t)state, counts[state]);
    }
}

void player_shard_sign(const struct game *game, struct proto_heartbeat *beat)
{
    text_copy(beat->pod_id, sizeof beat->pod_id, game->config->common.pod_id);
    if (atomic_load(&game->draining)) text_copy(beat->leaving, sizeof beat->leaving, "game_server");
}

/* Redis knows who is idle as well as we do, unless it went back to before and onto a clock that is behind: then what
 * it says of him looks old, until a heartbeat that names him lifts his version above ours. */
static bool is_named(struct player *player)
{
    bool named = player->heard_older || !player_is_idle(player);
    player->heard_older = false;
    return named;
}

static void heartbeat_publish(struct player_shard *home)
{
    struct proto_heartbeat beat = {.players_count = 0};
    int64_t counts[STATE_COUNT] = {0};
    player_shard_sign(home->game, &beat);
    for (struct player *player = home->players; player != NULL; player = player->next) {
        counts[player->state]++;
        if (!is_named(player)) continue;
        struct proto_player_version *entry = &beat.players[beat.players_count++];
        text_copy(entry->player_id, sizeof entry->player_id, player->player_id);
        entry->version = player->version;
        if (beat.players_count < HEARTBEAT_PLAYERS_MAX) continue;
        world_publish(home->world, CHANNEL_heartbeat, "", &beat);
        beat.players_count = 0;
    }
    if (beat.players_count > 0) world_publish(home->world, CHANNEL_heartbeat, "", &beat);
    count_sessions(home, counts);
}

/* The news of a newer login may get lost, or its bearer may be gone before he could tell: every player asks once
 * in VERIFY_BEATS heartbeats, a few of them at each. */
static void verify_some(struct player_shard *home)
{
    home->beats++;
    for (struct player *player = home->players; player != NULL; player = player->next) {
        bool turn = ((player->address >> ADDRESS_SLOT_SHIFT) + home->beats) % VERIFY_BEATS == 0;
        if (!turn) continue;
        player_verify(player);
        if (player->season != home->season) player_refresh(player);
    }
}

static void on_season(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct player_shard *home = context;
    int64_t started_at_ms;
    season_store_read_reply(reply, &home->season, &started_at_ms);
}

static void on_heartbeat_timer(struct timer *timer)
{
    struct player_shard *home = container_of(timer, struct player_shard, heartbeat_timer);
    heartbeat_publish(home);
    season_store_read(home->world, on_season, home, 0);
    verify_some(home);
    world_timer_set(home->world, timer, world_now_ms(home->world) + home->game->config->session_heartbeat_ms);
}

static void on_maintenance(struct player_shard *home, const struct proto_maintenance_news *news)
{
    bool begins =
        news->active && (!home->maintenance.active || strcmp(news->reason, home->maintenance.reason) != 0);
    home->maintenance = *news;
    if (!begins) return;
    for (struct player *player = home->players; player != NULL; player = player->next)
        player_tell_maintenance(player);
}

static void receive(void *self, const struct message *message)
{
    struct player_shard *home = self;
    if (message->kind == MAIL_maintenance)
        on_maintenance(home, &((const struct mail_maintenance *)message)->news);
    if (message->kind != MAIL_heartbeat_now) return;
    heartbeat_publish(home);
    for (struct player *player = home->players; player != NULL; player = player->next) player_confirm(player);
}

/* ---- life ---------------------------------------------------------------------------------------- */

struct ws_front_config player_shard_front_config(const struct game_config *config, uint16_t port)
{
    return (struct ws_front_config){
        .host = config->client_host,
        .port = port,
        .reuse_port = true,
        .origins = config->client_origins,
        .trusted_proxies = config->client_trusted_proxies,
        .connections_max = (uint32_t)config->client_connections_max,
        .handshakes_max = (uint32_t)config->client_connections_max,
        .message_bytes_max = (uint32_t)config->client_message_bytes_max,
        .send_messages_max = (uint32_t)config->client_send_queue_messages_max,
        .send_bytes_max = (uint32_t)config->client_send_queue_bytes_max,
        .ping_interval_ms = (uint32_t)config->client_ping_interval_ms,
        .idle_timeout_ms = (uint32_t)config->client_idle_timeout_ms,
    };
}

actor_address player_shard_address(struct player_shard *home)
{
    return actors_add(shard_actors(home->shard), receive, home);
}

void player_shard_started(void *context)
{
    struct player_shard *home = context;
    home->world = shard_world(home->shard);
    home->actors = shard_actors(home->shard);
    home->ack_timer.fire = on_ack_timer;
    home->ack_batch = 1;
    home->season = SEASON_FIRST;
    home->heartbeat_timer.fire = on_heartbeat_timer;
    log_set_component("players");
    world_timer_set(home->world, &home->heartbeat_timer, world_now_ms(home->world));
}

static void on_front_closed(void *context)
{
    struct player_shard *home = context;
    while (home->players != NULL) player_abandon(home->players);
    if (home->dev_tokens != NULL) http_server_close(home->dev_tokens, NULL);
    acks_publish(home);
    boards_close(home->boards);
    world_timer_cancel(home->world, &home->ack_timer);
    world_timer_cancel(home->world, &home->heartbeat_timer);
    shard_finish(home->shard);
}

static void close_front(struct player_shard *home)
{
    ws_front_close(home->front, on_front_closed);
}

void player_shard_stopping(void *context)
{
    struct player_shard *home = context;
    ws_front_stop_accepting(home->front);
    player_drain_begin(home, close_front);
}
