#include "bench/load_player_internal.h"

#include "bench/load_verify.h"
#include "clients/json_view.h"
#include "common/clock.h"

#include <stdio.h>
#include <string.h>

#define RETRY_US 500000

/* The number of one of our players, LOAD_NOBODY for anybody else. */
static uint32_t index_of(const struct load_world *world, struct bytes id)
{
    size_t prefix_length = strlen(world->options->prefix);
    struct bytes digits = {id.data + prefix_length + 2,
                           id.length - prefix_length - 3}; /* without quotes and dash */
    int64_t index;
    if (id.length < prefix_length + 4 || memcmp(id.data + 1, world->options->prefix, prefix_length) != 0 ||
        id.data[prefix_length + 1] != '-')
        return LOAD_NOBODY;
    while (digits.length > 1 && digits.data[0] == '0') digits.data++, digits.length--;
    if (!json_view_integer(digits, &index) || index < 0 || index >= world->options->players)
        return LOAD_NOBODY;
    return (uint32_t)index;
}

static bool is_measured(const struct load_player *player)
{
    const struct load_world *world = player->world;
    return !load_player_is_filler(player) && player->wished_at_us >= world->measure_from_us &&
           player->wished_at_us < world->measure_to_us;
}

static void fail(struct load_player *player, const char *error)
{
    load_stats_error(&player->world->stats, "", error);
    ws_client_close(player->client, 1002, error);
}

static void say_about_match(struct load_player *player, const char *type)
{
    char text[128], match[IDS_UUID_SIZE];
    ids_uuid_from_bytes(player->match_id, match);
    snprintf(text, sizeof text, "{\"type\":\"%s\",\"match_id\":\"%s\"}", type, match);
    load_player_say(player, text);
}

static bool read_match_id(struct bytes message, uint8_t id[IDS_UUID_BYTES])
{
    char text[IDS_UUID_SIZE];
    return json_view_text(json_view_field(message, "match_id"), text, sizeof text) &&
           ids_uuid_to_bytes(text, id);
}

static void enter_lobby(struct load_player *player)
{
    if (player->state == PLAYER_LOBBY) return;
    player->has_match = false;
    player->frame_expected = false;
    load_player_set_state(player, PLAYER_LOBBY);
    player->world->ready(player->world, player);
}

/* Asks where it is after `delay_us`, and so goes on from whatever the truth is. */
static void ask_later(struct load_player *player, int64_t delay_us)
{
    player->wake_at_us = clock_monotonic_us() + delay_us;
}

static void go_on_from(struct load_player *player, struct bytes state)
{
    struct bytes name = json_view_field(state, "state");
    if (json_view_equals(name, "lobby")) {
        enter_lobby(player);
    } else if (json_view_equals(name, "queued") || json_view_equals(name, "queueing")) {
        load_player_set_state(player, PLAYER_QUEUED);
    } else {
        player->has_match = read_match_id(state, player->match_id);
        load_player_set_state(player, PLAYER_PLAYING);
        if (json_view_equals(name, "loading")) say_about_match(player, "loading_complete");
    }
}

static void on_welcome(struct load_player *player, struct bytes message)
{
    struct load_world *world = player->world;
    if (player->state == PLAYER_CONNECTING) world->connecting--;
    histogram_record(&world->stats.login_us, clock_monotonic_us() - player->connect_at_us);
    world->online++;
    go_on_from(player, json_view_field(message, "state"));
}

static void on_enqueued(struct load_player *player, struct bytes message)
{
    (void)message;
    if (player->state == PLAYER_QUEUEING) load_player_set_state(player, PLAYER_QUEUED);
    if (player->enqueued) return;
    player->enqueued = true;
    if (is_measured(player)) {
        histogram_record(&player->world->stats.enqueued_us, clock_monotonic_us() - player->wished_at_us);
    }
}

static void on_match_found(struct load_player *player, struct bytes message)
{
    struct load_world *world = player->world;
    uint8_t id[IDS_UUID_BYTES];
    struct bytes opponent = json_view_field(message, "opponent_id");
    if (!read_match_id(message, id)) {
        fail(player, "bad_match_id");
        return;
    }
    if (player->has_match && memcmp(id, player->match_id, sizeof id) != 0) {
        load_player_violate(player, id, "a player was given a match while having another");
    }
    const char *wrong =
        load_check_found(world->check, id, player->index, index_of(world, opponent), opponent.length == 0);
    if (wrong != NULL) load_player_violate(player, id, wrong);
    memcpy(player->match_id, id, sizeof id);
    player->has_match = true;
    load_player_set_state(player, PLAYER_PLAYING);
    if (!player->found && is_measured(player)) {
        histogram_record(&world->stats.found_us, clock_monotonic_us() - player->wished_at_us);
    }
    player->found = true;
    if (json_view_integer_or(json_view_field(message, "loading_deadline_ms"), 0) != 0) {
        say_about_match(player, "loading_complete");
    }
}

static void on_match_cancelled(struct load_player *player, struct bytes message)
{
    uint8_t id[IDS_UUID_BYTES];
    char reason[24];
    json_view_text(json_view_field(message, "reason"), reason, sizeof reason);
    load_stats_error(&player->world->stats, "cancelled_", reason);
    if (read_match_id(message, id)) load_check_cancelled(player->world->check, id);
    player->has_match = false;
    load_player_set_state(player, PLAYER_QUEUED);
    if (!json_view_is_true(json_view_field(message, "requeued"))) ask_later(player, RETRY_US);
}

static void verify(struct load_player *player, struct bytes timeline)
{
    const struct load_options *options = player->world->options;
    char error[160], match[IDS_UUID_SIZE];
    ids_uuid_from_bytes(player->match_id, match);
    player->world->stats.verified++;
    bool packed = strcmp(options->timeline_encoding, "gzip") == 0;
    if (!load_verify_timeline(timeline, packed, match, error, sizeof error))
        load_player_violate(player, player->match_id, error);
}

/* The result is whole: everything up to here was the server's work. */
static void take_timeline(struct load_player *player, struct bytes timeline)
{
    struct load_world *world = player->world;
    int64_t now_us = clock_monotonic_us();
    bool first;
    const char *wrong = load_check_timeline(world->check, player->match_id, player->index, timeline, &first);
    if (wrong != NULL) load_player_violate(player, player->match_id, wrong);
    bool in_time = now_us >= world->measure_from_us && now_us < world->measure_to_us;
    if (first && in_time) world->stats.matches++;
    if (is_measured(player)) histogram_record(&world->stats.result_us, now_us - player->wished_at_us);
    world->stats.timelines++;
    world->stats.timeline_bytes += timeline.length;
    int64_t every = world->options->verify_every;
    if (every > 0 && world->stats.timelines % (uint64_t)every == 0) verify(player, timeline);
    player->frame_expected = false;
    player->has_match = false;
    load_player_set_state(player, PLAYER_ACKING);
    say_about_match(player, "ack_result");
}

static void on_battle_result(struct load_player *player, struct bytes message)
{
    struct bytes timeline = json_view_field(message, "timeline");
    uint8_t id[IDS_UUID_BYTES];
    if (!read_match_id(message, id)) {
        fail(player, "bad_match_id");
        return;
    }
    if (player->has_match && memcmp(id, player->match_id, sizeof id) != 0) {
        load_player_violate(player, id, "the result of another match than the player's");
    }
    memcpy(player->match_id, id, sizeof id);
    player->has_match = true;
    player->frame_expected = json_view_field(message, "timeline_encoding").length > 0;
    if (!player->frame_expected) take_timeline(player, timeline);
}

static void on_result_acked(struct load_player *player, struct bytes message)
{
    (void)message;
    if (player->state == PLAYER_ACKING) enter_lobby(player);
}

static void on_dequeued(struct load_player *player, struct bytes message)
{
    char reason[24];
    json_view_text(json_view_field(message, "reason"), reason, sizeof reason);
    if (strcmp(reason, "requested") != 0) load_stats_error(&player->world->stats, "dequeued_", reason);
    if (!player->world->ending) ask_later(player, RETRY_US);
}

static void on_error(struct load_player *player, struct bytes message)
{
    char code[32];
    int64_t wait_us = json_view_integer_or(json_view_field(message, "retry_after_ms"), 0) * 1000;
    json_view_text(json_view_field(message, "code"), code, sizeof code);
    if (player->world->ending && strcmp(code, "not_queued") == 0) return; /* it was matched while leaving */
    load_stats_error(&player->world->stats, "", code);
    ask_later(player, wait_us > RETRY_US ? wait_us : RETRY_US);
}

static void on_state(struct load_player *player, struct bytes message)
{
    go_on_from(player, message);
}

static void on_nothing(struct load_player *player, struct bytes message)
{
    (void)player, (void)message;
}

void load_message_text(void *owner, struct bytes text)
{
    static const struct {
        const char *type;
        void (*handle)(struct load_player *player, struct bytes message);
    } handlers[] = {
        {"enqueued", on_enqueued},
        {"match_found", on_match_found},
        {"loading_progress", on_nothing},
        {"battle_result", on_battle_result},
        {"result_acked", on_result_acked},
        {"queue_status", on_nothing},
        {"welcome", on_welcome},
        {"match_cancelled", on_match_cancelled},
        {"dequeued", on_dequeued},
        {"error", on_error},
        {"state", on_state},
    };
    struct bytes type = json_view_field(text, "type");
    for (size_t i = 0; i < ARRAY_LENGTH(handlers); i++) {
        if (!json_view_equals(type, handlers[i].type)) continue;
        handlers[i].handle(owner, text);
        return;
    }
}

void load_message_binary(void *owner, struct bytes data)
{
    struct load_player *player = owner;
    bool ours = player->frame_expected && data.length > IDS_UUID_BYTES &&
                memcmp(data.data, player->match_id, IDS_UUID_BYTES) == 0;
    if (ours) take_timeline(player, (struct bytes){data.data + IDS_UUID_BYTES, data.length - IDS_UUID_BYTES});
    else fail(player, "unexpected_binary_frame");
}
