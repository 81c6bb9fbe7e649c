#include "game_server/battle_actor.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/gzip.h"
#include "common/log.h"
#include "game_server/mail.h"

enum { STOP_MS = 2000 };

/* One battle between its replies. */
struct task {
    struct battle_actor *actor;
    struct proto_battle_report report;
};

/* What match:<id> holds, as far as a battle needs it. */
struct inputs {
    battle_snapshot sides[2];
    battle_seed seed;
    char mode[MODE_MAX + 1];
    char players[2][PLAYER_ID_MAX + 1];
};

static void finish(struct battle_actor *actor)
{
    if (actor->finished) return;
    actor->finished = true;
    world_timer_cancel(shard_world(actor->shard), &actor->stop_timer);
    shard_finish(actor->shard);
    battle_ctx_free(actor->context);
    free(actor->timeline);
    gzip_close(actor->gzip);
    buffer_free(&actor->compressed);
}

static void task_end(struct task *task)
{
    struct battle_actor *actor = task->actor;
    free(task);
    if (--actor->open_tasks == 0 && actor->stopping) finish(actor);
}

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

/* Fills the report and actor->compressed. */
static bool fight(struct battle_actor *actor, const struct inputs *inputs, struct proto_battle_report *report)
{
    int64_t start_us = clock_monotonic_us();
    battle_result result;
    battle_sink sink = {report->match_id};
    if (battle_run(actor->context, actor->game->catalog, inputs->sides, &inputs->seed, &sink, &result) != 0)
        return false;
    size_t length = battle_timeline_json(actor->context, actor->timeline, BATTLE_TIMELINE_BYTES);
    check(length > 0);
    uint8_t digest[32];
    battle_sha256(actor->timeline, length, digest);
    hex_of(digest, sizeof digest, report->digest);
    report->winner = result.winner;
    buffer_clear(&actor->compressed);
    gzip_compress(actor->gzip, (struct bytes){actor->timeline, length}, &actor->compressed);
    metrics_add(actor->metrics, METRIC_battles_pvp, 1);
    metrics_observe(actor->metrics, METRIC_battle_seconds, clock_monotonic_us() - start_us);
    if (result.why == BATTLE_OVERLOAD) {
        metrics_add(actor->metrics, METRIC_battle_overloads, 1);
        log_event(LOG_WARNING, "battle_overload", LOG_TEXT("match_id", report->match_id));
    }
    return true;
}

/* ---- storing and reporting ----------------------------------------------------------------------- */

static void on_reported(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    (void)reply;
    task_end(context);
}

/* A report that gets lost is made up for by the deadline of the battle. */
static void report(struct task *task)
{
    struct world *world = shard_world(task->actor->shard);
    if (!world_publish_and_know(world, CHANNEL_battle_report, "", &task->report, on_reported, task, 0))
        task_end(task);
}

static void on_stored(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct task *task = context;
    if (redis_reply_equals(redis_reply_item(reply, 0), "OK")) {
        report(task);
        return;
    }
    log_event(LOG_ERROR, "result_not_stored", LOG_TEXT("match_id", task->report.match_id));
    task_end(task);
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
    if (!world_script(world, SCRIPT_result_store, keys, 1, arguments, ARRAY_LENGTH(arguments), on_stored,
                      task, 0)) {
        log_event(LOG_ERROR, "result_not_stored", LOG_TEXT("match_id", task->report.match_id));
        task_end(task);
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
    struct proto_battle_report *outcome = &task->report;
    struct inputs inputs;
    const char *problem = "";
    if (read_inputs(actor, reply, &inputs, outcome->poisoned, sizeof outcome->poisoned, &problem)) {
        if (fight(actor, &inputs, outcome)) {
            store(task, &inputs);
            return;
        }
        problem = "the engine refused it";
    }
    log_event(LOG_ERROR, "battle_impossible", LOG_TEXT("match_id", outcome->match_id),
              LOG_TEXT("problem", problem));
    if (outcome->poisoned[0] != '\0') report(task);
    else task_end(task);
}

static void receive(void *self, const struct message *message)
{
    struct battle_actor *actor = self;
    struct world *world = shard_world(actor->shard);
    const struct mail_battle *mail = (const void *)message;
    struct task *task = memory_new(sizeof *task);
    task->actor = actor;
    actor->open_tasks++;
    text_copy(task->report.match_id, sizeof task->report.match_id, mail->match_id);
    text_copy(task->report.pod_id, sizeof task->report.pod_id, actor->game->config->common.pod_id);
    struct redis_name key = proto_key_name(KEY_match, world->key_prefix, mail->match_id);
    struct bytes command[] = {bytes_of_text("HGETALL"), {key.text, key.length}};
    if (!world_command(world, command, ARRAY_LENGTH(command), on_match, task, 0)) task_end(task);
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

static void on_stop_timer(struct timer *timer)
{
    finish(container_of(timer, struct battle_actor, stop_timer));
}

/* Battles that were begun are finished and reported, unless Redis takes too long. */
void battle_actor_stopping(void *context)
{
    struct battle_actor *actor = context;
    struct world *world = shard_world(actor->shard);
    actor->stopping = true;
    if (actor->open_tasks == 0) {
        finish(actor);
        return;
    }
    actor->stop_timer.fire = on_stop_timer;
    world_timer_set(world, &actor->stop_timer, world_now_ms(world) + STOP_MS);
}
