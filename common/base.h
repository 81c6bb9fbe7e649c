/* base.h -- the few words every file may use.
 *
 * check() is an assert that stays on in production: it is for our own mistakes, never for the world's.
 * A failed check prints its place and aborts, because a process that is wrong about itself must not go on. */
#ifndef DUELPOD_BASE_H
#define DUELPOD_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define container_of(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* A borrowed run of bytes: not owned, not terminated. */
struct bytes {
    const char *data;
    size_t length;
};

#define check(condition) ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__, __func__))

_Noreturn void check_failed(const char *condition, const char *file, int line, const char *function);

/* Allocation that cannot fail: running out of memory ends the process with a report. Memory is zeroed. */
void *memory_new(size_t size);
void *memory_resize(void *memory, size_t size);
char *memory_copy_text(const char *text);

struct bytes bytes_of_text(const char *text);
bool bytes_equal_text(struct bytes bytes, const char *text);

/* Copies text into a fixed buffer of `capacity` bytes, terminator included. False when it was cut. */
bool text_copy(char *to, size_t capacity, const char *from);
bool bytes_copy(char *to, size_t capacity, struct bytes from);

/* Walks a comma list: the next item that is not empty. False at the end. Start with `*rest` = the list. */
bool text_next_item(const char **rest, struct bytes *item);

#endif
