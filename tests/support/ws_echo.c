/* An echo server on the WebSocket front, for probes and measurements. Prints its port, then answers every
 * text with itself, except these:
 *
 *     close CODE REASON     closes
 *     shared BYTES          sends one binary message of BYTES bytes, by reference, byte i being i mod 251
 *     flood COUNT BYTES     sends COUNT texts of BYTES bytes
 *     ip                    sends the client's address
 *     counters              sends all counters as "name value" lines
 *
 * A client from 192.0.2.66 is refused. A fault is announced by the text "fault N" before the close. SIGTERM
 * closes everything with 1001 and ends. Options are name=value of struct ws_front_config, http=1 for the
 * hand-over of POST connections, and fault=NAME for a fault that tests/ws/run_fuzz.py must notice. */
#include "game_server/ws_front.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct client {
    struct ws_conn *conn;
    char ip[64];
};

static struct ws_front *front;
static const char *planted = "";

static void *on_opened(void *context, struct ws_conn *conn, const char *peer_ip)
{
    (void)context;
    if (strcmp(peer_ip, "192.0.2.66") == 0) return NULL;
    struct client *client = memory_new(sizeof(*client));
    client->conn = conn;
    text_copy(client->ip, sizeof(client->ip), peer_ip);
    return client;
}

static void send_shared(struct ws_conn *conn, size_t length)
{
    struct shared_bytes *shared = shared_bytes_new(length);
    char *content = shared_bytes_write(shared);
    for (size_t i = 0; i < length; i++) content[i] = (char)(i % 251);
    ws_conn_send_shared(conn, shared);
    shared_bytes_release(shared);
}

static void send_flood(struct ws_conn *conn, unsigned count, size_t length)
{
    char *text = memory_new(length + 1);
    memset(text, 'f', length);
    while (count-- > 0 && ws_conn_send_text(conn, (struct bytes){text, length})) continue;
    free(text);
}

static void send_counters(struct ws_conn *conn)
{
    uint64_t values[WS_COUNTER_COUNT];
    char text[4096] = "";
    size_t length = 0;
    ws_front_counters_read(front, values);
    for (int i = 0; i < WS_COUNTER_COUNT; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s %llu\n",
                                   ws_counter_name((enum ws_counter)i), (unsigned long long)values[i]);
    }
    ws_conn_send_text(conn, (struct bytes){text, length});
}

enum { FAULT_TEXTS = 100, FAULT_LEAK_BYTES = 1 << 18, FAULT_STALL_MS = 3000 };

static void hoard_more(void)
{
    static char *hoard;
    static size_t length;
    hoard = memory_resize(hoard, length + FAULT_LEAK_BYTES);
    memset(hoard + length, 1, FAULT_LEAK_BYTES);
    length += FAULT_LEAK_BYTES;
}

/* Answers wrongly, or never again, from the FAULT_TEXTS-th text on. */
static void answer_faulty(struct ws_conn *conn, struct bytes text)
{
    static unsigned texts;
    if (++texts < FAULT_TEXTS || strcmp(planted, "swallow") != 0) ws_conn_send_text(conn, text);
    if (texts < FAULT_TEXTS) return;
    if (strcmp(planted, "die") == 0) abort();
    if (strcmp(planted, "leak") == 0) hoard_more();
    if (strcmp(planted, "twist") == 0) ws_conn_send_text(conn, bytes_of_text("nobody said this"));
    if (strcmp(planted, "stall") == 0) uv_sleep(FAULT_STALL_MS);
    if (strcmp(planted, "descriptor") == 0) (void)!dup(STDOUT_FILENO);
}

static void on_received(void *owner, struct bytes text)
{
    struct client *client = owner;
    char line[160] = "", reason[128] = "";
    unsigned first, second = 0;
    if (text.length < sizeof(line)) memcpy(line, text.data, text.length);
    if (sscanf(line, "close %u %127[^\n]", &first, reason) >= 1) {
        ws_conn_close(client->conn, (uint16_t)first, reason);
    } else if (sscanf(line, "shared %u", &first) == 1) {
        send_shared(client->conn, first);
    } else if (sscanf(line, "flood %u %u", &first, &second) == 2) {
        send_flood(client->conn, first, second);
    } else if (strcmp(line, "ip") == 0) {
        ws_conn_send_text(client->conn, bytes_of_text(client->ip));
    } else if (strcmp(line, "counters") == 0) {
        send_counters(client->conn);
    } else if (planted[0] != '\0') {
        answer_faulty(client->conn, text);
    } else {
        ws_conn_send_text(client->conn, text);
    }
}

static void on_faulted(void *owner, enum ws_fault fault)
{
    struct client *client = owner;
    char text[32];
    snprintf(text, sizeof(text), "fault %d", (int)fault);
    ws_conn_send_text(client->conn, bytes_of_text(text));
}

static void on_closed(void *owner, uint16_t code)
{
    (void)code;
    free(owner);
}

static void on_http(void *context, int fd)
{
    (void)context;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nadopted\n";
    (void)!write(fd, answer, sizeof(answer) - 1);
    close(fd);
}

static void on_front_gone(void *context)
{
    uv_close((uv_handle_t *)context, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    uv_signal_stop(handle);
    ws_front_close(front, on_front_gone);
}

static void print_line(const char *line)
{
    fprintf(stderr, "library: %s\n", line);
}

static bool option_read(struct ws_front_config *config, struct ws_front_events *events, char *argument)
{
    struct {
        const char *name;
        uint32_t *value;
    } numbers[] = {
        {"connections_max", &config->connections_max},
        {"handshakes_max", &config->handshakes_max},
        {"message_bytes_max", &config->message_bytes_max},
        {"fragments_max", &config->fragments_max},
        {"send_messages_max", &config->send_messages_max},
        {"send_bytes_max", &config->send_bytes_max},
        {"shared_frames_max", &config->shared_frames_max},
        {"socket_send_bytes", &config->socket_send_bytes},
        {"ping_interval_ms", &config->ping_interval_ms},
        {"idle_timeout_ms", &config->idle_timeout_ms},
        {"handshake_timeout_ms", &config->handshake_timeout_ms},
        {"close_timeout_ms", &config->close_timeout_ms},
    };
    char *value = strchr(argument, '=');
    if (value == NULL) return false;
    *value++ = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        if (strcmp(argument, numbers[i].name) == 0) {
            *numbers[i].value = (uint32_t)strtoul(value, NULL, 10);
            return true;
        }
    }
    if (strcmp(argument, "http") == 0) events->http_adopt = on_http;
    else if (strcmp(argument, "origins") == 0) config->origins = value;
    else if (strcmp(argument, "trusted_proxies") == 0) config->trusted_proxies = value;
    else if (strcmp(argument, "origin_required") == 0) config->origin_required = true;
    else if (strcmp(argument, "fault") == 0) planted = value;
    else if (strcmp(argument, "port") == 0) config->port = (uint16_t)strtoul(value, NULL, 10);
    else return false;
    return true;
}

int main(int argc, char **argv)
{
    struct ws_front_config config = {0};
    struct ws_front_events events = {
        .opened = on_opened,
        .received = on_received,
        .faulted = on_faulted,
        .closed = on_closed,
    };
    for (int i = 1; i < argc; i++) {
        if (!option_read(&config, &events, argv[i])) {
            fprintf(stderr, "unknown option %s\n", argv[i]);
            return 2;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    ws_front_set_log(print_line);
    uv_loop_t loop;
    uv_signal_t terminate;
    char error[200];
    uv_loop_init(&loop);
    uv_signal_init(&loop, &terminate);
    front = ws_front_open(&loop, &config, &events, &terminate, error, sizeof(error));
    if (front == NULL) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    uv_signal_start(&terminate, on_signal, SIGTERM);
    printf("%u\n", ws_front_port(front));
    fflush(stdout);
    uv_run(&loop, UV_RUN_DEFAULT);
    check(uv_loop_close(&loop) == 0);
    return 0;
}
