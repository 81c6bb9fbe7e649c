/* replay_file.h -- a timeline from wherever it lies: a file or stdin; JSON or gzip; by itself or inside a
 * `battle_result` or `replay` message as the bot prints it. */
#ifndef DUELPOD_REPLAY_FILE_H
#define DUELPOD_REPLAY_FILE_H

#include "common/buffer.h"

enum { REPLAY_BYTES_MAX = 16 << 20 }; /* two battles of the largest size and more, unpacked */

/* Appends the timeline's own bytes to `out`. `path` NULL or "-" is stdin. False with a sentence. */
bool replay_file_read(const char *path, struct buffer *out, char *error, size_t error_capacity);

#endif
