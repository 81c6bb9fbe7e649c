#include "match_server/intake_request.h"

#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/ids.h"
#include "common/log.h"
#include "match_server/match_end.h"
#include "match_server/queue_policy.h"

/* ---- the call ------------------------------------------------------------------------------------ */

struct script_call *request_call(struct request *request)
{
    struct match_server *server = request->server;
    struct script_call *call = &server->call;
    script_call_start_common(call, server->world, server->config);
    script_call_key(call, KEY_metadata, request->player_id);
    script_call_text(call, request->player_id);
    script_call_integer(call, request->connection_epoch);
    script_call_integer(call, request->number);
    script_call_text(call, request->pod_id);
    return call;
}

/* ---- the answer ---------------------------------------------------------------------------------- */

static bool is_in_match(enum player_state state)
{
    return state == STATE_loading || state == STATE_battling;
}

static enum error_code busy_error(enum player_state state)
{
    if (is_in_match(state)) return ERROR_already_in_match;
    return state == STATE_queued ? ERROR_already_queued : ERROR_wrong_state;
}

/* The same of the mate, whose state the answer names. */
static enum error_code mate_error(const struct answer *answer)
{
    char state[MODE_MAX + 1];
    answer_text(answer->first, state, sizeof state);
    return busy_error(proto_state_named(state));
}

/* Why the state does not allow it, in the words of the client's protocol. */
static enum error_code state_error(const struct request *request, const struct proto_snapshot *snapshot)
{
    enum player_state state = proto_state_named(snapshot->state);
    bool same_match = strcmp(snapshot->match_id, request->match_id) == 0;
    switch ((int)request->script) {
    case SCRIPT_enqueue: return busy_error(state);
    case SCRIPT_dequeue: return is_in_match(state) ? ERROR_already_in_match : ERROR_not_queued;
    case SCRIPT_loading_complete:
    case SCRIPT_loading_cancel: return same_match ? ERROR_loading_closed : ERROR_no_such_match;
    default: return ERROR_no_such_match;
    }
}

static bool names_mate(const struct answer *answer)
{
    return answer->status.length > 5 && memcmp(answer->status.data, "MATE_", 5) == 0;
}

/* An older login learns from the snapshot itself that it is the older one. */
static enum error_code answer_error(const struct request *request, const struct answer *answer,
                                    const struct proto_snapshot *snapshot)
{
    static const char *const fine[] = {"OK", "READY", "DUP", "FENCED"};
    for (size_t i = 0; i < ARRAY_LENGTH(fine); i++) {
        if (answer_is(answer, fine[i])) return ERROR_none;
    }
    if (answer_is(answer, "MAINTENANCE")) return ERROR_maintenance;
    if (answer_is(answer, "BANNED") || answer_is(answer, "MATE_BANNED")) return ERROR_banned;
    if (answer_is(answer, "MATE_FENCED"))
        return ERROR_matchmaking_unavailable; /* his news are on their way */
    if (answer_is(answer, "MATE_BUSY")) return mate_error(answer);
    if (answer_is(answer, "INVALID")) return ERROR_invalid_field;
    return state_error(request, snapshot);
}

static void mark_refused(struct proto_snapshot *snapshot, enum error_code error, int64_t number)
{
    text_copy(snapshot->refused, sizeof snapshot->refused, proto_errors[error].name);
    snapshot->refused_request = number;
}

static void add_place(const struct request *request, const struct answer *answer,
                      struct proto_snapshot *snapshot)
{
    int mode = server_mode_named(request->server, snapshot->mode);
    bool in_queue = proto_state_named(snapshot->state) == STATE_queued;
    if (request->script != SCRIPT_enqueue || mode == NO_MODE || !in_queue) return;
    redis_reply_integer(redis_reply_item(answer->reply, 1), &snapshot->position);
    redis_reply_integer(redis_reply_item(answer->reply, 2), &snapshot->queue_size);
    snapshot->estimated_wait_ms = request->expected_wait_ms != QUEUE_WAIT_UNKNOWN
                                      ? request->expected_wait_ms
                                      : request->server->modes[mode].wait_average_ms;
}

/* The requester is told on the pod that asks, whatever Redis knows; the others on theirs. */
static void tell_requester(struct request *request, const struct answer *answer, struct told_player *told)
{
    enum error_code error = answer_error(request, answer, &told->snapshot);
    add_place(request, answer, &told->snapshot);
    if (error != ERROR_none) mark_refused(&told->snapshot, error, request->number);
    if (names_mate(answer))
        answer_text(answer->second, told->snapshot.refused_player, sizeof told->snapshot.refused_player);
    if (error == ERROR_banned)
        redis_reply_integer(redis_reply_item(answer->reply, 1), &told->snapshot.retry_after_ms);
    if (error == ERROR_maintenance)
        told->snapshot.retry_after_ms = maintenance_retry_after_ms(&request->server->maintenance);
    server_tell(request->server, request->pod_id, &told->snapshot);
}

static void tell(struct request *request, const struct answer *answer)
{
    for (size_t i = 0; i < answer->player_count; i++) {
        struct told_player told;
        if (!answer_player(answer, i, &told)) {
            server_bad_reply(request->server, script_name(request->script), NULL);
        } else if (strcmp(told.snapshot.player_id, request->player_id) == 0) {
            tell_requester(request, answer, &told);
        } else {
            server_tell(request->server, told.pod_id, &told.snapshot);
        }
    }
}

/* ---- what is counted ----------------------------------------------------------------------------- */

static void count_request(struct match_server *server, size_t accepted_row, const struct answer *answer)
{
    size_t row = accepted_row + 2;
    if (answer_is(answer, "OK")) row = accepted_row;
    if (answer_is(answer, "DUP")) row = accepted_row + 1;
    metrics_add(server->metrics, row, 1);
}

static void count(struct request *request, const struct answer *answer)
{
    struct match_server *server = request->server;
    if (request->script == SCRIPT_enqueue) count_request(server, METRIC_enqueues_accepted, answer);
    if (request->script == SCRIPT_dequeue) count_request(server, METRIC_dequeues_accepted, answer);
    if (request->script == SCRIPT_loading_cancel && answer_is(answer, "OK")) {
        match_end_count(server, MATCH_END_CANCELLED, answer);
        metrics_add(server->metrics, METRIC_penalties, 1);
    }
    if (answer_is(answer, "READY")) metrics_add(server->metrics, METRIC_matches_ready, 1);
}

static void note(const struct request *request, const struct answer *answer)
{
    log_event(LOG_INFO, "request_done", LOG_TEXT("match_id", request->match_id),
              LOG_TEXT("player_id", request->player_id), LOG_TEXT("trace_id", request->trace_id),
              LOG_TEXT("request", script_name(request->script)), LOG_INT("number", request->number),
              LOG_BYTES("status", answer->status));
}

/* ---- between call and answer --------------------------------------------------------------------- */

/* The script has to be given the mate's key. Should he change again and again meanwhile, nobody answers, and the
 * repetition of the request begins anew. True: the request is under way again. */
static bool call_with_mate(struct request *request, const struct answer *answer)
{
    if (request->call == NULL || request->calls == MATE_CALLS_MAX || !ids_is_player_id(answer->first))
        return false;
    request->calls++;
    answer_text(answer->first, request->mate_id, sizeof request->mate_id);
    request->call(request);
    return true;
}

static void on_answer(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct request *request = context;
    struct answer answer;
    FAULT_AFTER_SCRIPT(request->script);
    bool answered = server_answer(request->server, request->script, reply, &answer);
    if (answered && answer_is(&answer, "MATE")) {
        if (call_with_mate(request, &answer)) return;
    } else if (answered) {
        count(request, &answer);
        note(request, &answer);
        if (answer_is(&answer, "READY")) {
            server_observe_waits(request->server, &answer, false);
            server_ask_host(request->server, request->match_id, answer.first, 0);
        }
        tell(request, &answer);
    }
    free(request);
}

void request_send(struct request *request)
{
    FAULT_BEFORE_SCRIPT(request->script);
    if (!script_call_send(&request->server->call, request->script, on_answer, request, 0)) free(request);
}

void request_refuse(struct request *request, enum error_code error)
{
    struct proto_snapshot snapshot = {.connection_epoch = request->connection_epoch};
    text_copy(snapshot.player_id, sizeof snapshot.player_id, request->player_id);
    text_copy(snapshot.state, sizeof snapshot.state, proto_state_names[STATE_lobby]);
    mark_refused(&snapshot, error, request->number);
    server_tell(request->server, request->pod_id, &snapshot);
}
