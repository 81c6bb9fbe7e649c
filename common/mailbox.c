#include "common/mailbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "common/base.h"

struct mailbox {
    pthread_mutex_t lock;          /* Guards the four below. */
    struct message *incoming;      /* Oldest first. */
    struct message **incoming_end; /* Where the next message is linked in. */
    struct mailbox_counters counters;
    bool closed;

    struct message *taken; /* The owner's alone: what it took and has not handled yet. */
    bool draining;
    size_t capacity;
    mailbox_fn *receive;
    void *context;

    atomic_int holders; /* The caller and, where there is a loop, the handle: the last to let go frees. */
    bool has_loop;
    uv_async_t wake;
};

static void mailbox_release(struct mailbox *mailbox)
{
    if (atomic_fetch_sub(&mailbox->holders, 1) > 1) return;
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

static void mailbox_on_wake(uv_async_t *wake)
{
    mailbox_drain(container_of(wake, struct mailbox, wake), MAILBOX_BATCH_MAX);
}

static void mailbox_on_wake_closed(uv_handle_t *handle)
{
    mailbox_release(container_of(handle, struct mailbox, wake));
}

struct mailbox *mailbox_open(struct uv_loop_s *loop, size_t capacity, mailbox_fn *receive, void *context)
{
    check(capacity > 0);
    struct mailbox *mailbox = memory_new(sizeof *mailbox);
    mailbox->capacity = capacity;
    mailbox->receive = receive;
    mailbox->context = context;
    mailbox->incoming_end = &mailbox->incoming;
    mailbox->has_loop = loop != NULL;
    atomic_init(&mailbox->holders, loop != NULL ? 2 : 1);
    check(pthread_mutex_init(&mailbox->lock, NULL) == 0);
    if (loop != NULL) check(uv_async_init(loop, &mailbox->wake, mailbox_on_wake) == 0);
    return mailbox;
}

/* Under the lock, so that a wake-up can never meet a handle that is being closed. */
static void mailbox_wake(struct mailbox *mailbox)
{
    if (mailbox->has_loop && !mailbox->closed) check(uv_async_send(&mailbox->wake) == 0);
}

bool mailbox_send(struct mailbox *mailbox, struct message *message)
{
    message->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    struct mailbox_counters *counters = &mailbox->counters;
    bool accepted = !mailbox->closed && counters->depth < mailbox->capacity;
    if (accepted) {
        bool was_empty = mailbox->incoming == NULL;
        *mailbox->incoming_end = message;
        mailbox->incoming_end = &message->next;
        counters->sent++;
        counters->depth++;
        if (counters->depth > counters->depth_max) counters->depth_max = counters->depth;
        if (was_empty) mailbox_wake(mailbox);
    } else {
        counters->refused++;
    }
    pthread_mutex_unlock(&mailbox->lock);
    return accepted;
}

/* Under the lock. Gives up the whole list. */
static struct message *mailbox_detach(struct mailbox *mailbox)
{
    struct message *first = mailbox->incoming;
    mailbox->incoming = NULL;
    mailbox->incoming_end = &mailbox->incoming;
    return first;
}

static void mailbox_take(struct mailbox *mailbox)
{
    if (mailbox->taken != NULL) return;
    pthread_mutex_lock(&mailbox->lock);
    mailbox->taken = mailbox_detach(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
}

/* A sender wakes only an empty list, so what is left after a batch, in either list, is the owner's to
 * remember. */
static void mailbox_settle(struct mailbox *mailbox, size_t count)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->counters.received += count;
    if (!mailbox->closed) mailbox->counters.depth -= count;
    if (mailbox->taken != NULL || mailbox->incoming != NULL) mailbox_wake(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
}

size_t mailbox_drain(struct mailbox *mailbox, size_t count_max)
{
    check(!mailbox->draining);
    mailbox->draining = true;
    size_t count = 0;
    mailbox_take(mailbox);
    while (count < count_max && mailbox->taken != NULL) {
        struct message *message = mailbox->taken;
        mailbox->taken = message->next;
        message->next = NULL;
        count++;
        mailbox->receive(mailbox->context, message);
    }
    mailbox_settle(mailbox, count);
    mailbox->draining = false;
    return count;
}

struct message *mailbox_close(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    check(!mailbox->closed);
    struct message *left = mailbox_detach(mailbox);
    mailbox->closed = true;
    mailbox->counters.depth = 0;
    pthread_mutex_unlock(&mailbox->lock);

    struct message **end = &mailbox->taken;
    while (*end != NULL) end = &(*end)->next;
    *end = left;
    left = mailbox->taken;
    mailbox->taken = NULL;
    if (mailbox->has_loop) uv_close((uv_handle_t *)&mailbox->wake, mailbox_on_wake_closed);
    return left;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (mailbox == NULL) return;
    check(mailbox->closed && !mailbox->draining);
    mailbox_release(mailbox);
}

struct mailbox_counters mailbox_counters(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct mailbox_counters counters = mailbox->counters;
    pthread_mutex_unlock(&mailbox->lock);
    return counters;
}
