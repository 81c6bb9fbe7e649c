/* The WebSocket front through its own interface. What it does with bad bytes is tests/ws's business. */
#include "tests/support/ws_rig.h"

static const struct ws_front_config quick = {.close_timeout_ms = 300};

/* ---- messages ------------------------------------------------------------------------------------ */

static void echo(struct rig *rig, struct ws_conn *conn, struct bytes text)
{
    (void)rig;
    assert_true(ws_conn_send_text(conn, text));
}

static void messages_arrive_and_closed_comes_once(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    rig->when_received = echo;
    int fd = client_open(ws_front_port(rig->front), 0);
    client_send_text(fd, "one");
    client_send_text(fd, "two");
    client_expect_text(fd, "one");
    client_expect_text(fd, "two");
    client_send(fd, 8, "\x0f\xa1", 2); /* 4001 */
    client_expect_close(fd, 4001, "");
    rig_expect(rig, "opened");
    rig_expect(rig, "received one");
    rig_expect(rig, "received two");
    rig_expect(rig, "closed 4001");
    close(fd);
    rig_stop(rig);
}

static void a_lost_peer_is_closed_1006(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    close(fd);
    rig_expect(rig, "closed 1006");
    rig_stop(rig);
}

static void a_close_without_code_is_1005(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    client_send(fd, 8, "", 0);
    rig_expect(rig, "closed 1005");
    close(fd);
    rig_stop(rig);
}

static void a_protocol_error_is_closed_1002(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    client_send(fd, 3, "x", 1);
    rig_expect(rig, "closed 1002");
    close(fd);
    rig_stop(rig);
}

static void send_from_a_timer(struct rig *rig)
{
    assert_true(ws_conn_send_text(rig->conns[0], bytes_of_text("pushed")));
}

static void an_owner_may_send_outside_events(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    rig_run(rig, send_from_a_timer);
    client_expect_text(fd, "pushed");
    close(fd);
    rig_expect(rig, "closed 1006");
    rig_stop(rig);
}

/* ---- probes -------------------------------------------------------------------------------------- */

static void push_and_probe(struct rig *rig)
{
    ws_conn_send_text(rig->conns[0], bytes_of_text("pushed"));
    ws_conn_probe(rig->conns[0]);
}

/* The payload of the next frame, which must be a ping. */
static void expect_ping(int fd, char *payload, size_t capacity)
{
    uint8_t head[2];
    assert_true(client_read(fd, head, sizeof head));
    assert_int_equal(head[0], 0x89);
    assert_true(head[1] < capacity);
    assert_true(client_read(fd, payload, head[1]));
    payload[head[1]] = '\0';
}

static void a_probe_follows_what_was_sent_and_only_its_own_pong_answers_it(void **state)
{
    (void)state;
    char first[64], second[64];
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    client_send(fd, 10, "probe 0", 7); /* nobody asked */
    rig_run(rig, push_and_probe);
    client_expect_text(fd, "pushed");
    expect_ping(fd, first, sizeof first);
    rig_run(rig, push_and_probe);
    client_expect_text(fd, "pushed");
    expect_ping(fd, second, sizeof second);
    assert_string_not_equal(first, second);
    client_send(fd, 10, first, strlen(first)); /* the older one proves nothing about the newer text */
    client_send(fd, 10, "", 0);
    client_send(fd, 10, "probe", 5);
    client_send_text(fd, "a text proves nothing either");
    rig_expect(rig, "received a text proves nothing either");
    client_send(fd, 10, second, strlen(second));
    rig_expect(rig, "answered");
    client_send(fd, 10, second, strlen(second));
    client_send_text(fd, "once");
    rig_expect(rig, "received once");
    close(fd);
    rig_expect(rig, "closed 1006");
    rig_stop(rig);
}

/* ---- closing ------------------------------------------------------------------------------------- */

static void say_and_close(struct rig *rig)
{
    struct ws_conn *conn = rig->conns[0];
    assert_true(ws_conn_send_text(conn, bytes_of_text("last")));
    ws_conn_close(conn, 4009, "replaced");
    ws_conn_close(conn, 4000, "too late");
    assert_false(ws_conn_send_text(conn, bytes_of_text("after")));
    struct shared_bytes *shared = shared_bytes_new(1);
    assert_false(ws_conn_send_shared(conn, shared));
    shared_bytes_release(shared);
}

static void the_first_close_decides_and_the_queue_goes_out(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    rig_run(rig, say_and_close);
    client_expect_text(fd, "last");
    client_send_text(fd, "never received");
    client_expect_close(fd, 4009, "replaced");
    client_send(fd, 8, "\x0f\xa9", 2);
    rig_expect(rig, "closed 4009");
    close(fd);
    rig_stop(rig);
}

static void close_with_a_long_reason(struct rig *rig)
{
    char reason[200];
    memset(reason, 'r', sizeof(reason));
    memcpy(reason + 122, "\xc3\xa9", 2); /* one character over the edge */
    reason[199] = '\0';
    ws_conn_close(rig->conns[0], 1008, reason);
}

static void a_long_reason_is_cut_between_characters(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    char wanted[123];
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    rig_run(rig, close_with_a_long_reason);
    memset(wanted, 'r', 122);
    wanted[122] = '\0';
    client_expect_close(fd, 1008, wanted);
    close(fd);
    rig_expect(rig, "closed 1008");
    rig_stop(rig);
}

static void a_refused_connection_has_no_owner_and_no_closed(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    rig->refuse = true;
    int fd = client_open(ws_front_port(rig->front), 0);
    client_expect_close(fd, 1008, "refused");
    rig_expect(rig, "opened");
    close(fd);
    rig_stop(rig);
}

static void an_address_that_is_not_admitted_is_hung_up(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    uint64_t counters[WS_COUNTER_COUNT];
    rig->admit = false;
    assert_int_equal(client_open(ws_front_port(rig->front), 0), -1);
    ws_front_counters_read(rig->front, counters);
    assert_int_equal(counters[WS_COUNTER_refused_peer], 1);
    rig_stop(rig);
}

static void a_trusted_proxy_needs_no_admission(void **state)
{
    (void)state;
    struct ws_front_config config = {.close_timeout_ms = 300, .trusted_proxies = "127.0.0.0/8"};
    struct rig *rig = rig_start(&config);
    rig->admit = false;
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    close(fd);
    rig_expect(rig, "closed 1006");
    rig_stop(rig);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void closing_the_front_ends_every_connection_with_1001(void **state)
{
    (void)state;
    struct ws_front_config config = {.close_timeout_ms = 5000};
    struct rig *rig = rig_start(&config);
    int fds[20];
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        fds[i] = client_open(ws_front_port(rig->front), 0);
        rig_expect(rig, "opened");
    }
    int half = client_connect(ws_front_port(rig->front), 0);
    rig_run(rig, rig_close_front);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        client_expect_close(fds[i], 1001, "going away");
        client_send(fds[i], 8, "\x03\xe9", 2);
        close(fds[i]);
    }
    pthread_join(rig->thread, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) rig_expect(rig, "closed 1001");
    rig_expect(rig, "front gone");
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    close(half);
    free(rig);
}

static void stop_accepting(struct rig *rig)
{
    ws_front_stop_accepting(rig->front);
    ws_front_stop_accepting(rig->front);
}

static void a_front_that_stops_accepting_keeps_its_connections(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    rig->when_received = echo;
    uint16_t port = ws_front_port(rig->front);
    int fd = client_open(port, 0);
    rig_expect(rig, "opened");
    rig_run(rig, stop_accepting);
    assert_int_equal(client_open(port, 0), -1);
    client_send_text(fd, "still");
    client_expect_text(fd, "still");
    rig_expect(rig, "received still");
    close(fd);
    rig_expect(rig, "closed 1006");
    rig_stop(rig);
}

static void fronts_on_two_threads_share_a_port(void **state)
{
    (void)state;
    enum { CLIENTS = 64 };
    struct rig *rigs[2];
    int fds[CLIENTS];
    struct ws_front_config config = {.reuse_port = true, .close_timeout_ms = 300};
    rigs[0] = rig_start(&config);
    config.port = ws_front_port(rigs[0]->front);
    rigs[1] = rig_start(&config);
    rigs[0]->when_received = rigs[1]->when_received = echo;
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client_open(config.port, 0);
        assert_true(fds[i] >= 0);
        client_send_text(fds[i], "hi");
    }
    for (int i = 0; i < CLIENTS; i++) client_expect_text(fds[i], "hi");
    uint64_t first[WS_COUNTER_COUNT], second[WS_COUNTER_COUNT];
    ws_front_counters_read(rigs[0]->front, first);
    ws_front_counters_read(rigs[1]->front, second);
    assert_int_equal(first[WS_COUNTER_opened] + second[WS_COUNTER_opened], CLIENTS);
    assert_int_equal(first[WS_COUNTER_messages_in] + second[WS_COUNTER_messages_in], CLIENTS);
    assert_true(first[WS_COUNTER_opened] > 0 && second[WS_COUNTER_opened] > 0);
    for (int i = 0; i < CLIENTS; i++) close(fds[i]);
    for (int i = 0; i < 2; i++) {
        rigs[i]->lines_read = 0;
        rig_run(rigs[i], rig_close_front);
        pthread_join(rigs[i]->thread, NULL);
        assert_int_equal(uv_loop_close(&rigs[i]->loop), 0);
        free(rigs[i]);
    }
}

static void check_does_not_open(struct ws_front_config config, const char *sentence)
{
    uv_loop_t loop;
    char error[200] = "";
    uv_loop_init(&loop);
    assert_null(ws_front_open(&loop, &config, &rig_events, NULL, error, sizeof(error)));
    if (strstr(error, sentence) == NULL) fail_msg("'%s' does not say '%s'", error, sentence);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void an_address_that_cannot_be_used_is_an_error_with_its_place(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    char sentence[100];
    uint16_t port = ws_front_port(rig->front);
    snprintf(sentence, sizeof(sentence), "cannot listen on 127.0.0.1 port %u: Address already in use", port);
    check_does_not_open((struct ws_front_config){.port = port}, sentence);
    check_does_not_open((struct ws_front_config){.host = "localhost"}, "localhost is not a numeric IP");
    check_does_not_open((struct ws_front_config){.host = "192.0.2.1"}, "cannot listen on 192.0.2.1");
    check_does_not_open((struct ws_front_config){.ping_interval_ms = 50000}, "idle_timeout_ms");
    check_does_not_open((struct ws_front_config){.message_bytes_max = 2 << 20}, "message_bytes_max");
    check_does_not_open((struct ws_front_config){.trusted_proxies = "10.0.0.0/99"}, "trusted_proxies");
    rig_stop(rig);
}

static void every_counter_has_a_name_and_a_help(void **state)
{
    (void)state;
    for (int i = 0; i < WS_COUNTER_COUNT; i++) {
        assert_true(strlen(ws_counter_name((enum ws_counter)i)) > 0);
    }
    assert_string_equal(ws_counter_name(WS_COUNTER_accepted), "accepted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_arrive_and_closed_comes_once),
        cmocka_unit_test(a_lost_peer_is_closed_1006),
        cmocka_unit_test(a_close_without_code_is_1005),
        cmocka_unit_test(a_protocol_error_is_closed_1002),
        cmocka_unit_test(an_owner_may_send_outside_events),
        cmocka_unit_test(a_probe_follows_what_was_sent_and_only_its_own_pong_answers_it),
        cmocka_unit_test(the_first_close_decides_and_the_queue_goes_out),
        cmocka_unit_test(a_long_reason_is_cut_between_characters),
        cmocka_unit_test(a_refused_connection_has_no_owner_and_no_closed),
        cmocka_unit_test(an_address_that_is_not_admitted_is_hung_up),
        cmocka_unit_test(a_trusted_proxy_needs_no_admission),
        cmocka_unit_test(closing_the_front_ends_every_connection_with_1001),
        cmocka_unit_test(a_front_that_stops_accepting_keeps_its_connections),
        cmocka_unit_test(fronts_on_two_threads_share_a_port),
        cmocka_unit_test(an_address_that_cannot_be_used_is_an_error_with_its_place),
        cmocka_unit_test(every_counter_has_a_name_and_a_help),
    };
    ws_front_set_log(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
