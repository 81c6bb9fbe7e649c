#include "game_server/battle_actor.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fault.h"
#include "common/gzip.h"
#include "common/log.h"
#include "game_server/mail.h"
#include "game_server/progress.h"

/* One battle between its replies. */
struct task {
    struct battle_actor *actor;
    struct proto_battle_report report;
    actor_address player; /* ACTOR_NOBODY: a match; else who fought a stage */
    int64_t stars;
};

/* What match:<id> holds, as far as a battle needs it. */
struct inputs {
    battle_snapshot sides[2];
    battle_seed seed;
    char mode[MODE_MAX + 1];
    char players[2][PLAYER_ID_MAX + 1];
};

/* ---- reading the match --------------------------------------------------------------------------- */

static struct bytes hash_field(const struct redis_reply *hash, const char *name)
{
    for (size_t i = 0; i + 1 < hash->count; i += 2) {
        if (redis_reply_equals(&hash->items[i], name)) return redis_reply_text(&hash->items[i + 1]);
    }
    return (struct bytes){NULL, 0};
}

static bool copy_bytes(struct bytes from, char *to, size_t capacity)
{
    if (from.length == 0 || from.length >= capacity) return false;
    memcpy(to, from.data, from.length);
    to[from.length] = '\0';
    return true;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool read_seed(struct bytes text, battle_seed *seed)
{
    if (text.length != 2 * sizeof seed->bytes) return false;
    for (size_t i = 0; i < sizeof seed->bytes; i++) {
        int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        seed->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* "ana,ben": two players; parties play relays of this. */
static bool read_players(struct bytes list, char players[2][PLAYER_ID_MAX + 1])
{
    const char *comma = list.data == NULL ? NULL : memchr(list.data, ',', list.length);
    if (comma == NULL) return false;
    size_t first = (size_t)(comma - list.data);
    return copy_bytes((struct bytes){list.data, first}, players[0], sizeof players[0]) &&
           copy_bytes((struct bytes){comma + 1, list.length - first - 1}, players[1], sizeof players[1]);
}

/* False: the match cannot be fought. When one side's snapshot is to blame, `poisoned` names its player. */
static bool read_inputs(const struct battle_actor *actor, const struct redis_reply *hash, struct inputs *out,
                        char *poisoned, size_t poisoned_size, const char **problem)
{
    *problem = "no such match";
    if (hash == NULL || hash->type != REDIS_ARRAY || hash->count == 0) return false;
    *problem = "seed, players or mode";
    if (!read_seed(hash_field(hash, "seed"), &out->seed) ||
        !read_players(hash_field(hash, "players"), out->players) ||
        !copy_bytes(hash_field(hash, "mode"), out->mode, sizeof out->mode)) {
        return false;
    }
    for (int side = 0; side < 2; side++) {
        char field[PLAYER_ID_MAX + 8] = "s:";
        text_copy(field + 2, sizeof field - 2, out->players[side]);
        struct bytes json = hash_field(hash, field);
        battle_err error = {.code = BATTLE_OK};
        *problem = "snapshot";
        if (battle_snapshot_parse(actor->game->catalog, json.data == NULL ? "" : json.data, json.length,
                                  &out->sides[side], &error) == 0) {
            continue;
        }
        log_event(LOG_ERROR, "snapshot_unreadable", LOG_TEXT("player_id", out->players[side]),
                  LOG_TEXT("error", battle_error_name(error.code)), LOG_TEXT("place", error.place));
        text_copy(poisoned, poisoned_size, out->players[side]);
        return false;
    }
    return true;
}

/* ---- fighting ------------------------------------------------------------------------------------ */

static void hex_of(const uint8_t *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

/* Fills the task's report and stars, and actor->compressed. */
static bool fight(struct task *task, const struct inputs *inputs)
{
    struct battle_actor *actor = task->actor;
    struct proto_battle_report *report = &task->report;
    int64_t start_us = clock_monotonic_us();
    battle_result result;
    battle_sink sink = {report->match_id};
    if (battle_run(actor->context, actor->game->catalog, inputs->sides, &inputs->seed, &sink, &result) != 0)
        return false;
    task->stars = progress_stars(battle_catalog_progression(actor->game->catalog), &result);
    size_t length = battle_timeline_json(actor->context, actor->timeline, BATTLE_TIMELINE_BYTES);
    check(length > 0);
    uint8_t digest[32];
    battle_sha256(actor->timeline, length, digest);
    hex_of(digest, sizeof digest, report->digest);
    report->winner = result.winner;
    buffer_clear(&actor->compressed);
    gzip_compress(actor->gzip, (struct bytes){actor->timeline, length}, &actor->compressed);
    metrics_add(actor->metrics, task->player == ACTOR_NOBODY ? METRIC_battles_pvp : METRIC_battles_pve, 1);
    metrics_observe(actor->metrics, METRIC_battle_seconds, clock_monotonic_us() - start_us);
    if (result.why == BATTLE_OVERLOAD) {
        metrics_add(actor->metrics, METRIC_battle_overloads, 1);
        log_event(LOG_WARNING, "battle_overload", LOG_TEXT("match_id", report->match_id));
    }
    return true;
}

/* ---- storing and reporting ----------------------------------------------------------------------- */

/* Mail that nobody takes is not repeated: the player gives up by himself. */
static void tell_player(const struct task *task, bool stored)
{
    struct mail_pve_fought *mail = MAIL_NEW(mail_pve_fought, pve_fought);
    text_copy(mail->match_id, sizeof mail->match_id, task->report.match_id);
    mail->stored = stored;
    mail->winner = (int)task->report.winner;
    mail->stars = task->stars;
    if (!world_send(shard_world(task->actor->shard), task->player, &mail->message)) free(mail);
}

static void finish(struct task *task, bool stored)
{
    if (!stored) log_event(LOG_ERROR, "result_not_stored", LOG_TEXT("match_id", task->report.match_id));
    if (task->player != ACTOR_NOBODY) {
        tell_player(task, stored);
    } else if (stored) {
        world_publish(shard_world(task->actor->shard), CHANNEL_battle_report, "", &task->report);
    }
    free(task);
}

static void on_stored(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    FAULT_AFTER_SCRIPT(SCRIPT_result_store);
    finish(context, redis_reply_equals(redis_reply_item(reply, 0), "OK"));
}

static void store(struct task *task, const struct inputs *inputs)
{
    struct battle_actor *actor = task->actor;
    struct world *world = shard_world(actor->shard);
    struct redis_name key = proto_key_name(KEY_result, world->key_prefix, task->report.match_id);
    struct buffer lifetime = {0}, players = {0}, winner = {0};
    buffer_append_integer(&lifetime, actor->game->config->session_result_ttl_s * 1000);
    buffer_append_integer(&winner, task->report.winner);
    buffer_append_text(&players, inputs->players[0]);
    buffer_append_character(&players, ',');
    buffer_append_text(&players, inputs->players[1]);
    struct bytes keys[] = {{key.text, key.length}};
    struct bytes arguments[] = {
        bytes_of_text(""),         buffer_bytes(&lifetime),
        bytes_of_text("mode"),     bytes_of_text(inputs->mode),
        bytes_of_text("players"),  buffer_bytes(&players),
        bytes_of_text("winner"),   buffer_bytes(&winner),
        bytes_of_text("digest"),   bytes_of_text(task->report.digest),
        bytes_of_text("timeline"), buffer_bytes(&actor->compressed),
    };
    FAULT_BEFORE_SCRIPT(SCRIPT_result_store);
    if (!world_script(world, SCRIPT_result_store, keys, 1, arguments, ARRAY_LENGTH(arguments), on_stored,
                      task, 0)) {
        finish(task, false);
    }
    buffer_free(&lifetime);
    buffer_free(&players);
    buffer_free(&winner);
}

static void on_match(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct task *task = context;
    struct battle_actor *actor = task->actor;
    struct proto_battle_report *report = &task->report;
    struct inputs inputs;
    const char *problem = "";
    if (read_inputs(actor, reply, &inputs, report->poisoned, sizeof report->poisoned, &problem)) {
        if (fight(task, &inputs)) {
            store(task, &inputs);
            return;
        }
        problem = "the engine refused it";
    }
    log_event(LOG_ERROR, "battle_impossible", LOG_TEXT("match_id", report->match_id),
              LOG_TEXT("problem", problem));
    if (report->poisoned[0] != '\0') {
        world_publish(shard_world(actor->shard), CHANNEL_battle_report, "", report);
    }
    free(task);
}

static struct task *task_new(struct battle_actor *actor, const char *match_id)
{
    struct task *task = memory_new(sizeof *task);
    task->actor = actor;
    task->player = ACTOR_NOBODY;
    text_copy(task->report.match_id, sizeof task->report.match_id, match_id);
    text_copy(task->report.pod_id, sizeof task->report.pod_id, actor->game->config->common.pod_id);
    return task;
}

static void on_stage(struct battle_actor *actor, const struct mail_pve *mail)
{
    struct task *task = task_new(actor, mail->match_id);
    struct inputs inputs = {.sides = {mail->side, mail->stage->opponent}, .seed = mail->seed, .mode = "pve"};
    for (int side = 0; side < 2; side++) {
        text_copy(inputs.players[side], sizeof inputs.players[side], inputs.sides[side].player_id);
    }
    task->player = mail->player;
    FAULT_POINT(before_pve_battle);
    if (fight(task, &inputs)) {
        store(task, &inputs);
    } else {
        finish(task, false);
    }
}

static void on_battle(struct battle_actor *actor, const struct mail_battle *mail)
{
    struct world *world = shard_world(actor->shard);
    struct task *task = task_new(actor, mail->match_id);
    struct redis_name key = proto_key_name(KEY_match, world->key_prefix, mail->match_id);
    struct bytes command[] = {bytes_of_text("HGETALL"), {key.text, key.length}};
    if (!world_command(world, command, ARRAY_LENGTH(command), on_match, task, 0)) free(task);
}

static void receive(void *self, const struct message *message)
{
    if (message->kind == MAIL_battle) on_battle(self, (const void *)message);
    if (message->kind == MAIL_pve) on_stage(self, (const void *)message);
}

/* ---- life ---------------------------------------------------------------------------------------- */

actor_address battle_actor_address(struct battle_actor *actor)
{
    return actors_add(shard_actors(actor->shard), receive, actor);
}

void battle_actor_started(void *context)
{
    struct battle_actor *actor = context;
    log_set_component("battle");
    actor->context = battle_ctx_new();
    check(actor->context != NULL);
    actor->timeline = memory_new(BATTLE_TIMELINE_BYTES);
    actor->gzip = gzip_open();
}

void battle_actor_stopping(void *context)
{
    struct battle_actor *actor = context;
    shard_finish(actor->shard);
    battle_ctx_free(actor->context);
    free(actor->timeline);
    gzip_close(actor->gzip);
    buffer_free(&actor->compressed);
}
