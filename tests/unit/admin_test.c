/* The HTTP server and the admin pages over raw sockets: the server's loop runs in a thread of its own, the
 * test is a client that may split, stall and lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/admin.h"
#include "common/clock.h"

enum { ANSWER_BYTES = 256 * 1024, METRICS_BYTES = 100 * 1024 };

static struct {
    uv_loop_t loop;
    uv_thread_t thread;
    uv_async_t wake;
    struct admin *admin;
    struct http_server *echo;
    struct http_counters admin_counters;
    _Atomic bool redis_is_up, is_healthy;
    _Atomic int adopt_fd; /* -1: none */
    int closed;
    _Atomic uint64_t ticket; /* of the last request that waits; 0: none */
    _Atomic bool found;      /* the answer found its request */
    _Atomic bool answer;     /* at the next wake */
} server;

/* ---- the server's side ---- */

static void report_health(void *context, struct admin_report *report)
{
    (void)context;
    admin_report_check(report, "shards", server.is_healthy, server.is_healthy ? NULL : "shard 1 \"hangs\"\n");
}

static void report_ready(void *context, struct admin_report *report)
{
    (void)context;
    admin_report_check(report, "redis", server.redis_is_up, server.redis_is_up ? NULL : "connect failed");
    admin_report_check(report, "accepting", true, NULL);
}

static void write_metrics(void *context, struct buffer *out)
{
    (void)context;
    for (int i = 0; i < METRICS_BYTES / 10; i++) buffer_append_text(out, "metric 12\n");
}

static void postpone(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    (void)request;
    response->later = true;
    server.ticket = response->ticket;
}

static const struct admin_page pages[] = {
    {.path = "/later", .method = "GET", .handle = postpone},
    {.path = "/later", .method = "POST", .handle = postpone},
    {.path = "/health/game-server", .failing_status = 500, .report = report_ready},
    {.path = NULL}};
static const struct admin_events admin_events = {report_health, report_ready, write_metrics};

static void echo(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    response->content_type = "application/octet-stream";
    http_response_header(response, "X-Query-Bytes", request->query.length > 0 ? "some" : "none");
    buffer_append(&response->body, request->body.data, request->body.length);
}

static void allow_all(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    (void)request;
    response->status = 204;
    http_response_header(response, "Access-Control-Allow-Origin", "*");
}

static const struct http_route echo_routes[] = {
    {"POST", "/echo", echo}, {"OPTIONS", "/echo", allow_all}, {NULL, NULL, NULL}};

static void on_closed(void *context)
{
    (void)context;
    server.closed++;
}

static void on_wake(uv_async_t *wake)
{
    int fd = atomic_exchange(&server.adopt_fd, -1);
    if (fd >= 0) {
        http_server_adopt_fd(server.echo, fd);
        return;
    }
    if (atomic_exchange(&server.answer, false)) {
        struct http_response response;
        http_response_init(&response);
        buffer_append_text(&response.body, "at last");
        server.found = admin_answer(server.admin, server.ticket, &response);
        http_response_free(&response);
        server.ticket = 0;
        return;
    }
    server.admin_counters = admin_counters(server.admin);
    admin_close(server.admin, on_closed);
    http_server_close(server.echo, on_closed);
    uv_close((uv_handle_t *)wake, NULL);
}

static void run_server(void *argument)
{
    (void)argument;
    uv_run(&server.loop, UV_RUN_DEFAULT);
}

/* Everything but the thread. */
static int setup_stopped(void **state)
{
    (void)state;
    const char *error = NULL;
    signal(SIGPIPE, SIG_IGN);
    memset(&server, 0, sizeof server);
    server.adopt_fd = -1;
    server.redis_is_up = server.is_healthy = true;
    uv_loop_init(&server.loop);
    uv_async_init(&server.loop, &server.wake, on_wake);
    server.admin = admin_open(&server.loop, "127.0.0.1", 0, &admin_events, pages, NULL, &error);
    server.echo = http_server_open(&server.loop, "::1", 0, echo_routes, NULL, &error);
    if (server.echo == NULL) /* a machine without IPv6 */
        server.echo = http_server_open(&server.loop, NULL, 0, echo_routes, NULL, &error);
    return server.admin == NULL || server.echo == NULL ? -1 : 0;
}

static void start_server(void)
{
    assert_int_equal(uv_thread_create(&server.thread, run_server, NULL), 0);
}

static int setup(void **state)
{
    int result = setup_stopped(state);
    if (result == 0) start_server();
    return result;
}

static int teardown(void **state)
{
    (void)state;
    uv_async_send(&server.wake);
    uv_thread_join(&server.thread);
    return server.closed == 2 && uv_loop_close(&server.loop) == 0 ? 0 : -1;
}

/* ---- the client's side ---- */

static int dial(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* A connection to the server without a listener: one end of it is handed over. */
static int dial_adopted(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    int fd = dial(ntohs(address.sin_port));
    server.adopt_fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    uv_async_send(&server.wake);
    return fd;
}

static char answer[ANSWER_BYTES];

/* Reads until the server ends the connection. */
static void receive_all(int fd)
{
    size_t length = 0;
    ssize_t count;
    while ((count = recv(fd, answer + length, sizeof answer - 1 - length, 0)) > 0) length += (size_t)count;
    answer[length] = '\0';
    assert_int_equal(count, 0); /* an orderly end, neither reset nor silence */
    close(fd);
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
}

static void ask(const char *request)
{
    int fd = dial(admin_port(server.admin));
    send_text(fd, request);
    receive_all(fd);
}

static void assert_starts(const char *start)
{
    if (strncmp(answer, start, strlen(start)) != 0) fail_msg("expected %s, got: %.200s", start, answer);
}

static void assert_body(const char *body)
{
    const char *found = strstr(answer, "\r\n\r\n");
    assert_non_null(found);
    assert_string_equal(found + 4, body);
}

static void health_and_ready_say_why(void **state)
{
    (void)state;
    ask("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 200 OK\r\n");
    assert_non_null(strstr(answer, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
    assert_body("{\"status\":\"ok\",\"checks\":[{\"name\":\"shards\",\"ok\":true}]}\n");
    server.redis_is_up = false;
    server.is_healthy = false;
    ask("GET /ready HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 503 Service Unavailable\r\n");
    assert_body(
        "{\"status\":\"failing\",\"checks\":[{\"name\":\"redis\",\"ok\":false,\"detail\":\"connect failed\"},"
        "{\"name\":\"accepting\",\"ok\":true}]}\n");
    ask("GET /health/game-server HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 500 ");
    ask("GET /health HTTP/1.0\r\n\r\n");
    assert_starts("HTTP/1.1 500 ");
    assert_non_null(strstr(answer, "\"detail\":\"shard 1 \\\"hangs\\\"\\n\""));
}

static void metrics_come_whole(void **state)
{
    (void)state;
    ask("GET /metrics?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                  "Content-Length: 102400\r\n");
    const char *body = strstr(answer, "\r\n\r\n") + 4;
    assert_int_equal(strlen(body), METRICS_BYTES);
}

static void head_is_get_without_body(void **state)
{
    (void)state;
    ask("HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 200 OK\r\n");
    assert_non_null(strstr(answer, "\r\nContent-Length: 102400\r\n"));
    assert_body("");
}

static void unknown_paths_and_methods_are_refused(void **state)
{
    (void)state;
    ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 404 Not Found\r\n");
    ask("GET /health/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 404 Not Found\r\n");
    ask("GET /%68ealth HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 404 Not Found\r\n");
    ask("DELETE /health HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 405 Method Not Allowed\r\n");
    assert_non_null(strstr(answer, "\r\nAllow: GET, HEAD\r\n"));
}

static void bad_requests_are_answered_and_closed(void **state)
{
    (void)state;
    ask("\x16\x03\x01\x02\x01garbage of a TLS client\r\n\r\n");
    assert_starts("HTTP/1.1 400 Bad Request\r\n");
    ask("GET / HTTP/2.0\r\n\r\n");
    assert_starts("HTTP/1.1 505 ");
    ask("POST /health HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_starts("HTTP/1.1 501 ");
    ask("POST /health HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n");
    assert_starts("HTTP/1.1 413 ");
}

/* Sends a request that waits; returns when the handler has run. */
static int ask_later(const char *request)
{
    int fd = dial(admin_port(server.admin));
    send_text(fd, request);
    while (server.ticket == 0) sched_yield();
    return fd;
}

static void answer_now(void)
{
    server.answer = true;
    uv_async_send(&server.wake);
    while (server.ticket != 0) sched_yield();
}

static void a_handler_may_answer_later(void **state)
{
    (void)state;
    int fd = ask_later("POST /later HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    send_text(fd, "GET /health HTTP/1.1\r\nHost: h\r\n\r\n"); /* ignored, as behind any request */
    ask("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 200 OK\r\n");
    answer_now();
    receive_all(fd);
    assert_true(server.found);
    assert_body("at last");
    fd = ask_later("HEAD /later HTTP/1.1\r\nHost: h\r\n\r\n");
    shutdown(fd, SHUT_WR); /* it has said all, and still listens */
    answer_now();
    receive_all(fd);
    assert_body("");
}

static void a_late_answer_to_nobody_is_dropped(void **state)
{
    (void)state;
    int fd = ask_later("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    struct linger reset = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    ask("GET /health HTTP/1.1\r\nHost: h\r\n\r\n"); /* so the loop has seen the reset */
    answer_now();
    assert_false(server.found);
    fd = ask_later("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    receive_all(fd); /* never answered: its time is up */
    assert_string_equal(answer, "");
    answer_now();
    assert_false(server.found);
}

static void a_huge_head_is_refused_and_the_answer_arrives(void **state)
{
    (void)state;
    static char text[200 * 1024];
    int fd = dial(admin_port(server.admin));
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "GET / HTTP/1.1\r\nHost: h\r\nX: ", 28);
    send_text(fd, text);
    receive_all(fd);
    assert_starts("HTTP/1.1 431 ");
}

static void what_follows_a_request_is_ignored(void **state)
{
    (void)state;
    ask("GET /health HTTP/1.1\r\nHost: h\r\n\r\nGET /metrics HTTP/1.1\r\nHost: h\r\n\r\n\x01\x02 junk");
    assert_starts("HTTP/1.1 200 OK\r\n");
    assert_null(strstr(answer + 1, "HTTP/1.1"));
    assert_null(strstr(answer, "metric"));
}

static void bytes_may_come_one_by_one(void **state)
{
    (void)state;
    static const char request[] = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
    int fd = dial(admin_port(server.admin));
    for (size_t i = 0; i < sizeof request - 1; i++) assert_int_equal(send(fd, request + i, 1, 0), 1);
    receive_all(fd);
    assert_starts("HTTP/1.1 200 OK\r\n");
}

static void an_adopted_connection_is_served(void **state)
{
    (void)state;
    static char request[HTTP_BODY_BYTES_MAX + 256];
    int fd = dial_adopted();
    int head =
        snprintf(request, sizeof request, "POST /echo?q HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n",
                 HTTP_BODY_BYTES_MAX);
    memset(request + head, 'y', HTTP_BODY_BYTES_MAX);
    send_text(fd, request);
    receive_all(fd);
    assert_starts("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 65536\r\n");
    assert_non_null(strstr(answer, "\r\nX-Query-Bytes: some\r\n"));
    assert_body(request + head);
    fd = dial_adopted();
    send_text(fd, "OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    receive_all(fd);
    assert_starts("HTTP/1.1 204 No Content\r\n");
    assert_non_null(strstr(answer, "\r\nAccess-Control-Allow-Origin: *\r\n"));
    fd = dial_adopted();
    send_text(fd, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    receive_all(fd);
    assert_non_null(strstr(answer, "\r\nAllow: POST, OPTIONS\r\n"));
}

static void connections_beyond_the_limit_are_closed_and_slow_ones_after_their_time(void **state)
{
    (void)state;
    int fds[HTTP_CONNECTIONS_MAX] = {0};
    int64_t start_ms = clock_monotonic_ms();
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        fds[i] = dial(admin_port(server.admin));
        send_text(fds[i], "GET /hea");
    }
    int fd = dial(admin_port(server.admin));
    assert_int_equal(recv(fd, answer, 1, 0), 0);
    close(fd);
    assert_true(clock_monotonic_ms() - start_ms < HTTP_TIMEOUT_MS / 2);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        /* A reset is an end, too: on a busy machine the time may be up before the server has read what was sent. */
        ssize_t count = recv(fds[i], answer, 1, 0);
        assert_true(count == 0 || (count < 0 && errno == ECONNRESET));
        close(fds[i]);
    }
    assert_true(clock_monotonic_ms() - start_ms >= HTTP_TIMEOUT_MS);
    ask("GET /ready HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 ");
}

static void closing_ends_open_connections(void **state)
{
    int fd = dial(admin_port(server.admin));
    send_text(fd, "GET /hea");
    ask("GET /health HTTP/1.1\r\nHost: h\r\n\r\n"); /* by now the first one is accepted too */
    assert_int_equal(teardown(state), 0);
    assert_int_equal(server.admin_counters.accepted, 2);
    assert_int_equal(server.admin_counters.answered, 1);
    receive_all(fd);
    assert_int_equal(setup(state), 0);
}

/* ---- the operator's pages ---- */

static int setup_with_token(void **state)
{
    int result = setup_stopped(state);
    admin_protect(server.admin, "a-token", true);
    start_server();
    return result;
}

static int setup_open_to_others(void **state)
{
    int result = setup_stopped(state);
    admin_protect(server.admin, "", false);
    start_server();
    return result;
}

static int setup_on_this_machine(void **state)
{
    int result = setup_stopped(state);
    admin_protect(server.admin, NULL, true);
    start_server();
    return result;
}

static void an_operator_with_the_token_is_served(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "Authorization: Bearer a-tokem\r\n",
        "Authorization: Bearer a-token2\r\n",
        "Authorization: Bearer \r\n",
        "Authorization: a-token\r\n",
        "Authorization: Basic a-token\r\n",
    };
    char request[256];
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        snprintf(request, sizeof request, "GET /later HTTP/1.1\r\nHost: h\r\n%s\r\n", wrong[i]);
        ask(request);
        assert_starts("HTTP/1.1 401 ");
        assert_non_null(strstr(answer, "WWW-Authenticate: Bearer\r\n"));
        assert_body("{\"error\":\"the token of admin.token_file is needed\"}\n");
    }
    ask("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 200 ");
    ask("GET /health/game-server HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 200 ");
    ask("GET /later HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a-token\r\nOrigin: http://x\r\n\r\n");
    assert_starts("HTTP/1.1 403 ");
    int fd = ask_later("GET /later HTTP/1.1\r\nHost: h\r\nauthorization: Bearer a-token\r\n\r\n");
    answer_now();
    receive_all(fd);
    assert_body("at last");
}

static void a_port_that_others_reach_has_no_operator_without_a_token(void **state)
{
    (void)state;
    ask("POST /later HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer \r\nContent-Length: 0\r\n\r\n");
    assert_starts("HTTP/1.1 403 ");
    ask("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_starts("HTTP/1.1 200 ");
}

static void whoever_is_on_this_machine_is_an_operator_without_a_token(void **state)
{
    (void)state;
    ask("GET /later HTTP/1.1\r\nHost: h\r\nOrigin: http://x\r\n\r\n");
    assert_starts("HTTP/1.1 403 ");
    int fd = ask_later("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    answer_now();
    receive_all(fd);
    assert_body("at last");
}

static void loopback_addresses_are_known(void **state)
{
    (void)state;
    assert_true(admin_host_is_loopback("127.0.0.1") && admin_host_is_loopback("127.9.9.9"));
    assert_true(admin_host_is_loopback("::1"));
    assert_false(admin_host_is_loopback("0.0.0.0") || admin_host_is_loopback("::") ||
                 admin_host_is_loopback("10.127.0.1") || admin_host_is_loopback("::ffff:10.0.0.1"));
}

static void a_port_in_use_or_a_bad_address_is_reported(void **state)
{
    (void)state;
    uv_loop_t loop;
    const char *error = NULL;
    uv_loop_init(&loop);
    assert_null(http_server_open(&loop, "127.0.0.1", admin_port(server.admin), echo_routes, NULL, &error));
    assert_string_equal(error, "address already in use");
    assert_null(admin_open(&loop, "no address", 0, &admin_events, NULL, NULL, &error));
    assert_string_equal(error, "invalid argument");
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(health_and_ready_say_why),
        TEST(metrics_come_whole),
        TEST(head_is_get_without_body),
        TEST(unknown_paths_and_methods_are_refused),
        TEST(bad_requests_are_answered_and_closed),
        TEST(a_handler_may_answer_later),
        TEST(a_late_answer_to_nobody_is_dropped),
        TEST(a_huge_head_is_refused_and_the_answer_arrives),
        TEST(what_follows_a_request_is_ignored),
        TEST(bytes_may_come_one_by_one),
        TEST(an_adopted_connection_is_served),
        TEST(connections_beyond_the_limit_are_closed_and_slow_ones_after_their_time),
        TEST(closing_ends_open_connections),
        cmocka_unit_test_setup_teardown(an_operator_with_the_token_is_served, setup_with_token, teardown),
        cmocka_unit_test_setup_teardown(a_port_that_others_reach_has_no_operator_without_a_token,
                                        setup_open_to_others, teardown),
        cmocka_unit_test_setup_teardown(whoever_is_on_this_machine_is_an_operator_without_a_token,
                                        setup_on_this_machine, teardown),
        cmocka_unit_test(loopback_addresses_are_known),
        TEST(a_port_in_use_or_a_bad_address_is_reported),
    };
    return cmocka_run_group_tests_name("admin", tests, NULL, NULL);
}
