#include <stdlib.h>

#include "tests/sim/sim.h"

static bool before(const struct event *a, const struct event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void rise(struct events *events, size_t at)
{
    struct event *event = events->heap[at];
    for (; at > 0 && before(event, events->heap[(at - 1) / 2]); at = (at - 1) / 2) {
        events->heap[at] = events->heap[(at - 1) / 2];
    }
    events->heap[at] = event;
}

static void sink(struct events *events, size_t at)
{
    struct event *event = events->heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= events->count) break;
        if (child + 1 < events->count && before(events->heap[child + 1], events->heap[child])) child++;
        if (!before(events->heap[child], event)) break;
        events->heap[at] = events->heap[child];
        at = child;
    }
    events->heap[at] = event;
}

void events_add(struct events *events, struct event *event, int64_t at_ms)
{
    if (events->count == events->capacity) {
        events->capacity = events->capacity == 0 ? 256 : 2 * events->capacity;
        events->heap = memory_resize(events->heap, events->capacity * sizeof events->heap[0]);
    }
    event->at_ms = at_ms;
    if (event->order == 0) event->order = ++events->order_next;
    events->heap[events->count++] = event;
    rise(events, events->count - 1);
}

struct event *events_first(const struct events *events)
{
    return events->count == 0 ? NULL : events->heap[0];
}

struct event *events_take(struct events *events)
{
    struct event *first = events->heap[0];
    events->heap[0] = events->heap[--events->count];
    if (events->count > 0) sink(events, 0);
    return first;
}

static int compare(const void *a, const void *b)
{
    const struct event *const *left = a, *const *right = b;
    return before(*left, *right) ? -1 : 1;
}

void events_end(struct sim *sim, bool (*wanted)(const struct event *event, const void *context),
                const void *context)
{
    struct events *events = &sim->events;
    struct event **ended = memory_new((events->count + 1) * sizeof *ended);
    size_t ended_count = 0, kept = 0;
    for (size_t i = 0; i < events->count; i++) {
        struct event *event = events->heap[i];
        if (wanted(event, context)) {
            ended[ended_count++] = event;
        } else {
            events->heap[kept++] = event;
        }
    }
    events->count = kept;
    for (size_t i = kept / 2; i-- > 0;) sink(events, i);
    qsort(ended, ended_count, sizeof *ended, compare);
    for (size_t i = 0; i < ended_count; i++) ended[i]->run(sim, ended[i], true);
    free(ended);
}
