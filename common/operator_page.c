#include "common/operator_page.h"

#include <string.h>

#include "common/log.h"

struct codec_document *operator_page_read(const struct http_request *request, struct http_response *response)
{
    struct codec_error error;
    struct codec_document *document = codec_open(request->body, &codec_limits_client, &error);
    if (document == NULL) admin_refuse(response, 400, "not a JSON object");
    return document;
}

static const char *const level_names[LOG_LEVEL_COUNT] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};

void operator_page_log(const struct http_request *request, struct http_response *response)
{
    char name[16] = "";
    struct codec_document *document = operator_page_read(request, response);
    if (document == NULL) return;
    codec_text(document, "level", name, sizeof name);
    codec_close(document);
    for (int level = 0; level < LOG_LEVEL_COUNT; level++) {
        if (strcmp(level_names[level], name) != 0) continue;
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
