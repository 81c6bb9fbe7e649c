/* battle_golden: prints "number sha256-of-timeline" for the golden battles, or the timeline of one of them.
 *
 *     battle_golden [count]         200 lines by default; tests/golden/battle.txt is this output
 *     battle_golden --timeline N    the bytes of battle N */
#include "tests/support/battle_decks.h"

int main(int argc, char **argv)
{
    static char buffer[BATTLE_TIMELINE_BYTES];
    char text[65];
    battle_catalog *catalog = decks_load_catalog();
    battle_ctx *ctx = battle_ctx_new();
    if (ctx == NULL) return 2;
    if (argc == 3 && strcmp(argv[1], "--timeline") == 0) {
        size_t size = decks_golden(ctx, catalog, (uint64_t)strtoul(argv[2], NULL, 10), buffer, text);
        fwrite(buffer, 1, size, stdout);
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
