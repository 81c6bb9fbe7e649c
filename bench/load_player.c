#include "bench/load_player_internal.h"

#include "common/clock.h"
#include "common/token_mint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_TTL_S 86400
#define RECONNECT_US 500000

void load_player_name(const struct load_player *player, char name[LOAD_PLAYER_NAME_BYTES])
{
    snprintf(name, LOAD_PLAYER_NAME_BYTES, "%s-%06u", player->world->options->prefix, player->index);
}

void load_player_set_state(struct load_player *player, enum load_player_state state)
{
    player->state = state;
    player->since_us = clock_monotonic_us();
}

void load_player_violate(struct load_player *player, const uint8_t match_id[IDS_UUID_BYTES], const char *what)
{
    char name[LOAD_PLAYER_NAME_BYTES], match[IDS_UUID_SIZE];
    load_player_name(player, name);
    ids_uuid_from_bytes(match_id, match);
    load_stats_violation(&player->world->stats, name, match, what);
}

void load_player_say(struct load_player *player, const char *text)
{
    if (player->client != NULL) ws_client_send_text(player->client, bytes_of_text(text));
}

bool load_player_is_filler(const struct load_player *player)
{
    return player->index < (uint32_t)player->world->options->waiting;
}

static void authenticate(struct load_player *player)
{
    const struct load_options *options = player->world->options;
    char name[LOAD_PLAYER_NAME_BYTES], text[4096];
    load_player_name(player, name);
    char *token = token_mint_hs256(options->secret, name, options->issuer, options->audience,
                                   clock_wall_ms() / 1000, TOKEN_TTL_S);
    snprintf(
        text, sizeof text,
        "{\"type\":\"authenticate\",\"token\":\"%s\",\"client\":\"load\",\"timeline_encoding\":\"%s\"%s}",
        token, options->timeline_encoding, load_player_is_filler(player) ? ",\"device_id\":\"fillers\"" : "");
    free(token);
    load_player_say(player, text);
}

void load_player_enqueue(struct load_player *player, int64_t wished_at_us)
{
    char text[64];
    check(player->state == PLAYER_LOBBY);
    snprintf(text, sizeof text, "{\"type\":\"enqueue\",\"mode\":\"%s\"}", player->world->options->mode);
    player->wished_at_us = wished_at_us;
    player->enqueued = false;
    player->found = false;
    load_player_set_state(player, PLAYER_QUEUEING);
    load_player_say(player, text);
}

/* ---- the connection ---- */

static void on_opened(void *owner)
{
    authenticate(owner);
}

static void on_closed(void *owner, int code, const char *reason)
{
    struct load_player *player = owner;
    struct load_world *world = player->world;
    char name[16];
    (void)reason;
    if (player->state == PLAYER_CONNECTING) world->connecting--;
    else world->online--;
    player->client = NULL;
    player->has_match = false;
    player->frame_expected = false;
    load_player_set_state(player, PLAYER_OFFLINE);
    if (world->ending) return;
    snprintf(name, sizeof name, "%d", code);
    load_stats_error(&world->stats, "closed_", name);
    world->stats.disconnects++;
    player->wake_at_us = clock_monotonic_us() + RECONNECT_US;
}

static const struct ws_client_events client_events = {on_opened, load_message_text, load_message_binary,
                                                      on_closed};

void load_player_init(struct load_player *player, struct load_world *world, uint32_t index)
{
    *player = (struct load_player){.world = world, .index = index};
}

void load_player_connect(struct load_player *player)
{
    const struct load_options *options = player->world->options;
    check(player->state == PLAYER_OFFLINE && player->client == NULL);
    player->connect_at_us = clock_monotonic_us();
    player->wake_at_us = 0;
    player->world->connecting++;
    load_player_set_state(player, PLAYER_CONNECTING);
    player->client =
        ws_client_open(player->world->clients, &options->servers[player->index % options->server_count],
                       &client_events, player);
}

static bool is_stuck(const struct load_player *player, int64_t now_us)
{
    bool must_move =
        player->state == PLAYER_QUEUEING || player->state == PLAYER_PLAYING || player->state == PLAYER_ACKING;
    return must_move && now_us - player->since_us > LOAD_STUCK_US;
}

void load_player_tick(struct load_player *player, int64_t now_us)
{
    if (player->wake_at_us != 0 && player->wake_at_us <= now_us) {
        player->wake_at_us = 0;
        if (player->state == PLAYER_OFFLINE && !player->world->ending) load_player_connect(player);
        else load_player_say(player, "{\"type\":\"get_state\"}");
    }
    if (!is_stuck(player, now_us)) return;
    load_player_violate(player, player->match_id, "a player makes no progress");
    ws_client_close(player->client, 1000, "stuck");
}

void load_player_leave(struct load_player *player)
{
    if (player->state == PLAYER_QUEUED || player->state == PLAYER_QUEUEING)
        load_player_say(player, "{\"type\":\"dequeue\"}");
}

void load_player_disconnect(struct load_player *player)
{
    if (player->client != NULL) ws_client_close(player->client, 1000, "done");
}
