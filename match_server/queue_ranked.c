#include <stdlib.h>

#include "match_server/matcher_forecast.h"
#include "match_server/mirror.h"
#include "match_server/queue_policy_kind.h"
#include "match_server/waiting_order.h"

/* Values of ticket.place: outside the matcher, or the matcher's handle plus one. */
#define PLACE_NONE 0
#define PLACE_LEFT_OUT (UINT32_MAX - 1)
#define PLACE_UNREADABLE UINT32_MAX

enum { CAPACITY_HINT = 256 };

struct ranked {
    struct queue_policy policy;
    struct matcher *matcher;
    uint32_t capacity_max;
    size_t left_out;   /* waiters for whom there was no room */
    size_t unreadable; /* waiters without a readable state, for the commit to find out */
};

static struct ranked *ranked_of(struct queue_policy *policy)
{
    return container_of(policy, struct ranked, policy);
}

static const struct ranked *ranked_of_const(const struct queue_policy *policy)
{
    return container_of(policy, const struct ranked, policy);
}

static bool is_indexed(const struct ticket *ticket)
{
    return ticket->place != PLACE_NONE && ticket->place < PLACE_LEFT_OUT;
}

static int32_t bounded(int64_t rating)
{
    return (int32_t)(rating < MATCHER_RATING_MAX ? rating : MATCHER_RATING_MAX);
}

static struct matcher_ticket facts_of(struct ticket *ticket)
{
    return (struct matcher_ticket){.id = ticket->player,
                                   .opponent = ticket->opponents[0],
                                   .device = ticket->device,
                                   .owner = ticket,
                                   .since_ms = ticket->q_ms,
                                   .rating = bounded(ticket->rating)};
}

/* ---- the index ----------------------------------------------------------------------------------- */

static void leave(struct ranked *ranked, struct ticket *ticket)
{
    if (is_indexed(ticket)) matcher_remove(ranked->matcher, ticket->place - 1);
    if (ticket->place == PLACE_LEFT_OUT) ranked->left_out--;
    if (ticket->place == PLACE_UNREADABLE) ranked->unreadable--;
    ticket->place = PLACE_NONE;
}

static void enter(struct ranked *ranked, struct ticket *ticket)
{
    if (ticket->version == 0) {
        ticket->place = PLACE_UNREADABLE;
        ranked->unreadable++;
        return;
    }
    struct matcher_ticket facts = facts_of(ticket);
    uint32_t handle = matcher_add(ranked->matcher, &facts);
    ticket->place = handle == MATCHER_NONE ? PLACE_LEFT_OUT : handle + 1;
    if (handle == MATCHER_NONE) ranked->left_out++;
}

static void ranked_mark(struct queue_policy *policy, struct ticket *ticket)
{
    if (!is_indexed(ticket)) return;
    if (ticket->state == TICKET_FREE) {
        matcher_release(ranked_of(policy)->matcher, ticket->place - 1);
    } else {
        matcher_hold(ranked_of(policy)->matcher, ticket->place - 1);
    }
}

static void ranked_put(struct queue_policy *policy, struct ticket *ticket)
{
    struct ranked *ranked = ranked_of(policy);
    if (is_indexed(ticket) && ticket->version > 0) {
        struct matcher_ticket facts = facts_of(ticket);
        matcher_update(ranked->matcher, ticket->place - 1, &facts);
    } else {
        leave(ranked, ticket);
        enter(ranked, ticket);
    }
    ranked_mark(policy, ticket);
}

static void ranked_remove(struct queue_policy *policy, struct ticket *ticket)
{
    leave(ranked_of(policy), ticket);
}

/* ---- pairs --------------------------------------------------------------------------------------- */

/* There is room again: the longest waiters of those outside come in. */
static void admit(struct queue_policy *policy, const struct mirror *mirror)
{
    struct ranked *ranked = ranked_of(policy);
    struct order_place place = {0, 0};
    struct ticket *ticket;
    while (ranked->left_out > 0 && matcher_count(ranked->matcher) < ranked->capacity_max &&
           (ticket = mirror_next(mirror, &place)) != NULL) {
        if (ticket->place == PLACE_LEFT_OUT) ranked_put(policy, ticket);
    }
}

/* The commit puts out who cannot be read, but it must be asked: with anybody, for there is no rating. */
static size_t pair_unreadable(const struct ranked *ranked, const struct mirror *mirror,
                              struct queue_match *out)
{
    struct order_place place = {0, 0};
    struct ticket *ticket, *unreadable = NULL, *other = NULL;
    while ((unreadable == NULL || other == NULL) && (ticket = mirror_next(mirror, &place)) != NULL) {
        if (ticket->state != TICKET_FREE) continue;
        if (unreadable == NULL && ticket->place == PLACE_UNREADABLE) {
            unreadable = ticket;
        } else if (other == NULL) {
            other = ticket;
        }
    }
    if (unreadable == NULL || other == NULL) return 0;
    if (is_indexed(other)) matcher_hold(ranked->matcher, other->place - 1);
    out[0] = (struct queue_match){{unreadable, other}};
    return 1;
}

static size_t ranked_pairs(struct queue_policy *policy, const struct queue_view *view,
                           struct queue_match *out, size_t out_max)
{
    struct ranked *ranked = ranked_of(policy);
    struct matcher_pair pairs[QUEUE_MATCHES_MAX];
    if (!view->complete || out_max == 0) return 0; /* the nearest may not have been read yet */
    if (ranked->left_out > 0) admit(policy, view->mirror);
    size_t first = ranked->unreadable > 0 ? pair_unreadable(ranked, view->mirror, out) : 0;
    size_t count = matcher_run(ranked->matcher, view->now_ms, pairs, out_max - first);
    for (size_t i = 0; i < count; i++) {
        for (size_t side = 0; side < 2; side++) {
            out[first + i].members[side] = matcher_owner(ranked->matcher, pairs[i].members[side]);
        }
    }
    return first + count;
}

static int64_t ranked_next_ms(const struct queue_policy *policy)
{
    return matcher_next_ms(ranked_of_const(policy)->matcher);
}

static void ranked_freeze(struct queue_policy *policy, int64_t from_ms)
{
    matcher_freeze(ranked_of(policy)->matcher, from_ms);
}

static void ranked_thaw(struct queue_policy *policy, int64_t to_ms)
{
    matcher_thaw(ranked_of(policy)->matcher, to_ms);
}

/* ---- what is told -------------------------------------------------------------------------------- */

static int64_t ranked_half_window(const struct queue_policy *policy, const struct ticket *ticket,
                                  int64_t now_ms)
{
    if (!is_indexed(ticket)) return QUEUE_NO_WINDOW;
    return matcher_half_window(ranked_of_const(policy)->matcher, ticket->place - 1, now_ms);
}

static void ranked_note_arrival(struct queue_policy *policy, int64_t rating, int64_t now_ms)
{
    matcher_note_arrival(ranked_of(policy)->matcher, bounded(rating), now_ms);
}

static int64_t ranked_expected_wait_ms(const struct queue_policy *policy, int64_t rating, int64_t now_ms)
{
    return matcher_expected_wait_ms(ranked_of_const(policy)->matcher, bounded(rating), now_ms);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void ranked_close(struct queue_policy *policy)
{
    struct ranked *ranked = ranked_of(policy);
    matcher_close(ranked->matcher);
    free(ranked);
}

static const struct queue_policy_kind ranked_kind = {
    .members = 2,
    .close = ranked_close,
    .matches = ranked_pairs,
    .put = ranked_put,
    .mark = ranked_mark,
    .remove = ranked_remove,
    .next_ms = ranked_next_ms,
    .half_window = ranked_half_window,
    .freeze = ranked_freeze,
    .thaw = ranked_thaw,
    .note_arrival = ranked_note_arrival,
    .expected_wait_ms = ranked_expected_wait_ms,
};

struct queue_policy *queue_policy_open_ranked(const struct matcher_rules *rules)
{
    struct ranked *ranked = memory_new(sizeof *ranked);
    ranked->policy.kind = &ranked_kind;
    ranked->capacity_max = rules->capacity_max;
    ranked->matcher = matcher_open(rules, CAPACITY_HINT < rules->capacity_max ? CAPACITY_HINT : 2);
    return &ranked->policy;
}
