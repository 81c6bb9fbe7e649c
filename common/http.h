/* http.h -- a very small HTTP server: one request, one answer, the connection ends.
 *
 * For probes, scrapes and development tools on loopback or inside a pod, not for the public. It lives on a
 * libuv loop beside other work, so handlers never block: they answer at once, or later by ticket. Limits: 64
 * connections, more are closed unread; 5 s from connect to the end of the answer; head and body as in
 * http_request.h.
 *
 * Unknown path: 404. Known path, other method: 405 with Allow. HEAD is answered wherever GET is.
 * Owned and used by the loop's thread; SIGPIPE must be ignored (service.h does). */
#ifndef DUELPOD_HTTP_H
#define DUELPOD_HTTP_H

#include <uv.h>

#include "common/buffer.h"
#include "common/http_request.h"

enum { HTTP_CONNECTIONS_MAX = 64, HTTP_TIMEOUT_MS = 5000 };

/* Starts as 200, text/plain, empty. A handler appends to `body` and may change the rest. */
struct http_response {
    int status;
    const char *content_type; /* a literal */
    struct buffer body;
    struct buffer headers; /* further ones; use http_response_header() */
    uint64_t ticket;       /* of this request, for http_server_answer() */
    bool later;            /* set by a handler that answers with http_server_answer(); the rest is ignored */
};

/* Neither may contain CR or LF. */
void http_response_header(struct http_response *response, const char *name, const char *value);

/* Replaces whatever there is by the status and its name as a line of text. */
void http_response_refuse(struct http_response *response, int status);

/* `request` and `response` live during the call. */
typedef void http_handler_fn(void *context, const struct http_request *request,
                             struct http_response *response);

struct http_route {
    const char *method; /* GET, POST or OPTIONS */
    const char *path;
    http_handler_fn *handle;
};

struct http_counters {
    uint64_t accepted, refused; /* connections; refused: one too many */
    uint64_t answered, bad;     /* requests; bad: could not be understood */
    uint64_t timeouts;
};

struct http_server;

/* `routes` ends with a row without a method and outlives the server. `host` is a numeric address; NULL: no
 * listener, only adopted connections. `port` 0 takes a free one. NULL on failure, with a constant
 * `*error`. */
struct http_server *http_server_open(uv_loop_t *loop, const char *host, uint16_t port,
                                     const struct http_route *routes, void *context, const char **error);

/* The port it really listens on; 0 without a listener. */
uint16_t http_server_port(const struct http_server *server);

/* Serves a connected TCP socket that somebody else accepted. The server owns `fd` from here, also when it
 * closes it at once because there are too many. */
void http_server_adopt_fd(struct http_server *server, int fd);

/* The answer a handler postponed. False: the connection ended meanwhile, or there is no such ticket. */
bool http_server_answer(struct http_server *server, uint64_t ticket, const struct http_response *response);

/* Makes and empties responses for it. */
void http_response_init(struct http_response *response);
void http_response_free(struct http_response *response);

struct http_counters http_server_counters(const struct http_server *server);

/* Ends all connections at once; `closed` (may be NULL) is called when the memory is gone: from the loop, or
 * during this call when there was nothing to end. */
void http_server_close(struct http_server *server, void (*closed)(void *context));

#endif
