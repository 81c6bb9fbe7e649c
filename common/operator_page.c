#include "common/operator_page.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/log_line.h"

enum { STATUS_UNAVAILABLE = 503 };

struct operator_question {
    struct admin *admin;
    uint64_t ticket;
};

struct codec_document *operator_page_read(const struct http_request *request, struct http_response *response)
{
    struct codec_error error;
    struct codec_document *document = codec_open(request->body, &codec_limits_client, &error);
    if (document == NULL) admin_refuse(response, 400, "not a JSON object");
    return document;
}

void operator_page_log(const struct http_request *request, struct http_response *response)
{
    char name[16] = "";
    struct codec_document *document = operator_page_read(request, response);
    if (document == NULL) return;
    codec_text(document, "level", name, sizeof name);
    codec_close(document);
    for (int level = 0; level < LOG_LEVEL_COUNT; level++) {
        if (strcmp(log_level_name((enum log_level)level), name) != 0) continue;
        log_set_level((enum log_level)level);
        log_event(LOG_WARNING, "log_level_set", LOG_TEXT("to", name));
        response->content_type = "application/json";
        buffer_append_text(&response->body, "{\"level\":");
        buffer_append_json_text(&response->body, name);
        buffer_append_text(&response->body, "}\n");
        return;
    }
    admin_refuse(response, 400, "level: debug, info, warning or error");
}

/* ---- answers that wait for Redis ------------------------------------------------------------------ */

struct operator_question *operator_question_put(struct admin *admin, struct http_response *response)
{
    struct operator_question *question = memory_new(sizeof *question);
    question->admin = admin;
    question->ticket = response->ticket;
    response->later = true;
    return question;
}

void operator_question_withdraw(struct operator_question *question, struct http_response *response)
{
    response->later = false;
    admin_refuse(response, STATUS_UNAVAILABLE, "too many questions");
    free(question);
}

void operator_question_answer(struct operator_question *question, struct http_response *response)
{
    response->content_type = "application/json";
    admin_answer(question->admin, question->ticket, response);
    http_response_free(response);
    free(question);
}

void operator_question_fail(struct operator_question *question)
{
    struct http_response response;
    http_response_init(&response);
    admin_refuse(&response, STATUS_UNAVAILABLE, "Redis does not answer");
    operator_question_answer(question, &response);
}

void operator_page_append_integer(struct buffer *out, const char *name, const struct redis_reply *reply)
{
    int64_t number = 0;
    redis_reply_integer(reply, &number);
    buffer_append_text(out, name);
    buffer_append_integer(out, number);
}
