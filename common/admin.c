#include "common/admin.h"

#include <stdlib.h>
#include <string.h>

enum { TOKEN_BYTES_MAX = 256 };
enum { STATUS_UNHEALTHY = 500, STATUS_NOT_READY = 503, OWN_PAGES = 2, METRICS_ROUTES = 1 };

struct admin {
    struct http_server *server;
    struct admin_events events;
    void *context;
    void (*closed)(void *context);
    struct admin_page pages[OWN_PAGES + ADMIN_PAGES_MAX];
    size_t page_count;
    bool protected, trusted;
    char token[TOKEN_BYTES_MAX];
    struct http_route routes[OWN_PAGES + ADMIN_PAGES_MAX + METRICS_ROUTES + 1];
};

struct admin_report {
    struct buffer checks;
    bool failing;
};

void admin_report_check(struct admin_report *report, const char *name, bool ok, const char *detail)
{
    struct buffer *out = &report->checks;
    report->failing |= !ok;
    buffer_append_text(out, out->length > 0 ? ",{\"name\":" : "{\"name\":");
    buffer_append_json_text(out, name);
    buffer_append_text(out, ok ? ",\"ok\":true" : ",\"ok\":false");
    if (detail != NULL) {
        buffer_append_text(out, ",\"detail\":");
        buffer_append_json_text(out, detail);
    }
    buffer_append_character(out, '}');
}

static void answer_report(const struct admin *admin, const struct admin_page *page,
                          struct http_response *response)
{
    struct admin_report report = {.failing = false};
    if (page->report != NULL) page->report(admin->context, &report);
    response->status = report.failing ? page->failing_status : 200;
    response->content_type = "application/json";
    buffer_append_text(&response->body, report.failing ? "{\"status\":\"failing\"" : "{\"status\":\"ok\"");
    buffer_append_text(&response->body, ",\"checks\":[");
    buffer_append(&response->body, report.checks.data, report.checks.length);
    buffer_append_text(&response->body, "]}\n");
    buffer_free(&report.checks);
}

/* ---- the operator's pages ------------------------------------------------------------------------- */

void admin_protect(struct admin *admin, const char *token, bool trusted)
{
    admin->protected = true;
    admin->trusted = trusted;
    check(text_copy(admin->token, sizeof admin->token, token == NULL ? "" : token));
}

bool admin_host_is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

void admin_refuse(struct http_response *response, int status, const char *sentence)
{
    response->status = status;
    response->content_type = "application/json";
    buffer_clear(&response->body);
    buffer_append_text(&response->body, "{\"error\":");
    buffer_append_json_text(&response->body, sentence);
    buffer_append_text(&response->body, "}\n");
}

/* Takes as long for every wrong token of the right length. */
static bool token_is_right(const struct admin *admin, const struct http_request *request)
{
    static const char scheme[] = "Bearer ";
    struct bytes given = http_request_header(request, "Authorization");
    size_t length = strlen(admin->token), skip = sizeof scheme - 1;
    if (given.length != skip + length || memcmp(given.data, scheme, skip) != 0) return false;
    unsigned difference = 0;
    for (size_t i = 0; i < length; i++) difference |= (unsigned)(given.data[skip + i] ^ admin->token[i]);
    return difference == 0;
}

/* False: it has been refused. */
static bool may_operate(const struct admin *admin, const struct http_request *request,
                        struct http_response *response)
{
    if (!admin->protected) return true;
    if (http_request_header(request, "Origin").data != NULL) {
        admin_refuse(response, 403, "not for web pages");
    } else if (admin->token[0] == '\0') {
        if (admin->trusted) return true;
        admin_refuse(response, 403, "off: the port is open to others and there is no admin.token_file");
    } else {
        if (token_is_right(admin, request)) return true;
        http_response_header(response, "WWW-Authenticate", "Bearer");
        admin_refuse(response, 401, "the token of admin.token_file is needed");
    }
    return false;
}

/* A HEAD request is for the page that answers GET. */
static bool page_fits(const struct admin_page *page, const struct http_request *request)
{
    if (!bytes_equal_text(request->path, page->path)) return false;
    bool reads = !bytes_equal_text(request->method, "POST");
    return page->handle == NULL || reads == (strcmp(page->method, "GET") == 0);
}

static void on_page(void *context, const struct http_request *request, struct http_response *response)
{
    const struct admin *admin = context;
    for (size_t i = 0; i < admin->page_count; i++) {
        const struct admin_page *page = &admin->pages[i];
        if (!page_fits(page, request)) continue;
        if (page->handle == NULL) answer_report(admin, page, response);
        else if (may_operate(admin, request, response)) page->handle(admin->context, request, response);
        return;
    }
}

static void on_metrics(void *context, const struct http_request *request, struct http_response *response)
{
    struct admin *admin = context;
    (void)request;
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    admin->events.metrics(admin->context, &response->body);
}

static void add_page(struct admin *admin, struct admin_page page)
{
    check(admin->page_count < ARRAY_LENGTH(admin->pages));
    admin->pages[admin->page_count] = page;
    const char *method = page.handle == NULL ? "GET" : page.method;
    admin->routes[admin->page_count] = (struct http_route){method, page.path, on_page};
    admin->page_count++;
}

struct admin *admin_open(uv_loop_t *loop, const char *host, uint16_t port, const struct admin_events *events,
                         const struct admin_page *pages, void *context, const char **error)
{
    struct admin *admin = memory_new(sizeof *admin);
    admin->events = *events;
    admin->context = context;
    add_page(admin, (struct admin_page){
                        .path = "/health", .failing_status = STATUS_UNHEALTHY, .report = events->health});
    add_page(admin, (struct admin_page){
                        .path = "/ready", .failing_status = STATUS_NOT_READY, .report = events->ready});
    for (; pages != NULL && pages->path != NULL; pages++) add_page(admin, *pages);
    if (events->metrics != NULL)
        admin->routes[admin->page_count] = (struct http_route){"GET", "/metrics", on_metrics};
    admin->server = http_server_open(loop, host, port, admin->routes, admin, error);
    if (admin->server != NULL) return admin;
    free(admin);
    return NULL;
}

uint16_t admin_port(const struct admin *admin)
{
    return http_server_port(admin->server);
}

struct http_counters admin_counters(const struct admin *admin)
{
    return http_server_counters(admin->server);
}

bool admin_answer(struct admin *admin, uint64_t ticket, const struct http_response *response)
{
    return http_server_answer(admin->server, ticket, response);
}

static void on_server_closed(void *context)
{
    struct admin *admin = context;
    void (*closed)(void *) = admin->closed;
    void *owner = admin->context;
    explicit_bzero(admin->token, sizeof admin->token);
    free(admin);
    if (closed != NULL) closed(owner);
}

void admin_close(struct admin *admin, void (*closed)(void *context))
{
    admin->closed = closed;
    http_server_close(admin->server, on_server_closed);
}
