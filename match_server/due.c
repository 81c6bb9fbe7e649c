#include "match_server/due.h"

#include <stdio.h>
#include <string.h>

bool due_read(struct match_server *server, enum redis_key key, int64_t count_max, world_reply_fn *reply,
              void *context)
{
    char now[24], limit[24];
    snprintf(now, sizeof now, "%lld", (long long)server_redis_now_ms(server));
    snprintf(limit, sizeof limit, "%lld", (long long)count_max);
    struct redis_name name = proto_key_name(key, server->world->key_prefix, "");
    struct bytes command[] = {bytes_of_text("ZRANGEBYSCORE"),
                              {name.text, name.length},
                              bytes_of_text("-inf"),
                              bytes_of_text(now),
                              bytes_of_text("WITHSCORES"),
                              bytes_of_text("LIMIT"),
                              bytes_of_text("0"),
                              bytes_of_text(limit)};
    return world_command(server->world, command, ARRAY_LENGTH(command), reply, context, 0);
}

size_t due_count(const struct redis_reply *reply)
{
    return reply == NULL || reply->type != REDIS_ARRAY ? 0 : reply->count / 2;
}

bool due_member(const struct match_server *server, const struct redis_reply *reply, size_t index, char *out,
                size_t capacity)
{
    int64_t due_ms = 0;
    struct bytes member = redis_reply_text(redis_reply_item(reply, 2 * index));
    if (member.length == 0 || !bytes_copy(out, capacity, member)) return false;
    redis_reply_integer(redis_reply_item(reply, 2 * index + 1), &due_ms);
    return server_redis_now_ms(server) - due_ms >= OTHERS_FIRST_MS || server_looks_after(server, out);
}
