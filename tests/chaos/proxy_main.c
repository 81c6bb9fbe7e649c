/* proxy: a seeded network between the servers and Redis that can be told to misbehave.
 *
 *     proxy SEED REDIS_SOCKET       listens on a free port of 127.0.0.1, prints "port N", ends with its stdin
 *
 * Every line on stdin is a command, answered by "ok N" (connections it met) or "error":
 *
 *     delay MIN MAX       every read waits MIN to MAX ms           pieces MAX       writes of 1 to MAX bytes
 *     stall PERCENT MS    nothing passes for MS                    cut PERCENT      the connection ends (FIN)
 *     reset PERCENT       the connection is reset (RST)            calm             no delay, no pieces
 *     drop PERCENT MS     one direction loses all, then a cut      refuse MS        new connections are reset
 *     count               changes nothing
 *
 * PERCENT of the connections, each chosen by chance from SEED. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/chaos/proxy_link.h"

enum { LINE_BYTES_MAX = 128, CONNECTIONS_WAITING_MAX = 128 };

static struct {
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_pipe_t control;
    struct proxy_rules rules;
    struct proxy_link *links; /* newest first */
    const char *redis_socket;
    uint64_t refused_until_ms;
    char line[LINE_BYTES_MAX];
    size_t line_length;
} proxy;

/* ---- connections ---------------------------------------------------------------------------------- */

static void on_link_closed(struct proxy_link *link)
{
    if (link->previous != NULL) link->previous->next = link->next;
    else proxy.links = link->next;
    if (link->next != NULL) link->next->previous = link->previous;
}

static void on_connection(uv_stream_t *listener, int status)
{
    if (status != 0) return;
    struct proxy_link *link = proxy_link_accept(listener, proxy.redis_socket, &proxy.rules, on_link_closed);
    link->next = proxy.links;
    if (link->next != NULL) link->next->previous = link;
    proxy.links = link;
    if (uv_now(&proxy.loop) < proxy.refused_until_ms) proxy_link_close(link, true);
}

/* ---- commands ------------------------------------------------------------------------------------- */

static unsigned command_delay(uint64_t min_ms, uint64_t max_ms)
{
    proxy.rules.delay_min_ms = min_ms;
    proxy.rules.delay_max_ms = max_ms > min_ms ? max_ms : min_ms;
    return 0;
}

static unsigned command_pieces(uint64_t bytes_max, uint64_t unused)
{
    (void)unused;
    proxy.rules.piece_bytes_max = bytes_max;
    return 0;
}

static unsigned command_calm(uint64_t unused, uint64_t unused_too)
{
    (void)unused, (void)unused_too;
    command_delay(0, 0);
    return command_pieces(0, 0);
}

static unsigned command_refuse(uint64_t ms, uint64_t unused)
{
    (void)unused;
    proxy.refused_until_ms = uv_now(&proxy.loop) + ms;
    return 0;
}

static void stall(struct proxy_link *link, uint64_t ms)
{
    proxy_link_stall(link, ms);
}

static void cut(struct proxy_link *link, uint64_t unused)
{
    (void)unused;
    proxy_link_close(link, false);
}

static void reset(struct proxy_link *link, uint64_t unused)
{
    (void)unused;
    proxy_link_close(link, true);
}

static void drop(struct proxy_link *link, uint64_t ms)
{
    proxy_link_drop(link, rng_below(&proxy.rules.rng, 2) == 0, ms);
}

static void leave_alone(struct proxy_link *link, uint64_t unused)
{
    (void)link, (void)unused;
}

static unsigned strike(uint64_t percent, uint64_t argument, void (*fault)(struct proxy_link *, uint64_t))
{
    unsigned met = 0;
    for (struct proxy_link *link = proxy.links, *next; link != NULL; link = next) {
        next = link->next;
        if (link->closing || rng_below(&proxy.rules.rng, 100) >= percent) continue;
        fault(link, argument);
        met++;
    }
    return met;
}

static const struct command {
    const char *name;
    int arguments;
    unsigned (*change)(uint64_t first, uint64_t second); /* of the rules; or */
    void (*fault)(struct proxy_link *link, uint64_t second);
} commands[] = {
    {"delay", 2, command_delay, NULL},
    {"pieces", 1, command_pieces, NULL},
    {"calm", 0, command_calm, NULL},
    {"refuse", 1, command_refuse, NULL},
    {"stall", 2, NULL, stall},
    {"drop", 2, NULL, drop},
    {"cut", 1, NULL, cut},
    {"reset", 1, NULL, reset},
    {"count", 0, NULL, leave_alone},
};

static void obey(const char *line)
{
    char name[16];
    uint64_t first = 100, second = 0;
    int read = sscanf(line, "%15s %" SCNu64 " %" SCNu64, name, &first, &second);
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        const struct command *command = &commands[i];
        if (read != command->arguments + 1 || strcmp(name, command->name) != 0) continue;
        printf("ok %u\n",
               command->change ? command->change(first, second) : strike(first, second, command->fault));
        return;
    }
    puts("error");
}

/* ---- the control stream --------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(proxy.line + proxy.line_length, (unsigned)(sizeof proxy.line - proxy.line_length));
}

/* The end of stdin ends the program, and with it every connection; so does a line that is too long. */
static void on_control(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    (void)buffer;
    if (length < 0) {
        uv_stop(stream->loop);
        return;
    }
    proxy.line_length += (size_t)length;
    for (char *end; (end = memchr(proxy.line, '\n', proxy.line_length)) != NULL;) {
        *end = '\0';
        obey(proxy.line);
        proxy.line_length -= (size_t)(end + 1 - proxy.line);
        memmove(proxy.line, end + 1, proxy.line_length);
    }
    fflush(stdout);
}

static void open_listener(void)
{
    struct sockaddr_in address;
    int length = sizeof address;
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_init(&proxy.loop, &proxy.listener);
    check(uv_tcp_bind(&proxy.listener, (struct sockaddr *)&address, 0) == 0);
    check(uv_listen((uv_stream_t *)&proxy.listener, CONNECTIONS_WAITING_MAX, on_connection) == 0);
    check(uv_tcp_getsockname(&proxy.listener, (struct sockaddr *)&address, &length) == 0);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fputs("Usage: proxy SEED REDIS_SOCKET\n", stderr);
        return 2;
    }
    rng_init(&proxy.rules.rng, strtoull(arguments[1], NULL, 10));
    proxy.redis_socket = arguments[2];
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&proxy.loop);
    uv_pipe_init(&proxy.loop, &proxy.control, 0);
    uv_pipe_open(&proxy.control, 0);
    open_listener();
    uv_read_start((uv_stream_t *)&proxy.control, on_alloc, on_control);
    uv_run(&proxy.loop, UV_RUN_DEFAULT);
    return 0;
}
