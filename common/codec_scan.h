/* codec_scan.h -- one pass over the bytes of a JSON text before a lenient parser sees them.
 *
 * Checks what cJSON does not: valid UTF-8 (no surrogates, no overlong forms), no byte order mark, no raw
 * control character in a text, no \u0000 (it would cut the text), and a nesting of at most `depth_max`.
 * Whether the text is JSON at all is the parser's business. Pure. */
#ifndef DUELPOD_CODEC_SCAN_H
#define DUELPOD_CODEC_SCAN_H

#include "common/base.h"

/* NULL: nothing against it. Else what is wrong, in words, and where. */
const char *codec_scan(struct bytes text, size_t depth_max, size_t *offset);

/* Length of the UTF-8 sequence at the start of `text`, 0 when it is not valid. */
size_t utf8_sequence_length(const unsigned char *text, size_t length);

#endif
