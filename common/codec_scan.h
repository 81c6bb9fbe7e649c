/* codec_scan.h -- one pass over the bytes of a JSON text before a lenient parser sees them.
 *
 * Checks what cJSON does not: valid UTF-8, no byte order mark, no raw control character, no \u0000 (it would cut
 * the text), numbers as JSON writes them (no 007, no "1."), and a nesting of at most `depth_max`. Whether the
 * text is JSON at all is the parser's business. Pure. */
#ifndef DUELPOD_CODEC_SCAN_H
#define DUELPOD_CODEC_SCAN_H

#include "common/base.h"

/* NULL: nothing against it. Else what is wrong, in words, and the offset of the byte. */
const char *codec_scan(struct bytes text, size_t depth_max, size_t *offset);

/* The bytes of the value of member `index` (0 is the first) of an object that was parsed before; borrowed. */
struct bytes codec_scan_member(struct bytes object, size_t index);

#endif
