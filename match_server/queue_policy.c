#include "match_server/queue_policy.h"

#include "match_server/queue_policy_kind.h"

void queue_policy_close(struct queue_policy *policy)
{
    policy->kind->close(policy);
}

void queue_policy_put(struct queue_policy *policy, struct ticket *ticket)
{
    if (policy != NULL && policy->kind->put != NULL) policy->kind->put(policy, ticket);
}

size_t queue_policy_members(const struct queue_policy *policy)
{
    return policy->kind->members;
}

void queue_policy_lift(struct queue_policy *policy, struct ticket *ticket)
{
    if (policy != NULL && policy->kind->lift != NULL) policy->kind->lift(policy, ticket);
}

void queue_policy_mark(struct queue_policy *policy, struct ticket *ticket)
{
    if (policy != NULL && policy->kind->mark != NULL) policy->kind->mark(policy, ticket);
}

void queue_policy_remove(struct queue_policy *policy, struct ticket *ticket)
{
    if (policy != NULL && policy->kind->remove != NULL) policy->kind->remove(policy, ticket);
}

size_t queue_policy_matches(struct queue_policy *policy, const struct queue_view *view,
                            struct queue_match *out, size_t out_max)
{
    return policy->kind->matches(policy, view, out,
                                 out_max < QUEUE_MATCHES_MAX ? out_max : QUEUE_MATCHES_MAX);
}

int64_t queue_policy_next_ms(const struct queue_policy *policy)
{
    return policy->kind->next_ms == NULL ? QUEUE_NEVER_MS : policy->kind->next_ms(policy);
}

int64_t queue_policy_half_window(const struct queue_policy *policy, const struct ticket *ticket,
                                 int64_t now_ms)
{
    if (policy->kind->half_window == NULL) return QUEUE_NO_WINDOW;
    return policy->kind->half_window(policy, ticket, now_ms);
}

void queue_policy_freeze(struct queue_policy *policy, int64_t from_ms)
{
    if (policy->kind->freeze != NULL) policy->kind->freeze(policy, from_ms);
}

void queue_policy_thaw(struct queue_policy *policy, int64_t to_ms)
{
    if (policy->kind->thaw != NULL) policy->kind->thaw(policy, to_ms);
}

void queue_policy_note_arrival(struct queue_policy *policy, int64_t rating, int64_t now_ms)
{
    if (policy->kind->note_arrival != NULL) policy->kind->note_arrival(policy, rating, now_ms);
}

int64_t queue_policy_expected_wait_ms(const struct queue_policy *policy, int64_t rating, int64_t now_ms)
{
    if (policy->kind->expected_wait_ms == NULL) return QUEUE_WAIT_UNKNOWN;
    return policy->kind->expected_wait_ms(policy, rating, now_ms);
}
