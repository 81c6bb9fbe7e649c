#include "sha256.h"

#include <string.h>

#include "battle.h"
#include "sha256_blocks.h"

void sha256_start(struct sha256 *sha)
{
    static const uint32_t initial[8] = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
                                        0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
    memcpy(sha->state, initial, sizeof initial);
    sha->length = 0;
}

void sha256_add(struct sha256 *sha, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    size_t held = (size_t)(sha->length % 64);
    sha->length += size;
    if (held > 0) {
        size_t take = 64 - held < size ? 64 - held : size;
        memcpy(sha->block + held, bytes, take);
        bytes += take;
        size -= take;
        if (held + take < 64) return;
        sha256_blocks(sha->state, sha->block, 1);
    }
    sha256_blocks(sha->state, bytes, size / 64);
    if (size % 64 > 0) memcpy(sha->block, bytes + size / 64 * 64, size % 64);
}

void sha256_finish(struct sha256 *sha, uint8_t out[32])
{
    static const uint8_t padding[64] = {0x80};
    uint64_t bits = sha->length * 8;
    size_t held = (size_t)(sha->length % 64);
    sha256_add(sha, padding, held < 56 ? 56 - held : 120 - held);
    uint8_t length[8];
    for (int i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(sha, length, 8);
    for (int i = 0; i < 32; i++) out[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_hex(const uint8_t *digest, size_t bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
}

void battle_sha256(const void *data, size_t size, uint8_t out[32])
{
    struct sha256 sha;
    sha256_start(&sha);
    sha256_add(&sha, data, size);
    sha256_finish(&sha, out);
}
