/* battle_decks.h -- what the battle tests, the golden printer and the benchmark share: loading the catalog
 * from its file and drawing random but repeatable decks from it. Header only; the caller is a program of
 * its own. */
#ifndef DUELPOD_TESTS_BATTLE_DECKS_H
#define DUELPOD_TESTS_BATTLE_DECKS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "game_server/battle/battle.h"

#define BATTLE_CATALOG_FILE "game_server/catalog/base.json"

static inline size_t decks_read_file(const char *path, char *buffer, size_t capacity)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "cannot open %s; run from the top of the repository\n", path);
        exit(2);
    }
    size_t size = fread(buffer, 1, capacity, file);
    fclose(file);
    return size;
}

static inline battle_catalog *decks_load_catalog(void)
{
    static char bytes[BATTLE_CATALOG_BYTES];
    battle_err err;
    battle_catalog *catalog =
        battle_catalog_load(bytes, decks_read_file(BATTLE_CATALOG_FILE, bytes, sizeof bytes), &err);
    if (catalog == NULL) {
        fprintf(stderr, "%s: %s at %s: %s\n", BATTLE_CATALOG_FILE, battle_error_name(err.code), err.place,
                err.message);
        exit(2);
    }
    return catalog;
}

/* splitmix64: the same decks on every machine. */
static inline uint32_t decks_random(uint64_t *state, uint32_t bound)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) >> 33) % bound;
}

static inline uint16_t decks_draw(const battle_catalog *catalog, uint64_t *state,
                                  bool (*wanted)(const battle_entry *))
{
    battle_entry entry;
    do battle_catalog_entry(catalog, decks_random(state, (uint32_t)battle_catalog_count(catalog)), &entry);
    while (entry.token || !wanted(&entry));
    return entry.num;
}

static inline bool decks_is_card(const battle_entry *entry)
{
    return entry->kind <= BATTLE_RITE;
}

static inline bool decks_is_artifact(const battle_entry *entry)
{
    return entry->kind == BATTLE_ARTIFACT;
}

static inline bool decks_is_item(const battle_entry *entry)
{
    return entry->kind == BATTLE_ITEM;
}

static inline bool decks_is_consumable(const battle_entry *entry)
{
    return entry->kind == BATTLE_CONSUMABLE;
}

/* A random side of `cards` cards; it need not pass the deck rules, and need not be canonical in its items. */
static inline battle_snapshot decks_random_side(const battle_catalog *catalog, uint64_t *state,
                                                const char *player, int cards)
{
    battle_snapshot side;
    memset(&side, 0, sizeof side);
    snprintf(side.player_id, sizeof side.player_id, "%s", player);
    snprintf(side.name, sizeof side.name, "Player %s", player);
    side.level = (uint8_t)(1 + decks_random(state, BATTLE_LEVELS));
    side.card_count = (uint8_t)cards;
    for (int i = 0; i < cards; i++) {
        battle_snapshot_card *card = &side.cards[i];
        card->num = decks_draw(catalog, state, decks_is_card);
        card->level = (uint8_t)(1 + decks_random(state, BATTLE_CARD_LEVELS));
        card->slot = (uint8_t)i;
        card->item_count = (uint8_t)(decks_random(state, 3) == 0);
        if (card->item_count > 0) card->items[0] = decks_draw(catalog, state, decks_is_item);
    }
    side.artifact_count = (uint8_t)decks_random(state, 3);
    for (int i = 0; i < side.artifact_count; i++)
        side.artifacts[i] = decks_draw(catalog, state, decks_is_artifact);
    side.consumable_count = (uint8_t)decks_random(state, 2);
    for (int i = 0; i < side.consumable_count; i++)
        side.consumables[i] = decks_draw(catalog, state, decks_is_consumable);
    return side;
}

/* A side as matches have it: the player's level has that many slots, and all cards the level it allows. */
static inline battle_snapshot decks_fair_side(const battle_catalog *catalog, uint64_t *state,
                                              const char *player, int cards)
{
    battle_snapshot side = decks_random_side(catalog, state, player, cards);
    side.level = (uint8_t)(cards <= 4 ? 2 : 2 * (cards - 3));
    for (int i = 0; i < cards; i++) side.cards[i].level = (uint8_t)((side.level + 1) / 2);
    return side;
}

static inline battle_seed decks_seed(uint64_t number)
{
    battle_seed seed;
    for (int i = 0; i < 8; i++) seed.bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    return seed;
}

static inline void decks_hex(const uint8_t digest[32], char text[65])
{
    for (int i = 0; i < 32; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

/* Golden battle `number`: its decks, its seed, and the SHA-256 of its timeline in hex. */
static inline size_t decks_golden(battle_ctx *ctx, const battle_catalog *catalog, uint64_t number,
                                  char *buffer, char text[65])
{
    uint64_t state = number * 7919;
    int cards = 1 + (int)(number % BATTLE_SLOTS);
    battle_snapshot sides[2];
    sides[0] = decks_random_side(catalog, &state, "golden-a", cards);
    sides[1] = decks_random_side(catalog, &state, "golden-b", cards);
    battle_seed seed = decks_seed(number * UINT64_C(0x9e3779b97f4a7c15));
    battle_sink sink = {"golden"};
    battle_result result;
    uint8_t digest[32];
    if (battle_run(ctx, catalog, sides, &seed, &sink, &result) != BATTLE_OK) return 0;
    size_t size = battle_timeline_json(ctx, buffer, BATTLE_TIMELINE_BYTES);
    battle_sha256(buffer, size, digest);
    decks_hex(digest, text);
    return size;
}

#endif
