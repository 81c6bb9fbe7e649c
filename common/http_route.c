#include <string.h>

#include "common/http_private.h"

static bool method_fits(const struct http_route *route, struct bytes method)
{
    return bytes_equal_text(method, route->method) ||
           (bytes_equal_text(method, "HEAD") && strcmp(route->method, "GET") == 0);
}

static void refuse_method(struct http_response *response, const struct http_route *routes, struct bytes path)
{
    struct buffer allow = {0};
    http_response_refuse(response, 405);
    for (const struct http_route *route = routes; route->method != NULL; route++) {
        if (!bytes_equal_text(path, route->path)) continue;
        buffer_append_text(&allow, allow.length > 0 ? ", " : "");
        buffer_append_text(&allow, route->method);
        if (strcmp(route->method, "GET") == 0) buffer_append_text(&allow, ", HEAD");
    }
    buffer_append_character(&allow, '\0');
    http_response_header(response, "Allow", allow.data);
    buffer_free(&allow);
}

void http_route_request(const struct http_route *routes, void *context, const struct http_request *request,
                        struct http_response *response)
{
    bool known_path = false;
    for (const struct http_route *route = routes; route->method != NULL; route++) {
        if (!bytes_equal_text(request->path, route->path)) continue;
        known_path = true;
        if (method_fits(route, request->method)) {
            route->handle(context, request, response);
            return;
        }
    }
    if (known_path) refuse_method(response, routes, request->path);
    else http_response_refuse(response, 404);
}
