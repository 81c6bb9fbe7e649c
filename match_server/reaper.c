#include "match_server/reaper.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/fault.h"
#include "common/log.h"
#include "match_server/due.h"
#include "match_server/expiry.h"
#include "match_server/match_end.h"
#include "match_server/match_view.h"
#include "match_server/penalty.h"
#include "match_server/server_internal.h"

enum {
    PODS_SWEEP_MS = 60000,
    PODS_KEPT_MS = 60000,
    /* A time-out that comes later than this and two polls was not watched: nobody is sanctioned for it. A match
     * that another server looks after is left alone for one second of it. */
    LATE_BASE_MS = 2500,
};

/* ---- matches ------------------------------------------------------------------------------------- */

struct overdue {
    struct match_server *server;
    char match_id[UUID_LENGTH + 1];
};

static void count(struct match_server *server, const struct answer *answer)
{
    if (answer_is(answer, "TIMED_OUT")) {
        match_end_count(server, MATCH_END_TIMED_OUT, answer);
        int64_t sanctioned;
        if (redis_reply_integer(redis_reply_item(answer->reply, 2), &sanctioned))
            metrics_add(server->metrics, METRIC_penalties, sanctioned);
    } else if (answer_is(answer, "CANCELLED")) {
        match_end_count(server, MATCH_END_HOST_LOST, answer);
    } else if (answer_is(answer, "READY")) {
        metrics_add(server->metrics, METRIC_battles_offered_again, 1);
    }
}

static void on_reaped(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct overdue *overdue = context;
    struct match_server *server = overdue->server;
    struct answer answer;
    FAULT_POINT(after_reap);
    if (server_answer(server, SCRIPT_reap, reply, &answer)) {
        int64_t attempt = 0;
        count(server, &answer);
        if (answer_is(&answer, "READY") && redis_reply_integer(redis_reply_item(reply, 2), &attempt)) {
            server_ask_host(server, overdue->match_id, answer.first, attempt);
        }
        if (!answer_is(&answer, "EARLY")) {
            log_event(LOG_INFO, "match_overdue", LOG_TEXT("match_id", overdue->match_id),
                      LOG_BYTES("outcome", answer.status), LOG_BYTES("host", answer.first));
        }
        server_tell_all(server, &answer);
    }
    free(overdue);
}

static bool reap(struct overdue *overdue, const struct match_view *match)
{
    struct match_server *server = overdue->server;
    const struct match_config *config = server->config;
    const char *host =
        pods_host(&server->pods, match->pods, overdue->match_id, match->host, server_redis_now_ms(server));
    struct script_call *call = &server->call;
    script_call_start_common(call, server->world, config);
    script_call_key(call, KEY_match, overdue->match_id);
    script_call_key(call, KEY_match_deadlines, "");
    script_call_key(call, KEY_outbox, "");
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_queue, match->mode);
    script_call_key(call, KEY_queue_log, match->mode);
    script_call_key(call, KEY_pods, "");
    script_call_key(call, KEY_penalties, "");
    script_call_members(call, match->players);
    penalty_call_members(call, match);
    script_call_text(call, overdue->match_id);
    script_call_text(call, match->players);
    script_call_text(call, match->mode);
    script_call_text(call, host == NULL ? "" : host);
    script_call_integer(call, config->battle_deadline_ms);
    script_call_integer(call, config->battle_ready_deadline_ms);
    script_call_integer(call, config->battle_attempts_max);
    penalty_call_rules(call, config);
    script_call_text(call, match->devices);
    script_call_integer(call, LATE_BASE_MS + 2 * config->reaper_poll_ms);
    FAULT_POINT(before_reap);
    return script_call_send(call, SCRIPT_reap, on_reaped, overdue, 0);
}

static void on_match_read(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct overdue *overdue = context;
    struct match_view match;
    FAULT_POINT(after_match_read);
    bool known = match_view_parse(reply, &match);
    if (!known) match = (struct match_view){.status = ""}; /* no match of ours: the script forgets it */
    if (reply == NULL || !reap(overdue, &match)) free(overdue);
}

static void on_matches_due(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct match_server *server = context;
    if (reply != NULL && reply->type != REDIS_ARRAY) server_bad_reply(server, "matches due", reply);
    for (size_t i = 0; i < due_count(reply) && !server->stopping; i++) {
        struct overdue *overdue = memory_new(sizeof *overdue);
        overdue->server = server;
        if (!due_member(server, reply, i, overdue->match_id, sizeof overdue->match_id) ||
            !match_view_read(server->world, overdue->match_id, on_match_read, overdue, 0)) {
            free(overdue);
        }
    }
}

/* ---- waiters ------------------------------------------------------------------------------------- */

static void on_waiters_due(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct match_server *server = context;
    size_t waiters = 0;
    if (reply != NULL && reply->type != REDIS_ARRAY) server_bad_reply(server, "waiters due", reply);
    if (server->stopping) return;
    expiry_begin(server);
    for (size_t i = 0; i < due_count(reply); i++) {
        char player_id[PLAYER_ID_MAX + 1];
        if (!due_member(server, reply, i, player_id, sizeof player_id)) continue;
        expiry_add(server, player_id, "");
        waiters++;
    }
    if (waiters > 0) expiry_send(server);
}

/* ---- pods that died long ago ---------------------------------------------------------------------- */

static void sweep_pods(struct match_server *server)
{
    char until[24];
    snprintf(until, sizeof until, "%lld", (long long)(server_redis_now_ms(server) - PODS_KEPT_MS));
    struct redis_name key = proto_key_name(KEY_pods, server->world->key_prefix, "");
    struct bytes command[] = {bytes_of_text("ZREMRANGEBYSCORE"),
                              {key.text, key.length},
                              bytes_of_text("-inf"),
                              bytes_of_text(until)};
    world_command(server->world, command, ARRAY_LENGTH(command), NULL, NULL, 0);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void on_timer(struct timer *timer)
{
    struct reaper *reaper = container_of(timer, struct reaper, timer);
    struct match_server *server = reaper->server;
    int64_t now_ms = world_now_ms(server->world);
    world_timer_set(server->world, timer, now_ms + server->config->reaper_poll_ms);
    if (!server->pods_known) return;
    due_read(server, KEY_match_deadlines, REAPER_BATCH_MAX, on_matches_due, server);
    due_read(server, KEY_queue_leases, REAPER_BATCH_MAX, on_waiters_due, server);
    if (now_ms - reaper->pods_swept_ms < PODS_SWEEP_MS) return;
    reaper->pods_swept_ms = now_ms;
    sweep_pods(server);
}

void reaper_init(struct reaper *reaper, struct match_server *server)
{
    *reaper = (struct reaper){.server = server, .timer = {.fire = on_timer}};
}

void reaper_start(struct reaper *reaper)
{
    if (timer_is_set(&reaper->timer)) return;
    struct match_server *server = reaper->server;
    int64_t phase_ms = (int64_t)(world_random(server->world) % (uint64_t)server->config->reaper_poll_ms);
    world_timer_set(server->world, &reaper->timer, world_now_ms(server->world) + phase_ms);
}

void reaper_stop(struct reaper *reaper)
{
    world_timer_cancel(reaper->server->world, &reaper->timer);
}
