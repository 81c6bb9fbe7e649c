/* load_verify.h -- reads a timeline whole, for the sample of them that the load generator does not only
 * count. Pure. */
#ifndef DUELPOD_LOAD_VERIFY_H
#define DUELPOD_LOAD_VERIFY_H

#include "common/base.h"

/* True when `timeline` (a gzip stream when `packed`) is a bt/1 timeline of match `match_id` that can be told
 * to its end. False with a sentence in `error`. */
bool load_verify_timeline(struct bytes timeline, bool packed, const char *match_id, char *error,
                          size_t error_capacity);

#endif
