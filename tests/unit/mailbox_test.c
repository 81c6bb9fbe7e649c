#include "common/mailbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include <cmocka.h>

#include "common/base.h"
#include "common/clock.h"

static struct message *letter(uint64_t to)
{
    struct message *message = memory_new(sizeof *message);
    message->to = to;
    return message;
}

struct inbox {
    uint64_t seen[1024];
    size_t count;
    struct mailbox *answer_to; /* Each received message is answered with another one to here. */
    struct mailbox *close_on_first;
    size_t returned_count;
};

static void inbox_receive(void *context, struct message *message)
{
    struct inbox *inbox = context;
    assert_true(inbox->count < ARRAY_LENGTH(inbox->seen));
    inbox->seen[inbox->count++] = message->to;
    free(message);
    if (inbox->answer_to != NULL) assert_true(mailbox_send(inbox->answer_to, letter(100)));
    if (inbox->close_on_first != NULL) {
        struct message *left = mailbox_close(inbox->close_on_first);
        while (left != NULL) {
            struct message *next = left->next;
            free(left);
            inbox->returned_count++;
            left = next;
        }
        inbox->close_on_first = NULL;
    }
}

static void close_empty(struct mailbox *mailbox)
{
    assert_null(mailbox_close(mailbox));
    mailbox_free(mailbox);
}

static void messages_arrive_in_the_order_they_were_sent(void **state)
{
    (void)state;
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(NULL, 10, inbox_receive, &inbox);
    for (uint64_t i = 0; i < 10; i++) assert_true(mailbox_send(mailbox, letter(i)));
    assert_int_equal(mailbox_drain(mailbox, 4), 4);
    assert_int_equal(mailbox_drain(mailbox, 100), 6);
    assert_int_equal(mailbox_drain(mailbox, 100), 0);
    for (uint64_t i = 0; i < 10; i++) assert_int_equal(inbox.seen[i], i);
    close_empty(mailbox);
}

static void a_full_mailbox_refuses_and_the_sender_keeps_the_message(void **state)
{
    (void)state;
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(NULL, 2, inbox_receive, &inbox);
    assert_true(mailbox_send(mailbox, letter(1)));
    assert_true(mailbox_send(mailbox, letter(2)));
    struct message *third = letter(3);
    assert_false(mailbox_send(mailbox, third));
    assert_int_equal(mailbox_drain(mailbox, 1), 1);
    assert_true(mailbox_send(mailbox, third));
    assert_int_equal(mailbox_drain(mailbox, 9), 1);
    assert_int_equal(mailbox_drain(mailbox, 9), 1);
    assert_int_equal(inbox.seen[2], 3);
    close_empty(mailbox);
}

static void counters_tell_what_happened(void **state)
{
    (void)state;
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(NULL, 3, inbox_receive, &inbox);
    struct message *refused = letter(9);
    for (uint64_t i = 0; i < 3; i++) mailbox_send(mailbox, letter(i));
    assert_false(mailbox_send(mailbox, refused));
    free(refused);
    mailbox_drain(mailbox, 2);
    struct mailbox_counters counters = mailbox_counters(mailbox);
    assert_int_equal(counters.sent, 3);
    assert_int_equal(counters.refused, 1);
    assert_int_equal(counters.received, 2);
    assert_int_equal(counters.depth, 1);
    assert_int_equal(counters.depth_max, 3);
    mailbox_drain(mailbox, 2);
    close_empty(mailbox);
}

static void what_a_receiver_sends_to_itself_waits_for_the_next_round(void **state)
{
    (void)state;
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(NULL, 8, inbox_receive, &inbox);
    inbox.answer_to = mailbox;
    assert_true(mailbox_send(mailbox, letter(1)));
    assert_int_equal(mailbox_drain(mailbox, 100), 1);
    assert_int_equal(mailbox_drain(mailbox, 100), 1);
    inbox.answer_to = NULL;
    assert_int_equal(mailbox_drain(mailbox, 100), 1);
    close_empty(mailbox);
}

static void close_gives_back_what_is_left_in_order_and_refuses_later_mail(void **state)
{
    (void)state;
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(NULL, 8, inbox_receive, &inbox);
    for (uint64_t i = 0; i < 3; i++) mailbox_send(mailbox, letter(i));
    mailbox_drain(mailbox, 1);
    mailbox_send(mailbox, letter(3));
    struct message *left = mailbox_close(mailbox);
    for (uint64_t i = 1; i <= 3; i++) {
        assert_non_null(left);
        assert_int_equal(left->to, i);
        struct message *next = left->next;
        free(left);
        left = next;
    }
    assert_null(left);
    struct message *late = letter(4);
    assert_false(mailbox_send(mailbox, late));
    free(late);
    assert_int_equal(mailbox_drain(mailbox, 100), 0);
    mailbox_free(mailbox);
}

static void a_receiver_may_close_its_mailbox_in_the_middle_of_a_batch(void **state)
{
    (void)state;
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(NULL, 8, inbox_receive, &inbox);
    inbox.close_on_first = mailbox;
    for (uint64_t i = 0; i < 5; i++) mailbox_send(mailbox, letter(i));
    assert_int_equal(mailbox_drain(mailbox, 100), 1);
    assert_int_equal(inbox.returned_count, 4);
    mailbox_free(mailbox);
}

static void close_and_free_are_safe_before_the_loop_has_let_go(void **state)
{
    (void)state;
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(&loop, 8, inbox_receive, &inbox);
    assert_true(mailbox_send(mailbox, letter(1)));
    free(mailbox_close(mailbox));
    mailbox_free(mailbox);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(inbox.count, 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void every_message_into_an_empty_mailbox_wakes_the_loop(void **state)
{
    (void)state;
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(&loop, 8, inbox_receive, &inbox);
    for (size_t i = 1; i <= 3; i++) {
        assert_true(mailbox_send(mailbox, letter(i)));
        uv_run(&loop, UV_RUN_NOWAIT);
        assert_int_equal(inbox.count, i);
    }
    close_empty(mailbox);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* One wake-up may stand for a thousand messages, yet one turn of the loop handles no more than a batch. */
static void a_turn_of_the_loop_handles_at_most_a_batch_and_the_rest_follows(void **state)
{
    (void)state;
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    struct inbox inbox = {.count = 0};
    struct mailbox *mailbox = mailbox_open(&loop, 1000, inbox_receive, &inbox);
    for (uint64_t i = 0; i < 1000; i++) assert_true(mailbox_send(mailbox, letter(i)));
    size_t turns = 0;
    while (inbox.count < 1000) {
        size_t before = inbox.count;
        uv_run(&loop, UV_RUN_ONCE);
        assert_true(inbox.count - before <= MAILBOX_BATCH_MAX);
        assert_true(++turns < 1000);
    }
    assert_true(turns >= 1000 / MAILBOX_BATCH_MAX);
    close_empty(mailbox);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

enum { SENDERS = 4, LETTERS = 20000 };

struct crowd {
    uv_loop_t loop;
    struct mailbox *mailbox;
    uint64_t next_expected[SENDERS];
    size_t received;
    bool in_order;
};

struct sender {
    pthread_t thread;
    struct crowd *crowd;
    uint64_t number;
    uint64_t refused;
};

static void crowd_receive(void *context, struct message *message)
{
    struct crowd *crowd = context;
    crowd->in_order &= crowd->next_expected[message->kind]++ == message->to;
    crowd->received++;
    free(message);
    if (crowd->received == SENDERS * LETTERS) assert_null(mailbox_close(crowd->mailbox));
}

static void *sender_run(void *context)
{
    struct sender *sender = context;
    for (uint64_t i = 0; i < LETTERS; i++) {
        struct message *message = letter(i);
        message->kind = (uint32_t)sender->number;
        while (!mailbox_send(sender->crowd->mailbox, message)) {
            sender->refused++;
            sched_yield();
        }
    }
    return NULL;
}

static void many_threads_send_and_nothing_is_lost_doubled_or_reordered(void **state)
{
    (void)state;
    struct crowd crowd = {.in_order = true};
    struct sender senders[SENDERS];
    assert_int_equal(uv_loop_init(&crowd.loop), 0);
    crowd.mailbox = mailbox_open(&crowd.loop, 500, crowd_receive, &crowd);
    int64_t start_us = clock_monotonic_us();
    for (size_t i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){.crowd = &crowd, .number = i};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, sender_run, &senders[i]), 0);
    }
    uv_run(&crowd.loop, UV_RUN_DEFAULT);
    int64_t took_us = clock_monotonic_us() - start_us;
    uint64_t refused = 0;
    for (size_t i = 0; i < SENDERS; i++) {
        pthread_join(senders[i].thread, NULL);
        refused += senders[i].refused;
    }
    struct mailbox_counters counters = mailbox_counters(crowd.mailbox);
    assert_true(crowd.in_order);
    assert_int_equal(crowd.received, SENDERS * LETTERS);
    assert_int_equal(counters.sent, SENDERS * LETTERS);
    assert_int_equal(counters.received, SENDERS * LETTERS);
    assert_int_equal(counters.refused, refused);
    assert_in_range(counters.depth_max, 1, 500);
    print_message("%d messages from %d threads: %.2f us each\n", SENDERS * LETTERS, SENDERS,
                  (double)took_us / (SENDERS * LETTERS));
    mailbox_free(crowd.mailbox);
    assert_int_equal(uv_loop_close(&crowd.loop), 0);
}

/* Senders that race with the close must each be accepted or refused, never touch a closed handle. */
static void *sender_run_until_refused(void *context)
{
    struct sender *sender = context;
    for (;;) {
        struct message *message = letter(0);
        bool sent = mailbox_send(sender->crowd->mailbox, message);
        if (!sent) free(message);
        if (!sent && mailbox_counters(sender->crowd->mailbox).received > 0) return NULL;
    }
}

static void crowd_receive_and_close(void *context, struct message *message)
{
    struct crowd *crowd = context;
    free(message);
    if (++crowd->received < 1000) return;
    for (struct message *left = mailbox_close(crowd->mailbox); left != NULL;) {
        struct message *next = left->next;
        free(left);
        left = next;
    }
}

static void closing_races_safely_with_senders(void **state)
{
    (void)state;
    struct crowd crowd = {.in_order = true};
    struct sender senders[SENDERS];
    assert_int_equal(uv_loop_init(&crowd.loop), 0);
    crowd.mailbox = mailbox_open(&crowd.loop, 10000, crowd_receive_and_close, &crowd);
    for (size_t i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){.crowd = &crowd, .number = i};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, sender_run_until_refused, &senders[i]), 0);
    }
    uv_run(&crowd.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&crowd.loop), 0);
    for (size_t i = 0; i < SENDERS; i++) pthread_join(senders[i].thread, NULL);
    assert_int_equal(crowd.received, 1000);
    assert_int_equal(mailbox_counters(crowd.mailbox).depth, 0);
    mailbox_free(crowd.mailbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_arrive_in_the_order_they_were_sent),
        cmocka_unit_test(a_full_mailbox_refuses_and_the_sender_keeps_the_message),
        cmocka_unit_test(counters_tell_what_happened),
        cmocka_unit_test(what_a_receiver_sends_to_itself_waits_for_the_next_round),
        cmocka_unit_test(close_gives_back_what_is_left_in_order_and_refuses_later_mail),
        cmocka_unit_test(a_receiver_may_close_its_mailbox_in_the_middle_of_a_batch),
        cmocka_unit_test(close_and_free_are_safe_before_the_loop_has_let_go),
        cmocka_unit_test(every_message_into_an_empty_mailbox_wakes_the_loop),
        cmocka_unit_test(a_turn_of_the_loop_handles_at_most_a_batch_and_the_rest_follows),
        cmocka_unit_test(many_threads_send_and_nothing_is_lost_doubled_or_reordered),
        cmocka_unit_test(closing_races_safely_with_senders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
