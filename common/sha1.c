#include "common/sha1.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 64, LENGTH_AT = 56 };

static uint32_t rotate(uint32_t value, unsigned bits)
{
    return (value << bits) | (value >> (32 - bits));
}

static uint32_t mix(size_t round, uint32_t b, uint32_t c, uint32_t d)
{
    if (round < 20) return ((b & c) | (~b & d)) + 0x5A827999u;
    if (round < 40) return (b ^ c ^ d) + 0x6ED9EBA1u;
    if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCu;
    return (b ^ c ^ d) + 0xCA62C1D6u;
}

static void digest_block(uint32_t state[5], const uint8_t *block)
{
    uint32_t word[80];
    for (size_t i = 0; i < 16; i++)
        word[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                  (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (size_t i = 16; i < 80; i++)
        word[i] = rotate(word[i - 3] ^ word[i - 8] ^ word[i - 14] ^ word[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (size_t i = 0; i < 80; i++) {
        uint32_t next = rotate(a, 5) + mix(i, b, c, d) + e + word[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

/* The rest that fills no block, the end mark and the length in bits: one block or two. */
static void digest_end(uint32_t state[5], const uint8_t *rest, size_t rest_length, uint64_t length)
{
    uint8_t last[2 * BLOCK_BYTES] = {0};
    memcpy(last, rest, rest_length);
    last[rest_length] = 0x80;
    size_t blocks = rest_length < LENGTH_AT ? 1 : 2;
    for (size_t i = 0; i < 8; i++) last[blocks * BLOCK_BYTES - 1 - i] = (uint8_t)(length * 8 >> (8 * i));
    for (size_t i = 0; i < blocks; i++) digest_block(state, last + i * BLOCK_BYTES);
}

void sha1_text(struct bytes bytes, char out[SHA1_TEXT_BYTES])
{
    uint32_t state[5] = {0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u, 0xC3D2E1F0u};
    const uint8_t *data = (const uint8_t *)bytes.data;
    size_t whole = bytes.length / BLOCK_BYTES * BLOCK_BYTES;
    for (size_t at = 0; at < whole; at += BLOCK_BYTES) digest_block(state, data + at);
    digest_end(state, data + whole, bytes.length - whole, bytes.length);
    for (size_t i = 0; i < 5; i++) snprintf(out + 8 * i, 9, "%08x", state[i]);
}
