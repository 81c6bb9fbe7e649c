#include "common/gzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    GZIP_LEVEL = 1,
    GZIP_FRAMING = 16,               /* added to the window bits: gzip instead of zlib */
    PACK_WINDOW = 14 + GZIP_FRAMING, /* 16 KiB: as small as a timeline, and a tenth faster than 32 */
    GZIP_WINDOW = 15 + GZIP_FRAMING,
    CHUNK_BYTES = 16384,
};

struct gzip {
    z_stream stream;
};

struct gzip *gzip_open(void)
{
    struct gzip *gzip = memory_new(sizeof *gzip);
    check(deflateInit2(&gzip->stream, GZIP_LEVEL, Z_DEFLATED, PACK_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    return gzip;
}

void gzip_close(struct gzip *gzip)
{
    if (gzip == NULL) return;
    deflateEnd(&gzip->stream);
    free(gzip);
}

void gzip_compress(struct gzip *gzip, struct bytes plain, struct buffer *out)
{
    z_stream *stream = &gzip->stream;
    check(deflateReset(stream) == Z_OK);
    stream->next_in = (Bytef *)(uintptr_t)plain.data;
    stream->avail_in = (uInt)plain.length;
    int state;
    do {
        unsigned char chunk[CHUNK_BYTES];
        stream->next_out = chunk;
        stream->avail_out = sizeof chunk;
        state = deflate(stream, Z_FINISH);
        buffer_append(out, chunk, sizeof chunk - stream->avail_out);
    } while (state == Z_OK);
    check(state == Z_STREAM_END);
}

bool gzip_expand(struct bytes compressed, size_t plain_max, struct buffer *out)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)compressed.data, .avail_in = (uInt)compressed.length};
    check(inflateInit2(&stream, GZIP_WINDOW) == Z_OK);
    int state;
    do {
        unsigned char chunk[CHUNK_BYTES];
        stream.next_out = chunk;
        stream.avail_out = sizeof chunk;
        state = inflate(&stream, Z_NO_FLUSH);
        buffer_append(out, chunk, sizeof chunk - stream.avail_out);
    } while (state == Z_OK && stream.total_out <= plain_max);
    bool whole = state == Z_STREAM_END && stream.avail_in == 0 && stream.total_out <= plain_max;
    inflateEnd(&stream);
    return whole;
}
