/* gzip.h -- compressed timelines. The only file that knows libdeflate, which writes the same format as zlib in
 * half the time and a tenth shorter.
 *
 * Level 1: the last sixth of the size is not worth twice the time (docs/performance.md). No state. */
#ifndef DUELPOD_GZIP_H
#define DUELPOD_GZIP_H

#include "common/buffer.h"

/* A compressor keeps its tables between uses. One thread. */
struct gzip;

struct gzip *gzip_open(void);
void gzip_close(struct gzip *gzip);

/* Appends one gzip stream of `plain`; the same input gives the same bytes. */
void gzip_compress(struct gzip *gzip, struct bytes plain, struct buffer *out);

/* Appends what `compressed` holds. False: not one whole gzip stream, or more than `plain_max` bytes; `out` then
 * holds what it held. Takes memory for no more than the stream's trailer promises, and that only below
 * `plain_max`. */
bool gzip_expand(struct bytes compressed, size_t plain_max, struct buffer *out);

#endif
