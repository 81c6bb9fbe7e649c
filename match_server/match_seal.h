/* match_seal.h -- a match's id, its seed, and the commitment that proves the seed was not chosen afterwards.
 *
 *     seed        16 hex digits: the chance of the battle; secret until the timeline names it
 *     commitment  SHA-256, as 64 hex digits, over the text
 *                     <seed>|<match id>|<SHA-256 of the first side's snapshot>|<... of the next>...
 *                 with lower-case hex digits; the snapshots are the bytes frozen in match:<id>
 *
 * Seed and id are hashes of a secret key and a counter, so that no number of known ids and seeds lets anybody
 * compute the next one. The same key, counter and time give the same match. Not shared between threads. */
#ifndef DUELPOD_MATCH_SEAL_H
#define DUELPOD_MATCH_SEAL_H

#include "common/digest.h"
#include "common/ids.h"

enum { MATCH_SEED_SIZE = 17 };

/* Filled once with bytes that nobody knows; the counter starts at 0. */
struct match_sealer {
    uint8_t key[32];
    uint64_t counter;
};

struct match_seal {
    char match_id[IDS_UUID_SIZE];
    char seed[MATCH_SEED_SIZE];
    char commitment[DIGEST_TEXT_SIZE];
};

/* `snapshot_sha256`: one hex text per side, in order; at most MATCH_PLAYERS_MAX. `now_ms`: wall time. */
struct match_seal match_seal_make(struct match_sealer *sealer, int64_t now_ms,
                                  const char *const *snapshot_sha256, size_t count);

/* When a match was made, from its id; 0 for anything that is no such id. */
int64_t match_id_time_ms(const char *match_id);

#endif
