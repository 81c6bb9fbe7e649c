#include "match_server/follower.h"

#include <stdio.h>
#include <string.h>

#include "match_server/matchmaker.h"
#include "match_server/server_internal.h"

static void read_on(struct follower *follower);

static void retry_later(struct follower *follower)
{
    struct world *world = follower->server->world;
    world_timer_set(world, &follower->retry_timer, world_now_ms(world) + FOLLOWER_RETRY_MS);
}

/* ---- what comes ---------------------------------------------------------------------------------- */

static struct matchmaker *find_mode(struct match_server *server, struct bytes stream)
{
    for (size_t i = 0; i < server->mode_count; i++) {
        struct redis_name own =
            proto_key_name(KEY_queue_log, server->world->key_prefix, server->modes[i].name);
        if (own.length == stream.length && memcmp(own.text, stream.data, own.length) == 0) {
            return server->modes[i].matchmaker;
        }
    }
    return NULL;
}

/* [[stream, [[id, [field, value, ...]], ...]], ...] */
static void deliver(struct match_server *server, const struct redis_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++) {
        const struct redis_reply *stream = redis_reply_item(reply, i);
        struct matchmaker *matchmaker = find_mode(server, redis_reply_text(redis_reply_item(stream, 0)));
        const struct redis_reply *entries = redis_reply_item(stream, 1);
        if (matchmaker == NULL || entries == NULL || entries->type != REDIS_ARRAY) continue;
        for (size_t entry = 0; entry < entries->count; entry++) {
            matchmaker_log_entry(matchmaker, redis_reply_text(redis_reply_item(&entries->items[entry], 0)),
                                 redis_reply_item(&entries->items[entry], 1));
        }
        matchmaker_log_caught_up(matchmaker);
    }
}

static void on_read(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct follower *follower = context;
    follower->reading = false;
    if (follower->stopped) return;
    if (reply != NULL && reply->type == REDIS_ARRAY) deliver(follower->server, reply);
    if (redis_reply_is_error(reply)) server_bad_reply(follower->server, "XREAD", reply);
    if (reply == NULL || redis_reply_is_error(reply)) {
        retry_later(follower);
    } else {
        read_on(follower);
    }
}

/* ---- asking -------------------------------------------------------------------------------------- */

static void read_on(struct follower *follower)
{
    struct match_server *server = follower->server;
    struct redis_name keys[MODES_MAX];
    const char *positions[MODES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < server->mode_count; i++) {
        const char *position = matchmaker_log_position(server->modes[i].matchmaker);
        if (position == NULL) continue;
        keys[count] = proto_key_name(KEY_queue_log, server->world->key_prefix, server->modes[i].name);
        positions[count++] = position;
    }
    if (count == 0 || follower->reading || follower->stopped) return;

    char entries_max[16], block_ms[16];
    snprintf(entries_max, sizeof entries_max, "%d", FOLLOWER_ENTRIES_MAX);
    snprintf(block_ms, sizeof block_ms, "%d", FOLLOWER_BLOCK_MS);
    struct bytes command[6 + 2 * MODES_MAX] = {bytes_of_text("XREAD"),     bytes_of_text("COUNT"),
                                               bytes_of_text(entries_max), bytes_of_text("BLOCK"),
                                               bytes_of_text(block_ms),    bytes_of_text("STREAMS")};
    for (size_t i = 0; i < count; i++) {
        command[6 + i] = (struct bytes){keys[i].text, keys[i].length};
        command[6 + count + i] = bytes_of_text(positions[i]);
    }
    follower->reading = world_blocking_command(server->world, command, 6 + 2 * count, on_read, follower, 0);
    if (!follower->reading) retry_later(follower);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void on_retry_timer(struct timer *timer)
{
    read_on(container_of(timer, struct follower, retry_timer));
}

void follower_init(struct follower *follower, struct match_server *server)
{
    *follower = (struct follower){.server = server, .retry_timer = {.fire = on_retry_timer}};
}

void follower_wake(struct follower *follower)
{
    read_on(follower);
}

void follower_stop(struct follower *follower)
{
    follower->stopped = true;
    world_timer_cancel(follower->server->world, &follower->retry_timer);
}
