#include "common/tally.h"

#include <stdlib.h>

struct tally_slot {
    uint64_t key;
    size_t count; /* 0: free */
};

struct tally {
    size_t mask, total, total_max;
    struct tally_slot slots[];
};

struct tally *tally_open(size_t total_max)
{
    size_t slots = 16;
    while (slots < total_max + total_max / 2) slots *= 2;
    struct tally *tally = memory_new(sizeof *tally + slots * sizeof tally->slots[0]);
    tally->mask = slots - 1;
    tally->total_max = total_max;
    return tally;
}

void tally_free(struct tally *tally)
{
    free(tally);
}

/* Where the key is, or the free slot where it belongs. */
static size_t tally_find(const struct tally *tally, uint64_t key)
{
    size_t at = key & tally->mask;
    while (tally->slots[at].count > 0 && tally->slots[at].key != key) at = (at + 1) & tally->mask;
    return at;
}

bool tally_add(struct tally *tally, uint64_t key, size_t each_max)
{
    struct tally_slot *slot = &tally->slots[tally_find(tally, key)];
    if (tally->total >= tally->total_max || (each_max > 0 && slot->count >= each_max)) return false;
    slot->key = key;
    slot->count++;
    tally->total++;
    return true;
}

/* Closes the gap at `at`: who had probed past it moves up (Knuth, volume 3, 6.4, algorithm R). */
static void tally_close_gap(struct tally *tally, size_t at)
{
    for (size_t next = (at + 1) & tally->mask; tally->slots[next].count > 0;
         next = (next + 1) & tally->mask) {
        size_t home = tally->slots[next].key & tally->mask;
        bool stays = ((next - home) & tally->mask) < ((next - at) & tally->mask);
        if (stays) continue;
        tally->slots[at] = tally->slots[next];
        at = next;
    }
    tally->slots[at].count = 0;
}

void tally_remove(struct tally *tally, uint64_t key)
{
    size_t at = tally_find(tally, key);
    check(tally->slots[at].count > 0);
    tally->total--;
    if (tally->slots[at].count > 1) tally->slots[at].count--;
    else tally_close_gap(tally, at);
}

size_t tally_of(const struct tally *tally, uint64_t key)
{
    return tally->slots[tally_find(tally, key)].count;
}

size_t tally_total(const struct tally *tally)
{
    return tally->total;
}

size_t tally_total_max(const struct tally *tally)
{
    return tally->total_max;
}
