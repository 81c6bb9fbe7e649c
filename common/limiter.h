/* limiter.h -- token buckets for strangers: how often may this key act, in memory that never grows?
 *
 * A bucket of `burst` tokens is refilled with `per_s` a second; whoever finds it empty has to wait. It is
 * kept as one number, the moment until which its tokens are spent (the generic cell rate algorithm,
 * ITU-T I.371): a bucket that is full again lies in the past and says nothing, so it need not be kept.
 *
 * The table has a fixed number of buckets, in sets of eight. A new key takes the place in its set that was
 * full first. Under a million spoofed addresses these are the buckets of those who did least; who spends
 * without end keeps his, and stays limited. What was forgotten early is counted.
 *
 * Keys are 64-bit hashes with a secret key (keyed_hash.h). 16 bytes a bucket. Time is monotonic and an
 * argument. Pure; the caller locks. */
#ifndef DUELPOD_LIMITER_H
#define DUELPOD_LIMITER_H

#include "common/base.h"

enum { LIMITER_PER_S_MAX = 10000, LIMITER_BURST_MAX = 1000000, LIMITER_WAYS = 8 };

struct limiter_rule {
    int64_t per_s; /* 0: no limit; else up to LIMITER_PER_S_MAX */
    int64_t burst; /* 1 .. LIMITER_BURST_MAX */
};

/* One bucket on its own. Takes a token and returns 0, or returns how many ms (at least 1) until there is one
 * and changes nothing. `spent_until_us` is the bucket, 0 a full one. A rule that became stricter or milder
 * counts at once: no wait is longer than what one token takes. */
int64_t limiter_spend(int64_t *spent_until_us, const struct limiter_rule *rule, int64_t now_ms);

struct limiter;

/* `buckets` is rounded up to a power of two, at least LIMITER_WAYS. The caller owns it and ends it with free. */
struct limiter *limiter_open(size_t buckets);
void limiter_free(struct limiter *limiter);

/* As limiter_spend, for the bucket of `key`. */
int64_t limiter_take(struct limiter *limiter, uint64_t key, const struct limiter_rule *rule, int64_t now_ms);

/* Buckets that had to make room although they were not full again. */
uint64_t limiter_forgotten(const struct limiter *limiter);

#endif
