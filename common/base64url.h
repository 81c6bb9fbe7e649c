/* base64url.h -- strict base64 with the URL alphabet and without padding (RFC 4648, section 5). Pure. */
#ifndef DUELPOD_BASE64URL_H
#define DUELPOD_BASE64URL_H

#include "common/base.h"

/* Decodes `text` into `out`. False: a character outside A-Z a-z 0-9 - _ (also = and white space), an
 * impossible length, bits set behind the last byte, or more than `capacity` bytes. */
bool base64url_decode(struct bytes text, uint8_t *out, size_t capacity, size_t *length);

#endif
