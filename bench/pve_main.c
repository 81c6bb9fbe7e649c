/* pve: how hard every stage is, measured with reference decks (tests/support/pve_decks.h).
 *
 *     pve [--json] [--decks N] [--seeds N]
 *
 * "at its level": decks of the level that a player needs to start the stage; "all levels": decks of levels 1
 * to 10 together, the same for every stage, so the shares of two stages can be compared. Permille of battles
 * won; stars for a battle won at its level. */
#include "tests/support/pve_decks.h"

struct row {
    int by_level[BATTLE_LEVELS], all_levels; /* permille won */
    int stars;
};

static int permille(struct pve_share share)
{
    return share.wins * 1000 / share.battles;
}

static struct row measure(battle_ctx *ctx, const battle_catalog *catalog, const battle_stage *stage,
                          int decks, int seeds)
{
    struct row row = {.stars = 0};
    struct pve_share all = {0};
    for (int level = 1; level <= BATTLE_LEVELS; level++) {
        struct pve_share share = pve_measure(ctx, catalog, stage, level, decks, seeds);
        row.by_level[level - 1] = permille(share);
        if (level == stage->player_level && share.wins > 0) row.stars = share.stars * 100 / share.wins;
        all.battles += share.battles;
        all.wins += share.wins;
    }
    row.all_levels = permille(all);
    return row;
}

static void print_json(const battle_stage *stage, const struct row *row, bool first)
{
    printf("%s{\"stage\":\"%s\",\"level\":%d,\"stars\":%d,\"all\":%d,\"by_level\":[", first ? "[" : ",\n",
           stage->id, stage->player_level, row->stars, row->all_levels);
    for (int i = 0; i < BATTLE_LEVELS; i++) printf(i == 0 ? "%d" : ",%d", row->by_level[i]);
    printf("]}");
}

static void print_line(size_t number, const battle_stage *stage, const struct row *row)
{
    printf("| %zu | %s | %d | %d | %d.%02d | %d |\n", number, stage->id, stage->player_level,
           row->by_level[stage->player_level - 1], row->stars / 100, row->stars % 100, row->all_levels);
}

int main(int argc, char **argv)
{
    bool json = false;
    int decks = 40, seeds = 5;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) json = true;
        else if (strcmp(argv[i], "--decks") == 0 && i + 1 < argc) decks = atoi(argv[++i]);
        else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) seeds = atoi(argv[++i]);
        else return fprintf(stderr, "usage: pve [--json] [--decks N] [--seeds N]\n"), 2;
    }
    if (decks < 1 || seeds < 1) return fprintf(stderr, "pve: decks and seeds are at least 1\n"), 2;
    battle_catalog *catalog = decks_load_catalog();
    battle_ctx *ctx = battle_ctx_new();
    if (ctx == NULL) return 2;
    size_t count = battle_catalog_stage_count(catalog);
    if (!json)
        printf(
            "| | stage | from level | won at its level | stars | won by all |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        const battle_stage *stage = battle_catalog_stage(catalog, i);
        struct row row = measure(ctx, catalog, stage, decks, seeds);
        if (json) print_json(stage, &row, i == 0);
        else print_line(i + 1, stage, &row);
    }
    if (json) printf("]\n");
    battle_ctx_free(ctx);
    battle_catalog_free(catalog);
    return 0;
}
