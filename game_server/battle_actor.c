#include "game_server/battle_actor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/fault.h"
#include "common/gzip.h"
#include "common/log.h"
#include "game_server/battle_inputs.h"
#include "game_server/mail.h"
#include "game_server/progress.h"

enum { STOP_MS = 2000 };

/* One battle between its replies. */
struct task {
    struct battle_actor *actor;
    struct proto_battle_report report;
    actor_address player; /* ACTOR_NOBODY: a match; else who fought a stage */
    int64_t stars;
};

struct battle_outcome {
    struct proto_battle_report *report; /* winner and digest are filled in */
    bool overload;                      /* cut short by a limit: decided, but it changes no rating */
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

/* ---- fighting ------------------------------------------------------------------------------------ */

/* Writes the timeline of a match of two or four and its SHA-256; its length, 0 when the engine refuses it. */
static size_t compute(struct task *task, const struct battle_inputs *inputs, struct battle_outcome *outcome,
                      uint8_t digest[32])
{
    struct battle_actor *actor = task->actor;
    const char *match_id = outcome->report->match_id;
    size_t length = 0;
    if (inputs->player_count == BATTLE_RELAY_PLAYERS) {
        battle_relay_result relay;
        int code = battle_relay_run(actor->context, actor->game->catalog, inputs->players, &inputs->seed,
                                    match_id, actor->timeline, BATTLE_RELAY_BYTES, &length, &relay);
        if (code != BATTLE_OK) return 0;
        battle_sha256(actor->timeline, length, digest);
        outcome->report->winner = relay.winner;
        for (int i = 0; i < BATTLE_RELAY_BOUTS; i++)
            outcome->overload = outcome->overload || relay.bouts[i].why == BATTLE_OVERLOAD;
    } else {
        battle_result result;
        battle_sink sink = {match_id};
        if (battle_run(actor->context, actor->game->catalog, inputs->players, &inputs->seed, &sink,
                       &result) != 0) {
            return 0;
        }
        length = battle_timeline_json_sha256(actor->context, actor->timeline, BATTLE_RELAY_BYTES, digest);
        outcome->report->winner = result.winner;
        outcome->overload = result.why == BATTLE_OVERLOAD;
        task->stars = progress_stars(battle_catalog_progression(actor->game->catalog), &result);
    }
    check(length > 0);
    return length;
}

/* Fills the task's report and stars, and actor->compressed. */
static bool fight(struct task *task, const struct battle_inputs *inputs, struct battle_outcome *outcome)
{
    struct battle_actor *actor = task->actor;
    int64_t start_us = clock_monotonic_us();
    uint8_t digest[32];
    size_t length = compute(task, inputs, outcome, digest);
    if (length == 0) return false;
    digest_hex(digest, sizeof digest, outcome->report->digest);
    buffer_clear(&actor->compressed);
    gzip_compress(actor->gzip, (struct bytes){actor->timeline, length}, &actor->compressed);
    metrics_add(actor->metrics, task->player == ACTOR_NOBODY ? METRIC_battles_pvp : METRIC_battles_pve, 1);
    metrics_observe(actor->metrics, METRIC_battle_seconds, clock_monotonic_us() - start_us);
    log_event(LOG_INFO, "battle_computed", LOG_TEXT("match_id", outcome->report->match_id),
              LOG_INT("winner", outcome->report->winner), LOG_TEXT("digest", outcome->report->digest));
    if (outcome->overload) {
        metrics_add(actor->metrics, METRIC_battle_overloads, 1);
        log_event(LOG_WARNING, "battle_overload", LOG_TEXT("match_id", outcome->report->match_id));
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

static void finish_stored(struct task *task, bool stored)
{
    if (!stored) log_event(LOG_ERROR, "result_not_stored", LOG_TEXT("match_id", task->report.match_id));
    if (task->player == ACTOR_NOBODY && stored) {
        report(task);
        return;
    }
    if (task->player != ACTOR_NOBODY) tell_player(task, stored);
    task_end(task);
}

static void on_stored(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    FAULT_AFTER_SCRIPT(SCRIPT_result_store);
    finish_stored(context, redis_reply_equals(redis_reply_item(reply, 0), "OK"));
}

static void store(struct task *task, const struct battle_inputs *inputs, const struct battle_outcome *outcome)
{
    struct battle_actor *actor = task->actor;
    struct world *world = shard_world(actor->shard);
    struct redis_name key = proto_key_name(KEY_result, world->key_prefix, task->report.match_id);
    struct buffer lifetime = {0}, winner = {0};
    buffer_append_integer(&lifetime, actor->game->config->session_result_ttl_s * 1000);
    buffer_append_integer(&winner, task->report.winner);
    struct bytes keys[] = {{key.text, key.length}};
    struct bytes arguments[] = {
        bytes_of_text(""),         buffer_bytes(&lifetime),
        bytes_of_text("mode"),     bytes_of_text(inputs->mode),
        bytes_of_text("players"),  bytes_of_text(inputs->player_list),
        bytes_of_text("winner"),   buffer_bytes(&winner),
        bytes_of_text("digest"),   bytes_of_text(task->report.digest),
        bytes_of_text("rated"),    bytes_of_text(outcome->overload ? "0" : "1"),
        bytes_of_text("timeline"), buffer_bytes(&actor->compressed),
    };
    FAULT_BEFORE_SCRIPT(SCRIPT_result_store);
    if (!world_script(world, SCRIPT_result_store, keys, 1, arguments, ARRAY_LENGTH(arguments), on_stored,
                      task, 0)) {
        finish_stored(task, false);
    }
    buffer_free(&lifetime);
    buffer_free(&winner);
}

static void on_match(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct task *task = context;
    struct battle_actor *actor = task->actor;
    struct battle_outcome outcome = {.report = &task->report};
    struct battle_inputs inputs;
    struct battle_problem problem;
    if (battle_inputs_read(actor->game->catalog, reply, &inputs, &problem)) {
        if (fight(task, &inputs, &outcome)) {
            store(task, &inputs, &outcome);
            return;
        }
        problem.what = "the engine refused it";
    }
    metrics_add(actor->metrics, METRIC_battles_failed, 1);
    log_event(LOG_ERROR, "battle_impossible", LOG_TEXT("match_id", task->report.match_id),
              LOG_TEXT("problem", problem.what), LOG_TEXT("player_id", problem.poisoned),
              LOG_TEXT("error", battle_error_name(problem.error.code)),
              LOG_TEXT("place", problem.error.place));
    if (problem.poisoned[0] != '\0' ||
        problem.error.code == BATTLE_E_CATALOG) { /* ask the next host at once */
        text_copy(task->report.poisoned, sizeof task->report.poisoned, problem.poisoned);
        report(task);
    } else {
        task_end(task);
    }
}

static struct task *task_new(struct battle_actor *actor, const char *match_id)
{
    struct task *task = memory_new(sizeof *task);
    task->actor = actor;
    task->player = ACTOR_NOBODY;
    actor->open_tasks++;
    text_copy(task->report.match_id, sizeof task->report.match_id, match_id);
    text_copy(task->report.pod_id, sizeof task->report.pod_id, actor->game->config->common.pod_id);
    return task;
}

static void on_stage(struct battle_actor *actor, const struct mail_pve *mail)
{
    struct task *task = task_new(actor, mail->match_id);
    struct battle_outcome outcome = {.report = &task->report};
    struct battle_inputs inputs = {
        .player_count = 2, .players = {mail->side, mail->stage->opponent}, .seed = mail->seed, .mode = "pve"};
    snprintf(inputs.player_list, sizeof inputs.player_list, "%s,%s", mail->side.player_id,
             mail->stage->opponent.player_id);
    task->player = mail->player;
    FAULT_POINT(before_pve_battle);
    if (fight(task, &inputs, &outcome)) {
        store(task, &inputs, &outcome);
    } else {
        finish_stored(task, false);
    }
}

static void on_battle(struct battle_actor *actor, const struct mail_battle *mail)
{
    struct world *world = shard_world(actor->shard);
    struct task *task = task_new(actor, mail->match_id);
    struct redis_name key = proto_key_name(KEY_match, world->key_prefix, mail->match_id);
    struct bytes command[] = {bytes_of_text("HGETALL"), {key.text, key.length}};
    if (!world_command(world, command, ARRAY_LENGTH(command), on_match, task, 0)) task_end(task);
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
    actor->timeline = memory_new(BATTLE_RELAY_BYTES);
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
