#include "common/redis_held.h"

#include <stdlib.h>

enum { CAPACITY_MIN = 64 };

void redis_held_free(struct redis_held *held)
{
    struct redis_held_answer answer;
    while (redis_held_pop(held, &answer)) free(answer.reply);
    free(held->answers);
    *held = (struct redis_held){.answers = NULL};
}

void redis_held_push(struct redis_held *held, struct redis_pending pending, const struct redis_reply *reply)
{
    if (held->end == held->capacity) {
        held->capacity = held->capacity == 0 ? CAPACITY_MIN : 2 * held->capacity;
        held->answers = memory_resize(held->answers, held->capacity * sizeof *held->answers);
    }
    held->answers[held->end++] =
        (struct redis_held_answer){.pending = pending, .reply = redis_reply_copy(reply)};
}

bool redis_held_pop(struct redis_held *held, struct redis_held_answer *out)
{
    if (held->begin == held->end) return false;
    *out = held->answers[held->begin++];
    if (held->begin == held->end) held->begin = held->end = 0;
    return true;
}
