/* files.h -- whole files at the start of a process. */
#ifndef DUELPOD_FILES_H
#define DUELPOD_FILES_H

#include "common/base.h"

/* Reads the whole file; the caller frees `data`, which has a terminator behind its length. False: `error` (one
 * sentence with the reason of the system) and {NULL, 0}. */
bool file_read(const char *path, size_t bytes_max, struct bytes *out, char *error, size_t error_capacity);

/* The first line, without its end: a secret. What does not fit is cut, so give room for one byte too many and
 * look at the length. False: `errno`, and `out` is empty. */
bool file_read_line(const char *path, char *out, size_t capacity);

/* A data file that came with the program, base.json say: installed, in the source tree, or in that of a build
 * variant, found from the folder of the executable. False: nowhere, and `out` names the last place. */
bool file_of_catalog(const char *name, char *out, size_t capacity);

#endif
