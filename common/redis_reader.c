#include "common/redis_reader.h"

#include <hiredis/read.h>
#include <stdlib.h>
#include <string.h>

/* Memory of one reply: a chain of blocks, of which the first and smallest is kept for the next reply. */
struct block {
    struct block *next;
    size_t used, capacity;
    _Alignas(max_align_t) char data[];
};

enum { BLOCK_BYTES = 16 * 1024, KEEP_BUFFER_BYTES = 256 * 1024 };

struct redis_reader {
    redisReader *parser;
    struct block *blocks; /* the newest first */
    size_t reply_bytes;
    const char *error;
};

static struct block *block_new(size_t capacity, struct block *next)
{
    struct block *block = memory_new(sizeof *block + capacity);
    block->capacity = capacity;
    block->next = next;
    return block;
}

/* Memory that lives as long as the reply. NULL when the reply would become too large. */
static void *reply_memory(struct redis_reader *reader, size_t size)
{
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (size > REDIS_REPLY_BYTES_MAX || reader->reply_bytes + size > REDIS_REPLY_BYTES_MAX) {
        reader->error = "a reply is larger than the limit";
        return NULL;
    }
    struct block *block = reader->blocks;
    if (block->capacity - block->used < size)
        block = reader->blocks = block_new(size > BLOCK_BYTES ? size : BLOCK_BYTES, block);
    void *memory = block->data + block->used;
    block->used += size;
    reader->reply_bytes += size;
    return memory;
}

static void forget_reply(struct redis_reader *reader)
{
    while (reader->blocks->next != NULL) {
        struct block *block = reader->blocks;
        reader->blocks = block->next;
        free(block);
    }
    reader->blocks->used = 0;
    reader->reply_bytes = 0;
}

/* The place of the value being read: an item of its array, or a new root. Only its type is set. */
static struct redis_reply *value_place(const redisReadTask *task, enum redis_type type)
{
    struct redis_reply *value;
    if (task->parent != NULL) value = &((struct redis_reply *)task->parent->obj)->items[task->idx];
    else value = reply_memory(task->privdata, sizeof *value);
    if (value != NULL) *value = (struct redis_reply){.type = type};
    return value;
}

static void *create_text(const redisReadTask *task, char *text, size_t length)
{
    enum redis_type type = task->type == REDIS_REPLY_ERROR    ? REDIS_ERROR
                           : task->type == REDIS_REPLY_STATUS ? REDIS_STATUS
                                                              : REDIS_TEXT;
    struct redis_reply *value = value_place(task, type);
    char *copy = value == NULL ? NULL : reply_memory(task->privdata, length + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    value->text = copy;
    value->length = length;
    return value;
}

static void *create_array(const redisReadTask *task, int count)
{
    struct redis_reader *reader = task->privdata;
    if (count > REDIS_REPLY_ITEMS_MAX) {
        reader->error = "an array is longer than the limit";
        return NULL;
    }
    struct redis_reply *value = value_place(task, REDIS_ARRAY);
    if (value == NULL) return NULL;
    value->count = (size_t)count;
    value->items = reply_memory(reader, value->count * sizeof *value->items);
    return value->items == NULL ? NULL : value;
}

static void *create_integer(const redisReadTask *task, long long integer)
{
    struct redis_reply *value = value_place(task, REDIS_INTEGER);
    if (value != NULL) value->integer = integer;
    return value;
}

static void *create_nil(const redisReadTask *task)
{
    return value_place(task, REDIS_NIL);
}

/* The parser frees what it could not finish; ours goes with its blocks. */
static void free_nothing(void *value)
{
    (void)value;
}

static redisReplyObjectFunctions functions = {
    .createString = create_text,
    .createArray = create_array,
    .createInteger = create_integer,
    .createNil = create_nil,
    .freeObject = free_nothing,
};

static void parser_open(struct redis_reader *reader)
{
    reader->parser = redisReaderCreateWithFunctions(&functions);
    check(reader->parser != NULL);
    reader->parser->privdata = reader;
    reader->parser->maxbuf = KEEP_BUFFER_BYTES;
    reader->error = NULL;
}

struct redis_reader *redis_reader_open(void)
{
    struct redis_reader *reader = memory_new(sizeof *reader);
    reader->blocks = block_new(BLOCK_BYTES, NULL);
    parser_open(reader);
    return reader;
}

void redis_reader_close(struct redis_reader *reader)
{
    redisReaderFree(reader->parser);
    forget_reply(reader);
    free(reader->blocks);
    free(reader);
}

void redis_reader_reset(struct redis_reader *reader)
{
    redisReaderFree(reader->parser);
    forget_reply(reader);
    parser_open(reader);
}

void redis_reader_feed(struct redis_reader *reader, struct bytes bytes)
{
    if (reader->error == NULL && redisReaderFeed(reader->parser, bytes.data, bytes.length) != 0)
        reader->error = "the reply buffer could not grow";
}

enum redis_read redis_reader_next(struct redis_reader *reader, const struct redis_reply **reply)
{
    void *value = NULL;
    if (reader->parser->reply == NULL) forget_reply(reader);
    if (reader->error != NULL) return REDIS_READ_BROKEN;
    if (redisReaderGetReply(reader->parser, &value) != 0) {
        if (reader->error == NULL) reader->error = "the bytes do not follow the protocol";
        return REDIS_READ_BROKEN;
    }
    if (value != NULL) {
        *reply = value;
        return REDIS_READ_REPLY;
    }
    if (reader->parser->len - reader->parser->pos > REDIS_REPLY_BYTES_MAX) {
        reader->error = "a reply is larger than the limit";
        return REDIS_READ_BROKEN;
    }
    return REDIS_READ_MORE;
}

const char *redis_reader_error(const struct redis_reader *reader)
{
    return reader->error == NULL ? "" : reader->error;
}
