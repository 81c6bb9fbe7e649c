/* utf8.h -- is this run of bytes UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing
 * above U+10FFFF, no character cut short. Pure. */
#ifndef DUELPOD_UTF8_H
#define DUELPOD_UTF8_H

#include "common/base.h"

bool utf8_valid(struct bytes text);

/* Bytes of the character at the start of `text`, 1 to 4; 0 when there is no whole valid one. */
size_t utf8_character_bytes(struct bytes text);

#endif
