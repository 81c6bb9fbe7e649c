/* digest.h -- SHA-256 as text, for whatever is shown to others. Any thread, no state. */
#ifndef DUELPOD_DIGEST_H
#define DUELPOD_DIGEST_H

#include "common/base.h"

enum { DIGEST_BYTES = 32, DIGEST_TEXT_SIZE = 65 };

void digest_sha256(struct bytes bytes, uint8_t out[DIGEST_BYTES]);

/* 64 lower-case hexadecimal digits and a terminator. */
void digest_sha256_text(struct bytes bytes, char out[DIGEST_TEXT_SIZE]);

/* Writes 2 * `count` lower-case hexadecimal digits and a terminator. */
void digest_hex(const uint8_t *bytes, size_t count, char *out);

#endif
