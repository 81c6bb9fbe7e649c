#include "common/shared_bytes.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct shared_bytes {
    _Atomic uint32_t references;
    size_t length;
    char content[];
};

struct shared_bytes *shared_bytes_new(size_t length)
{
    struct shared_bytes *shared = memory_new(sizeof(*shared) + length);
    atomic_init(&shared->references, 1);
    shared->length = length;
    return shared;
}

struct shared_bytes *shared_bytes_copy(struct bytes content)
{
    struct shared_bytes *shared = shared_bytes_new(content.length);
    if (content.length > 0) memcpy(shared->content, content.data, content.length);
    return shared;
}

char *shared_bytes_write(struct shared_bytes *shared)
{
    check(atomic_load_explicit(&shared->references, memory_order_relaxed) == 1);
    return shared->content;
}

struct bytes shared_bytes_read(const struct shared_bytes *shared)
{
    return (struct bytes){shared->content, shared->length};
}

struct shared_bytes *shared_bytes_hold(struct shared_bytes *shared)
{
    uint32_t before = atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    check(before > 0 && before < UINT32_MAX);
    return shared;
}

void shared_bytes_release(struct shared_bytes *shared)
{
    if (shared == NULL) return;
    /* Release our reads before the count falls; the last one acquires everyone else's before it frees. */
    uint32_t before = atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel);
    check(before > 0);
    if (before == 1) free(shared);
}
