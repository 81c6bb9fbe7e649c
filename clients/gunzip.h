/* gunzip.h -- unpacks one gzip stream whole. The only file of the clients that knows zlib. Any thread. */
#ifndef DUELPOD_GUNZIP_H
#define DUELPOD_GUNZIP_H

#include "common/base.h"
#include "common/buffer.h"

/* Appends what is packed in `gzip` to `output`. False with a sentence in `error` when it is damaged, cut
 * short, followed by other bytes or larger than `bytes_max`; `output` may then hold a part. */
bool gunzip(struct bytes gzip, size_t bytes_max, struct buffer *output, char *error, size_t error_capacity);

#endif
