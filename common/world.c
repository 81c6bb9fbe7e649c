#include "common/world.h"

#include "common/codec.h"

int64_t world_now_ms(struct world *world)
{
    return world->ops->now_ms(world);
}

uint64_t world_random(struct world *world)
{
    return world->ops->random(world);
}

bool world_command(struct world *world, const struct bytes *arguments, size_t count, world_reply_fn *reply,
                   void *context, uint64_t tag)
{
    return world->ops->command(world, arguments, count, reply, context, tag);
}

bool world_blocking_command(struct world *world, const struct bytes *arguments, size_t count,
                            world_reply_fn *reply, void *context, uint64_t tag)
{
    return world->ops->blocking_command(world, arguments, count, reply, context, tag);
}

bool world_script(struct world *world, enum script_id script, const struct bytes *keys, size_t key_count,
                  const struct bytes *arguments, size_t argument_count, world_reply_fn *reply, void *context,
                  uint64_t tag)
{
    return world->ops->script(world, script, keys, key_count, arguments, argument_count, reply, context, tag);
}

bool world_publish(struct world *world, enum channel channel, const char *id, const void *record)
{
    return world_publish_and_know(world, channel, id, record, NULL, NULL, 0);
}

bool world_publish_and_know(struct world *world, enum channel channel, const char *id, const void *record,
                            world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_name name = proto_channel_name(channel, world->key_prefix, id);
    struct buffer payload = {0};
    codec_encode(&payload, NULL, proto_channels[channel].record, record);
    struct bytes arguments[] = {bytes_of_text("PUBLISH"), {name.text, name.length}, buffer_bytes(&payload)};
    bool accepted = world_command(world, arguments, ARRAY_LENGTH(arguments), reply, context, tag);
    buffer_free(&payload);
    return accepted;
}

bool world_send(struct world *world, uint64_t to, struct message *message)
{
    return world->ops->send(world, to, message);
}

void world_timer_set(struct world *world, struct timer *timer, int64_t at_ms)
{
    timers_set(world->timers, timer, at_ms);
}

void world_timer_cancel(struct world *world, struct timer *timer)
{
    timers_cancel(world->timers, timer);
}
