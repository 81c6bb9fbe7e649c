/* json_writer.h -- canonical JSON into a caller's buffer by hand: no printf, no locale, integers only.
 * Writing past the end is remembered and writes nothing; callers look at `full` once. */
#ifndef DUELPOD_BATTLE_JSON_WRITER_H
#define DUELPOD_BATTLE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "digits.h"

struct text {
    char *start, *at, *end;
    bool full;
};

static inline void text_open(struct text *text, char *buffer, size_t capacity)
{
    *text = (struct text){buffer, buffer, buffer + capacity, false};
}

static inline size_t text_length(const struct text *text)
{
    return (size_t)(text->at - text->start);
}

/* True when `size` more bytes fit; the caller may then write them through `at` unchecked. */
static inline bool text_room(struct text *text, size_t size)
{
    if ((size_t)(text->end - text->at) >= size) return true;
    text->full = true;
    return false;
}

static inline void text_bytes(struct text *text, const char *bytes, size_t size)
{
    if (!text_room(text, size)) return;
    memcpy(text->at, bytes, size);
    text->at += size;
}

static inline void text_put(struct text *text, const char *words)
{
    text_bytes(text, words, strlen(words));
}

static inline void text_int(struct text *text, int32_t value)
{
    if (text_room(text, DIGITS_ROOM)) text->at = digits_write(text->at, value);
}

/* `,"name":value` unless value is 0; `name` comes with its punctuation. */
static inline void text_field(struct text *text, const char *name, int32_t value)
{
    if (value == 0) return;
    text_put(text, name);
    text_int(text, value);
}

/* A string in quotes; it holds no control characters, so only quotes and backslashes are escaped. */
static inline void text_quoted(struct text *text, const char *words)
{
    text_put(text, "\"");
    for (; *words != '\0'; words++) {
        if (*words == '"' || *words == '\\') text_put(text, "\\");
        text_bytes(text, words, 1);
    }
    text_put(text, "\"");
}

#endif
