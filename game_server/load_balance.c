#include "game_server/load_balance.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/log.h"
#include "game_server/mail.h"

static struct world *world_of(struct load_balance *balance)
{
    return shard_world(balance->shard);
}

static void post(struct load_balance *balance, actor_address to, struct message *message)
{
    if (world_send(world_of(balance), to, message)) return;
    metrics_add(balance->metrics, METRIC_mailbox_refused, 1);
    log_event(LOG_ERROR, "mailbox_full", LOG_INT("shard", actor_shard(to)));
    free(message);
}

/* ---- the registry -------------------------------------------------------------------------------- */

static void tell_replaced(struct load_balance *balance, actor_address actor, int64_t newer_epoch)
{
    struct mail_replaced *mail = MAIL_NEW(mail_replaced, replaced);
    mail->connection_epoch = newer_epoch;
    post(balance, actor, &mail->message);
}

static void on_register(struct load_balance *balance, const struct mail_registration *mail)
{
    struct registry_entry *entry = registry_put(balance->registry, mail->player_id);
    if (entry->address != ACTOR_NOBODY && entry->epoch > mail->connection_epoch) {
        tell_replaced(balance, mail->actor, entry->epoch);
        return;
    }
    if (entry->address != ACTOR_NOBODY) {
        tell_replaced(balance, entry->address, mail->connection_epoch);
        post(balance, mail->actor, mail_new(sizeof(struct message), MAIL_took_over));
    }
    entry->address = mail->actor;
    entry->epoch = mail->connection_epoch;
}

static void on_unregister(struct load_balance *balance, const struct mail_registration *mail)
{
    struct registry_entry *entry = registry_find(balance->registry, mail->player_id);
    if (entry != NULL && entry->address == mail->actor) registry_remove(balance->registry, mail->player_id);
}

static void beat(struct load_balance *balance);

static void receive(void *self, const struct message *message)
{
    const struct mail_registration *mail = (const void *)message;
    if (message->kind == MAIL_leaving) beat(self);
    if (message->kind == MAIL_register) on_register(self, mail);
    if (message->kind == MAIL_unregister) on_unregister(self, mail);
}

actor_address load_balance_address(struct load_balance *balance)
{
    return actors_add(shard_actors(balance->shard), receive, balance);
}

/* ---- messages from Redis ------------------------------------------------------------------------- */

static void on_snapshot(struct load_balance *balance, const void *record)
{
    const struct proto_snapshot *snapshot = record;
    struct registry_entry *entry = registry_find(balance->registry, snapshot->player_id);
    if (entry == NULL) {
        metrics_add(balance->metrics, METRIC_snapshots_for_nobody, 1);
        return;
    }
    post(balance, entry->address, &mail_snapshot_new(snapshot)->message);
}

static void on_session_replaced(struct load_balance *balance, const void *record)
{
    const struct proto_session_replaced *news = record;
    struct registry_entry *entry = registry_find(balance->registry, news->player_id);
    if (entry == NULL || entry->epoch >= news->connection_epoch) return;
    tell_replaced(balance, entry->address, news->connection_epoch);
}

static void on_party(struct load_balance *balance, const void *record)
{
    const struct proto_party_news *news = record;
    struct registry_entry *entry = registry_find(balance->registry, news->player_id);
    if (entry == NULL) return;
    struct mail_party *mail = MAIL_NEW(mail_party, party);
    mail->version = news->version;
    post(balance, entry->address, &mail->message);
}

static void on_battle_request(struct load_balance *balance, const void *record)
{
    const struct proto_battle_request *request = record;
    if (strcmp(request->host, balance->game->config->common.pod_id) != 0) return;
    struct mail_battle *mail = MAIL_NEW(mail_battle, battle);
    text_copy(mail->match_id, sizeof mail->match_id, request->match_id);
    mail->attempt = request->attempt;
    balance->next_worker = (balance->next_worker + 1) % balance->worker_count;
    post(balance, balance->workers[balance->next_worker], &mail->message);
}

static void tell_maintenance(struct load_balance *balance, actor_address shard)
{
    struct mail_maintenance *mail = MAIL_NEW(mail_maintenance, maintenance);
    mail->news = balance->maintenance;
    post(balance, shard, &mail->message);
}

static int64_t last_pause_ms(const struct proto_maintenance_news *news)
{
    return news->pauses_count == 0 ? 0 : news->pauses[news->pauses_count - 1].to_ms;
}

/* It is said again every few seconds; the shards hear what is new. A mail that found no room is made up for when
 * the next maintenance begins or ends. */
static void on_maintenance(struct load_balance *balance, const void *record)
{
    const struct proto_maintenance_news *news = record, *known = &balance->maintenance;
    bool same = news->active == known->active && news->since_ms == known->since_ms &&
                strcmp(news->reason, known->reason) == 0 && last_pause_ms(news) == last_pause_ms(known);
    if (same) return;
    balance->maintenance = *news;
    for (size_t i = 0; i < balance->shard_count; i++) tell_maintenance(balance, balance->shards[i]);
}

struct route {
    enum channel channel;
    void (*handle)(struct load_balance *balance, const void *record);
};

static const struct route routes[LOAD_BALANCE_CHANNELS] = {
    {CHANNEL_match_result, on_snapshot},
    {CHANNEL_battle_result, on_snapshot},
    {CHANNEL_session_replaced, on_session_replaced},
    {CHANNEL_battle_request, on_battle_request},
    {CHANNEL_party, on_party},
    {CHANNEL_maintenance, on_maintenance},
};

union incoming {
    struct proto_snapshot snapshot;
    struct proto_session_replaced session_replaced;
    struct proto_battle_request battle_request;
    struct proto_party_news party;
    struct proto_maintenance_news maintenance;
};

static void handle(struct load_balance *balance, const struct route *route, struct bytes payload)
{
    union incoming record;
    struct codec_error error;
    const struct proto_channel *channel = &proto_channels[route->channel];
    struct codec_document *document = codec_open(payload, &codec_limits_internal, &error);
    if (document != NULL && codec_decode(document, channel->record, &record, &error)) {
        route->handle(balance, &record);
    } else {
        metrics_add(balance->metrics, METRIC_messages_unreadable, 1);
        log_event(LOG_WARNING, "message_unreadable", LOG_TEXT("channel", channel->name),
                  LOG_TEXT("place", error.place), LOG_TEXT("detail", error.detail));
    }
    codec_close(document);
}

void load_balance_message(void *context, struct bytes channel, struct bytes payload)
{
    struct load_balance *balance = context;
    for (size_t i = 0; i < LOAD_BALANCE_CHANNELS; i++) {
        if (bytes_equal_text(channel, balance->channels[i].text)) handle(balance, &routes[i], payload);
    }
}

void load_balance_channels(struct load_balance *balance, const char *prefix, const char **names)
{
    for (size_t i = 0; i < LOAD_BALANCE_CHANNELS; i++) {
        balance->channels[i] =
            proto_channel_name(routes[i].channel, prefix, balance->game->config->common.pod_id);
        names[i] = balance->channels[i].text;
    }
    names[LOAD_BALANCE_CHANNELS] = NULL;
}

/* ---- life ---------------------------------------------------------------------------------------- */

/* A heartbeat without players: the pod lives even when everybody is in the lobby. Or it stops. */
static void beat(struct load_balance *balance)
{
    struct proto_heartbeat news = {.players_count = 0};
    player_shard_sign(balance->game, &news);
    text_copy(news.instance_id, sizeof news.instance_id, balance->game->instance_id);
    world_publish(world_of(balance), CHANNEL_heartbeat, "", &news);
}

static void on_heartbeat(struct timer *timer)
{
    struct load_balance *balance = container_of(timer, struct load_balance, heartbeat_timer);
    beat(balance);
    world_timer_set(world_of(balance), timer,
                    world_now_ms(world_of(balance)) + balance->game->config->session_heartbeat_ms);
}

void load_balance_started(void *context)
{
    struct load_balance *balance = context;
    log_set_component("load_balance");
    balance->registry = registry_open();
    balance->heartbeat_timer.fire = on_heartbeat;
    world_timer_set(world_of(balance), &balance->heartbeat_timer, world_now_ms(world_of(balance)));
}

void load_balance_redis_ready(void *context)
{
    struct load_balance *balance = context;
    for (size_t i = 0; i < balance->shard_count; i++) {
        post(balance, balance->shards[i], mail_new(sizeof(struct message), MAIL_heartbeat_now));
    }
    world_timer_set(world_of(balance), &balance->heartbeat_timer, world_now_ms(world_of(balance)));
}

void load_balance_stopping(void *context)
{
    struct load_balance *balance = context;
    world_timer_cancel(world_of(balance), &balance->heartbeat_timer);
    registry_close(balance->registry);
    shard_finish(balance->shard);
}
