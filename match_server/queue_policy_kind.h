/* queue_policy_kind.h -- what a kind of queue has to fill in; only queue_*.c includes it.
 *
 * The function of the same name in queue_policy.h says what each does. NULL: this kind does nothing there, and
 * answers never, no window, unknown. A kind's own struct begins with a struct queue_policy. */
#ifndef DUELPOD_QUEUE_POLICY_KIND_H
#define DUELPOD_QUEUE_POLICY_KIND_H

#include "match_server/queue_policy.h"

struct queue_policy_kind {
    size_t members;
    void (*close)(struct queue_policy *policy);
    size_t (*matches)(struct queue_policy *policy, const struct queue_view *view, struct queue_match *out,
                      size_t out_max);
    void (*put)(struct queue_policy *policy, struct ticket *ticket);
    void (*lift)(struct queue_policy *policy, struct ticket *ticket);
    void (*mark)(struct queue_policy *policy, struct ticket *ticket);
    void (*remove)(struct queue_policy *policy, struct ticket *ticket);
    int64_t (*next_ms)(const struct queue_policy *policy);
    int64_t (*half_window)(const struct queue_policy *policy, const struct ticket *ticket, int64_t now_ms);
    void (*freeze)(struct queue_policy *policy, int64_t from_ms);
    void (*thaw)(struct queue_policy *policy, int64_t to_ms);
    void (*note_arrival)(struct queue_policy *policy, int64_t rating, int64_t now_ms);
    int64_t (*expected_wait_ms)(const struct queue_policy *policy, int64_t rating, int64_t now_ms);
};

struct queue_policy {
    const struct queue_policy_kind *kind;
};

#endif
