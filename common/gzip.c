#include "common/gzip.h"

#include <libdeflate.h>
#include <stdlib.h>

enum {
    GZIP_LEVEL = 1,
    GZIP_BYTES_MIN = 18, /* a header of ten bytes and a trailer of eight */
};

struct gzip {
    struct libdeflate_compressor *compressor;
};

struct gzip *gzip_open(void)
{
    struct gzip *gzip = memory_new(sizeof *gzip);
    gzip->compressor = libdeflate_alloc_compressor(GZIP_LEVEL);
    check(gzip->compressor != NULL);
    return gzip;
}

void gzip_close(struct gzip *gzip)
{
    if (gzip == NULL) return;
    libdeflate_free_compressor(gzip->compressor);
    free(gzip);
}

void gzip_compress(struct gzip *gzip, struct bytes plain, struct buffer *out)
{
    const char *data = plain.length == 0 ? "" : plain.data;
    size_t room = libdeflate_gzip_compress_bound(gzip->compressor, plain.length);
    char *at = buffer_reserve(out, room);
    size_t length = libdeflate_gzip_compress(gzip->compressor, data, plain.length, at, room);
    check(length > 0);
    out->length += length;
}

/* The last four bytes, little-endian: the length modulo 2^32 (RFC 1952). */
static size_t length_in_trailer(struct bytes compressed)
{
    const unsigned char *end = (const unsigned char *)compressed.data + compressed.length;
    return (size_t)end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
}

bool gzip_expand(struct bytes compressed, size_t plain_max, struct buffer *out)
{
    if (compressed.length < GZIP_BYTES_MIN) return false;
    size_t length = length_in_trailer(compressed), taken = 0, given = 0;
    if (length > plain_max) return false;
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    check(decompressor != NULL);
    enum libdeflate_result result =
        libdeflate_gzip_decompress_ex(decompressor, compressed.data, compressed.length,
                                      buffer_reserve(out, length), length, &taken, &given);
    libdeflate_free_decompressor(decompressor);
    if (result != LIBDEFLATE_SUCCESS || taken != compressed.length || given != length) return false;
    out->length += length;
    return true;
}
