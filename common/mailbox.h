/* mailbox.h -- the one way to cross a thread.
 *
 * Any thread may send; only the thread of the loop that owns the mailbox receives. A mailbox holds at most
 * `capacity` messages, those of the batch being handled included. When it is full or closed mailbox_send()
 * refuses and the sender still owns the message; otherwise the message belongs to the mailbox from that
 * moment, and then to the receiver. Order is kept per sender.
 *
 * uv_async_send() merges wake-ups and orders nothing on its own, so the list has its own lock: the sender
 * wakes the loop only when the list was empty; the receiver takes the whole list at once and handles at most
 * MAILBOX_BATCH_MAX messages before it lets the loop breathe and wakes itself for the rest.
 *
 * Life: open, close on the owner's thread, free when no sender can hold the address any more. */
#ifndef DUELPOD_MAILBOX_H
#define DUELPOD_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAILBOX_BATCH_MAX = 256 };

/* The first member of every message. `to`, `kind` and `size` are the sender's to fill and the receiver's to
 * read; the mailbox uses `next` only. */
struct message {
    struct message *next;
    uint64_t to;
    uint32_t kind;
    uint32_t size;
};

/* Totals since open. */
struct mailbox_counters {
    uint64_t sent;
    uint64_t refused;
    uint64_t received;
    size_t depth;
    size_t depth_max;
};

struct mailbox;
struct uv_loop_s;

/* Owns `message` from here on. May send to this mailbox, and may close it. */
typedef void mailbox_fn(void *context, struct message *message);

/* Owner's thread, or before that thread starts. `loop` NULL: nothing wakes, mailbox_drain() receives.
 * `capacity` is at least 1. Does not fail. */
struct mailbox *mailbox_open(struct uv_loop_s *loop, size_t capacity, mailbox_fn *receive, void *context);

/* Any thread. False: full or closed, counted as refused, and the caller keeps the message. */
bool mailbox_send(struct mailbox *mailbox, struct message *message);

/* Receives up to `count_max` messages at once and returns how many. Owner's thread; for tests and for a
 * simulated scheduler. Not from inside a receiver. */
size_t mailbox_drain(struct mailbox *mailbox, size_t count_max);

/* Owner's thread, once. Later sends are refused, nothing more is received. Returns what was left, in order,
 * linked by `next`, NULL when empty; the caller owns those messages. The loop must run once more. */
struct message *mailbox_close(struct mailbox *mailbox);

/* After mailbox_close(), when no thread can send any more. Not from inside a receiver. */
void mailbox_free(struct mailbox *mailbox);

/* Any thread. */
struct mailbox_counters mailbox_counters(struct mailbox *mailbox);

#endif
