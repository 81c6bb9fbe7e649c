#include <stdlib.h>

#include "match_server/device_crowd.h"
#include "match_server/matcher_normal.h"
#include "match_server/mirror.h"
#include "match_server/queue_policy_kind.h"

enum { WAITING_MAX = 2 * QUEUE_MATCHES_MAX + MATCHER_LOOK_AHEAD + 1 };

static_assert((int)DEVICE_CROWD_MAX < (int)MATCHER_LOOK_AHEAD, "the first of a crowd sees beyond it");
static_assert(2 * WAITING_MAX <= DEVICE_CROWD_DEVICES, "every one of a pass may have a device of his own");

struct first_come {
    struct queue_policy policy;
    struct device_crowd crowd;
};

/* Looks only as far as the pairs need, and past crowds of one device. */
static size_t first_come_pairs(struct queue_policy *policy, const struct queue_view *view,
                               struct queue_match *out, size_t out_max)
{
    struct first_come *first_come = container_of(policy, struct first_come, policy);
    struct ticket *waiting[WAITING_MAX];
    struct pairing pairs[QUEUE_MATCHES_MAX];
    bool taken[WAITING_MAX], whole;
    size_t waiting_max = 2 * out_max + MATCHER_LOOK_AHEAD + 1;
    device_crowd_start_pass(&first_come->crowd);
    size_t count =
        mirror_waiting(view->mirror, view->until_ms, &first_come->crowd, waiting, waiting_max, &whole);
    size_t pair_count = matcher_normal(waiting, count, whole && view->complete, taken, pairs, out_max);
    for (size_t i = 0; i < pair_count; i++) {
        out[i] = (struct queue_match){{waiting[pairs[i].members[0]], waiting[pairs[i].members[1]]}};
    }
    return pair_count;
}

static void first_come_close(struct queue_policy *policy)
{
    free(container_of(policy, struct first_come, policy));
}

static const struct queue_policy_kind first_come_kind = {
    .members = 2, .close = first_come_close, .matches = first_come_pairs};

struct queue_policy *queue_policy_open_first_come(void)
{
    struct first_come *first_come = memory_new(sizeof *first_come);
    first_come->policy.kind = &first_come_kind;
    return &first_come->policy;
}
