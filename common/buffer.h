/* buffer.h -- a growing run of bytes, for messages on their way out.
 *
 * Owned by whoever holds the struct; {0} is empty. buffer_clear() keeps the memory for the next message. */
#ifndef DUELPOD_BUFFER_H
#define DUELPOD_BUFFER_H

#include "common/base.h"

struct buffer {
    char *data;
    size_t length;
    size_t capacity;
};

/* Room for `more` bytes behind what is there; who writes them adds them to `length`. Borrowed until the next
 * call. */
char *buffer_reserve(struct buffer *buffer, size_t more);

void buffer_append(struct buffer *buffer, const void *data, size_t length);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_character(struct buffer *buffer, char character);
void buffer_append_integer(struct buffer *buffer, int64_t integer);

/* Appends text as a JSON string: quoted, with quotes, backslashes and control characters escaped. */
void buffer_append_json_text(struct buffer *buffer, const char *text);

struct bytes buffer_bytes(const struct buffer *buffer);
void buffer_clear(struct buffer *buffer);
void buffer_free(struct buffer *buffer);

#endif
