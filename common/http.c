#include "common/http.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/http_private.h"

enum {
    INPUT_FIRST = 2048,
    INPUT_MAX = HTTP_HEAD_BYTES_MAX + HTTP_BODY_BYTES_MAX + 1, /* one more byte shows that it is too much */
    LISTEN_BACKLOG = 64,
    LINGER_MS = 500, /* for the other side to read the answer before the connection is closed */
};

/* One connection: reads until a request is whole, answers, drains what still comes, ends. */
struct http_connection {
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct http_server *server;
    struct http_connection *previous, *next;
    char *input;
    size_t input_length, input_capacity;
    struct buffer output;
    unsigned handles_open;
    uint64_t ticket;
    bool with_body;                /* false: HEAD */
    bool asked, answered, closing; /* asked: the request is whole, what comes now is drained */
};

struct http_server {
    uv_loop_t *loop;
    uv_tcp_t listener;
    bool listening;
    uint16_t port;
    const struct http_route *routes;
    void *context;
    void (*closed)(void *context);
    bool closing;
    struct http_connection *connections;
    size_t connection_count;
    uint64_t tickets;
    struct http_counters counters;
};

static void free_server_if_done(struct http_server *server)
{
    if (!server->closing || server->listening || server->connection_count > 0) return;
    void (*closed)(void *) = server->closed;
    void *context = server->context;
    free(server);
    if (closed != NULL) closed(context);
}

/* ---- the end of a connection ---- */

static void on_connection_handle_closed(uv_handle_t *handle)
{
    struct http_connection *connection = handle->data;
    struct http_server *server = connection->server;
    if (--connection->handles_open > 0) return;
    if (connection->previous != NULL) connection->previous->next = connection->next;
    else server->connections = connection->next;
    if (connection->next != NULL) connection->next->previous = connection->previous;
    server->connection_count--;
    free(connection->input);
    buffer_free(&connection->output);
    free(connection);
    free_server_if_done(server);
}

static void connection_close(struct http_connection *connection)
{
    if (connection->closing) return;
    connection->closing = true;
    uv_close((uv_handle_t *)&connection->tcp, on_connection_handle_closed);
    uv_close((uv_handle_t *)&connection->timer, on_connection_handle_closed);
}

static void on_timer(uv_timer_t *timer)
{
    struct http_connection *connection = timer->data;
    connection->server->counters.timeouts += !connection->answered;
    connection_close(connection);
}

/* ---- the answer ---- */

static void on_shutdown(uv_shutdown_t *request, int status)
{
    struct http_connection *connection = request->handle->data;
    if (status != 0) connection_close(connection);
    else if (!connection->closing) /* reading goes on: its end closes the connection */
        uv_timer_start(&connection->timer, on_timer, LINGER_MS, 0);
}

static void on_written(uv_write_t *request, int status)
{
    struct http_connection *connection = request->handle->data;
    if (connection->closing) return;
    if (status != 0 || uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp, on_shutdown) != 0)
        connection_close(connection);
}

static void send_answer(struct http_connection *connection, const struct http_response *response)
{
    connection->answered = true;
    connection->server->counters.answered++;
    http_response_write(response, connection->with_body, &connection->output);
    uv_buf_t output = uv_buf_init(connection->output.data, (unsigned)connection->output.length);
    if (uv_write(&connection->write, (uv_stream_t *)&connection->tcp, &output, 1, on_written) != 0)
        connection_close(connection);
}

static void look_at_input(struct http_connection *connection)
{
    struct http_request request;
    struct http_response response;
    int status = 0;
    struct bytes input = {connection->input, connection->input_length};
    enum http_parse parse = http_request_parse(input, &request, &status);
    if (parse == HTTP_PARSE_MORE) return;
    connection->asked = true;
    connection->with_body = parse == HTTP_PARSE_BAD || !bytes_equal_text(request.method, "HEAD");
    http_response_init(&response);
    response.ticket = connection->ticket = ++connection->server->tickets;
    if (parse == HTTP_PARSE_BAD) {
        connection->server->counters.bad++;
        http_response_refuse(&response, status);
    } else {
        http_route_request(connection->server->routes, connection->server->context, &request, &response);
    }
    if (!response.later) send_answer(connection, &response);
    http_response_free(&response);
}

bool http_server_answer(struct http_server *server, uint64_t ticket, const struct http_response *response)
{
    for (struct http_connection *each = server->connections; each != NULL; each = each->next) {
        if (each->ticket != ticket || !each->asked || each->answered || each->closing) continue;
        send_answer(each, response);
        return true;
    }
    return false;
}

/* ---- reading ---- */

static void on_allocate(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    (void)wanted;
    struct http_connection *connection = handle->data;
    if (connection->asked) connection->input_length = 0; /* what comes now is drained */
    if (connection->input_length == connection->input_capacity && connection->input_capacity < INPUT_MAX) {
        size_t capacity = connection->input_capacity == 0 ? INPUT_FIRST : connection->input_capacity * 2;
        connection->input_capacity = capacity < INPUT_MAX ? capacity : INPUT_MAX;
        connection->input = memory_resize(connection->input, connection->input_capacity);
    }
    *buffer = uv_buf_init(connection->input + connection->input_length,
                          (unsigned)(connection->input_capacity - connection->input_length));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    (void)buffer;
    struct http_connection *connection = stream->data;
    bool waits = connection->asked && !connection->answered;
    if (count == UV_EOF && waits) return; /* it has said all, and still wants its answer */
    if (count < 0) connection_close(connection);
    if (count <= 0 || connection->asked || connection->closing) return;
    connection->input_length += (size_t)count;
    look_at_input(connection);
}

/* ---- the beginning of a connection ---- */

static struct http_connection *connection_new(struct http_server *server)
{
    struct http_connection *connection = memory_new(sizeof *connection);
    connection->server = server;
    check(uv_tcp_init(server->loop, &connection->tcp) == 0);
    check(uv_timer_init(server->loop, &connection->timer) == 0);
    connection->tcp.data = connection->timer.data = connection;
    connection->handles_open = 2;
    connection->next = server->connections;
    if (connection->next != NULL) connection->next->previous = connection;
    server->connections = connection;
    server->connection_count++;
    return connection;
}

static void connection_start(struct http_connection *connection, int status)
{
    struct http_server *server = connection->server;
    bool too_many = server->connection_count > HTTP_CONNECTIONS_MAX;
    server->counters.accepted++;
    server->counters.refused += too_many;
    if (status == 0 && !too_many)
        status = uv_read_start((uv_stream_t *)&connection->tcp, on_allocate, on_read);
    if (status != 0 || too_many) {
        connection_close(connection);
        return;
    }
    uv_update_time(server->loop);
    uv_timer_start(&connection->timer, on_timer, HTTP_TIMEOUT_MS, 0);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct http_server *server = listener->data;
    if (status != 0 || server->closing) return;
    struct http_connection *connection = connection_new(server);
    connection_start(connection, uv_accept(listener, (uv_stream_t *)&connection->tcp));
}

void http_server_adopt_fd(struct http_server *server, int fd)
{
    check(!server->closing);
    struct http_connection *connection = connection_new(server);
    int status = uv_tcp_open(&connection->tcp, fd);
    if (status != 0) close(fd);
    connection_start(connection, status);
}

/* ---- the server ---- */

static int start_listening(struct http_server *server, const char *host, uint16_t port)
{
    struct sockaddr_storage address;
    int length = sizeof address;
    int status = uv_ip4_addr(host, port, (struct sockaddr_in *)&address);
    if (status != 0) status = uv_ip6_addr(host, port, (struct sockaddr_in6 *)&address);
    if (status == 0) status = uv_tcp_bind(&server->listener, (struct sockaddr *)&address, 0);
    if (status == 0) status = uv_listen((uv_stream_t *)&server->listener, LISTEN_BACKLOG, on_connection);
    if (status == 0) status = uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &length);
    /* The port lies at the same place in both families. */
    server->port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    return status;
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct http_server *server = handle->data;
    server->listening = false;
    free_server_if_done(server);
}

struct http_server *http_server_open(uv_loop_t *loop, const char *host, uint16_t port,
                                     const struct http_route *routes, void *context, const char **error)
{
    struct http_server *server = memory_new(sizeof *server);
    server->loop = loop;
    server->routes = routes;
    server->context = context;
    if (host == NULL) return server;
    check(uv_tcp_init(loop, &server->listener) == 0);
    server->listener.data = server;
    server->listening = true;
    int status = start_listening(server, host, port);
    if (status == 0) return server;
    *error = uv_strerror(status);
    http_server_close(server, NULL);
    return NULL;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

struct http_counters http_server_counters(const struct http_server *server)
{
    return server->counters;
}

void http_server_close(struct http_server *server, void (*closed)(void *context))
{
    check(!server->closing);
    server->closing = true;
    server->closed = closed;
    for (struct http_connection *each = server->connections; each != NULL; each = each->next)
        connection_close(each);
    if (server->listening) uv_close((uv_handle_t *)&server->listener, on_listener_closed);
    else free_server_if_done(server);
}
