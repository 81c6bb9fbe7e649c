#include "game_server/season_store.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const rated_modes[] = {"ranked", "party"};

struct digits {
    char text[24];
};

static struct bytes digits_of(int64_t number, struct digits *memory)
{
    int length = snprintf(memory->text, sizeof memory->text, "%" PRId64, number);
    return (struct bytes){memory->text, (size_t)length};
}

static struct bytes key_bytes(const struct redis_name *name)
{
    return (struct bytes){name->text, name->length};
}

struct redis_name season_board_name(const struct world *world, int64_t season, const char *mode)
{
    char id[24 + MODE_MAX];
    snprintf(id, sizeof id, "%" PRId64 ":%s", season, mode);
    return proto_key_name(KEY_leaderboard, world->key_prefix, id);
}

bool season_store_read(struct world *world, world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_name key = proto_key_name(KEY_season, world->key_prefix, "");
    struct bytes command[] = {bytes_of_text("HMGET"), key_bytes(&key), bytes_of_text("number"),
                              bytes_of_text("started_at_ms")};
    return world_command(world, command, ARRAY_LENGTH(command), reply, context, tag);
}

bool season_store_read_reply(const struct redis_reply *reply, int64_t *number, int64_t *started_at_ms)
{
    if (reply == NULL || reply->type != REDIS_ARRAY) return false;
    *number = SEASON_FIRST;
    *started_at_ms = 0;
    redis_reply_integer(redis_reply_item(reply, 0), number);
    redis_reply_integer(redis_reply_item(reply, 1), started_at_ms);
    return true;
}

bool season_store_start(struct world *world, int64_t ending, const struct season_rules *rules,
                        world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_name names[1 + ARRAY_LENGTH(rated_modes)];
    struct bytes keys[ARRAY_LENGTH(names)];
    names[0] = proto_key_name(KEY_season, world->key_prefix, "");
    for (size_t i = 0; i < ARRAY_LENGTH(rated_modes); i++) {
        names[1 + i] = season_board_name(world, ending, rated_modes[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) keys[i] = key_bytes(&names[i]);
    struct digits number = {""}, keep = {""}, base = {""}, ttl = {""};
    struct bytes arguments[] = {bytes_of_text(""), digits_of(ending, &number),
                                digits_of(rules->keep_permille, &keep), digits_of(rules->base, &base),
                                digits_of(rules->board_ttl_ms, &ttl)};
    return world_script(world, SCRIPT_season_start, keys, ARRAY_LENGTH(keys), arguments,
                        ARRAY_LENGTH(arguments), reply, context, tag);
}

bool season_store_board(struct world *world, int64_t season, const char *mode, const char *player_id,
                        bool around, int64_t places, world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_name board = season_board_name(world, season, mode);
    struct bytes keys[] = {key_bytes(&board)};
    struct digits count = {""};
    struct bytes arguments[] = {bytes_of_text(""), bytes_of_text(player_id),
                                bytes_of_text(around ? "1" : "0"), digits_of(places, &count)};
    return world_script(world, SCRIPT_leaderboard, keys, ARRAY_LENGTH(keys), arguments,
                        ARRAY_LENGTH(arguments), reply, context, tag);
}

bool season_store_names(struct world *world, const struct proto_standing *players, size_t count,
                        world_reply_fn *reply, void *context, uint64_t tag)
{
    struct redis_name names[LEADERBOARD_MAX];
    struct bytes keys[LEADERBOARD_MAX];
    check(count <= LEADERBOARD_MAX);
    for (size_t i = 0; i < count; i++) {
        names[i] = proto_key_name(KEY_player, world->key_prefix, players[i].player_id);
        keys[i] = key_bytes(&names[i]);
    }
    struct bytes arguments[] = {bytes_of_text("")};
    return world_script(world, SCRIPT_leaderboard_names, keys, count, arguments, ARRAY_LENGTH(arguments),
                        reply, context, tag);
}
