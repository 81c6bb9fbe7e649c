#include "match_server/match_view.h"

#include <string.h>

static const char *const fields[] = {"status", "players", "pods", "mode", "host", "devices"};

bool match_id_is_valid(const char *id)
{
    size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return length > 0 && length <= UUID_LENGTH && id[length] == '\0';
}

bool match_view_read(struct world *world, const char *match_id, world_reply_fn *reply, void *context,
                     uint64_t tag)
{
    struct redis_name key = proto_key_name(KEY_match, world->key_prefix, match_id);
    struct bytes command[2 + ARRAY_LENGTH(fields)] = {bytes_of_text("HMGET"), {key.text, key.length}};
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) command[2 + i] = bytes_of_text(fields[i]);
    return world_command(world, command, ARRAY_LENGTH(command), reply, context, tag);
}

static bool copy(const struct redis_reply *reply, size_t index, char *out, size_t capacity)
{
    return bytes_copy(out, capacity, redis_reply_text(redis_reply_item(reply, index)));
}

bool match_view_parse(const struct redis_reply *reply, struct match_view *out)
{
    *out = (struct match_view){.status = ""};
    if (reply == NULL || reply->type != REDIS_ARRAY || reply->count != ARRAY_LENGTH(fields)) return false;
    return copy(reply, 0, out->status, sizeof out->status) &&
           copy(reply, 1, out->players, sizeof out->players) && copy(reply, 2, out->pods, sizeof out->pods) &&
           copy(reply, 3, out->mode, sizeof out->mode) && copy(reply, 4, out->host, sizeof out->host) &&
           copy(reply, 5, out->devices, sizeof out->devices);
}

void match_view_item(const char *list, size_t index, char out[MATCH_ITEM_SIZE])
{
    for (; index > 0 && *list != '\0'; index--) list += strcspn(list, ",") + (strchr(list, ',') != NULL);
    bytes_copy(out, MATCH_ITEM_SIZE, (struct bytes){list, strcspn(list, ",")});
}
