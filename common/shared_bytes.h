/* shared_bytes.h -- one run of bytes read by many, freed by the last.
 *
 * A battle timeline goes to both players, who may live on different threads, and to the store. It is
 * written once by whoever makes it and is read-only from then on; every holder owns one reference. The
 * count is atomic, so references may be taken and released on any thread. The bytes live in the same
 * allocation as the count. */
#ifndef DUELPOD_COMMON_SHARED_BYTES_H
#define DUELPOD_COMMON_SHARED_BYTES_H

#include "common/base.h"

struct shared_bytes;

/* A new buffer of `length` zero bytes with one reference, owned by the caller. */
struct shared_bytes *shared_bytes_new(size_t length);
/* The same with a copy of `content`. */
struct shared_bytes *shared_bytes_copy(struct bytes content);

/* The bytes to fill in. Only before the buffer is handed to anyone else. */
char *shared_bytes_write(struct shared_bytes *shared);

/* The bytes to read: valid while the caller holds a reference. */
struct bytes shared_bytes_read(const struct shared_bytes *shared);

/* One more reference; returns the same buffer. */
struct shared_bytes *shared_bytes_hold(struct shared_bytes *shared);
/* One reference less; the last one frees. NULL is allowed. */
void shared_bytes_release(struct shared_bytes *shared);

#endif
