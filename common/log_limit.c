#include "common/log_limit.h"

#include <string.h>

/* FNV-1a; the names are our own literals, so nobody can choose them to collide. */
static size_t name_hash(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name != '\0'; name++) hash = (hash ^ (unsigned char)*name) * 16777619U;
    return hash;
}

static struct log_limit_name *name_find(struct log_limit *limit, const char *name)
{
    size_t start = name_hash(name);
    for (size_t i = 0; i < LOG_NAMES_MAX; i++) {
        struct log_limit_name *slot = &limit->names[(start + i) % LOG_NAMES_MAX];
        if (slot->name == NULL) slot->name = name;
        if (slot->name == name || strcmp(slot->name, name) == 0) return slot;
    }
    return &limit->names[LOG_NAMES_MAX];
}

bool log_limit_allows(struct log_limit *limit, const char *name, int64_t now_ms, int per_second_max,
                      uint64_t *suppressed)
{
    *suppressed = 0;
    if (per_second_max == 0) return true;
    struct log_limit_name *slot = name_find(limit, name);
    if (slot->second != now_ms / 1000) slot->count = 0;
    slot->second = now_ms / 1000;
    if (slot->count >= per_second_max) {
        slot->suppressed++;
        return false;
    }
    slot->count++;
    *suppressed = slot->suppressed;
    slot->suppressed = 0;
    return true;
}
