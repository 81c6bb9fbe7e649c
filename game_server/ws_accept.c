/* The listener. A shard accepts for itself: every front binds the same port with SO_REUSEPORT and the
 * kernel spreads the connections. When handshakes_max are under way, or no descriptor is left, accepting
 * stops and newcomers wait in the kernel's backlog: a burst of logins is delayed, not refused. */
#include "game_server/ws_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WS_BACKLOG 4096
#define WS_ACCEPTS_PER_TURN 64

/* A fresh connection of a development front, until its first bytes tell whose it is. */
struct ws_peek {
    struct ws_link link;
    struct ws_front *front;
    uv_poll_t poll;
    int fd;
    uint64_t deadline_ms;
};

static void on_listener(uv_poll_t *handle, int status, int events);

static void accept_resume(struct ws_front *front)
{
    if (!front->accept_paused || front->listen_fd < 0) return;
    if (front->pending >= front->config.handshakes_max) return;
    front->accept_paused = false;
    uv_poll_start(&front->listener, UV_READABLE, on_listener);
}

static void accept_pause(struct ws_front *front)
{
    front->accept_paused = true;
    uv_poll_stop(&front->listener);
}

void ws_accept_pending_ended(struct ws_front *front)
{
    ws_count_set(front, WS_COUNTER_pending, --front->pending);
    accept_resume(front);
}

/* ---- peeking, development only ------------------------------------------------------------------- */

enum peek_verdict { PEEK_WAIT, PEEK_WEBSOCKET, PEEK_HTTP, PEEK_GONE };

static enum peek_verdict peek_look(int fd)
{
    static const char *const methods[] = {"POST ", "OPTIONS "};
    char first[8];
    ssize_t got = recv(fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? PEEK_WAIT : PEEK_GONE;
    if (got == 0) return PEEK_GONE;
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        size_t length = strlen(methods[i]);
        size_t compare = (size_t)got < length ? (size_t)got : length;
        if (memcmp(first, methods[i], compare) == 0) return compare == length ? PEEK_HTTP : PEEK_WAIT;
    }
    return PEEK_WEBSOCKET;
}

static void on_peek_closed(uv_handle_t *handle)
{
    struct ws_peek *peek = handle->data;
    peek->front->handles_open--;
    free(peek);
}

/* Ends the wait; the descriptor goes to `verdict`'s new owner. */
static void peek_finish(struct ws_peek *peek, enum peek_verdict verdict)
{
    struct ws_front *front = peek->front;
    int fd = peek->fd;
    ws_list_remove(&peek->link);
    uv_close((uv_handle_t *)&peek->poll, on_peek_closed);
    if (verdict == PEEK_WEBSOCKET) {
        ws_library_adopt(front, fd);
    } else if (verdict == PEEK_HTTP) {
        ws_count(front, WS_COUNTER_http_adopted);
        front->events.http_adopt(front->context, fd);
    } else {
        ws_count(front, WS_COUNTER_handshake_lost);
        close(fd);
    }
    if (verdict != PEEK_WEBSOCKET) ws_accept_pending_ended(front);
}

static void on_peek_readable(uv_poll_t *handle, int status, int events)
{
    (void)events;
    struct ws_peek *peek = handle->data;
    enum peek_verdict verdict = status < 0 ? PEEK_GONE : peek_look(peek->fd);
    if (verdict != PEEK_WAIT) {
        peek_finish(peek, verdict);
    } else {
        uv_poll_stop(&peek->poll); /* too few bytes to tell: the tick looks again, the loop must not spin */
    }
}

static void peek_start(struct ws_front *front, int fd)
{
    struct ws_peek *peek = memory_new(sizeof(*peek));
    peek->front = front;
    peek->fd = fd;
    peek->deadline_ms = uv_now(front->loop) + front->config.handshake_timeout_ms;
    peek->poll.data = peek;
    if (uv_poll_init(front->loop, &peek->poll, fd) != 0) {
        close(fd);
        free(peek);
        ws_accept_pending_ended(front);
        return;
    }
    front->handles_open++;
    ws_list_init(&peek->link);
    ws_list_append(&front->peeks, &peek->link);
    uv_poll_start(&peek->poll, UV_READABLE, on_peek_readable);
}

static void peeks_tick(struct ws_front *front)
{
    uint64_t now_ms = uv_now(front->loop);
    struct ws_link *next;
    for (struct ws_link *link = front->peeks.next; link != &front->peeks; link = next) {
        next = link->next;
        struct ws_peek *peek = container_of(link, struct ws_peek, link);
        if (now_ms >= peek->deadline_ms) peek_finish(peek, PEEK_GONE);
        else uv_poll_start(&peek->poll, UV_READABLE, on_peek_readable);
    }
}

/* ---- accepting ----------------------------------------------------------------------------------- */

static void address_text(const struct sockaddr_storage *address, char text[WS_PEER_IP_BYTES])
{
    const void *ip = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (address->ss_family == AF_INET6) ip = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (inet_ntop(address->ss_family, ip, text, WS_PEER_IP_BYTES) == NULL) text[0] = '\0';
}

static void accept_one(struct ws_front *front, int fd, const struct sockaddr_storage *address)
{
    ws_count(front, WS_COUNTER_accepted);
    if (front->open + front->pending >= front->config.connections_max) {
        ws_count(front, WS_COUNTER_refused_full);
        close(fd);
        return;
    }
    char peer_ip[WS_PEER_IP_BYTES];
    address_text(address, peer_ip);
    if (front->events.admit != NULL && !ws_proxies_trust(&front->proxies, peer_ip) &&
        !front->events.admit(front->context, peer_ip)) {
        ws_count(front, WS_COUNTER_refused_peer);
        close(fd);
        return;
    }
    ws_count_set(front, WS_COUNTER_pending, ++front->pending);
    if (front->events.http_adopt != NULL) peek_start(front, fd);
    else ws_library_adopt(front, fd);
}

static void on_listener(uv_poll_t *handle, int status, int events)
{
    (void)events;
    struct ws_front *front = handle->data;
    if (status < 0) return;
    for (int i = 0; i < WS_ACCEPTS_PER_TURN && front->listen_fd >= 0; i++) {
        if (front->pending >= front->config.handshakes_max) {
            accept_pause(front);
            return;
        }
        struct sockaddr_storage address = {0};
        socklen_t size = sizeof(address);
        int fd = accept4(front->listen_fd, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accept_one(front, fd, &address);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            ws_count(front, WS_COUNTER_accept_pauses);
            accept_pause(front);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

void ws_accept_tick(struct ws_front *front)
{
    peeks_tick(front);
    accept_resume(front);
}

/* Options on a listener are inherited by what it accepts, which saves system calls per connection. */
static bool socket_prepare(int fd, const struct ws_front_config *config)
{
    int on = 1;
    int send_bytes = (int)config->socket_send_bytes;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) return false;
    if (config->reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) return false;
    return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes)) == 0;
}

static int socket_listen(const struct ws_front_config *config, const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (socket_prepare(fd, config) && bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(fd, WS_BACKLOG) == 0)
        return fd;
    int cause = errno;
    close(fd);
    errno = cause;
    return -1;
}

static uint16_t socket_port(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof(address);
    check(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
}

bool ws_accept_start(struct ws_front *front, char *error, size_t error_capacity)
{
    const struct ws_front_config *config = &front->config;
    struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *address;
    char port[8];
    snprintf(port, sizeof(port), "%u", config->port);
    if (getaddrinfo(config->host, port, &hints, &address) != 0) {
        snprintf(error, error_capacity, "%s is not a numeric IP address", config->host);
        return false;
    }
    front->listen_fd = socket_listen(config, address);
    freeaddrinfo(address);
    if (front->listen_fd < 0) {
        snprintf(error, error_capacity, "cannot listen on %s port %s: %s", config->host, port,
                 strerror(errno));
        return false;
    }
    front->port = socket_port(front->listen_fd);
    check(uv_poll_init(front->loop, &front->listener, front->listen_fd) == 0);
    front->listener.data = front;
    check(uv_poll_start(&front->listener, UV_READABLE, on_listener) == 0);
    return true;
}

void ws_accept_stop(struct ws_front *front)
{
    if (front->listen_fd < 0) return;
    uv_poll_stop(&front->listener);
    close(front->listen_fd);
    front->listen_fd = -1;
    while (!ws_list_empty(&front->peeks)) {
        peek_finish(container_of(front->peeks.next, struct ws_peek, link), PEEK_GONE);
    }
}
