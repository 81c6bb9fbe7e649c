/* codec_memory.h -- the memory of one parsed message: taken in one piece, given back in one piece.
 *
 * A JSON parser asks for three small pieces of memory a member, forty a message; with the general allocator
 * that was a sixth of match_server's time. Here a message has a chunk of its own, guessed from its length,
 * and more chunks when the guess was too small; the caller's limit on messages bounds them all. The parser
 * does not say for which message it asks, so it is said before it runs, for the thread that it runs on. */
#ifndef DUELPOD_CODEC_MEMORY_H
#define DUELPOD_CODEC_MEMORY_H

#include "common/base.h"

struct codec_chunk {
    struct codec_chunk *next;
    size_t used, size; /* of `bytes` */
    _Alignas(16) char bytes[];
};

struct codec_memory {
    struct codec_chunk *chunks; /* the newest first; {NULL} is empty */
};

/* One chunk for pieces of `size` bytes altogether, so that they take no second one. */
void codec_memory_reserve(struct codec_memory *memory, size_t size);
/* A piece with anything in it, aligned for anything; it lives until codec_memory_free. */
void *codec_memory_new(struct codec_memory *memory, size_t size);
void codec_memory_free(struct codec_memory *memory);

/* Between these two, codec_memory_take on this thread takes from `memory`. Not nested. */
void codec_memory_begin(struct codec_memory *memory);
void codec_memory_end(void);

/* What a parser is given as malloc and free. Giving back does nothing: the message goes as a whole. */
void *codec_memory_take(size_t size);
void codec_memory_give(void *piece);

#endif
