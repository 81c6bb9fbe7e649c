/* ws_rig.h -- a front on its own loop thread, what its events said, and a raw client, for tests of the front.
 *
 * The test thread asks the loop thread to run a function (rig_run) and waits for lines of the event log
 * (rig_expect), which come in order: "opened", "received TEXT", "answered", "faulted N", "closed CODE". */
#ifndef DUELPOD_TESTS_WS_RIG_H
#define DUELPOD_TESTS_WS_RIG_H

#include "game_server/ws_front.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define RIG_LINES_MAX 256
#define RIG_LINE_BYTES 64
#define RIG_CONNS_MAX 128

struct rig {
    uv_loop_t loop;
    uv_async_t wake;
    pthread_t thread;
    struct ws_front *front;
    struct ws_conn *conns[RIG_CONNS_MAX]; /* in the order they opened; loop thread only */
    int conn_count;
    /* what the owner does */
    bool refuse, admit;
    void (*when_received)(struct rig *rig, struct ws_conn *conn, struct bytes text);
    void (*when_faulted)(struct rig *rig, struct ws_conn *conn);

    pthread_mutex_t lock;
    pthread_cond_t changed;
    char lines[RIG_LINES_MAX][RIG_LINE_BYTES];
    int line_count, lines_read;
    void (*task)(struct rig *rig);
};

struct rig_owner {
    struct rig *rig;
    struct ws_conn *conn;
};

static inline void rig_log(struct rig *rig, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void rig_log(struct rig *rig, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&rig->lock);
    check(rig->line_count < RIG_LINES_MAX);
    vsnprintf(rig->lines[rig->line_count++], RIG_LINE_BYTES, format, arguments);
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
    va_end(arguments);
}

/* ---- owner --------------------------------------------------------------------------------------- */

static inline bool rig_admit(void *context, const char *peer_ip)
{
    struct rig *rig = context;
    check(strcmp(peer_ip, "127.0.0.1") == 0);
    return rig->admit;
}

static inline void *rig_opened(void *context, struct ws_conn *conn, const char *peer_ip)
{
    struct rig *rig = context;
    check(strcmp(peer_ip, "127.0.0.1") == 0 && rig->conn_count < RIG_CONNS_MAX);
    rig_log(rig, "opened");
    if (rig->refuse) return NULL;
    struct rig_owner *owner = memory_new(sizeof(*owner));
    *owner = (struct rig_owner){rig, conn};
    rig->conns[rig->conn_count++] = conn;
    return owner;
}

static inline void rig_received(void *owner, struct bytes text)
{
    struct rig_owner *self = owner;
    rig_log(self->rig, "received %.*s", (int)text.length, text.data);
    if (self->rig->when_received != NULL) self->rig->when_received(self->rig, self->conn, text);
}

static inline void rig_answered(void *owner)
{
    rig_log(((struct rig_owner *)owner)->rig, "answered");
}

static inline void rig_faulted(void *owner, enum ws_fault fault)
{
    struct rig_owner *self = owner;
    rig_log(self->rig, "faulted %d", (int)fault);
    if (self->rig->when_faulted != NULL) self->rig->when_faulted(self->rig, self->conn);
}

static inline void rig_closed(void *owner, uint16_t code)
{
    struct rig_owner *self = owner;
    rig_log(self->rig, "closed %u", code);
    free(self);
}

static const struct ws_front_events rig_events = {
    .admit = rig_admit,
    .opened = rig_opened,
    .received = rig_received,
    .answered = rig_answered,
    .faulted = rig_faulted,
    .closed = rig_closed,
};

/* ---- loop thread --------------------------------------------------------------------------------- */

static inline void rig_on_wake(uv_async_t *wake)
{
    struct rig *rig = wake->data;
    pthread_mutex_lock(&rig->lock);
    void (*task)(struct rig * rig) = rig->task;
    pthread_mutex_unlock(&rig->lock);
    if (task == NULL) return;
    task(rig);
    pthread_mutex_lock(&rig->lock);
    rig->task = NULL;
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static inline void *rig_thread(void *argument)
{
    struct rig *rig = argument;
    uv_run(&rig->loop, UV_RUN_DEFAULT);
    return NULL;
}

/* Runs `task` on the loop thread and waits until it has returned. */
static inline void rig_run(struct rig *rig, void (*task)(struct rig *rig))
{
    pthread_mutex_lock(&rig->lock);
    rig->task = task;
    uv_async_send(&rig->wake);
    while (rig->task != NULL) pthread_cond_wait(&rig->changed, &rig->lock);
    pthread_mutex_unlock(&rig->lock);
}

static inline struct rig *rig_start(const struct ws_front_config *config)
{
    struct rig *rig = memory_new(sizeof(*rig));
    char error[200] = "";
    signal(SIGPIPE, SIG_IGN);
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->changed, NULL);
    rig->admit = true;
    uv_loop_init(&rig->loop);
    uv_async_init(&rig->loop, &rig->wake, rig_on_wake);
    rig->wake.data = rig;
    rig->front = ws_front_open(&rig->loop, config, &rig_events, rig, error, sizeof(error));
    if (rig->front == NULL) fail_msg("front: %s", error);
    pthread_create(&rig->thread, NULL, rig_thread, rig);
    return rig;
}

static inline void rig_front_gone(void *context)
{
    struct rig *rig = context;
    rig_log(rig, "front gone");
    uv_close((uv_handle_t *)&rig->wake, NULL);
}

static inline void rig_close_front(struct rig *rig)
{
    ws_front_close(rig->front, rig_front_gone);
}

/* Waits until the log has another line and compares it. */
static inline void rig_expect(struct rig *rig, const char *wanted)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 10;
    char line[RIG_LINE_BYTES] = "(nothing)";
    pthread_mutex_lock(&rig->lock);
    while (rig->lines_read == rig->line_count) {
        if (pthread_cond_timedwait(&rig->changed, &rig->lock, &deadline) != 0) break;
    }
    if (rig->lines_read < rig->line_count) memcpy(line, rig->lines[rig->lines_read++], sizeof(line));
    pthread_mutex_unlock(&rig->lock);
    assert_string_equal(line, wanted);
}

/* Ends everything: the loop must run dry and no event may be left unread. */
static inline void rig_stop(struct rig *rig)
{
    rig_run(rig, rig_close_front);
    pthread_join(rig->thread, NULL);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    rig_expect(rig, "front gone");
    assert_int_equal(rig->lines_read, rig->line_count);
    pthread_cond_destroy(&rig->changed);
    pthread_mutex_destroy(&rig->lock);
    free(rig);
}

/* ---- raw client ---------------------------------------------------------------------------------- */

static inline int client_connect(uint16_t port, int receive_buffer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = 10};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) return fd;
    close(fd);
    return -1;
}

/* Reads exactly `length` bytes; false when the connection ended (or nothing came for 10 s). */
static inline bool client_read(int fd, void *to, size_t length)
{
    char *at = to;
    while (length > 0) {
        ssize_t got = recv(fd, at, length, 0);
        if (got <= 0) return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

/* Opens a WebSocket; -1 when the server hung up instead. */
static inline int client_open(uint16_t port, int receive_buffer)
{
    static const char request[] =
        "GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    char head[512];
    size_t length = 0;
    int fd = client_connect(port, receive_buffer);
    if (fd < 0) return -1;
    (void)!send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
    while (length < sizeof(head) && client_read(fd, head + length, 1)) {
        length++;
        if (length >= 4 && memcmp(head + length - 4, "\r\n\r\n", 4) == 0) return fd;
    }
    close(fd);
    return -1;
}

/* One masked frame (mask 0: the payload itself) of at most 65535 bytes. */
static inline void client_send(int fd, int opcode, const void *payload, size_t length)
{
    uint8_t head[8] = {(uint8_t)(0x80 | opcode), (uint8_t)(0x80 | length)};
    size_t size = 6;
    if (length >= 126) {
        head[1] = 0x80 | 126;
        head[2] = (uint8_t)(length >> 8);
        head[3] = (uint8_t)length;
        size = 8;
    }
    (void)!send(fd, head, size, MSG_NOSIGNAL);
    (void)!send(fd, payload, length, MSG_NOSIGNAL);
}

static inline void client_send_text(int fd, const char *text)
{
    client_send(fd, 1, text, strlen(text));
}

/* Reads one whole message into `to` and skips pings. Returns its opcode (8: a close frame, alone), or -1
 * at the end of the connection; `length` receives its size. */
static inline int client_receive(int fd, char *to, size_t capacity, size_t *length)
{
    int kind = -1;
    *length = 0;
    for (;;) {
        uint8_t head[2], wide[2];
        if (!client_read(fd, head, sizeof(head))) return -1;
        size_t size = head[1];
        check(size < 127);
        if (size == 126) {
            if (!client_read(fd, wide, sizeof(wide))) return -1;
            size = (size_t)wide[0] << 8 | wide[1];
        }
        int opcode = head[0] & 15;
        if (opcode == 8) *length = 0;
        check(*length + size <= capacity);
        if (!client_read(fd, to + *length, size)) return -1;
        if (opcode == 9) continue;
        *length += size;
        if (opcode != 0) kind = opcode;
        if (head[0] >> 7) return kind;
    }
}

static inline void client_expect_text(int fd, const char *wanted)
{
    char text[1024] = "";
    size_t length;
    assert_int_equal(client_receive(fd, text, sizeof(text) - 1, &length), 1);
    text[length] = '\0';
    assert_string_equal(text, wanted);
}

/* Reads messages until a close frame, which must have this code and reason. */
static inline void client_expect_close(int fd, uint16_t code, const char *reason)
{
    static char text[1 << 17];
    size_t length;
    int kind;
    do kind = client_receive(fd, text, sizeof(text) - 1, &length);
    while (kind == 1 || kind == 2);
    assert_int_equal(kind, 8);
    assert_true(length >= 2);
    assert_int_equal((uint8_t)text[0] << 8 | (uint8_t)text[1], code);
    text[length] = '\0';
    assert_string_equal(text + 2, reason);
}

#endif
