#include "match_server/matcher_heap.h"

#include <stdlib.h>

enum { CAPACITY_FIRST = 256 };

static uint32_t *place_of(const struct matcher_heap *heap, uint32_t item)
{
    return (uint32_t *)(void *)(heap->places + item * heap->stride);
}

static bool is_before(const struct matcher_heap *heap, struct matcher_heap_entry left,
                      struct matcher_heap_entry right)
{
    if (left.key != right.key) return left.key < right.key;
    return heap->before != NULL && heap->before(heap->context, left.item, right.item);
}

static void put(struct matcher_heap *heap, uint32_t index, struct matcher_heap_entry entry)
{
    heap->entries[index] = entry;
    *place_of(heap, entry.item) = index + 1;
}

static void sink(struct matcher_heap *heap, uint32_t index, struct matcher_heap_entry entry)
{
    for (;;) {
        uint32_t child = index * 2 + 1;
        if (child >= heap->count) break;
        if (child + 1 < heap->count && is_before(heap, heap->entries[child + 1], heap->entries[child]))
            child++;
        if (!is_before(heap, heap->entries[child], entry)) break;
        put(heap, index, heap->entries[child]);
        index = child;
    }
    put(heap, index, entry);
}

/* Puts `entry` where it belongs, given that `index` is free and the rest is in order. */
static void settle(struct matcher_heap *heap, uint32_t index, struct matcher_heap_entry entry)
{
    uint32_t start = index;
    while (index > 0 && is_before(heap, entry, heap->entries[(index - 1) / 2])) {
        put(heap, index, heap->entries[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    if (index == start) {
        sink(heap, index, entry);
    } else {
        put(heap, index, entry);
    }
}

void matcher_heap_free(struct matcher_heap *heap)
{
    free(heap->entries);
    heap->entries = NULL;
    heap->count = heap->capacity = 0;
}

void matcher_heap_set(struct matcher_heap *heap, uint32_t item, int64_t key)
{
    uint32_t place = *place_of(heap, item);
    if (place == 0) {
        if (heap->count == heap->capacity) {
            heap->capacity = heap->capacity == 0 ? CAPACITY_FIRST : heap->capacity * 2;
            heap->entries = memory_resize(heap->entries, heap->capacity * sizeof heap->entries[0]);
        }
        place = ++heap->count;
    }
    settle(heap, place - 1, (struct matcher_heap_entry){key, item});
}

void matcher_heap_remove(struct matcher_heap *heap, uint32_t item)
{
    uint32_t place = *place_of(heap, item);
    if (place == 0) return;
    *place_of(heap, item) = 0;
    heap->count--;
    if (place - 1 < heap->count) settle(heap, place - 1, heap->entries[heap->count]);
}
