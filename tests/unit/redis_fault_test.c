/* The link against a Redis that misbehaves: a raw socket of our own that refuses, resets, is silent or talks
 * nonsense. The fake side is driven from the same thread, between turns of the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>

#include "common/redis_link.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

struct fixture {
    uv_loop_t loop;
    struct redis_link *link;
    struct redis_link_config config;
    int listener, peer; /* the fake Redis */
    int ready, lost, messages;
    uint64_t replies, nulls;
    uint64_t wanted; /* what wait_* is waiting for */
    char reason[256], text[128];
    bool closed, reissue;
};

static int listen_on(int port, int backlog)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    return ntohs(address.sin_port);
}

static void on_ready(void *context)
{
    ((struct fixture *)context)->ready++;
}

static void on_lost(void *context, const char *reason)
{
    struct fixture *fixture = context;
    fixture->lost++;
    assert_true(text_copy(fixture->reason, sizeof fixture->reason, reason));
}

static void on_message(void *context, struct bytes channel, struct bytes payload)
{
    (void)channel;
    (void)payload;
    ((struct fixture *)context)->messages++;
}

static const struct redis_link_events events = {.ready = on_ready, .lost = on_lost, .message = on_message};

static bool issue(struct fixture *fixture, const char *word);

static void on_reply(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct fixture *fixture = context;
    struct bytes text = redis_reply_text(reply);
    (void)tag;
    fixture->replies++;
    fixture->nulls += reply == NULL;
    snprintf(fixture->text, sizeof fixture->text, "%.*s", (int)text.length, text.data);
    if (reply == NULL && fixture->reissue) {
        fixture->reissue = false;
        assert_true(issue(fixture, "AGAIN"));
    }
}

static bool issue(struct fixture *fixture, const char *word)
{
    struct bytes words[] = {bytes_of_text(word)};
    return redis_link_command(fixture->link, words, 1, on_reply, fixture, 0);
}

/* A plain command link without anything to prepare: it is ready when it is connected. */
static struct fixture *fixture_new(void)
{
    struct fixture *fixture = memory_new(sizeof *fixture);
    fixture->peer = -1;
    fixture->listener = listen_on(0, 16);
    fixture->config = (struct redis_link_config){
        .address = {.host = "127.0.0.1", .port = (uint16_t)port_of(fixture->listener)},
        .connect_timeout_ms = 5000,
        .command_timeout_ms = 10000,
        .backoff_min_ms = 5,
        .backoff_max_ms = 20,
    };
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    return fixture;
}

static void open_link(struct fixture *fixture)
{
    fixture->link = redis_link_open(&fixture->loop, &fixture->config, &events, fixture);
}

static void on_closed(void *context)
{
    ((struct fixture *)context)->closed = true;
}

static void fixture_free(struct fixture *fixture)
{
    redis_link_close(fixture->link, on_closed);
    assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
    assert_true(fixture->closed);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    if (fixture->peer >= 0) close(fixture->peer);
    if (fixture->listener >= 0) close(fixture->listener);
    free(fixture);
}

static bool peer_is_here(void *context)
{
    struct pollfd poll_fd = {.fd = ((struct fixture *)context)->listener, .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

/* A turn of the loop may sleep until its next timer, so the wait for the other side is cut into short
 * ones. */
static void accept_peer(struct fixture *fixture)
{
    if (fixture->peer >= 0) close(fixture->peer);
    assert_true(loop_run_until(&fixture->loop, peer_is_here, fixture));
    fixture->peer = accept4(fixture->listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fixture->peer >= 0);
}

static bool enough_lost(void *context)
{
    struct fixture *fixture = context;
    return (uint64_t)fixture->lost >= fixture->wanted;
}

static void wait_lost(struct fixture *fixture, uint64_t times)
{
    fixture->wanted = times;
    assert_true(loop_run_until(&fixture->loop, enough_lost, fixture));
}

static bool enough_ready(void *context)
{
    struct fixture *fixture = context;
    return (uint64_t)fixture->ready >= fixture->wanted;
}

static void wait_ready(struct fixture *fixture, uint64_t times)
{
    fixture->wanted = times;
    assert_true(loop_run_until(&fixture->loop, enough_ready, fixture));
}

static bool enough_replies(void *context)
{
    struct fixture *fixture = context;
    return fixture->replies >= fixture->wanted;
}

static void wait_replies(struct fixture *fixture, uint64_t times)
{
    fixture->wanted = times;
    assert_true(loop_run_until(&fixture->loop, enough_replies, fixture));
}

static bool everything_is_written(void *context)
{
    struct fixture *fixture = context;
    return redis_link_counters(fixture->link).bytes_out >= fixture->wanted;
}

static void wait_written(struct fixture *fixture, uint64_t bytes)
{
    fixture->wanted = bytes;
    assert_true(loop_run_until(&fixture->loop, everything_is_written, fixture));
}

static void answer(struct fixture *fixture, const char *text)
{
    assert_int_equal(write(fixture->peer, text, strlen(text)), strlen(text));
}

/* Ends the fake's side with a reset instead of an orderly end. */
static void reset_peer(struct fixture *fixture)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fixture->peer, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fixture->peer);
    fixture->peer = -1;
}

/* ---- connecting ---- */

static void a_refused_port_is_reported_again_and_again(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    close(fixture->listener);
    fixture->listener = -1;
    open_link(fixture);
    assert_true(issue(fixture, "PING"));
    wait_lost(fixture, 5);
    assert_string_equal(fixture->reason, "connect failed: connection refused");
    assert_int_equal(fixture->ready, 0);
    assert_int_equal(fixture->replies, 0); /* it still waits, its time is not up */
    /* Redis comes at last. */
    fixture->listener = listen_on(fixture->config.address.port, 16);
    accept_peer(fixture);
    wait_written(fixture, strlen("*1\r\n$4\r\nPING\r\n"));
    answer(fixture, "+PONG\r\n");
    wait_replies(fixture, 1);
    assert_string_equal(fixture->text, "PONG");
    fixture_free(fixture);
}

static void a_missing_socket_file_is_reported(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    fixture->config.address = (struct redis_address){.path = "/nonexistent/redis.sock"};
    open_link(fixture);
    wait_lost(fixture, 2);
    assert_string_equal(fixture->reason, "connect failed: no such file or directory");
    fixture_free(fixture);
}

static void an_unknown_host_is_reported(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    fixture->config.address = (struct redis_address){.host = "duelpod.invalid", .port = 6379};
    fixture->config.connect_timeout_ms = 15000;
    open_link(fixture);
    wait_lost(fixture, 1);
    assert_non_null(strstr(fixture->reason, "connect failed: "));
    fixture_free(fixture);
}

static void a_link_may_be_closed_while_it_looks_a_name_up(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    fixture->config.address = (struct redis_address){.host = "localhost", .port = 1};
    open_link(fixture);
    fixture_free(fixture);
}

static void a_connect_that_hangs_is_ended(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    int fillers[4];
    close(fixture->listener);
    fixture->listener = listen_on(0, 0);
    int port = port_of(fixture->listener);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (size_t i = 0; i < ARRAY_LENGTH(fillers); i++) { /* a full backlog drops what comes next */
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    fixture->config.address.port = (uint16_t)port;
    fixture->config.connect_timeout_ms = 50;
    open_link(fixture);
    wait_lost(fixture, 2);
    assert_string_equal(fixture->reason, "connect timed out");
    for (size_t i = 0; i < ARRAY_LENGTH(fillers); i++) close(fillers[i]);
    fixture_free(fixture);
}

static void a_silent_server_never_becomes_ready(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    fixture->config.client_name = "me";
    fixture->config.connect_timeout_ms = 50;
    open_link(fixture);
    wait_lost(fixture, 2);
    assert_string_equal(fixture->reason, "login timed out");
    assert_int_equal(fixture->ready, 0);
    fixture_free(fixture);
}

static void a_loading_server_is_tried_again(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    fixture->config.client_name = "me";
    open_link(fixture);
    accept_peer(fixture);
    answer(fixture, "-LOADING Redis is loading the dataset in memory\r\n");
    wait_lost(fixture, 1);
    assert_non_null(strstr(fixture->reason, "client name refused: LOADING"));
    accept_peer(fixture);
    answer(fixture, "+OK\r\n");
    wait_ready(fixture, 1);
    fixture_free(fixture);
}

/* With pauses that doubled each time, the last ones would be of a minute. */
static void a_server_that_loads_for_long_is_asked_as_often_as_at_first(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    fixture->config.client_name = "me";
    fixture->config.backoff_min_ms = 1;
    fixture->config.backoff_max_ms = 120000;
    open_link(fixture);
    for (uint64_t times = 1; times <= 30; times++) {
        accept_peer(fixture);
        answer(fixture, "-LOADING Redis is loading the dataset in memory\r\n");
        wait_lost(fixture, times);
    }
    accept_peer(fixture);
    answer(fixture, "+OK\r\n");
    wait_ready(fixture, 1);
    fixture_free(fixture);
}

/* ---- the end of a connection ---- */

static void a_reset_answers_null_to_what_was_sent_and_keeps_what_was_not(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    open_link(fixture);
    wait_ready(fixture, 1);
    accept_peer(fixture);
    for (int i = 0; i < 3; i++) assert_true(issue(fixture, "PING"));
    wait_written(fixture, 3 * strlen("*1\r\n$4\r\nPING\r\n"));
    fixture->reissue = true;
    reset_peer(fixture);
    wait_lost(fixture, 1);
    assert_string_equal(fixture->reason, "connection lost: connection reset by peer");
    assert_int_equal(fixture->nulls, 3);
    /* The command that a callback issued meanwhile is new, so it is sent. */
    accept_peer(fixture);
    wait_ready(fixture, 2);
    wait_written(fixture, 3 * strlen("*1\r\n$4\r\nPING\r\n") + strlen("*1\r\n$5\r\nAGAIN\r\n"));
    answer(fixture, "+HERE\r\n");
    wait_replies(fixture, 4);
    assert_string_equal(fixture->text, "HERE");
    assert_int_equal(fixture->nulls, 3);
    fixture_free(fixture);
}

static void an_orderly_end_reconnects(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    open_link(fixture);
    for (int i = 1; i <= 3; i++) {
        accept_peer(fixture);
        wait_ready(fixture, (uint64_t)i);
        close(fixture->peer);
        fixture->peer = -1;
        wait_lost(fixture, (uint64_t)i);
        assert_string_equal(fixture->reason, "connection lost: closed by the other side");
    }
    fixture_free(fixture);
}

static void garbage_ends_the_connection_not_the_process(void **state)
{
    (void)state;
    static const char *const garbage[] = {
        "HTTP/1.1 400 Bad Request\r\n",
        "+PONG\r\n\r\n",
        "*1048577\r\n",
        "$-5\r\n",
        ":nine\r\n",
        "-ERR max number of clients reached\r\n+more\r\n+more\r\n",
    };
    struct fixture *fixture = fixture_new();
    open_link(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(garbage); i++) {
        accept_peer(fixture);
        wait_ready(fixture, i + 1);
        assert_true(issue(fixture, "PING"));
        wait_written(fixture, (i + 1) * strlen("*1\r\n$4\r\nPING\r\n"));
        answer(fixture, garbage[i]);
        wait_lost(fixture, i + 1);
        assert_int_equal(fixture->replies, i + 1);
    }
    fixture_free(fixture);
}

static void an_answer_nobody_asked_for_ends_the_connection(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    open_link(fixture);
    wait_ready(fixture, 1);
    accept_peer(fixture);
    answer(fixture, "+HELLO\r\n");
    wait_lost(fixture, 1);
    assert_string_equal(fixture->reason, "an answer nobody asked for");
    fixture_free(fixture);
}

/* ---- time limits ---- */

static void silence_after_a_command_gives_null_and_a_new_connection(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    fixture->config.command_timeout_ms = 50;
    open_link(fixture);
    wait_ready(fixture, 1);
    assert_true(issue(fixture, "PING"));
    assert_true(issue(fixture, "PING"));
    wait_replies(fixture, 2);
    assert_int_equal(fixture->nulls, 2);
    assert_int_equal(redis_link_counters(fixture->link).timeouts, 1);
    wait_ready(fixture, 2);
    fixture_free(fixture);
}

static void a_command_that_waits_too_long_for_the_link_gets_null(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    fixture->config.address.port = (uint16_t)redis_server_free_port();
    fixture->config.command_timeout_ms = 50;
    open_link(fixture);
    assert_true(issue(fixture, "PING"));
    assert_true(issue(fixture, "PING"));
    wait_replies(fixture, 2);
    assert_int_equal(fixture->nulls, 2);
    assert_int_equal(redis_link_counters(fixture->link).timeouts, 2);
    assert_int_equal(redis_link_counters(fixture->link).bytes_out, 0);
    fixture_free(fixture);
}

/* ---- a slow reader on the other side ---- */

static void what_the_kernel_does_not_take_follows_later(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    size_t value_bytes = 8 * 1024 * 1024, received = 0;
    char *value = memory_new(value_bytes), *copy = malloc(value_bytes * 2);
    struct bytes words[] = {bytes_of_text("SET"), {value, value_bytes}};
    for (size_t i = 0; i < value_bytes; i++) value[i] = (char)(i * 40503u >> 7);
    open_link(fixture);
    wait_ready(fixture, 1);
    accept_peer(fixture);
    assert_true(redis_link_command(fixture->link, words, 2, on_reply, fixture, 0));
    wait_written(fixture, 1);
    assert_true(redis_link_counters(fixture->link).bytes_out < value_bytes);
    size_t head = strlen("*2\r\n$3\r\nSET\r\n$8388608\r\n");
    while (received < head + value_bytes + 2) {
        ssize_t count = recv(fixture->peer, copy + received, 1 << 20, MSG_DONTWAIT);
        assert_true(count > 0 || errno == EAGAIN);
        received += count > 0 ? (size_t)count : 0;
        uv_run(&fixture->loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(received, head + value_bytes + 2);
    assert_memory_equal(copy + head, value, value_bytes);
    answer(fixture, "+OK\r\n");
    wait_replies(fixture, 1);
    assert_string_equal(fixture->text, "OK");
    free(value);
    free(copy);
    fixture_free(fixture);
}

static void a_reset_while_much_is_unwritten_is_survived(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    size_t value_bytes = 16 * 1024 * 1024;
    struct bytes words[] = {bytes_of_text("SET"), {memory_new(value_bytes), value_bytes}};
    open_link(fixture);
    wait_ready(fixture, 1);
    accept_peer(fixture);
    assert_true(redis_link_command(fixture->link, words, 2, on_reply, fixture, 0));
    wait_written(fixture, 1);
    reset_peer(fixture);
    wait_lost(fixture, 1);
    assert_int_equal(fixture->nulls, 1);
    free((char *)words[1].data);
    accept_peer(fixture);
    wait_ready(fixture, 2);
    fixture_free(fixture);
}

/* ---- subscribers ---- */

static bool has_message(void *context)
{
    return ((struct fixture *)context)->messages > 0;
}

static void a_subscriber_is_ready_only_after_all_confirmations(void **state)
{
    (void)state;
    static const char *const channels[] = {"a", "b", NULL};
    struct fixture *fixture = fixture_new();
    fixture->config.channels = channels;
    open_link(fixture);
    accept_peer(fixture);
    answer(fixture,
           "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n");
    assert_true(loop_run_until(&fixture->loop, has_message, fixture));
    assert_int_equal(fixture->ready, 0);
    answer(fixture, "*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n");
    wait_ready(fixture, 1);
    answer(fixture, "*3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$2\r\nhi\r\n");
    wait_lost(fixture, 1);
    assert_int_equal(fixture->messages, 1);
    fixture_free(fixture);
}

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_port_is_reported_again_and_again),
        cmocka_unit_test(a_missing_socket_file_is_reported),
        cmocka_unit_test(an_unknown_host_is_reported),
        cmocka_unit_test(a_link_may_be_closed_while_it_looks_a_name_up),
        cmocka_unit_test(a_connect_that_hangs_is_ended),
        cmocka_unit_test(a_silent_server_never_becomes_ready),
        cmocka_unit_test(a_loading_server_is_tried_again),
        cmocka_unit_test(a_server_that_loads_for_long_is_asked_as_often_as_at_first),
        cmocka_unit_test(a_reset_answers_null_to_what_was_sent_and_keeps_what_was_not),
        cmocka_unit_test(an_orderly_end_reconnects),
        cmocka_unit_test(garbage_ends_the_connection_not_the_process),
        cmocka_unit_test(an_answer_nobody_asked_for_ends_the_connection),
        cmocka_unit_test(silence_after_a_command_gives_null_and_a_new_connection),
        cmocka_unit_test(a_command_that_waits_too_long_for_the_link_gets_null),
        cmocka_unit_test(what_the_kernel_does_not_take_follows_later),
        cmocka_unit_test(a_reset_while_much_is_unwritten_is_survived),
        cmocka_unit_test(a_subscriber_is_ready_only_after_all_confirmations),
    };
    return cmocka_run_group_tests_name("redis_fault", tests, setup, NULL);
}
