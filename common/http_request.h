/* http_request.h -- the bytes of one HTTP/1.x request, taken apart. Pure: no I/O, no allocation, no state.
 *
 * As strict as the standard allows (RFC 9112), because every leniency is somebody's way past a proxy: lines
 * end in CR LF, names are tokens, no folded lines, exactly one Host for HTTP/1.1, Content-Length at most once
 * and digits only, no transfer coding. The path is compared as sent; nothing is %-decoded. */
#ifndef DUELPOD_HTTP_REQUEST_H
#define DUELPOD_HTTP_REQUEST_H

#include "common/base.h"

enum {
    HTTP_HEAD_BYTES_MAX = 8 * 1024,  /* request line and headers: beyond it 431 */
    HTTP_BODY_BYTES_MAX = 64 * 1024, /* beyond it 413 */
    HTTP_HEADERS_MAX = 64,
};

struct http_header {
    struct bytes name, value;
};

/* Everything points into the bytes that were parsed. */
struct http_request {
    struct bytes method;
    struct bytes path;  /* begins with '/' */
    struct bytes query; /* behind '?', or empty */
    struct bytes body;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
};

enum http_parse { HTTP_PARSE_MORE, HTTP_PARSE_WHOLE, HTTP_PARSE_BAD };

/* Looks at all bytes received so far. MORE: call again with more. WHOLE: `out` is filled; bytes behind the
 * request are ignored. BAD: `*status` is the answer it deserves: 400, 413, 431, 501 or 505. */
enum http_parse http_request_parse(struct bytes bytes, struct http_request *out, int *status);

/* The value of the first header of that name, in any case; {NULL, 0} when there is none. */
struct bytes http_request_header(const struct http_request *request, const char *name);

#endif
