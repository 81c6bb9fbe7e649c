/* tally.h -- how many does each key hold, and all together? Exact, in memory that never grows.
 *
 * An open-addressed table of the keys that hold something (linear probing; a key that holds nothing any
 * more leaves no trace). Keys are 64-bit hashes with a secret key (keyed_hash.h). Pure; the caller locks. */
#ifndef DUELPOD_TALLY_H
#define DUELPOD_TALLY_H

#include "common/base.h"

struct tally;

/* Room for `total_max` at once, whatever their keys; 24 to 64 bytes for each. Ended by tally_free. */
struct tally *tally_open(size_t total_max);
void tally_free(struct tally *tally);

/* One more for `key`. False and nothing changed when all together would be more than total_max, or the key
 * would hold more than `each_max` (0: any number). */
bool tally_add(struct tally *tally, uint64_t key, size_t each_max);

/* One less; the key must hold one. */
void tally_remove(struct tally *tally, uint64_t key);

size_t tally_of(const struct tally *tally, uint64_t key);
size_t tally_total(const struct tally *tally);
size_t tally_total_max(const struct tally *tally);

#endif
