#include "match_server/script_call.h"

#include <stdlib.h>
#include <string.h>

void script_call_free(struct script_call *call)
{
    buffer_free(&call->text);
    free(call->keys.items);
    free(call->arguments.items);
    free(call->views);
    *call = (struct script_call){.world = NULL};
}

void script_call_start(struct script_call *call, struct world *world)
{
    call->world = world;
    buffer_clear(&call->text);
    call->keys.count = call->arguments.count = 0;
}

void script_call_start_common(struct script_call *call, struct world *world,
                              const struct match_config *config)
{
    script_call_start(call, world);
    script_call_text(call, "");
    script_call_integer(call, config->outbox_retry_ms);
    script_call_integer(call, config->queue_lease_ms);
    script_call_integer(call, config->match_retention_ms);
}

/* The part is what was appended to `text` since `offset`. */
static void part_add(struct script_call *call, struct script_parts *parts, size_t offset)
{
    if (parts->count == parts->capacity) {
        parts->capacity = parts->capacity == 0 ? 64 : 2 * parts->capacity;
        parts->items = memory_resize(parts->items, parts->capacity * sizeof parts->items[0]);
    }
    parts->items[parts->count++] = (struct script_part){offset, call->text.length - offset};
}

void script_call_key(struct script_call *call, enum redis_key key, const char *id)
{
    struct redis_name name = proto_key_name(key, call->world->key_prefix, id);
    size_t offset = call->text.length;
    buffer_append(&call->text, name.text, name.length);
    part_add(call, &call->keys, offset);
}

void script_call_bytes(struct script_call *call, struct bytes bytes)
{
    size_t offset = call->text.length;
    if (bytes.length > 0) buffer_append(&call->text, bytes.data, bytes.length);
    part_add(call, &call->arguments, offset);
}

void script_call_text(struct script_call *call, const char *text)
{
    script_call_bytes(call, bytes_of_text(text));
}

void script_call_integer(struct script_call *call, int64_t integer)
{
    size_t offset = call->text.length;
    buffer_append_integer(&call->text, integer);
    part_add(call, &call->arguments, offset);
}

/* Calls `add` for every item of a comma list. */
static void for_items(struct script_call *call, const char *list,
                      void (*add)(struct script_call *, const char *))
{
    for (struct bytes item; text_next_item(&list, &item);) {
        char id[PLAYER_ID_MAX + 1];
        if (bytes_copy(id, sizeof id, item)) add(call, id);
    }
}

static void add_mode(struct script_call *call, const char *mode)
{
    script_call_key(call, KEY_queue, mode);
    script_call_key(call, KEY_queue_log, mode);
}

static void add_member(struct script_call *call, const char *player)
{
    script_call_key(call, KEY_metadata, player);
}

void script_call_modes(struct script_call *call, const struct match_config *config)
{
    for_items(call, config->queue_modes, add_mode);
    script_call_text(call, config->queue_modes);
}

void script_call_members(struct script_call *call, const char *players)
{
    for_items(call, players, add_member);
}

static void views_fill(struct bytes *views, const struct script_call *call, const struct script_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        views[i] = (struct bytes){call->text.data + parts->items[i].offset, parts->items[i].length};
    }
}

bool script_call_send(struct script_call *call, enum script_id script, world_reply_fn *reply, void *context,
                      uint64_t tag)
{
    size_t count = call->keys.count + call->arguments.count;
    if (count > call->views_capacity) {
        call->views_capacity = count;
        call->views = memory_resize(call->views, count * sizeof call->views[0]);
    }
    views_fill(call->views, call, &call->keys);
    views_fill(call->views + call->keys.count, call, &call->arguments);
    return world_script(call->world, script, call->views, call->keys.count, call->views + call->keys.count,
                        call->arguments.count, reply, context, tag);
}
