#include "common/codec_memory.h"

#include <stdlib.h>

enum { CHUNK_BYTES_MIN = 2048, ALIGNMENT = 16 };

static _Thread_local struct codec_memory *taken_from;

void codec_memory_reserve(struct codec_memory *memory, size_t size)
{
    size_t room = size > CHUNK_BYTES_MIN ? size : CHUNK_BYTES_MIN;
    struct codec_chunk *chunk = memory_resize(NULL, sizeof *chunk + room);
    *chunk = (struct codec_chunk){.next = memory->chunks, .size = room};
    memory->chunks = chunk;
}

void *codec_memory_new(struct codec_memory *memory, size_t size)
{
    struct codec_chunk *chunk = memory->chunks;
    size_t whole = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (chunk == NULL || chunk->size - chunk->used < whole) {
        codec_memory_reserve(memory, whole);
        chunk = memory->chunks;
    }
    void *piece = chunk->bytes + chunk->used;
    chunk->used += whole;
    return piece;
}

void codec_memory_free(struct codec_memory *memory)
{
    struct codec_chunk *chunk = memory->chunks;
    while (chunk != NULL) {
        struct codec_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    memory->chunks = NULL;
}

void codec_memory_begin(struct codec_memory *memory)
{
    check(taken_from == NULL);
    taken_from = memory;
}

void codec_memory_end(void)
{
    taken_from = NULL;
}

void *codec_memory_take(size_t size)
{
    check(taken_from != NULL);
    return codec_memory_new(taken_from, size);
}

void codec_memory_give(void *piece)
{
    (void)piece;
}
