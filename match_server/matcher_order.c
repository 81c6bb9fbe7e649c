#include "match_server/matcher_internal.h"

/* Behind every pair that is none: a gap of 2^14 points in thousandths and 2^41 ms at a bonus of 1000 stay
 * below. */
#define REMATCH_KEY (INT64_C(1) << 60)

bool matcher_is_older(const struct matcher *matcher, uint32_t a, uint32_t b)
{
    const struct slot *left = &matcher->slots[a], *right = &matcher->slots[b];
    if (left->since_ms != right->since_ms) return left->since_ms < right->since_ms;
    return left->id != right->id ? left->id < right->id : a < b;
}

/* Thousandths of a point. Everybody ages at the same rate, so the time at which the longer waiter joined
 * orders pairs as its age would, and a key once computed stays right. */
int64_t matcher_pair_key(const struct matcher *matcher, uint32_t a, uint32_t b, bool rematch)
{
    const struct slot *left = &matcher->slots[a], *right = &matcher->slots[b];
    int64_t gap = left->rating < right->rating ? right->rating - left->rating : left->rating - right->rating;
    int64_t since_ms = left->since_ms < right->since_ms ? left->since_ms : right->since_ms;
    return gap * 1000 + since_ms * matcher->rules.age_bonus_per_s + (rematch ? REMATCH_KEY : 0);
}

bool matcher_pair_before(const struct matcher *matcher, const uint32_t left[2], const uint32_t right[2])
{
    size_t left_older = matcher_is_older(matcher, left[0], left[1]) ? 0 : 1;
    size_t right_older = matcher_is_older(matcher, right[0], right[1]) ? 0 : 1;
    uint32_t a = left[left_older], b = right[right_older];
    if (a != b) return matcher_is_older(matcher, a, b);
    return matcher_is_older(matcher, left[1 - left_older], right[1 - right_older]);
}
