#include "common/redis_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    READ_BYTES = 64 * 1024,
    WRITE_BYTES_MAX = 16 * 1024 * 1024, /* of one call */
    COPY_BYTES_MAX = 256 * 1024,        /* of what the kernel does not take at once */
    KEEPALIVE_IDLE_S = 15,
    KEEPALIVE_INTERVAL_S = 5,
    KEEPALIVE_COUNT = 3,
    UNACKNOWLEDGED_MS = 5000,
};

struct redis_stream {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    };
    const struct redis_stream_events *events;
    void *context;
    unsigned attempt;
    bool ended;          /* no event any more, but closed */
    unsigned parts_open; /* the handle and a lookup in flight */
    bool writing;        /* the copy below belongs to libuv */
    uv_getaddrinfo_t lookup;
    uv_connect_t connect;
    uv_write_t write;
    char *copy;
    char input[READ_BYTES];
};

static void release_part(struct redis_stream *stream)
{
    if (--stream->parts_open > 0) return;
    const struct redis_stream_events *events = stream->events;
    void *context = stream->context;
    free(stream->copy);
    free(stream);
    events->closed(context);
}

static void on_handle_closed(uv_handle_t *handle)
{
    release_part(handle->data);
}

void redis_stream_close(struct redis_stream *stream)
{
    if (stream->ended) return;
    stream->ended = true;
    if (stream->parts_open > 1) uv_cancel((uv_req_t *)&stream->lookup);
    uv_close(&stream->handle, on_handle_closed);
}

static void end_lost(struct redis_stream *stream, const char *reason)
{
    if (stream->ended) return;
    redis_stream_close(stream);
    stream->events->lost(stream->context, reason);
}

static void on_allocate(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    (void)wanted;
    struct redis_stream *stream = handle->data;
    *buffer = uv_buf_init(stream->input, sizeof stream->input);
}

static void on_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buffer)
{
    struct redis_stream *stream = handle->data;
    if (stream->ended) return;
    if (count > 0) stream->events->received(stream->context, (struct bytes){buffer->base, (size_t)count});
    else if (count < 0)
        end_lost(stream, count == UV_EOF ? "closed by the other side" : uv_strerror((int)count));
}

static void set_socket_options(struct redis_stream *stream)
{
    const struct {
        int level, name, value;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS},
    };
    uv_os_fd_t fd;
    if (stream->handle.type != UV_TCP || uv_fileno(&stream->handle, &fd) != 0) return;
    /* A refused option costs comfort, not correctness: every command has its own time limit. */
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct redis_stream *stream = request->data;
    if (stream->ended) return;
    if (status == 0) status = uv_read_start(&stream->stream, on_allocate, on_read);
    if (status != 0) {
        end_lost(stream, uv_strerror(status));
        return;
    }
    set_socket_options(stream);
    stream->events->connected(stream->context);
}

/* A name may have several addresses: each attempt takes the next one. */
static const struct addrinfo *choose_address(const struct addrinfo *list, unsigned attempt)
{
    unsigned count = 0;
    for (const struct addrinfo *each = list; each != NULL; each = each->ai_next) count++;
    for (unsigned i = attempt % count; i > 0; i--) list = list->ai_next;
    return list;
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct redis_stream *stream = request->data;
    if (!stream->ended) {
        if (status == 0)
            status = uv_tcp_connect(&stream->connect, &stream->tcp,
                                    choose_address(list, stream->attempt)->ai_addr, on_connected);
        if (status != 0) end_lost(stream, uv_strerror(status));
    }
    uv_freeaddrinfo(list);
    release_part(stream);
}

static void start_lookup(struct redis_stream *stream, uv_loop_t *loop, const struct redis_address *address)
{
    char port[8];
    snprintf(port, sizeof port, "%u", address->port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    /* Fails at once only for a name that no lookup could find; the parser of addresses lets none through,
     * and the connect time-out ends the attempt all the same. */
    if (uv_getaddrinfo(loop, &stream->lookup, on_looked_up, address->host, port, &hints) == 0)
        stream->parts_open++;
}

struct redis_stream *redis_stream_open(uv_loop_t *loop, const struct redis_address *address, unsigned attempt,
                                       const struct redis_stream_events *events, void *context)
{
    struct redis_stream *stream = memory_new(sizeof *stream);
    stream->events = events;
    stream->context = context;
    stream->attempt = attempt;
    stream->parts_open = 1;
    stream->connect.data = stream->lookup.data = stream->write.data = stream;
    if (address->path[0] != '\0') {
        check(uv_pipe_init(loop, &stream->pipe, 0) == 0);
        stream->handle.data = stream;
        uv_pipe_connect(&stream->connect, &stream->pipe, address->path, on_connected);
    } else {
        check(uv_tcp_init(loop, &stream->tcp) == 0);
        stream->handle.data = stream;
        start_lookup(stream, loop, address);
    }
    return stream;
}

static void on_written(uv_write_t *request, int status)
{
    struct redis_stream *stream = request->data;
    stream->writing = false;
    if (status != 0) end_lost(stream, uv_strerror(status));
    else if (!stream->ended) stream->events->writable(stream->context);
}

size_t redis_stream_write(struct redis_stream *stream, struct bytes bytes)
{
    if (stream->ended || stream->writing || bytes.length == 0) return 0;
    if (bytes.length > WRITE_BYTES_MAX) bytes.length = WRITE_BYTES_MAX;
    uv_buf_t all = uv_buf_init((char *)bytes.data, (unsigned)bytes.length);
    int written = uv_try_write(&stream->stream, &all, 1);
    size_t taken = written > 0 ? (size_t)written : 0;
    if (taken == bytes.length) return taken;
    /* The kernel is full, or the socket is broken: then libuv says so in the callback, the one way to an end.
     */
    size_t rest = bytes.length - taken < COPY_BYTES_MAX ? bytes.length - taken : COPY_BYTES_MAX;
    if (stream->copy == NULL) stream->copy = memory_new(COPY_BYTES_MAX);
    memcpy(stream->copy, bytes.data + taken, rest);
    uv_buf_t copy = uv_buf_init(stream->copy, (unsigned)rest);
    if (uv_write(&stream->write, &stream->stream, &copy, 1, on_written) != 0) return taken;
    stream->writing = true;
    return taken + rest;
}
