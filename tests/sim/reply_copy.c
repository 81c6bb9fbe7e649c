#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

/* Nodes first, then texts, in one piece of memory. */
static void measure(const struct redis_reply *reply, size_t *nodes, size_t *bytes)
{
    *nodes += 1;
    *bytes += reply->length;
    if (reply->type != REDIS_ARRAY) return;
    for (size_t i = 0; i < reply->count; i++) measure(&reply->items[i], nodes, bytes);
}

static void fill(struct redis_reply *to, const struct redis_reply *from, struct redis_reply **node,
                 char **text)
{
    *to = *from;
    if (from->length > 0) {
        memcpy(*text, from->text, from->length);
        to->text = *text;
        *text += from->length;
    }
    if (from->type != REDIS_ARRAY) return;
    to->items = *node;
    *node += from->count;
    for (size_t i = 0; i < from->count; i++) fill(&to->items[i], &from->items[i], node, text);
}

struct redis_reply *reply_copy(const struct redis_reply *reply)
{
    if (reply == NULL) return NULL;
    size_t nodes = 0, bytes = 0;
    measure(reply, &nodes, &bytes);
    struct redis_reply *copy = memory_new(nodes * sizeof *copy + bytes);
    struct redis_reply *node = copy + 1;
    char *text = (char *)(copy + nodes);
    fill(copy, reply, &node, &text);
    return copy;
}
