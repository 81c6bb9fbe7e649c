/* keyed_hash.h -- SipHash-2-4: 64 bits of a text that nobody without the key can steer.
 *
 * For tables whose keys are chosen by strangers: with a secret key of this process they can neither make
 * two keys meet nor fill one corner of a table. Two of a million keys are the same with a chance of
 * 2^-25, so where that only costs a stranger his turn the hash may stand for the text. Not for signatures.
 *
 * Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012). Pure; any thread. */
#ifndef DUELPOD_KEYED_HASH_H
#define DUELPOD_KEYED_HASH_H

#include "common/base.h"

struct keyed_hash_key {
    uint64_t words[2];
};

uint64_t keyed_hash(const struct keyed_hash_key *key, struct bytes text);

#endif
