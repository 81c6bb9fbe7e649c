/* The limits of the front's send side: slow readers, last words, shared messages. */
#include "tests/support/ws_rig.h"

static const struct ws_front_config quick = {.close_timeout_ms = 300};

/* ---- limits -------------------------------------------------------------------------------------- */

static int sent_before_overflow;

static void send_until_refused(struct rig *rig)
{
    char text[1000];
    memset(text, 's', sizeof(text));
    sent_before_overflow = 0;
    while (ws_conn_send_text(rig->conns[0], (struct bytes){text, sizeof(text)})) sent_before_overflow++;
    assert_false(ws_conn_send_text(rig->conns[0], bytes_of_text("small")));
    rig_log(rig, "overflow"); /* comes before faulted: the owner is not told from inside its own call */
}

static void two_last_words(struct rig *rig, struct ws_conn *conn)
{
    (void)rig;
    assert_true(ws_conn_send_text(conn, bytes_of_text("error")));
    assert_true(ws_conn_send_text(conn, bytes_of_text("closing")));
}

static void two_last_words_not_three(struct rig *rig, struct ws_conn *conn)
{
    static char long_word[4000];
    memset(long_word, 'l', sizeof(long_word));
    for (int i = 0; i < 40; i++) {
        if (!ws_conn_send_text(conn, (struct bytes){long_word, sizeof(long_word)})) break;
    }
    two_last_words(rig, conn);
    assert_false(ws_conn_send_text(conn, bytes_of_text("a third")));
}

static void a_slow_reader_gets_last_words_and_4008(void **state)
{
    (void)state;
    struct ws_front_config config = {
        .close_timeout_ms = 5000,
        .send_messages_max = 10,
        .send_bytes_max = 10000,
        .socket_send_bytes = 8192,
    };
    struct rig *rig = rig_start(&config);
    rig->when_faulted = two_last_words_not_three;
    int fd = client_open(ws_front_port(rig->front), 4096);
    rig_expect(rig, "opened");
    rig_run(rig, send_until_refused);
    rig_expect(rig, "overflow");
    rig_expect(rig, "faulted 3");
    assert_true(sent_before_overflow > 10);
    char text[1024];
    size_t length;
    for (int i = 0; i < sent_before_overflow; i++) {
        assert_int_equal(client_receive(fd, text, sizeof(text), &length), 1);
        assert_int_equal(length, 1000);
    }
    client_expect_text(fd, "error");
    client_expect_text(fd, "closing");
    client_expect_close(fd, 4008, "reading too slowly");
    close(fd);
    rig_expect(rig, "closed 4008");
    rig_stop(rig);
}

static void a_slow_reader_that_never_reads_is_gone_after_the_timeout(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 4096);
    rig_expect(rig, "opened");
    rig_run(rig, send_until_refused);
    rig_expect(rig, "overflow");
    rig_expect(rig, "faulted 3");
    rig_expect(rig, "closed 4008");
    close(fd);
    rig_stop(rig);
}

static void the_bytes_of_the_queue_are_limited_too(void **state)
{
    (void)state;
    struct ws_front_config config = {
        .close_timeout_ms = 300,
        .send_messages_max = 5000,
        .send_bytes_max = 20000,
        .socket_send_bytes = 8192,
    };
    struct rig *rig = rig_start(&config);
    rig->when_faulted = two_last_words;
    int fd = client_open(ws_front_port(rig->front), 4096);
    rig_expect(rig, "opened");
    rig_run(rig, send_until_refused);
    rig_expect(rig, "overflow");
    rig_expect(rig, "faulted 3");
    assert_in_range(sent_before_overflow, 20, 500); /* the queue holds 20, the kernel some more */
    rig_expect(rig, "closed 4008");
    close(fd);
    rig_stop(rig);
}

static void choose_4002(struct rig *rig, struct ws_conn *conn)
{
    (void)rig;
    ws_conn_close(conn, 4002, "bad message");
}

static void the_owner_chooses_the_code_of_a_fault(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    rig->when_faulted = choose_4002;
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    client_send(fd, 2, "binary", 6);
    client_expect_close(fd, 4002, "bad message");
    rig_expect(rig, "faulted 2");
    close(fd);
    rig_expect(rig, "closed 4002");
    rig_stop(rig);
}

static void send_big_text(struct rig *rig)
{
    size_t length = 100000;
    char *text = memory_new(length);
    memset(text, 'b', length);
    assert_true(ws_conn_send_text(rig->conns[0], (struct bytes){text, length}));
    free(text);
}

static void a_text_larger_than_the_queue_goes_alone_in_fragments(void **state)
{
    (void)state;
    static char text[100001];
    size_t length;
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 0);
    rig_expect(rig, "opened");
    for (int i = 0; i < 3; i++) { /* again and again: what has left counts no more */
        rig_run(rig, send_big_text);
        assert_int_equal(client_receive(fd, text, sizeof(text), &length), 1);
        assert_int_equal(length, 100000);
    }
    close(fd);
    rig_expect(rig, "closed 1006");
    rig_stop(rig);
}

/* ---- shared bytes -------------------------------------------------------------------------------- */

#define SHARED_LENGTH 100000

static void send_one_buffer_to_both(struct rig *rig)
{
    struct shared_bytes *shared = shared_bytes_new(SHARED_LENGTH);
    char *content = shared_bytes_write(shared);
    for (int i = 0; i < SHARED_LENGTH; i++) content[i] = (char)(i % 251);
    for (int i = 0; i < 2; i++) {
        assert_true(ws_conn_send_text(rig->conns[i], bytes_of_text("header")));
        assert_true(ws_conn_send_shared(rig->conns[i], shared));
        assert_true(ws_conn_send_text(rig->conns[i], bytes_of_text("trailer")));
    }
    shared_bytes_release(shared);
}

static void one_shared_buffer_reaches_two_players_in_order(void **state)
{
    (void)state;
    static char content[SHARED_LENGTH];
    size_t length;
    struct rig *rig = rig_start(&quick);
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = client_open(ws_front_port(rig->front), 4096);
        rig_expect(rig, "opened");
    }
    rig_run(rig, send_one_buffer_to_both);
    for (int i = 0; i < 2; i++) {
        client_expect_text(fds[i], "header");
        assert_int_equal(client_receive(fds[i], content, sizeof(content), &length), 2);
        assert_int_equal(length, SHARED_LENGTH);
        for (int at = 0; at < SHARED_LENGTH; at++) assert_int_equal((uint8_t)content[at], at % 251);
        client_expect_text(fds[i], "trailer");
        close(fds[i]);
        rig_expect(rig, "closed 1006");
    }
    rig_stop(rig);
}

static void send_shared_until_refused(struct rig *rig)
{
    struct shared_bytes *shared = shared_bytes_new(1000000);
    int sent = 0;
    while (ws_conn_send_shared(rig->conns[0], shared)) sent++;
    assert_int_equal(sent, 4);
    shared_bytes_release(shared);
}

static void shared_messages_in_flight_are_limited_and_released(void **state)
{
    (void)state;
    struct rig *rig = rig_start(&quick);
    int fd = client_open(ws_front_port(rig->front), 4096);
    rig_expect(rig, "opened");
    rig_run(rig, send_shared_until_refused);
    rig_expect(rig, "faulted 3");
    rig_expect(rig, "closed 4008");
    close(fd);
    rig_stop(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_reader_gets_last_words_and_4008),
        cmocka_unit_test(a_slow_reader_that_never_reads_is_gone_after_the_timeout),
        cmocka_unit_test(the_bytes_of_the_queue_are_limited_too),
        cmocka_unit_test(the_owner_chooses_the_code_of_a_fault),
        cmocka_unit_test(a_text_larger_than_the_queue_goes_alone_in_fragments),
        cmocka_unit_test(one_shared_buffer_reaches_two_players_in_order),
        cmocka_unit_test(shared_messages_in_flight_are_limited_and_released),
    };
    ws_front_set_log(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
