/* Any bytes as a request to the admin port, whole and cut short: everything found lies inside them, and more bytes
 * never turn a refusal into a request. */
#include <stdlib.h>

#include "common/http_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void lies_inside(struct bytes part, struct bytes whole)
{
    if (part.length == 0) return;
    if (part.data < whole.data || part.data + part.length > whole.data + whole.length) abort();
}

static void inspect(const struct http_request *request, struct bytes whole)
{
    lies_inside(request->method, whole);
    lies_inside(request->path, whole);
    lies_inside(request->query, whole);
    lies_inside(request->body, whole);
    for (size_t i = 0; i < request->header_count; i++) {
        lies_inside(request->headers[i].name, whole);
        lies_inside(request->headers[i].value, whole);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request request;
    int status = 0;
    struct bytes whole = {(const char *)data, size}, half = {(const char *)data, size / 2};
    bool refused = http_request_parse(half, &request, &status) == HTTP_PARSE_BAD;
    enum http_parse parse = http_request_parse(whole, &request, &status);
    if (refused && parse != HTTP_PARSE_BAD) abort();
    if (parse == HTTP_PARSE_BAD && status < 400) abort();
    if (parse == HTTP_PARSE_WHOLE) inspect(&request, whole);
    return 0;
}
