#include "common/gzip.h"

#include <string.h>
#include <zlib.h>

enum { GZIP_LEVEL = 1, GZIP_WINDOW = 15 + 16 /* 16: gzip instead of zlib framing */, CHUNK_BYTES = 16384 };

void gzip_compress(struct bytes plain, struct buffer *out)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)plain.data, .avail_in = (uInt)plain.length};
    check(deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    int state;
    do {
        unsigned char chunk[CHUNK_BYTES];
        stream.next_out = chunk;
        stream.avail_out = sizeof chunk;
        state = deflate(&stream, Z_FINISH);
        buffer_append(out, chunk, sizeof chunk - stream.avail_out);
    } while (state == Z_OK);
    check(state == Z_STREAM_END);
    deflateEnd(&stream);
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
