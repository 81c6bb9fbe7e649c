#include "game_server/battle_inputs.h"

#include <string.h>

static struct bytes hash_field(const struct redis_reply *hash, const char *name)
{
    for (size_t i = 0; i + 1 < hash->count; i += 2) {
        if (redis_reply_equals(&hash->items[i], name)) return redis_reply_text(&hash->items[i + 1]);
    }
    return (struct bytes){NULL, 0};
}

static bool copy_text(struct bytes from, char *to, size_t capacity)
{
    return from.length > 0 && memchr(from.data, '\0', from.length) == NULL && bytes_copy(to, capacity, from);
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool read_seed(struct bytes text, battle_seed *seed)
{
    if (text.length != 2 * sizeof seed->bytes) return false;
    for (size_t i = 0; i < sizeof seed->bytes; i++) {
        int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        seed->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* "ana,ben" or "ana,ben,cid,dan". */
static bool read_players(const char *list, char ids[MATCH_PLAYERS_MAX][PLAYER_ID_MAX + 1], size_t *count)
{
    *count = 0;
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        if (*count == MATCH_PLAYERS_MAX || !copy_text((struct bytes){at, length}, ids[*count], sizeof ids[0]))
            return false;
        (*count)++;
        at += length;
        if (*at == '\0') return *count == 2 || *count == BATTLE_RELAY_PLAYERS;
    }
}

static bool read_snapshot(const battle_catalog *catalog, const struct redis_reply *hash,
                          const char *player_id, battle_snapshot *out, struct battle_problem *problem)
{
    char field[PLAYER_ID_MAX + 8] = "s:";
    text_copy(field + 2, sizeof field - 2, player_id);
    struct bytes json = hash_field(hash, field);
    if (json.data == NULL) json = bytes_of_text("");
    if (battle_snapshot_parse(catalog, json.data, json.length, out, &problem->error) == 0 &&
        battle_snapshot_check(catalog, out, NULL, &problem->error) == 0) {
        if (strcmp(out->player_id, player_id) == 0) return true;
        problem->error.code = BATTLE_E_PLAYER;
    }
    problem->what = "snapshot";
    if (problem->error.code == BATTLE_E_CATALOG) return false; /* a host with that catalog can read it */
    text_copy(problem->poisoned, sizeof problem->poisoned, player_id);
    return false;
}

bool battle_inputs_read(const battle_catalog *catalog, const struct redis_reply *hash,
                        struct battle_inputs *out, struct battle_problem *problem)
{
    char ids[MATCH_PLAYERS_MAX][PLAYER_ID_MAX + 1];
    *problem = (struct battle_problem){.what = "no such match"};
    if (hash == NULL || hash->type != REDIS_ARRAY || hash->count == 0) return false;
    problem->what = "seed, players or mode";
    if (!read_seed(hash_field(hash, "seed"), &out->seed) ||
        !copy_text(hash_field(hash, "players"), out->player_list, sizeof out->player_list) ||
        !read_players(out->player_list, ids, &out->player_count) ||
        !copy_text(hash_field(hash, "mode"), out->mode, sizeof out->mode)) {
        return false;
    }
    for (size_t i = 0; i < out->player_count; i++) {
        if (!read_snapshot(catalog, hash, ids[i], &out->players[i], problem)) return false;
    }
    return true;
}
