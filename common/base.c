#include "common/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void check_failed(const char *condition, const char *file, int line, const char *function)
{
    fprintf(stderr, "check failed: %s (%s:%d, %s)\n", condition, file, line, function);
    abort();
}

void *memory_new(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);
    check(memory != NULL);
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *resized = realloc(memory, size == 0 ? 1 : size);
    check(resized != NULL);
    return resized;
}

char *memory_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size), text, size);
}

struct bytes bytes_of_text(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

bool bytes_equal_text(struct bytes bytes, const char *text)
{
    return bytes.length == strlen(text) && memcmp(bytes.data, text, bytes.length) == 0;
}

bool text_copy(char *to, size_t capacity, const char *from)
{
    return bytes_copy(to, capacity, (struct bytes){from, strnlen(from, capacity)});
}

bool bytes_copy(char *to, size_t capacity, struct bytes from)
{
    check(capacity > 0);
    bool whole = from.length < capacity;
    size_t length = whole ? from.length : capacity - 1;
    if (length > 0) memcpy(to, from.data, length);
    to[length] = '\0';
    return whole;
}

bool text_next_item(const char **rest, struct bytes *item)
{
    *rest += strspn(*rest, ",");
    *item = (struct bytes){*rest, strcspn(*rest, ",")};
    *rest += item->length;
    return item->length > 0;
}
