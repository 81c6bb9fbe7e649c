/* sha256.h -- SHA-256 (FIPS 180-4), so that the battle needs no library. Streaming; no allocation. */
#ifndef DUELPOD_BATTLE_SHA256_H
#define DUELPOD_BATTLE_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    uint8_t block[64];
};

void sha256_start(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *data, size_t size);
void sha256_finish(struct sha256 *sha, uint8_t out[32]);

/* Lower-case hex of the first `bytes` of a digest; `text` takes 2 * bytes characters, no terminator. */
void sha256_hex(const uint8_t *digest, size_t bytes, char *text);

#endif
