/* sha1.h -- SHA-1 (RFC 3174), the name by which Redis knows a script. Not for secrets. Pure, any thread. */
#ifndef DUELPOD_SHA1_H
#define DUELPOD_SHA1_H

#include "common/base.h"

enum { SHA1_TEXT_BYTES = 41 };

/* Writes 40 lower-case hexadecimal digits and a terminator. */
void sha1_text(struct bytes bytes, char out[SHA1_TEXT_BYTES]);

#endif
