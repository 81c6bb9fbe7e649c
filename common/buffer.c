#include "common/buffer.h"

#include <stdlib.h>
#include <string.h>

char *buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t needed = buffer->length + more;
    size_t capacity = buffer->capacity == 0 ? 256 : buffer->capacity;
    while (capacity < needed) capacity *= 2;
    if (capacity != buffer->capacity) buffer->data = memory_resize(buffer->data, capacity);
    buffer->capacity = capacity;
    return buffer->data + buffer->length;
}

void buffer_append(struct buffer *buffer, const void *data, size_t length)
{
    if (length == 0) return;
    buffer_reserve(buffer, length);
    memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_character(struct buffer *buffer, char character)
{
    buffer_append(buffer, &character, 1);
}

void buffer_append_integer(struct buffer *buffer, int64_t integer)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (integer < 0) digits[--at] = '-';
    buffer_append(buffer, digits + at, sizeof digits - at);
}

static void append_escaped(struct buffer *buffer, unsigned char character)
{
    static const char hex[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u', '0', '0', hex[character >> 4], hex[character & 15]};
    if (character == '"' || character == '\\') {
        buffer_append_character(buffer, '\\');
        buffer_append_character(buffer, (char)character);
    } else if (character == '\n') {
        buffer_append(buffer, "\\n", 2);
    } else {
        buffer_append(buffer, escape, sizeof escape);
    }
}

void buffer_append_json_text(struct buffer *buffer, const char *text)
{
    buffer_append_character(buffer, '"');
    const char *plain = text;
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char character = (unsigned char)*at;
        if (character >= 0x20 && character != '"' && character != '\\' && character != 0x7f) continue;
        buffer_append(buffer, plain, (size_t)(at - plain));
        append_escaped(buffer, character);
        plain = at + 1;
    }
    buffer_append_text(buffer, plain);
    buffer_append_character(buffer, '"');
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
    return (struct bytes){buffer->data, buffer->length};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
