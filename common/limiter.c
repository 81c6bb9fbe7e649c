#include "common/limiter.h"

#include <stdlib.h>

struct limiter_bucket {
    uint64_t key; /* of an unused one 0, as of the key 0: both are full buckets at first */
    int64_t spent_until_us;
};

struct limiter {
    size_t set_mask;
    uint64_t forgotten;
    struct limiter_bucket buckets[];
};

int64_t limiter_spend(int64_t *spent_until_us, const struct limiter_rule *rule, int64_t now_ms)
{
    if (rule->per_s == 0) return 0;
    int64_t now_us = now_ms * 1000;
    int64_t token_us = 1000000 / rule->per_s;
    int64_t depth_us = token_us * rule->burst; /* of an empty bucket */
    int64_t until_us = *spent_until_us;
    if (until_us < now_us) until_us = now_us;
    if (until_us > now_us + depth_us) until_us = now_us + depth_us;
    int64_t missing_us = until_us + token_us - (now_us + depth_us);
    if (missing_us > 0) return (missing_us + 999) / 1000;
    *spent_until_us = until_us + token_us;
    return 0;
}

struct limiter *limiter_open(size_t buckets)
{
    size_t count = LIMITER_WAYS;
    while (count < buckets) count *= 2;
    struct limiter *limiter = memory_new(sizeof *limiter + count * sizeof limiter->buckets[0]);
    limiter->set_mask = count / LIMITER_WAYS - 1;
    return limiter;
}

void limiter_free(struct limiter *limiter)
{
    free(limiter);
}

/* Its bucket, or the one of its set that is full again first. */
static struct limiter_bucket *limiter_find(struct limiter *limiter, uint64_t key)
{
    struct limiter_bucket *set = &limiter->buckets[(key & limiter->set_mask) * LIMITER_WAYS];
    struct limiter_bucket *fullest = set;
    for (size_t way = 0; way < LIMITER_WAYS; way++) {
        if (set[way].key == key) return &set[way];
        if (set[way].spent_until_us < fullest->spent_until_us) fullest = &set[way];
    }
    return fullest;
}

int64_t limiter_take(struct limiter *limiter, uint64_t key, const struct limiter_rule *rule, int64_t now_ms)
{
    if (rule->per_s == 0) return 0;
    struct limiter_bucket *bucket = limiter_find(limiter, key);
    if (bucket->key != key) {
        if (bucket->spent_until_us > now_ms * 1000) limiter->forgotten++;
        *bucket = (struct limiter_bucket){.key = key};
    }
    return limiter_spend(&bucket->spent_until_us, rule, now_ms);
}

uint64_t limiter_forgotten(const struct limiter *limiter)
{
    return limiter->forgotten;
}
