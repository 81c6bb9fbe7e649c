#include "match_server/intake_pod.h"

#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/ids.h"
#include "common/log.h"
#include "match_server/match_end.h"
#include "match_server/match_view.h"
#include "match_server/server_internal.h"

enum {
    LEFT_MS = 10000, /* a stop takes no longer, and it is said again until then */
    STOP_MS = 3000,  /* by then everybody has seen that match_server took itself out of `pods` */
};

/* ---- heartbeats and acknowledgements --------------------------------------------------------------- */

/* Metadata keys, and player and version as arguments; ids that could not stand in a key are left out. */
static void add_players(struct script_call *call, const struct proto_player_version *players, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!ids_is_player_id(bytes_of_text(players[i].player_id))) continue;
        script_call_key(call, KEY_metadata, players[i].player_id);
        script_call_text(call, players[i].player_id);
        script_call_integer(call, players[i].version);
    }
}

static void on_heartbeat(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct match_server *server = context;
    struct answer answer;
    FAULT_POINT(after_heartbeat);
    if (server_answer(server, SCRIPT_heartbeat, reply, &answer)) server_tell_all(server, &answer);
}

/* Whether the game_server of the pod stops. Then it gets no new battle; a restarted one takes that back. */
static bool note_leaving(struct match_server *server, const struct proto_heartbeat *message)
{
    int64_t until_ms = server_redis_now_ms(server) + LEFT_MS;
    bool leaving = strcmp(message->leaving, "game_server") == 0;
    if (leaving) pods_leave(&server->pods, POD_GAME, message->pod_id, until_ms);
    else pods_return(&server->pods, POD_GAME, message->pod_id);
    return leaving;
}

void intake_heartbeat(struct match_server *server, const struct proto_heartbeat *message)
{
    if (strcmp(message->leaving, "match_server") == 0) {
        pods_leave(&server->pods, POD_MATCH, message->pod_id, server_redis_now_ms(server) + STOP_MS);
        return;
    }
    server_heard(server, message->pod_id);
    bool leaving = note_leaving(server, message);
    if (!server_executes(server, message->pod_id, 1, message->pod_id)) return;
    struct script_call *call = &server->call;
    script_call_start_common(call, server->world, server->config);
    script_call_key(call, KEY_pods, "");
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_outbox, "");
    script_call_text(call, "game");
    script_call_text(call, message->pod_id);
    script_call_integer(call, leaving ? 0 : server->config->pods_heartbeat_ttl_ms);
    script_call_modes(call, server->config);
    script_call_text(call, match_id_is_valid(message->instance_id) ? message->instance_id : "");
    add_players(call, message->players, message->players_count);
    FAULT_POINT(before_heartbeat);
    script_call_send(call, SCRIPT_heartbeat, on_heartbeat, server, 0);
}

static void on_prompt_seen(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct answer answer;
    FAULT_POINT(after_prompt_seen);
    server_answer(context, SCRIPT_prompt_seen, reply, &answer);
}

void intake_prompt_seen(struct match_server *server, const struct proto_prompt_seen *message)
{
    if (!match_id_is_valid(message->instance_id)) return;
    if (!server_executes(server, message->pod_id, 1, message->player_id)) return;
    struct script_call *call = &server->call;
    script_call_start_common(call, server->world, server->config);
    script_call_key(call, KEY_metadata, message->player_id);
    script_call_key(call, KEY_match, message->match_id);
    script_call_text(call, message->player_id);
    script_call_integer(call, message->connection_epoch);
    script_call_text(call, message->match_id);
    script_call_text(call, message->pod_id);
    script_call_text(call, message->instance_id);
    FAULT_POINT(before_prompt_seen);
    script_call_send(call, SCRIPT_prompt_seen, on_prompt_seen, server, 0);
}

static void on_snapshot_ack(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct answer answer;
    FAULT_POINT(after_snapshot_ack);
    server_answer(context, SCRIPT_snapshot_ack, reply, &answer);
}

void intake_snapshot_ack(struct match_server *server, const struct proto_snapshot_ack *message)
{
    if (!server_executes(server, message->pod_id, 1, message->pod_id)) return;
    struct script_call *call = &server->call;
    script_call_start_common(call, server->world, server->config);
    script_call_key(call, KEY_outbox, "");
    add_players(call, message->players, message->players_count);
    FAULT_POINT(before_snapshot_ack);
    script_call_send(call, SCRIPT_snapshot_ack, on_snapshot_ack, server, 0);
}

/* ---- battle reports: first the members, then the script -------------------------------------------- */

struct report {
    struct match_server *server;
    struct proto_battle_report message;
};

static void on_reported(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct report *report = context;
    struct match_server *server = report->server;
    struct answer answer;
    FAULT_POINT(after_report);
    if (server_answer(server, SCRIPT_report, reply, &answer)) {
        if (answer_is(&answer, "OK")) {
            log_event(LOG_INFO, "match_finished", LOG_TEXT("match_id", report->message.match_id),
                      LOG_TEXT("host", report->message.pod_id), LOG_INT("winner", report->message.winner));
            metrics_add(server->metrics, METRIC_matches_finished, 1);
        }
        if (answer_is(&answer, "POISONED")) {
            log_event(LOG_WARNING, "snapshot_poisoned", LOG_TEXT("match_id", report->message.match_id),
                      LOG_TEXT("player_id", report->message.poisoned));
            metrics_add(server->metrics, METRIC_players_poisoned, 1);
            match_end_count(server, MATCH_END_POISONED, &answer);
        }
        server_tell_all(server, &answer);
    }
    free(report);
}

static bool report_send(struct report *report, const struct match_view *match)
{
    const struct proto_battle_report *message = &report->message;
    struct script_call *call = &report->server->call;
    script_call_start_common(call, report->server->world, report->server->config);
    script_call_key(call, KEY_match, message->match_id);
    script_call_key(call, KEY_match_deadlines, "");
    script_call_key(call, KEY_outbox, "");
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_queue, match->mode);
    script_call_key(call, KEY_queue_log, match->mode);
    script_call_members(call, match->players);
    script_call_text(call, message->match_id);
    script_call_text(call, match->players);
    script_call_text(call, match->mode);
    script_call_text(call, message->digest);
    script_call_integer(call, message->winner);
    script_call_text(call, message->poisoned);
    script_call_text(call, message->pod_id);
    FAULT_POINT(before_report);
    return script_call_send(call, SCRIPT_report, on_reported, report, 0);
}

static void on_match_read(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct report *report = context;
    struct match_view match;
    FAULT_POINT(after_match_read);
    if (match_view_parse(reply, &match)) {
        if (report_send(report, &match)) return;
    } else if (reply != NULL) {
        server_bad_reply(report->server, "match", reply);
    }
    free(report);
}

void intake_battle_report(struct match_server *server, const struct proto_battle_report *message)
{
    if (!server_executes(server, message->pod_id, 1, message->match_id)) return;
    struct report *report = memory_new(sizeof *report);
    report->server = server;
    report->message = *message;
    if (!match_view_read(server->world, message->match_id, on_match_read, report, 0)) free(report);
}
