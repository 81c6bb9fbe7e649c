#include "common/redis_world.h"

#include <stdlib.h>

struct redis_world {
    struct world world;
    struct redis_link *link;
    void (*closed)(void *context);
    void *context;
};

static bool issue_command(struct world *world, const struct bytes *arguments, size_t count,
                          world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_world *redis = container_of(world, struct redis_world, world);
    return redis_link_command(redis->link, arguments, count, reply, context, tag);
}

static bool issue_script(struct world *world, enum script_id script, const struct bytes *keys,
                         size_t key_count, const struct bytes *arguments, size_t argument_count,
                         world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_world *redis = container_of(world, struct redis_world, world);
    return redis_link_script(redis->link, script, keys, key_count, arguments, argument_count, reply, context,
                             tag);
}

struct redis_world *redis_world_open(uv_loop_t *loop, const struct redis_link_config *redis,
                                     const char *client_name, const char *key_prefix)
{
    static const struct world_ops ops = {.command = issue_command, .script = issue_script};
    static const struct redis_link_events events;
    struct redis_world *own = memory_new(sizeof *own);
    own->world = (struct world){.ops = &ops, .key_prefix = key_prefix};
    struct redis_link_config config = *redis;
    config.client_name = client_name;
    config.scripts = scripts_embedded();
    config.channels = NULL;
    config.liveness_channel = NULL;
    own->link = redis_link_open(loop, &config, &events, own);
    return own;
}

struct world *redis_world_get(struct redis_world *redis)
{
    return &redis->world;
}

static void on_link_closed(void *context)
{
    struct redis_world *redis = context;
    void (*closed)(void *) = redis->closed;
    void *owner = redis->context;
    free(redis);
    closed(owner);
}

void redis_world_close(struct redis_world *redis, void (*closed)(void *context), void *context)
{
    redis->closed = closed;
    redis->context = context;
    redis_link_close(redis->link, on_link_closed);
}
