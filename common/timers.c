#include "common/timers.h"

#include <stdlib.h>

#include "common/base.h"

enum { TIMERS_CAPACITY_FIRST = 64 };

static bool timer_is_before(const struct timer *a, const struct timer *b)
{
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

static void timers_put(struct timers *timers, size_t index, struct timer *timer)
{
    timers->heap[index] = timer;
    timer->place = index + 1;
}

static void timers_rise(struct timers *timers, size_t index, struct timer *timer)
{
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (!timer_is_before(timer, timers->heap[parent])) break;
        timers_put(timers, index, timers->heap[parent]);
        index = parent;
    }
    timers_put(timers, index, timer);
}

static void timers_sink(struct timers *timers, size_t index, struct timer *timer)
{
    for (;;) {
        size_t child = index * 2 + 1;
        if (child >= timers->count) break;
        if (child + 1 < timers->count && timer_is_before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!timer_is_before(timers->heap[child], timer)) break;
        timers_put(timers, index, timers->heap[child]);
        index = child;
    }
    timers_put(timers, index, timer);
}

/* Puts `timer` where it belongs, given that index is free and the rest of the heap is in order. */
static void timers_settle(struct timers *timers, size_t index, struct timer *timer)
{
    if (index > 0 && timer_is_before(timer, timers->heap[(index - 1) / 2])) {
        timers_rise(timers, index, timer);
    } else {
        timers_sink(timers, index, timer);
    }
}

void timers_init(struct timers *timers)
{
    *timers = (struct timers){0};
}

void timers_free(struct timers *timers)
{
    check(!timers->firing);
    for (size_t i = 0; i < timers->count; i++) timers->heap[i]->place = 0;
    free(timers->heap);
    timers_init(timers);
}

static void timers_reserve(struct timers *timers)
{
    if (timers->count < timers->capacity) return;
    timers->capacity = timers->capacity == 0 ? TIMERS_CAPACITY_FIRST : timers->capacity * 2;
    timers->heap = memory_resize(timers->heap, timers->capacity * sizeof(struct timer *));
}

/* During a round a time already past becomes the round's own time: it then sorts behind everything that was
 * due when the round began, and its order number tells timers_fire_due() to stop. */
void timers_set(struct timers *timers, struct timer *timer, int64_t at_ms)
{
    check(timer->fire != NULL);
    timer->at_ms = timers->firing && at_ms < timers->firing_ms ? timers->firing_ms : at_ms;
    timer->order = timers->order_next++;
    if (timer_is_set(timer)) {
        timers_settle(timers, timer->place - 1, timer);
        return;
    }
    timers_reserve(timers);
    timers->count++;
    timers_rise(timers, timers->count - 1, timer);
}

void timers_cancel(struct timers *timers, struct timer *timer)
{
    if (!timer_is_set(timer)) return;
    size_t index = timer->place - 1;
    check(index < timers->count && timers->heap[index] == timer);
    timer->place = 0;
    timers->count--;
    if (index < timers->count) timers_settle(timers, index, timers->heap[timers->count]);
}

bool timer_is_set(const struct timer *timer)
{
    return timer->place != 0;
}

int64_t timers_next_ms(const struct timers *timers)
{
    return timers->count == 0 ? INT64_MAX : timers->heap[0]->at_ms;
}

size_t timers_fire_due(struct timers *timers, int64_t now_ms, size_t count_max)
{
    check(!timers->firing);
    uint64_t order_end = timers->order_next;
    size_t fired = 0;
    timers->firing = true;
    timers->firing_ms = now_ms;
    while (fired < count_max && timers->count > 0) {
        struct timer *timer = timers->heap[0];
        if (timer->at_ms > now_ms || timer->order >= order_end) break;
        timers_cancel(timers, timer);
        timer->fire(timer);
        fired++;
    }
    timers->firing = false;
    return fired;
}
