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
    struct operator_question *drain_question;
};

/* ---- maintenance --------------------------------------------------------------------------------- */

static void answer_flag(struct operator_question *question, struct bytes flag)
{
    struct http_response response;
    http_response_init(&response);
    buffer_append_text(&response.body, "{\"maintenance\":");
    maintenance_flag_append(&response.body, flag);
    buffer_append_text(&response.body, "}\n");
    operator_question_answer(question, &response);
}

static void on_flag(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    if (reply == NULL || redis_reply_is_error(reply)) operator_question_fail(context);
    else answer_flag(context, redis_reply_text(reply));
}

static void on_switched(void *context, uint64_t tag, const struct redis_reply *reply)
{
    const struct redis_reply *status = redis_reply_item(reply, 0);
    if (!redis_reply_equals(status, "OK") && !redis_reply_equals(status, "NONE")) {
        operator_question_fail(context);
        return;
    }
    log_event(LOG_WARNING, "maintenance_switched", LOG_TEXT("to", tag != 0 ? "on" : "off"));
    answer_flag(context, redis_reply_text(redis_reply_item(reply, 1)));
}

void operator_admin_show(struct operator_admin *operators, const struct http_request *request,
                         struct http_response *response)
{
    (void)request;
    struct redis_name flag = proto_key_name(KEY_maintenance, operators->world->key_prefix, "");
    struct bytes command[] = {bytes_of_text("GET"), {flag.text, flag.length}};
    struct operator_question *question = operator_question_put(operators->admin, response);
    if (!world_command(operators->world, command, ARRAY_LENGTH(command), on_flag, question, 0))
        operator_question_withdraw(question, response);
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
    struct operator_question *question = operator_question_put(operators->admin, response);
    struct script_call *call = &operators->call;
    if (on) {
        maintenance_call_begin(call, operators->world, MAINTENANCE_OPERATOR, 0, flag.reason,
                               flag.retry_after_ms);
    } else {
        maintenance_call_end(call, operators->world, MAINTENANCE_OPERATOR);
    }
    if (!script_call_send(call, SCRIPT_maintenance, on_switched, question, on))
        operator_question_withdraw(question, response);
}

/* ---- drain --------------------------------------------------------------------------------------- */

static void on_drained(void *context, int64_t ended)
{
    struct operator_admin *operators = context;
    struct http_response response;
    if (ended < 0) {
        operator_question_fail(operators->drain_question);
        return;
    }
    log_event(LOG_WARNING, "waiters_drained", LOG_TEXT("pod_id", operators->drain.pod_id),
              LOG_INT("players", ended));
    http_response_init(&response);
    buffer_append_text(&response.body, "{\"drained\":");
    buffer_append_integer(&response.body, ended);
    buffer_append_text(&response.body, "}\n");
    operator_question_answer(operators->drain_question, &response);
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
        operators->drain_question = operator_question_put(operators->admin, response);
        if (!drain_start(&operators->drain, pod_id, on_drained, operators))
            operator_question_withdraw(operators->drain_question, response);
    }
}

/* ---- life ---------------------------------------------------------------------------------------- */

struct operator_admin *operator_admin_open(struct world *world, const struct match_config *config,
                                           struct admin *admin)
{
    struct operator_admin *operators = memory_new(sizeof *operators);
    operators->world = world;
    operators->config = config;
    operators->admin = admin;
    drain_init(&operators->drain, world);
    return operators;
}

void operator_admin_close(struct operator_admin *operators)
{
    script_call_free(&operators->call);
    drain_free(&operators->drain);
    free(operators);
}
