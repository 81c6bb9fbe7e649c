/* The relay: its rule, and its timeline around those of the bouts. */
#include "relay.h"

#include <string.h>

#include "json_writer.h"
#include "relay_text.h"
#include "sha256.h"

battle_seed battle_relay_seed(const battle_seed *match, int bout)
{
    char words[64];
    uint8_t digest[32];
    battle_seed seed = *match;
    struct text text;
    if (bout == 0) return seed;
    text_open(&text, words, sizeof words);
    text_put(&text, "relay:");
    relay_write_seed(match, &text);
    text_put(&text, ":");
    text_int(&text, bout);
    battle_sha256(words, text_length(&text), digest);
    memcpy(seed.bytes, digest, sizeof seed.bytes);
    return seed;
}

static int remaining_permille(int hp, int hp_max)
{
    return hp <= 0 || hp_max <= 0 ? 0 : (int)((int64_t)hp * 1000 / hp_max);
}

void battle_relay_decide(battle_relay_result *result)
{
    int won[2] = {0, 0}, sum[2] = {0, 0};
    for (int i = 0; i < BATTLE_RELAY_BOUTS; i++) {
        const battle_result *bout = &result->bouts[i];
        if (bout->winner >= 0) won[bout->winner]++;
        for (int side = 0; side < 2; side++) {
            int permille = remaining_permille(bout->hp[side], bout->hp_max[side]);
            result->permille[side * BATTLE_RELAY_BOUTS + i] = permille;
            sum[side] += permille;
        }
    }
    bool by_bouts = won[0] != won[1], by_health = sum[0] != sum[1];
    const int *score = by_bouts ? won : sum;
    result->winner = !by_bouts && !by_health ? -1 : score[0] > score[1] ? 0 : 1;
    result->why = by_bouts ? BATTLE_RELAY_BY_BOUTS : by_health ? BATTLE_RELAY_BY_HEALTH : BATTLE_RELAY_EVEN;
}

int battle_relay_run(battle_ctx *ctx, const battle_catalog *catalog,
                     const battle_snapshot players[BATTLE_RELAY_PLAYERS], const battle_seed *seed,
                     const char *match_id, char *buffer, size_t capacity, size_t *length,
                     battle_relay_result *result)
{
    struct text text;
    battle_sink sink = {match_id};
    *length = 0;
    text_open(&text, buffer, capacity);
    relay_write_head(match_id, seed, &text);
    for (int i = 0; i < BATTLE_RELAY_BOUTS; i++) {
        battle_snapshot sides[2] = {players[i], players[BATTLE_RELAY_BOUTS + i]};
        battle_seed bout_seed = battle_relay_seed(seed, i);
        int code = battle_run(ctx, catalog, sides, &bout_seed, &sink, &result->bouts[i]);
        if (code != BATTLE_OK) return code;
        text_put(&text, i > 0 ? "," : "");
        size_t written = battle_timeline_json(ctx, text.at, (size_t)(text.end - text.at));
        if (written == 0) return BATTLE_OK;
        text.at += written;
    }
    battle_relay_decide(result);
    relay_write_end(result, &text);
    relay_write_hash(&text);
    *length = text.full ? 0 : text_length(&text);
    return BATTLE_OK;
}
