/* gzip.h -- compressed timelines. The only file that knows zlib.
 *
 * Level 1: the last third of the size is not worth six times the time (docs/performance.md). No state. */
#ifndef DUELPOD_GZIP_H
#define DUELPOD_GZIP_H

#include "common/buffer.h"

/* A compressor keeps its 200 KiB of tables between uses: making them anew costs twice the compression of a
 * timeline. One thread. */
struct gzip;

struct gzip *gzip_open(void);
void gzip_close(struct gzip *gzip);

/* Appends one gzip stream of `plain`; the same input gives the same bytes. */
void gzip_compress(struct gzip *gzip, struct bytes plain, struct buffer *out);

/* Appends what `compressed` holds. False: not one whole gzip stream, or more than `plain_max` bytes; `out` may
 * then have grown. */
bool gzip_expand(struct bytes compressed, size_t plain_max, struct buffer *out);

#endif
