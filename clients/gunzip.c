#include "clients/gunzip.h"

#include <stdio.h>
#include <zlib.h>

#define PIECE_BYTES 16384
#define GZIP_ONLY (16 + MAX_WBITS)

static bool refuse(char *error, size_t error_capacity, const char *reason)
{
    snprintf(error, error_capacity, "the gzip stream %s", reason);
    return false;
}

bool gunzip(struct bytes gzip, size_t bytes_max, struct buffer *output, char *error, size_t error_capacity)
{
    Bytef piece[PIECE_BYTES];
    z_stream stream = {.next_in = (z_const Bytef *)gzip.data, .avail_in = (uInt)gzip.length};
    check(inflateInit2(&stream, GZIP_ONLY) == Z_OK);
    int status;
    size_t produced = 0;
    do {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        status = inflate(&stream, Z_NO_FLUSH);
        size_t fresh = sizeof piece - stream.avail_out;
        produced += fresh;
        if (produced <= bytes_max) buffer_append(output, piece, fresh);
    } while (status == Z_OK && produced <= bytes_max);
    size_t behind = stream.avail_in;
    inflateEnd(&stream);

    if (produced > bytes_max) return refuse(error, error_capacity, "unpacks to more than the limit");
    if (status == Z_BUF_ERROR) return refuse(error, error_capacity, "is cut short");
    if (status != Z_STREAM_END) return refuse(error, error_capacity, "is damaged");
    if (behind > 0) return refuse(error, error_capacity, "has other bytes behind it");
    return true;
}
