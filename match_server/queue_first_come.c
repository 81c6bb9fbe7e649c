#include "match_server/matcher_normal.h"
#include "match_server/mirror.h"
#include "match_server/queue_policy_kind.h"

enum { WAITING_MAX = 2 * QUEUE_MATCHES_MAX + MATCHER_LOOK_AHEAD + 1 };

/* Looks only as far as the pairs need, so it costs the same however many wait. */
static size_t first_come_pairs(struct queue_policy *policy, const struct queue_view *view,
                               struct queue_match *out, size_t out_max)
{
    (void)policy;
    struct ticket *waiting[WAITING_MAX];
    struct pairing pairs[QUEUE_MATCHES_MAX];
    bool taken[WAITING_MAX], whole;
    size_t waiting_max = 2 * out_max + MATCHER_LOOK_AHEAD + 1;
    size_t count = mirror_waiting(view->mirror, view->until_ms, waiting, waiting_max, &whole);
    size_t pair_count = matcher_normal(waiting, count, whole && view->complete, taken, pairs, out_max);
    for (size_t i = 0; i < pair_count; i++) {
        out[i] = (struct queue_match){{waiting[pairs[i].members[0]], waiting[pairs[i].members[1]]}};
    }
    return pair_count;
}

/* It keeps nothing, so all queues share one. */
static void first_come_close(struct queue_policy *policy)
{
    (void)policy;
}

static const struct queue_policy_kind first_come = {
    .members = 2, .close = first_come_close, .matches = first_come_pairs};

struct queue_policy *queue_policy_open_first_come(void)
{
    static struct queue_policy policy = {&first_come};
    return &policy;
}
