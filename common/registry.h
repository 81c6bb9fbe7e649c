/* registry.h -- player id -> number, for tables whose keys come from outside.
 *
 * A uthash table with XXH64 keyed by a secret of the process, so that nobody can choose ids that collide.
 * One thread. Bounded by its user: an entry per registered player. */
#ifndef DUELPOD_REGISTRY_H
#define DUELPOD_REGISTRY_H

#include "common/base.h"

struct registry;

struct registry *registry_open(void);
void registry_close(struct registry *registry);

/* The value of a new entry is zeroed; an existing one comes back as it is. Valid until removed. */
struct registry_entry {
    uint64_t address;
    int64_t epoch;
};
struct registry_entry *registry_put(struct registry *registry, const char *id);
struct registry_entry *registry_find(const struct registry *registry, const char *id);
void registry_remove(struct registry *registry, const char *id);
size_t registry_count(const struct registry *registry);

#endif
