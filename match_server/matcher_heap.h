/* matcher_heap.h -- a binary heap of numbered items, smallest key first, where each item knows its place.
 *
 * Items are indexes into the caller's array of structs; the heap writes an item's place (index + 1, 0: not
 * in) into a field of that struct, found by address of the first and stride. Equal keys ask `before`, so
 * that the order is total. Keys stand in the heap itself: sifting touches the caller's structs only to note
 * places and on ties. Grows by doubling; the number of items bounds it. One thread. */
#ifndef DUELPOD_MATCHER_HEAP_H
#define DUELPOD_MATCHER_HEAP_H

#include "common/base.h"

struct matcher_heap_entry {
    int64_t key;
    uint32_t item;
};

struct matcher_heap {
    struct matcher_heap_entry *entries;
    uint32_t count, capacity;
    char *places; /* of item 0's place; the caller moves it when its array moves */
    size_t stride;
    bool (*before)(const void *context, uint32_t left, uint32_t right); /* NULL: ties do not matter */
    const void *context;
};

/* Releases the entries; places are not touched. */
void matcher_heap_free(struct matcher_heap *heap);

/* Puts in or moves. Also to be called when something `before` looks at has changed. */
void matcher_heap_set(struct matcher_heap *heap, uint32_t item, int64_t key);

/* Harmless when not in. */
void matcher_heap_remove(struct matcher_heap *heap, uint32_t item);

#endif
