#include "match_server/server_internal.h"

#include <assert.h>

#include "common/fault.h"
#include "common/log.h"
#include "match_server/ranked_rules.h"

/* An estimate made of the last sixteen or so. */
enum { WAIT_WEIGHT = 16 };

void server_bad_reply(struct match_server *server, const char *what, const struct redis_reply *reply)
{
    metrics_add(server->metrics, METRIC_bad_replies, 1);
    bool is_error = redis_reply_is_error(reply);
    log_event(LOG_ERROR, "redis_reply_bad", LOG_TEXT("call", what), LOG_BOOL("error", is_error),
              LOG_BYTES("text", redis_reply_text(reply)));
}

bool server_answer(struct match_server *server, enum script_id script, const struct redis_reply *reply,
                   struct answer *out)
{
    if (answer_read(reply, out)) return true;
    if (reply == NULL) {
        metrics_add(server->metrics, METRIC_unknown_replies, 1);
    } else {
        server_bad_reply(server, script_name(script), reply);
    }
    return false;
}

static_assert((int)WINDOW_POINTS_MAX == (int)MATCHER_POINTS_MAX, "a snapshot carries every curve");

/* Who waits in a rated queue is told how his window widens: then his pod can tell it at any time. */
static void add_windows(const struct match_server *server, struct proto_snapshot *snapshot)
{
    const struct matcher_rules *rules = &server->ranked_rules;
    for (uint32_t i = 0; i < rules->point_count; i++) {
        snapshot->windows[i] = (struct proto_window_point){.age_ms = rules->curve[i].age_ms,
                                                           .width = ranked_rules_width(rules, i)};
    }
    snapshot->windows_count = rules->point_count;
}

static bool waits_in_rated_queue(const struct match_server *server, const struct proto_snapshot *snapshot)
{
    int mode = server_mode_named(server, snapshot->mode);
    return mode != NO_MODE && server->modes[mode].rated && proto_state_named(snapshot->state) == STATE_queued;
}

void server_tell(struct match_server *server, const char *pod_id, const struct proto_snapshot *snapshot)
{
    if (!pod_id_is_valid(pod_id)) return;
    struct proto_snapshot rated;
    if (waits_in_rated_queue(server, snapshot)) {
        rated = *snapshot;
        add_windows(server, &rated);
        snapshot = &rated;
    }
    if (player_snapshot_publish(server->world, pod_id, snapshot)) {
        metrics_add(server->metrics, METRIC_snapshots_published, 1);
    }
}

void server_tell_all(struct match_server *server, const struct answer *answer)
{
    for (size_t i = 0; i < answer->player_count; i++) {
        struct told_player told;
        if (answer_player(answer, i, &told)) {
            server_tell(server, told.pod_id, &told.snapshot);
        } else {
            server_bad_reply(server, "snapshot", NULL);
        }
    }
}

void server_ask_host(struct match_server *server, const char *match_id, struct bytes host, int64_t attempt)
{
    if (host.length == 0) return;
    struct proto_battle_request request = {.attempt = attempt};
    text_copy(request.match_id, sizeof request.match_id, match_id);
    bytes_copy(request.host, sizeof request.host, host);
    FAULT_POINT(before_battle_request);
    world_publish(server->world, CHANNEL_battle_request, "", &request);
    FAULT_POINT(after_battle_request);
}

static void estimate(struct mode *mode, int64_t wait_ms)
{
    mode->wait_average_ms +=
        mode->wait_average_ms == 0 ? wait_ms : (wait_ms - mode->wait_average_ms) / WAIT_WEIGHT;
}

void server_observe_waits(struct match_server *server, const struct answer *answer, bool count)
{
    for (size_t i = 0; i < answer->player_count; i++) {
        struct told_player told;
        if (!answer_player(answer, i, &told)) continue;
        int index = server_mode_named(server, told.snapshot.mode);
        int64_t wait_ms = match_id_time_ms(told.snapshot.match_id) - told.snapshot.enqueued_at_ms;
        if (index == NO_MODE) continue;
        if (wait_ms < 0) wait_ms = 0; /* Redis and this machine disagree by a little */
        struct mode *mode = &server->modes[index];
        estimate(mode, wait_ms);
        if (!count || mode->metric < 0) continue;
        metrics_observe(server->metrics, METRIC_wait_normal + (size_t)mode->metric, wait_ms);
    }
}
