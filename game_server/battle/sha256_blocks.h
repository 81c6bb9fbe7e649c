/* sha256_blocks.h -- the compression function of SHA-256 over whole blocks, shared by its implementations. */
#ifndef DUELPOD_BATTLE_SHA256_BLOCKS_H
#define DUELPOD_BATTLE_SHA256_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/* Adds `count` blocks of 64 bytes to `state`. Uses the processor's SHA instructions where it has them. */
void sha256_blocks(uint32_t state[8], const uint8_t *blocks, size_t count);

#endif
