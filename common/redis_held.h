/* redis_held.h -- answers that must not be told yet, because what they say is not safe yet.
 *
 *     script, script, ... , WAIT      one WAIT a turn of the loop, behind all it covers
 *     answer, answer, ...             held here, in their order
 *                        replicas     enough of them: all are told; too few: nobody knows what will remain
 *
 * So a failover cannot take back what somebody was told. Pure data: owned and used by one thread. */
#ifndef DUELPOD_REDIS_HELD_H
#define DUELPOD_REDIS_HELD_H

#include "common/redis_pipeline.h"
#include "common/redis_reply.h"

struct redis_held_answer {
    struct redis_pending pending;
    struct redis_reply *reply; /* our copy */
};

struct redis_held {
    struct redis_held_answer *answers;
    size_t begin, end, capacity;
};

void redis_held_free(struct redis_held *held);

/* Copies the reply. */
void redis_held_push(struct redis_held *held, struct redis_pending pending, const struct redis_reply *reply);

/* The oldest, which now belongs to the caller, who frees its reply. False: there is none. */
bool redis_held_pop(struct redis_held *held, struct redis_held_answer *out);

#endif
