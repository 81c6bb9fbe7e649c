/* http_private.h -- between the server (http.c) and the text of its answers (http_response.c). */
#ifndef DUELPOD_HTTP_PRIVATE_H
#define DUELPOD_HTTP_PRIVATE_H

#include "common/http.h"

void http_response_init(struct http_response *response);
void http_response_free(struct http_response *response);

/* Appends the whole answer as it goes over the wire; `with_body` is false for HEAD. */
void http_response_write(const struct http_response *response, bool with_body, struct buffer *out);

#endif
