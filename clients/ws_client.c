#include "clients/ws_client.h"

#include "clients/ws_reader.h"
#include "common/rng.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_TIMEOUT_MS 5000
#define CLOSE_TIMEOUT_MS 3000
#define RECEIVE_BYTES (64u << 10)

struct ws_clients {
    uv_loop_t *loop;
    struct rng rng; /* masks and nonces need not be secret: they keep proxies from being fooled */
    char receive[RECEIVE_BYTES];
};

enum client_state { CLIENT_OPENING, CLIENT_OPEN, CLIENT_CLOSING, CLIENT_CLOSED };

/* What is only needed until the connection is open. */
struct opening {
    struct ws_url url;
    uint8_t nonce[WS_HANDSHAKE_KEY_BYTES];
    struct buffer head; /* of the answer, so far */
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
};

struct ws_client {
    struct ws_clients *clients;
    const struct ws_client_events *events;
    void *owner;
    struct opening *opening;
    struct ws_reader reader;
    struct buffer output; /* waits until the write under way is done */
    struct buffer writing;
    uv_tcp_t tcp;
    uv_timer_t deadline;
    uv_write_t write;
    enum client_state state;
    bool dispatching;
    int references; /* two handles, and a name being resolved */
    int closed_code;
    char closed_reason[WS_FRAME_REASON_BYTES];
};

struct ws_clients *ws_clients_open(uv_loop_t *loop)
{
    struct ws_clients *clients = memory_new(sizeof *clients);
    clients->loop = loop;
    uint64_t seed;
    rng_entropy(&seed, sizeof seed);
    rng_init(&clients->rng, seed);
    return clients;
}

void ws_clients_free(struct ws_clients *clients)
{
    free(clients);
}

/* ---- the end ---- */

static void opening_end(struct ws_client *client)
{
    if (client->opening == NULL) return;
    buffer_free(&client->opening->head);
    free(client->opening);
    client->opening = NULL;
}

static void release(struct ws_client *client)
{
    if (--client->references > 0) return;
    client->events->closed(client->owner, client->closed_code, client->closed_reason);
    opening_end(client);
    ws_reader_free(&client->reader);
    buffer_free(&client->output);
    buffer_free(&client->writing);
    free(client);
}

static void on_handle_closed(uv_handle_t *handle)
{
    release(handle->data);
}

static void finish(struct ws_client *client, int code, const char *reason)
{
    if (client->state == CLIENT_CLOSED) return;
    client->closed_code = client->state == CLIENT_OPENING ? WS_CLOSED_NOT_OPENED : code;
    text_copy(client->closed_reason, sizeof client->closed_reason, reason);
    client->state = CLIENT_CLOSED;
    if (client->opening != NULL) uv_cancel((uv_req_t *)&client->opening->resolve);
    uv_close((uv_handle_t *)&client->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&client->deadline, on_handle_closed);
}

static void on_deadline(uv_timer_t *timer)
{
    struct ws_client *client = timer->data;
    bool opening = client->state == CLIENT_OPENING;
    finish(client, WS_CLOSED_LOST,
           opening ? "no answer in time" : "the server did not finish the closing handshake");
}

/* ---- sending ---- */

static void flush(struct ws_client *client);

static void on_written(uv_write_t *write, int status)
{
    struct ws_client *client = write->data;
    buffer_free(&client->writing);
    if (client->state == CLIENT_CLOSED) return;
    if (status < 0) finish(client, WS_CLOSED_LOST, uv_strerror(status));
    else flush(client);
}

/* Writes at once what the socket takes; the rest becomes the one write under way, behind which all else
 * gathers. */
static void flush(struct ws_client *client)
{
    if (client->state == CLIENT_CLOSED || client->writing.data != NULL || client->output.length == 0) return;
    uv_stream_t *stream = (uv_stream_t *)&client->tcp;
    uv_buf_t rest = uv_buf_init(client->output.data, (unsigned)client->output.length);
    int written = uv_try_write(stream, &rest, 1);
    if (written < 0 && written != UV_EAGAIN) {
        finish(client, WS_CLOSED_LOST, uv_strerror(written));
        return;
    }
    size_t done = written > 0 ? (size_t)written : 0;
    client->writing = client->output;
    client->output = (struct buffer){0};
    if (done == client->writing.length) {
        buffer_free(&client->writing);
        return;
    }
    rest = uv_buf_init(client->writing.data + done, (unsigned)(client->writing.length - done));
    client->write.data = client;
    check(uv_write(&client->write, stream, &rest, 1, on_written) == 0);
}

static void queue_frame(struct ws_client *client, enum ws_frame_code code, struct bytes payload)
{
    ws_frame_append(&client->output, code, payload, (uint32_t)rng_next(&client->clients->rng));
    if (!client->dispatching) flush(client);
}

static bool send_has_room(const struct ws_client *client, size_t length)
{
    return client->output.length + client->writing.length + length <= WS_CLIENT_SEND_BYTES_MAX;
}

bool ws_client_send_text(struct ws_client *client, struct bytes text)
{
    if (client->state != CLIENT_OPEN || !send_has_room(client, text.length)) return false;
    queue_frame(client, WS_FRAME_TEXT, text);
    return true;
}

static void queue_close_frame(struct ws_client *client, int code, const char *reason)
{
    char payload[WS_FRAME_CONTROL_BYTES_MAX];
    queue_frame(client, WS_FRAME_CLOSE, (struct bytes){payload, ws_frame_write_close(payload, code, reason)});
}

void ws_client_close(struct ws_client *client, int code, const char *reason)
{
    if (client->state == CLIENT_OPENING) finish(client, WS_CLOSED_NOT_OPENED, reason);
    if (client->state != CLIENT_OPEN) return;
    client->state = CLIENT_CLOSING;
    uv_timer_start(&client->deadline, on_deadline, CLOSE_TIMEOUT_MS, 0);
    queue_close_frame(client, code, reason);
}

/* Our verdict on what the server sent: tell it, and do not listen any further. */
static void fail(struct ws_client *client, int code, const char *reason)
{
    if (client->state == CLIENT_OPEN) queue_close_frame(client, code, reason);
    flush(client);
    finish(client, code, reason);
}

/* ---- receiving ---- */

static void take_close(struct ws_client *client, struct bytes payload)
{
    int code;
    char reason[WS_FRAME_REASON_BYTES];
    if (!ws_frame_read_close(payload, &code, reason)) {
        fail(client, 1002, "a malformed close frame");
        return;
    }
    if (client->state == CLIENT_OPEN) queue_close_frame(client, code, "");
    flush(client);
    finish(client, code, reason);
}

static bool on_message(void *owner, enum ws_frame_code code, struct bytes payload)
{
    struct ws_client *client = owner;
    bool open = client->state == CLIENT_OPEN;
    if (code == WS_FRAME_CLOSE) take_close(client, payload);
    else if (open && code == WS_FRAME_TEXT) client->events->text(client->owner, payload);
    else if (open && code == WS_FRAME_BINARY) client->events->binary(client->owner, payload);
    else if (open && code == WS_FRAME_PING && send_has_room(client, payload.length)) {
        queue_frame(client, WS_FRAME_PONG, payload);
    }
    return client->state != CLIENT_CLOSED;
}

static void on_broken(void *owner, int close_code, const char *reason)
{
    fail(owner, close_code, reason);
}

static const struct ws_reader_events reader_events = {on_message, on_broken};

/* Gathers the head of the answer, then opens and leaves to the reader what came behind it. */
static void receive_handshake(struct ws_client *client, struct bytes fresh)
{
    struct opening *opening = client->opening;
    char error[WS_FRAME_REASON_BYTES];
    buffer_append(&opening->head, fresh.data, fresh.length);
    const char *end = memmem(opening->head.data, opening->head.length, "\r\n\r\n", 4);
    if (end == NULL) {
        if (opening->head.length > WS_CLIENT_HANDSHAKE_BYTES_MAX) finish(client, 0, "an endless handshake");
        return;
    }
    struct bytes head = {opening->head.data, (size_t)(end - opening->head.data) + 4};
    if (ws_handshake_check(head, opening->nonce, error, sizeof error) != WS_HANDSHAKE_OK) {
        finish(client, WS_CLOSED_NOT_OPENED, error);
        return;
    }
    size_t behind = opening->head.length - head.length;
    opening_end(client);
    client->state = CLIENT_OPEN;
    uv_timer_stop(&client->deadline);
    client->events->opened(client->owner);
    struct bytes rest = {fresh.data + fresh.length - behind, behind};
    if (client->state != CLIENT_CLOSED) ws_reader_feed(&client->reader, rest, &reader_events, client);
}

static void receive(struct ws_client *client, struct bytes fresh)
{
    client->dispatching = true;
    if (client->state == CLIENT_OPENING) receive_handshake(client, fresh);
    else ws_reader_feed(&client->reader, fresh, &reader_events, client);
    client->dispatching = false;
    flush(client);
}

static void on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct ws_client *client = handle->data;
    (void)size;
    *buffer = uv_buf_init(client->clients->receive, RECEIVE_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    struct ws_client *client = stream->data;
    if (length > 0) receive(client, (struct bytes){buffer->base, (size_t)length});
    else if (length == UV_EOF) finish(client, WS_CLOSED_LOST, "the server closed the connection");
    else if (length < 0) finish(client, WS_CLOSED_LOST, uv_strerror((int)length));
}

/* ---- opening ---- */

static void on_connected(uv_connect_t *connect, int status)
{
    struct ws_client *client = connect->data;
    if (client->state == CLIENT_CLOSED) return;
    if (status < 0) {
        finish(client, WS_CLOSED_NOT_OPENED, uv_strerror(status));
        return;
    }
    uv_tcp_nodelay(&client->tcp, 1);
    char request[WS_HANDSHAKE_BYTES_MAX];
    size_t length = ws_handshake_write(request, &client->opening->url, client->opening->nonce);
    buffer_append(&client->output, request, length);
    check(uv_read_start((uv_stream_t *)&client->tcp, on_allocate, on_read) == 0);
    flush(client);
}

static void connect_to(struct ws_client *client, const struct sockaddr *address)
{
    client->opening->connect.data = client;
    int status = uv_tcp_connect(&client->opening->connect, &client->tcp, address, on_connected);
    if (status < 0) finish(client, WS_CLOSED_NOT_OPENED, uv_strerror(status));
}

static void on_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *addresses)
{
    struct ws_client *client = resolve->data;
    if (client->state != CLIENT_CLOSED) {
        if (status < 0) finish(client, WS_CLOSED_NOT_OPENED, uv_strerror(status));
        else connect_to(client, addresses->ai_addr);
    }
    uv_freeaddrinfo(addresses);
    release(client);
}

static void start_connecting(struct ws_client *client)
{
    struct opening *opening = client->opening;
    struct sockaddr_in address;
    if (uv_ip4_addr(opening->url.host, opening->url.port, &address) == 0) {
        connect_to(client, (const struct sockaddr *)&address);
        return;
    }
    char port[8];
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    snprintf(port, sizeof port, "%u", opening->url.port);
    opening->resolve.data = client;
    int status = uv_getaddrinfo(client->clients->loop, &opening->resolve, on_resolved, opening->url.host,
                                port, &hints);
    if (status < 0) finish(client, WS_CLOSED_NOT_OPENED, uv_strerror(status));
    else client->references++;
}

struct ws_client *ws_client_open(struct ws_clients *clients, const struct ws_url *url,
                                 const struct ws_client_events *events, void *owner)
{
    struct ws_client *client = memory_new(sizeof *client);
    client->clients = clients;
    client->events = events;
    client->owner = owner;
    client->references = 2;
    client->opening = memory_new(sizeof *client->opening);
    client->opening->url = *url;
    for (size_t i = 0; i < WS_HANDSHAKE_KEY_BYTES; i++) {
        client->opening->nonce[i] = (uint8_t)rng_next(&clients->rng);
    }
    check(uv_tcp_init(clients->loop, &client->tcp) == 0);
    check(uv_timer_init(clients->loop, &client->deadline) == 0);
    client->tcp.data = client;
    client->deadline.data = client;
    uv_timer_start(&client->deadline, on_deadline, OPEN_TIMEOUT_MS, 0);
    start_connecting(client);
    return client;
}
