#include "common/redis_pipeline.h"

#include <stdlib.h>
#include <string.h>

enum {
    BYTES_FIRST = 4096,
    BYTES_KEPT = 1024 * 1024, /* an empty pipeline gives back more than this */
    RING_FIRST = 64,
    NUMBER_BYTES_MAX = 24, /* a type, 20 digits, CR, LF */
};

void redis_pipeline_init(struct redis_pipeline *pipeline)
{
    *pipeline = (struct redis_pipeline){.ring_capacity = RING_FIRST};
    pipeline->ring = memory_new(RING_FIRST * sizeof *pipeline->ring);
}

void redis_pipeline_free(struct redis_pipeline *pipeline)
{
    free(pipeline->bytes);
    free(pipeline->ring);
    *pipeline = (struct redis_pipeline){.bytes = NULL};
}

/* Room for `size` more bytes: first by moving to the front what is left, then by growing. */
static char *room(struct redis_pipeline *pipeline, size_t size)
{
    size_t used = redis_pipeline_bytes(pipeline);
    if (pipeline->bytes_end + size > pipeline->bytes_capacity) {
        if (pipeline->bytes_begin > 0 && used > 0)
            memmove(pipeline->bytes, pipeline->bytes + pipeline->bytes_begin, used);
        pipeline->bytes_begin = 0;
        pipeline->bytes_end = used;
        /* Growing before it is full makes the moves rare: each one is paid by as many appended bytes. */
        size_t capacity = pipeline->bytes_capacity == 0 ? BYTES_FIRST : pipeline->bytes_capacity;
        while (capacity < 2 * used + size) capacity *= 2;
        if (capacity > pipeline->bytes_capacity) {
            pipeline->bytes = memory_resize(pipeline->bytes, capacity);
            pipeline->bytes_capacity = capacity;
        }
    }
    return pipeline->bytes + pipeline->bytes_end;
}

static void append_number(struct redis_pipeline *pipeline, char type, size_t number)
{
    char digits[NUMBER_BYTES_MAX];
    size_t at = sizeof digits;
    digits[--at] = '\n';
    digits[--at] = '\r';
    do digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    digits[--at] = type;
    memcpy(room(pipeline, sizeof digits), digits + at, sizeof digits - at);
    pipeline->bytes_end += sizeof digits - at;
}

void redis_pipeline_begin(struct redis_pipeline *pipeline, size_t argument_count)
{
    append_number(pipeline, '*', argument_count);
}

void redis_pipeline_argument(struct redis_pipeline *pipeline, struct bytes argument)
{
    append_number(pipeline, '$', argument.length);
    char *to = room(pipeline, argument.length + 2);
    if (argument.length > 0) memcpy(to, argument.data, argument.length);
    memcpy(to + argument.length, "\r\n", 2);
    pipeline->bytes_end += argument.length + 2;
}

static struct redis_pending *slot(const struct redis_pipeline *pipeline, size_t index)
{
    return &pipeline->ring[(pipeline->ring_begin + index) & (pipeline->ring_capacity - 1)];
}

static void ring_grow(struct redis_pipeline *pipeline)
{
    size_t capacity = pipeline->ring_capacity * 2;
    struct redis_pending *ring = memory_new(capacity * sizeof *ring);
    for (size_t i = 0; i < pipeline->count; i++) ring[i] = *slot(pipeline, i);
    free(pipeline->ring);
    pipeline->ring = ring;
    pipeline->ring_begin = 0;
    pipeline->ring_capacity = capacity;
}

void redis_pipeline_end(struct redis_pipeline *pipeline, struct redis_pending pending)
{
    if (pipeline->count == pipeline->ring_capacity) ring_grow(pipeline);
    pending.bytes = redis_pipeline_bytes(pipeline) - pipeline->known_bytes;
    pipeline->known_bytes += pending.bytes;
    *slot(pipeline, pipeline->count) = pending;
    pipeline->count++;
}

struct bytes redis_pipeline_unsent(const struct redis_pipeline *pipeline)
{
    return (struct bytes){pipeline->bytes + pipeline->bytes_begin + pipeline->sent_bytes,
                          redis_pipeline_bytes(pipeline) - pipeline->sent_bytes};
}

void redis_pipeline_mark_sent(struct redis_pipeline *pipeline, size_t count)
{
    pipeline->sent_bytes += count;
    while (pipeline->sent_bytes_whole < pipeline->sent_bytes) {
        pipeline->sent_bytes_whole += slot(pipeline, pipeline->sent_count)->bytes;
        pipeline->sent_count++;
    }
}

size_t redis_pipeline_bytes(const struct redis_pipeline *pipeline)
{
    return pipeline->bytes_end - pipeline->bytes_begin;
}

const struct redis_pending *redis_pipeline_front(const struct redis_pipeline *pipeline)
{
    check(pipeline->count > 0);
    return slot(pipeline, 0);
}

static void give_back_if_empty(struct redis_pipeline *pipeline)
{
    if (pipeline->bytes_begin < pipeline->bytes_end) return;
    pipeline->bytes_begin = pipeline->bytes_end = 0;
    if (pipeline->bytes_capacity > BYTES_KEPT) {
        free(pipeline->bytes);
        pipeline->bytes = NULL;
        pipeline->bytes_capacity = 0;
    }
}

struct redis_pending redis_pipeline_pop(struct redis_pipeline *pipeline)
{
    struct redis_pending front = *redis_pipeline_front(pipeline);
    pipeline->ring_begin = (pipeline->ring_begin + 1) & (pipeline->ring_capacity - 1);
    pipeline->count--;
    pipeline->bytes_begin += front.bytes;
    pipeline->known_bytes -= front.bytes;
    if (pipeline->sent_count > 0) {
        pipeline->sent_count--;
        pipeline->sent_bytes_whole -= front.bytes;
        pipeline->sent_bytes -= pipeline->sent_bytes < front.bytes ? pipeline->sent_bytes : front.bytes;
    }
    give_back_if_empty(pipeline);
    return front;
}

void redis_pipeline_repeat(struct redis_pipeline *pipeline, int64_t deadline_ms)
{
    struct redis_pending again = *redis_pipeline_front(pipeline);
    again.repeated = true;
    again.deadline_ms = deadline_ms;
    room(pipeline, again.bytes);
    memcpy(pipeline->bytes + pipeline->bytes_end, pipeline->bytes + pipeline->bytes_begin, again.bytes);
    pipeline->bytes_end += again.bytes;
    redis_pipeline_end(pipeline, again);
    redis_pipeline_pop(pipeline);
}
