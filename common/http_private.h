/* http_private.h -- between the server (http.c), the choice of the handler (http_route.c) and the text of
 * answers (http_response.c). */
#ifndef DUELPOD_HTTP_PRIVATE_H
#define DUELPOD_HTTP_PRIVATE_H

#include "common/http.h"

/* Appends the whole answer as it goes over the wire; `with_body` is false for HEAD. */
void http_response_write(const struct http_response *response, bool with_body, struct buffer *out);

/* Lets the fitting route answer, or refuses with 404 or 405. */
void http_route_request(const struct http_route *routes, void *context, const struct http_request *request,
                        struct http_response *response);

#endif
