#include "match_server/matchmaker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/log.h"
#include "match_server/matchmaker_internal.h"

/* ---- the lease ----------------------------------------------------------------------------------- */

bool matchmaker_leads(const struct matchmaker *matchmaker)
{
    return matchmaker->lock[0] != '\0' &&
           world_now_ms(matchmaker->server->world) < matchmaker->lease_until_ms;
}

static void lease_again(struct matchmaker *matchmaker, int64_t wait_ms)
{
    struct world *world = matchmaker->server->world;
    int64_t renew_ms = matchmaker->server->config->matchmaker_renew_ms;
    if (wait_ms > renew_ms) wait_ms = renew_ms;
    world_timer_set(world, &matchmaker->lease_timer, world_now_ms(world) + (wait_ms < 1 ? 1 : wait_ms));
}

static void show_leading(struct matchmaker *matchmaker, bool leading)
{
    const struct mode *mode = matchmaker->mode;
    log_event(LOG_INFO, leading ? "lease_taken" : "lease_lost", LOG_TEXT("mode", mode->name),
              LOG_TEXT("lock", matchmaker->lock));
    if (mode->metric < 0) return;
    metrics_set(matchmaker->server->metrics, METRIC_leader_normal + (size_t)mode->metric, leading);
    if (!leading) {
        metrics_set(matchmaker->server->metrics, METRIC_queue_players_normal + (size_t)mode->metric, 0);
    }
}

static void lose_lease(struct matchmaker *matchmaker)
{
    show_leading(matchmaker, false);
    matchmaker->lock[0] = '\0';
    matchmaker_unfollow(matchmaker);
}

static void take_lease(struct matchmaker *matchmaker, struct bytes value)
{
    bytes_copy(matchmaker->lock, sizeof matchmaker->lock, value);
    show_leading(matchmaker, true);
    matchmaker_rebuild(matchmaker);
}

/* Remembers the highest epoch that was ever seen, so that ours will be higher. "owner:epoch" */
static void see_epoch(struct matchmaker *matchmaker, struct bytes value)
{
    char text[LOCK_SIZE];
    bytes_copy(text, sizeof text, value);
    const char *colon = strrchr(text, ':');
    int64_t epoch = colon == NULL ? 0 : strtoll(colon + 1, NULL, 10);
    if (epoch > matchmaker->epoch_seen) matchmaker->epoch_seen = epoch;
}

/* The tag of a lease call is the time until which it holds if granted: counted from the question, not from
 * the answer, so never longer than Redis grants it. */
static void on_acquired(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct matchmaker *matchmaker = context;
    struct match_server *server = matchmaker->server;
    struct answer answer;
    int64_t held_ms = server->config->matchmaker_renew_ms;
    matchmaker->lease_asked = false;
    FAULT_POINT(after_lease_acquire);
    if (server->stopping) return;
    if (server_answer(server, SCRIPT_lease_acquire, reply, &answer)) {
        see_epoch(matchmaker, answer.first);
        if (answer_is(&answer, "OK")) {
            matchmaker->lease_until_ms = (int64_t)tag;
            take_lease(matchmaker, answer.first);
        } else {
            redis_reply_integer(redis_reply_item(reply, 2), &held_ms);
        }
    }
    lease_again(matchmaker, held_ms + 1);
}

static void on_renewed(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct matchmaker *matchmaker = context;
    struct match_server *server = matchmaker->server;
    struct answer answer;
    matchmaker->lease_asked = false;
    FAULT_POINT(after_lease_renew);
    if (server->stopping) return;
    bool answered = server_answer(server, SCRIPT_lease_renew, reply, &answer);
    if (answered && answer_is(&answer, "OK")) {
        matchmaker->lease_until_ms = (int64_t)tag;
    } else if (answered) {
        see_epoch(matchmaker, answer.first);
        lose_lease(matchmaker);
    }
    lease_again(matchmaker,
                answered && matchmaker->lock[0] == '\0' ? 1 : server->config->matchmaker_renew_ms);
}

static void on_lease_timer(struct timer *timer)
{
    struct matchmaker *matchmaker = container_of(timer, struct matchmaker, lease_timer);
    struct match_server *server = matchmaker->server;
    struct script_call *call = &server->call;
    bool leading = matchmaker->lock[0] != '\0';
    uint64_t until_ms = (uint64_t)(world_now_ms(server->world) + server->config->matchmaker_lease_ms);
    script_call_start(call, server->world);
    script_call_key(call, KEY_matchmaker_lock, matchmaker->mode->name);
    script_call_text(call, "");
    script_call_text(call, leading ? matchmaker->lock : matchmaker->owner);
    script_call_integer(call, server->config->matchmaker_lease_ms);
    bool sent;
    if (leading) {
        FAULT_POINT(before_lease_renew);
        sent = script_call_send(call, SCRIPT_lease_renew, on_renewed, matchmaker, until_ms);
    } else {
        FAULT_POINT(before_lease_acquire);
        script_call_integer(call, matchmaker->epoch_seen);
        sent = script_call_send(call, SCRIPT_lease_acquire, on_acquired, matchmaker, until_ms);
    }
    matchmaker->lease_asked = sent;
    if (!sent) lease_again(matchmaker, server->config->matchmaker_renew_ms);
}

static void on_released(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct matchmaker *matchmaker = context;
    struct answer answer;
    FAULT_POINT(after_lease_release);
    server_answer(matchmaker->server, SCRIPT_lease_release, reply, &answer);
}

static void release_lease(struct matchmaker *matchmaker)
{
    struct script_call *call = &matchmaker->server->call;
    script_call_start(call, matchmaker->server->world);
    script_call_key(call, KEY_matchmaker_lock, matchmaker->mode->name);
    script_call_text(call, "");
    script_call_text(call, matchmaker->lock);
    FAULT_POINT(before_lease_release);
    script_call_send(call, SCRIPT_lease_release, on_released, matchmaker, 0);
    lose_lease(matchmaker);
}

/* ---- estimates ----------------------------------------------------------------------------------- */

int64_t matchmaker_expected_wait_ms(const struct matchmaker *matchmaker, int64_t rating)
{
    return queue_policy_expected_wait_ms(matchmaker->policy, rating, server_redis_now_ms(matchmaker->server));
}

void matchmaker_note_arrival(struct matchmaker *matchmaker, int64_t rating)
{
    queue_policy_note_arrival(matchmaker->policy, rating, server_redis_now_ms(matchmaker->server));
}

/* ---- maintenance --------------------------------------------------------------------------------- */

void matchmaker_freeze(struct matchmaker *matchmaker, int64_t from_ms)
{
    queue_policy_freeze(matchmaker->policy, from_ms);
}

void matchmaker_thaw(struct matchmaker *matchmaker, int64_t to_ms)
{
    queue_policy_thaw(matchmaker->policy, to_ms);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static struct queue_policy *open_policy(const struct match_server *server, const struct mode *mode)
{
    if (mode->rated) return queue_policy_open_ranked(&server->ranked_rules);
    return mode->teams ? queue_policy_open_party() : queue_policy_open_first_come();
}

struct matchmaker *matchmaker_open(struct match_server *server, struct mode *mode)
{
    struct matchmaker *matchmaker = memory_new(sizeof *matchmaker);
    matchmaker->server = server;
    matchmaker->mode = mode;
    matchmaker->policy = open_policy(server, mode);
    matchmaker->mirror = mirror_open(matchmaker->policy);
    matchmaker->lease_timer.fire = on_lease_timer;
    matchmaker->recount_timer.fire = matchmaker_recount_timer;
    matchmaker->pause_timer.fire = matchmaker_pause_timer;
    matchmaker->window_timer.fire = matchmaker_window_timer;
    snprintf(matchmaker->owner, sizeof matchmaker->owner, "%s-%016llx", server->config->common.pod_id,
             (unsigned long long)world_random(server->world));
    return matchmaker;
}

void matchmaker_start(struct matchmaker *matchmaker)
{
    struct world *world = matchmaker->server->world;
    if (!timer_is_set(&matchmaker->lease_timer) && !matchmaker->lease_asked) {
        world_timer_set(world, &matchmaker->lease_timer, world_now_ms(world));
    }
    if (matchmaker->lock[0] != '\0') matchmaker_rebuild(matchmaker);
}

void matchmaker_stop(struct matchmaker *matchmaker)
{
    struct world *world = matchmaker->server->world;
    world_timer_cancel(world, &matchmaker->lease_timer);
    world_timer_cancel(world, &matchmaker->pause_timer);
    world_timer_cancel(world, &matchmaker->window_timer);
    world_timer_cancel(world, &matchmaker->recount_timer);
    if (matchmaker->lock[0] != '\0') release_lease(matchmaker);
}

void matchmaker_close(struct matchmaker *matchmaker)
{
    mirror_close(matchmaker->mirror);
    queue_policy_close(matchmaker->policy);
    free(matchmaker);
}
