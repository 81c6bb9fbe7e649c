/* Any bytes as a snapshot. What is accepted has one canonical form, and whatever the deck rules say of it, the
 * engine fights with it or refuses it without harm. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/battle_decks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void is_canonical(const battle_catalog *catalog, const battle_snapshot *snapshot)
{
    static char text[BATTLE_SNAPSHOT_BYTES], again[BATTLE_SNAPSHOT_BYTES];
    battle_snapshot second;
    battle_err err;
    size_t size = battle_snapshot_json(catalog, snapshot, text, sizeof text);
    require(size <= sizeof text);
    require(battle_snapshot_parse(catalog, text, size, &second, &err) == BATTLE_OK);
    require(battle_snapshot_json(catalog, &second, again, sizeof again) == size);
    require(memcmp(text, again, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static battle_catalog *catalog;
    static battle_ctx *ctx;
    battle_snapshot sides[2];
    battle_seed seed = {{0}};
    battle_result result;
    battle_err err;
    if (catalog == NULL) catalog = decks_load_catalog();
    if (ctx == NULL) ctx = battle_ctx_new();
    if (battle_snapshot_parse(catalog, data, size, &sides[0], &err) != BATTLE_OK) {
        require(err.code != BATTLE_OK && err.message[0] != '\0');
        return 0;
    }
    is_canonical(catalog, &sides[0]);
    sides[1] = sides[0];
    strcpy(sides[1].player_id, "the other");
    bool legal = battle_snapshot_check(catalog, &sides[0], NULL, &err) == BATTLE_OK;
    int code = battle_run(ctx, catalog, sides, &seed, NULL, &result);
    require(code == BATTLE_OK || !legal || code == BATTLE_E_PLAYER);
    return 0;
}
