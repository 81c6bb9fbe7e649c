/* Any bytes as a catalog. One that is accepted must also fight: its first cards against its last, with what else
 * it has, and the timeline must reduce to the engine's board and verify. */
#include <stdlib.h>
#include <string.h>

#include "game_server/battle/battle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char timeline[BATTLE_TIMELINE_BYTES];

static void require(bool holds)
{
    if (!holds) abort();
}

static void add(battle_snapshot *side, const battle_entry *entry)
{
    battle_snapshot_card *last = &side->cards[side->card_count > 0 ? side->card_count - 1 : 0];
    if (entry->kind <= BATTLE_RITE && side->card_count < BATTLE_SLOTS) {
        uint8_t slot = side->card_count++;
        side->cards[slot] = (battle_snapshot_card){.num = entry->num, .level = 1, .slot = slot};
    } else if (entry->kind == BATTLE_ARTIFACT && side->artifact_count < BATTLE_ARTIFACTS) {
        side->artifacts[side->artifact_count++] = entry->num;
    } else if (entry->kind == BATTLE_CONSUMABLE && side->consumable_count < BATTLE_CONSUMABLES) {
        side->consumables[side->consumable_count++] = entry->num;
    } else if (entry->kind == BATTLE_ITEM && side->card_count > 0 && last->item_count < BATTLE_CARD_ITEMS) {
        last->items[last->item_count++] = entry->num;
    }
}

static battle_snapshot side_of(const battle_catalog *catalog, const char *player, bool backwards)
{
    battle_snapshot side = {.level = 10};
    battle_entry entry;
    size_t count = battle_catalog_count(catalog);
    strcpy(side.player_id, player);
    for (size_t i = 0; i < count; i++)
        if (battle_catalog_entry(catalog, backwards ? count - 1 - i : i, &entry)) add(&side, &entry);
    return side;
}

static void fight(const battle_catalog *catalog)
{
    static battle_ctx *ctx;
    battle_snapshot sides[2] = {side_of(catalog, "ana", false), side_of(catalog, "bo", true)};
    battle_seed seed = {{1, 2, 3, 4, 5, 6, 7, 8}};
    battle_sink sink = {"fuzz"};
    battle_result result;
    battle_state final, reduced;
    battle_err err;
    if (ctx == NULL) ctx = battle_ctx_new();
    require(battle_run(ctx, catalog, sides, &seed, &sink, &result) == BATTLE_OK);
    require(result.t_ms <= BATTLE_END_MS && result.events <= BATTLE_EVENTS + 1024);
    size_t size = battle_timeline_json(ctx, timeline, sizeof timeline);
    battle_ctx_state(ctx, &final);
    require(size > 0 && battle_reduce(catalog, timeline, size, &reduced, &err) == BATTLE_OK);
    require(memcmp(&final, &reduced, sizeof final) == 0);
    require(battle_verify(catalog, timeline, size, &err) == BATTLE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    battle_err err;
    battle_catalog *catalog = battle_catalog_load(data, size, &err);
    if (catalog == NULL) {
        require(err.code != BATTLE_OK && err.message[0] != '\0');
        return 0;
    }
    fight(catalog);
    battle_catalog_free(catalog);
    return 0;
}
