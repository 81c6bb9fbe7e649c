#include "match_server/intake.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/fault.h"
#include "common/ids.h"
#include "common/log.h"
#include "match_server/enqueue_call.h"
#include "match_server/intake_pod.h"
#include "match_server/match_view.h"
#include "match_server/matchmaker.h"
#include "match_server/queue_policy.h"
#include "match_server/penalty.h"

/* ---- what all requests share --------------------------------------------------------------------- */

static bool ids_are_valid(const char *player_id, const char *pod_id)
{
    return ids_is_player_id(bytes_of_text(player_id)) && pod_id_is_valid(pod_id);
}

static void message_refuse(struct match_server *server, enum channel channel, const char *place,
                           const char *detail)
{
    metrics_add(server->metrics, METRIC_bad_messages, 1);
    log_event(LOG_WARNING, "message_bad", LOG_TEXT("channel", proto_channels[channel].name),
              LOG_TEXT("place", place), LOG_TEXT("detail", detail));
}

/* NULL: somebody else's. Every request record begins with the same fields (proto/internal.def). */
#define REQUEST_NEW(server, script, record)                                                            \
    request_new((server), (script), (record)->player_id, (record)->pod_id, (record)->connection_epoch, \
                (record)->request, (record)->attempt, (record)->trace_id)

static struct request *request_new(struct match_server *server, enum script_id script, const char *player_id,
                                   const char *pod_id, int64_t connection_epoch, int64_t number,
                                   int64_t attempt, const char *trace_id)
{
    server_heard(server, pod_id);
    if (!server_executes(server, pod_id, attempt, player_id)) return NULL;
    struct request *request = memory_new(sizeof *request);
    request->server = server;
    request->script = script;
    text_copy(request->player_id, sizeof request->player_id, player_id);
    text_copy(request->pod_id, sizeof request->pod_id, pod_id);
    text_copy(request->trace_id, sizeof request->trace_id, trace_id);
    request->connection_epoch = connection_epoch;
    request->number = number;
    return request;
}

/* ---- queue --------------------------------------------------------------------------------------- */

/* Every server hears every request, so every one can estimate waits; the request itself is no sign of others. */
static int64_t expect_wait(struct match_server *server, int mode, const struct proto_enqueue_request *message,
                           bool asked)
{
    if (mode == NO_MODE) return QUEUE_WAIT_UNKNOWN;
    struct matchmaker *matchmaker = server->modes[mode].matchmaker;
    int64_t wait_ms = asked ? matchmaker_expected_wait_ms(matchmaker, message->rating) : QUEUE_WAIT_UNKNOWN;
    if (message->attempt == 1) matchmaker_note_arrival(matchmaker, message->rating);
    return wait_ms;
}

static void take_enqueue(struct match_server *server, const struct proto_enqueue_request *message)
{
    int mode = server_mode_named(server, message->mode);
    struct request *request = REQUEST_NEW(server, SCRIPT_enqueue, message);
    int64_t wait_ms = expect_wait(server, mode, message, request != NULL);
    if (request == NULL) return;
    request->expected_wait_ms = wait_ms;
    enum error_code error = ERROR_none;
    if (mode == NO_MODE) {
        error = ERROR_unknown_mode;
    } else if (message->has_mate && !server->modes[mode].teams) {
        error = ERROR_invalid_field;
    }
    if (error != ERROR_none) {
        request_refuse(request, error);
        free(request);
    } else {
        enqueue_call(request, message);
    }
}

static void call_dequeue(struct request *request)
{
    struct script_call *call = request_call(request);
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_outbox, "");
    script_call_modes(call, request->server->config);
    if (request->mate_id[0] != '\0') script_call_key(call, KEY_metadata, request->mate_id);
    script_call_text(call, request->reason);
    script_call_text(call, request->mate_id);
    request_send(request);
}

static void take_dequeue(struct match_server *server, const struct proto_dequeue_request *message)
{
    struct request *request = REQUEST_NEW(server, SCRIPT_dequeue, message);
    if (request == NULL) return;
    text_copy(request->reason, sizeof request->reason, message->reason);
    request->call = call_dequeue;
    call_dequeue(request);
}

static void take_resume(struct match_server *server, const struct proto_resume_request *message)
{
    struct request *request = REQUEST_NEW(server, SCRIPT_resume, message);
    if (request == NULL) return;
    struct script_call *call = request_call(request);
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_outbox, "");
    script_call_modes(call, server->config);
    request_send(request);
}

static void take_result(struct match_server *server, const struct proto_result_request *message)
{
    struct request *request = REQUEST_NEW(server, SCRIPT_result_ack, message);
    if (request == NULL) return;
    text_copy(request->match_id, sizeof request->match_id, message->match_id);
    struct script_call *call = request_call(request);
    script_call_key(call, KEY_outbox, "");
    script_call_text(call, message->match_id);
    request_send(request);
}

/* ---- loading: first the members, then the script -------------------------------------------------- */

static void call_complete(struct request *request, const struct match_view *match)
{
    struct match_server *server = request->server;
    const char *host =
        pods_host(&server->pods, match->pods, request->match_id, NULL, server_redis_now_ms(server));
    struct script_call *call = request_call(request);
    script_call_key(call, KEY_match, request->match_id);
    script_call_key(call, KEY_match_deadlines, "");
    script_call_key(call, KEY_outbox, "");
    script_call_members(call, match->players);
    script_call_text(call, request->match_id);
    script_call_text(call, match->players);
    script_call_integer(call, server->config->battle_deadline_ms);
    script_call_integer(call, server->config->battle_ready_deadline_ms);
    script_call_text(call, host == NULL ? "" : host);
    request_send(request);
}

static void call_cancel(struct request *request, const struct match_view *match)
{
    struct script_call *call = request_call(request);
    char device[DIGEST_TEXT_SIZE];
    penalty_device_of(match, request->player_id, device);
    script_call_key(call, KEY_match, request->match_id);
    script_call_key(call, KEY_match_deadlines, "");
    script_call_key(call, KEY_outbox, "");
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_queue, match->mode);
    script_call_key(call, KEY_queue_log, match->mode);
    penalty_call_keys(call, request->player_id, device);
    script_call_key(call, KEY_penalties, "");
    script_call_members(call, match->players);
    script_call_text(call, request->match_id);
    script_call_text(call, match->players);
    script_call_text(call, match->mode);
    penalty_call_rules(call, request->server->config);
    script_call_text(call, device);
    request_send(request);
}

static void on_match_read(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct request *request = context;
    struct match_view match;
    FAULT_POINT(after_match_read);
    if (!match_view_parse(reply, &match)) {
        if (reply != NULL) server_bad_reply(request->server, "match", reply);
        free(request);
    } else if (request->script == SCRIPT_loading_complete) {
        call_complete(request, &match);
    } else {
        call_cancel(request, &match);
    }
}

static void take_loading(struct match_server *server, const struct proto_loading_request *message)
{
    bool complete = strcmp(message->action, "complete") == 0;
    if (!complete && strcmp(message->action, "cancel") != 0) {
        message_refuse(server, CHANNEL_loading_request, "action", "complete or cancel");
        return;
    }
    struct request *request =
        REQUEST_NEW(server, complete ? SCRIPT_loading_complete : SCRIPT_loading_cancel, message);
    if (request == NULL) return;
    text_copy(request->match_id, sizeof request->match_id, message->match_id);
    if (!match_view_read(server->world, request->match_id, on_match_read, request, 0)) free(request);
}

/* ---- reading messages ---------------------------------------------------------------------------- */

/* Makes read_<channel>: decodes the record of the channel, checks its ids, and hands it to `take`. */
#define MESSAGE(channel, ids_are_good, take)                                                 \
    static void read_##channel(struct match_server *server, struct codec_document *document) \
    {                                                                                        \
        struct proto_##channel message;                                                      \
        struct codec_error error;                                                            \
        memset(&message, 0, sizeof message);                                                 \
        if (!codec_decode(document, &proto_record_##channel, &message, &error)) {            \
            message_refuse(server, CHANNEL_##channel, error.place, error.detail);            \
        } else if (!(ids_are_good)) {                                                        \
            message_refuse(server, CHANNEL_##channel, "ids", "letters that no id has");      \
        } else {                                                                             \
            take(server, &message);                                                          \
        }                                                                                    \
    }

#define IDS_OF_PLAYER ids_are_valid(message.player_id, message.pod_id)
#define IDS_OF_MATE (!message.has_mate || ids_are_valid(message.mate.player_id, message.mate.pod_id))
#define ID_OF_MATCH match_id_is_valid(message.match_id)
#define ID_OF_POD pod_id_is_valid(message.pod_id)

MESSAGE(enqueue_request, IDS_OF_PLAYER &&IDS_OF_MATE, take_enqueue)
MESSAGE(dequeue_request, IDS_OF_PLAYER, take_dequeue)
MESSAGE(resume_request, IDS_OF_PLAYER, take_resume)
MESSAGE(result_request, IDS_OF_PLAYER &&ID_OF_MATCH, take_result)
MESSAGE(loading_request, IDS_OF_PLAYER &&ID_OF_MATCH, take_loading)
MESSAGE(prompt_seen, IDS_OF_PLAYER &&ID_OF_MATCH, intake_prompt_seen)
MESSAGE(heartbeat, ID_OF_POD, intake_heartbeat)
MESSAGE(snapshot_ack, ID_OF_POD, intake_snapshot_ack)
MESSAGE(battle_report, ID_OF_POD &&ID_OF_MATCH, intake_battle_report)

void intake_message(struct match_server *server, enum channel channel, struct bytes payload)
{
    struct codec_error error;
    struct codec_document *document = codec_open(payload, &codec_limits_internal, &error);
    if (document == NULL) {
        message_refuse(server, channel, error.place, error.detail);
        return;
    }
    switch ((int)channel) {
    case CHANNEL_enqueue_request: read_enqueue_request(server, document); break;
    case CHANNEL_dequeue_request: read_dequeue_request(server, document); break;
    case CHANNEL_resume_request: read_resume_request(server, document); break;
    case CHANNEL_result_request: read_result_request(server, document); break;
    case CHANNEL_loading_request: read_loading_request(server, document); break;
    case CHANNEL_prompt_seen: read_prompt_seen(server, document); break;
    case CHANNEL_heartbeat: read_heartbeat(server, document); break;
    case CHANNEL_snapshot_ack: read_snapshot_ack(server, document); break;
    case CHANNEL_battle_report: read_battle_report(server, document); break;
    default: break;
    }
    codec_close(document);
}
