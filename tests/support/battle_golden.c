/* battle_golden: prints "number sha256-of-timeline" for the golden battles, or the timeline of one of them.
 *
 *     battle_golden [count]         200 lines by default; tests/golden/battle.txt is this output
 *     battle_golden --timeline N    the bytes of battle N
 *     battle_golden --relay N       two against two with random decks */
#include "game_server/battle/relay.h"
#include "tests/support/battle_decks.h"

static size_t relay(battle_ctx *ctx, const battle_catalog *catalog, uint64_t number, char *buffer)
{
    static const char *const players[BATTLE_RELAY_PLAYERS] = {"golden-a", "golden-b", "golden-c", "golden-d"};
    battle_snapshot sides[BATTLE_RELAY_PLAYERS];
    battle_seed seed = decks_seed(number);
    battle_relay_result result;
    size_t length = 0;
    for (int i = 0; i < BATTLE_RELAY_PLAYERS; i++)
        sides[i] = decks_random_side(catalog, &number, players[i], 1 + (int)(number % BATTLE_SLOTS));
    if (battle_relay_run(ctx, catalog, sides, &seed, "golden", buffer, BATTLE_RELAY_BYTES, &length,
                         &result) != 0)
        return 0;
    return length;
}

int main(int argc, char **argv)
{
    static char buffer[BATTLE_RELAY_BYTES];
    char text[65];
    battle_catalog *catalog = decks_load_catalog();
    battle_ctx *ctx = battle_ctx_new();
    if (ctx == NULL) return 2;
    if (argc == 3 && strcmp(argv[1], "--timeline") == 0) {
        size_t size = decks_golden(ctx, catalog, (uint64_t)strtoul(argv[2], NULL, 10), buffer, text);
        fwrite(buffer, 1, size, stdout);
    } else if (argc == 3 && strcmp(argv[1], "--relay") == 0) {
        fwrite(buffer, 1, relay(ctx, catalog, (uint64_t)strtoul(argv[2], NULL, 10), buffer), stdout);
    } else {
        int count = argc == 2 ? atoi(argv[1]) : 200;
        for (int i = 1; i <= count; i++) {
            decks_golden(ctx, catalog, (uint64_t)i, buffer, text);
            printf("%d %s\n", i, text);
        }
    }
    battle_ctx_free(ctx);
    battle_catalog_free(catalog);
    return 0;
}
