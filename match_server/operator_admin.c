#include "match_server/operator_admin.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/operator_page.h"
#include "match_server/drain.h"
#include "match_server/maintenance_flag.h"
#include "match_server/pods.h"

enum { RETRY_AFTER_MS_MAX = 86400000 };

struct operator_admin {
    struct world *world;
    const struct match_config *config;
    struct admin *admin;
    struct script_call call;
    struct drain drain;
    uint64_t drain_ticket;
};

/* One request between question and answer. */
struct asked {
    struct operator_admin *operators;
    uint64_t ticket;
};

static void answer(struct operator_admin *operators, uint64_t ticket, struct http_response *response)
{
    response->content_type = "application/json";
    admin_answer(operators->admin, ticket, response);
    http_response_free(response);
}

static void refuse_unavailable(struct http_response *response)
{
    admin_refuse(response, 503, "Redis does not answer");
}

/* ---- maintenance --------------------------------------------------------------------------------- */

/* The flag is JSON, unless somebody set it by hand. */
static void append_flag(struct buffer *out, struct bytes flag)
{
    struct codec_error error;
    struct codec_document *document = codec_open(flag, &codec_limits_internal, &error);
    buffer_append_text(out, "{\"maintenance\":");
    if (document != NULL) buffer_append(out, flag.data, flag.length);
    else buffer_append_text(out, flag.length == 0 ? "null" : "{\"by\":\"hand\"}");
    buffer_append_text(out, "}\n");
    codec_close(document);
}

static void answer_flag(struct asked *asked, bool known, struct bytes flag)
{
    struct http_response response;
    http_response_init(&response);
    if (known) append_flag(&response.body, flag);
    else refuse_unavailable(&response);
    answer(asked->operators, asked->ticket, &response);
    free(asked);
}

static void on_flag(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    answer_flag(context, reply != NULL && !redis_reply_is_error(reply), redis_reply_text(reply));
}

static void on_switched(void *context, uint64_t tag, const struct redis_reply *reply)
{
    const struct redis_reply *status = redis_reply_item(reply, 0);
    bool known = redis_reply_equals(status, "OK") || redis_reply_equals(status, "NONE");
    if (known) log_event(LOG_WARNING, "maintenance_switched", LOG_TEXT("to", tag != 0 ? "on" : "off"));
    answer_flag(context, known, redis_reply_text(redis_reply_item(reply, 1)));
}

static struct asked *asked_new(struct operator_admin *operators, struct http_response *response)
{
    struct asked *asked = memory_new(sizeof *asked);
    asked->operators = operators;
    asked->ticket = response->ticket;
    response->later = true;
    return asked;
}

static void take_back(struct asked *asked, struct http_response *response)
{
    free(asked);
    response->later = false;
    admin_refuse(response, 503, "too many questions");
}

void operator_admin_show(struct operator_admin *operators, const struct http_request *request,
                         struct http_response *response)
{
    (void)request;
    struct redis_name flag = proto_key_name(KEY_maintenance, operators->world->key_prefix, "");
    struct bytes command[] = {bytes_of_text("GET"), {flag.text, flag.length}};
    struct asked *asked = asked_new(operators, response);
    if (!world_command(operators->world, command, ARRAY_LENGTH(command), on_flag, asked, 0))
        take_back(asked, response);
}

/* A field that is there must be good. NULL, or what is wrong. */
static const char *read_wish(const struct codec_document *document, bool *on,
                             struct proto_maintenance_flag *flag)
{
    char word[8] = "";
    codec_text(document, "maintenance", word, sizeof word);
    *on = strcmp(word, "on") == 0;
    if (!*on && strcmp(word, "off") != 0) return "maintenance: on or off";
    if (codec_has(document, "reason") && !codec_text(document, "reason", flag->reason, sizeof flag->reason))
        return "reason: a sentence of at most 200 bytes";
    if (codec_has(document, "retry_after_ms") &&
        (!codec_integer(document, "retry_after_ms", &flag->retry_after_ms) || flag->retry_after_ms < 0 ||
         flag->retry_after_ms > RETRY_AFTER_MS_MAX))
        return "retry_after_ms: 0..86400000";
    return NULL;
}

void operator_admin_switch(struct operator_admin *operators, const struct http_request *request,
                           struct http_response *response)
{
    bool on;
    struct proto_maintenance_flag flag = {.retry_after_ms = operators->config->maintenance_retry_after_ms};
    struct codec_document *document = operator_page_read(request, response);
    if (document == NULL) return;
    const char *problem = read_wish(document, &on, &flag);
    codec_close(document);
    if (problem != NULL) {
        admin_refuse(response, 400, problem);
        return;
    }
    struct asked *asked = asked_new(operators, response);
    struct script_call *call = &operators->call;
    if (on) {
        maintenance_call_begin(call, operators->world, MAINTENANCE_OPERATOR, 0, flag.reason,
                               flag.retry_after_ms);
    } else {
        maintenance_call_end(call, operators->world, MAINTENANCE_OPERATOR);
    }
    if (!script_call_send(call, SCRIPT_maintenance, on_switched, asked, on)) take_back(asked, response);
}

/* ---- drain --------------------------------------------------------------------------------------- */

static void on_drained(void *context, int64_t ended)
{
    struct operator_admin *operators = context;
    struct http_response response;
    http_response_init(&response);
    if (ended < 0) {
        refuse_unavailable(&response);
    } else {
        log_event(LOG_WARNING, "waiters_drained", LOG_TEXT("pod_id", operators->drain.pod_id),
                  LOG_INT("players", ended));
        buffer_append_text(&response.body, "{\"drained\":");
        buffer_append_integer(&response.body, ended);
        buffer_append_text(&response.body, "}\n");
    }
    answer(operators, operators->drain_ticket, &response);
}

void operator_admin_drain(struct operator_admin *operators, const struct http_request *request,
                          struct http_response *response)
{
    char pod_id[POD_ID_MAX + 1] = "";
    struct codec_document *document = operator_page_read(request, response);
    if (document == NULL) return;
    bool named = codec_has(document, "pod_id");
    bool good = !named || (codec_text(document, "pod_id", pod_id, sizeof pod_id) && pod_id_is_valid(pod_id));
    codec_close(document);
    if (!good) {
        admin_refuse(response, 400, "pod_id: not the name of a pod");
    } else if (operators->drain.running) {
        admin_refuse(response, 409, "a drain is under way");
    } else {
        response->later = true;
        operators->drain_ticket = response->ticket;
        if (drain_start(&operators->drain, pod_id, on_drained, operators)) return;
        response->later = false;
        admin_refuse(response, 503, "too many questions");
    }
}

/* ---- life ---------------------------------------------------------------------------------------- */

struct operator_admin *operator_admin_open(struct world *world, const struct match_config *config)
{
    struct operator_admin *operators = memory_new(sizeof *operators);
    operators->world = world;
    operators->config = config;
    drain_init(&operators->drain, world);
    return operators;
}

void operator_admin_answer_at(struct operator_admin *operators, struct admin *admin)
{
    operators->admin = admin;
}

void operator_admin_close(struct operator_admin *operators)
{
    script_call_free(&operators->call);
    drain_free(&operators->drain);
    free(operators);
}
