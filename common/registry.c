#include "common/registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/rng.h"

static uint64_t registry_secret;
static pthread_once_t registry_secret_once = PTHREAD_ONCE_INIT;

#define HASH_FUNCTION(key, length, hash) (hash) = (unsigned)XXH64((key), (length), registry_secret)
#include <uthash.h>

struct node {
    struct registry_entry entry;
    UT_hash_handle hh;
    char id[];
};

struct registry {
    struct node *nodes;
};

static void draw_secret(void)
{
    rng_entropy(&registry_secret, sizeof registry_secret);
}

struct registry *registry_open(void)
{
    pthread_once(&registry_secret_once, draw_secret);
    return memory_new(sizeof(struct registry));
}

void registry_close(struct registry *registry)
{
    struct node *node, *next;
    HASH_ITER(hh, registry->nodes, node, next)
    {
        HASH_DEL(registry->nodes, node);
        free(node);
    }
    free(registry);
}

static struct node *node_find(const struct registry *registry, const char *id)
{
    struct node *node;
    HASH_FIND(hh, registry->nodes, id, strlen(id), node);
    return node;
}

struct registry_entry *registry_find(const struct registry *registry, const char *id)
{
    struct node *node = node_find(registry, id);
    return node == NULL ? NULL : &node->entry;
}

struct registry_entry *registry_put(struct registry *registry, const char *id)
{
    struct node *node = node_find(registry, id);
    if (node != NULL) return &node->entry;
    size_t length = strlen(id);
    node = memory_new(sizeof *node + length + 1);
    memcpy(node->id, id, length);
    HASH_ADD(hh, registry->nodes, id, length, node);
    return &node->entry;
}

void registry_remove(struct registry *registry, const char *id)
{
    struct node *node = node_find(registry, id);
    if (node == NULL) return;
    HASH_DEL(registry->nodes, node);
    free(node);
}

size_t registry_count(const struct registry *registry)
{
    return HASH_COUNT(registry->nodes);
}
