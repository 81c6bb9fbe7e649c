/* battle_random: random battles for programs that share no code with the engine, one line each:
 *
 *     sides as snapshots <tab> ... <tab> seed in hex <tab> final state <tab> timeline
 *
 *     battle_random FIRST COUNT [CATALOG]
 *
 * Odd numbers draw decks that obey the deck rules, even ones anything that can stand on a board. The final
 * state is that of battle_ctx_state as JSON. */
#include "tests/support/battle_decks.h"

static char catalog_bytes[BATTLE_CATALOG_BYTES], timeline[BATTLE_TIMELINE_BYTES];

static battle_catalog *load(const char *path)
{
    battle_err err;
    size_t size = decks_read_file(path, catalog_bytes, sizeof catalog_bytes);
    battle_catalog *catalog = battle_catalog_load(catalog_bytes, size, &err);
    if (catalog != NULL) return catalog;
    fprintf(stderr, "%s: %s at %s: %s\n", path, battle_error_name(err.code), err.place, err.message);
    exit(2);
}

/* Takes what `draw` wants back when a rule does not hold; lacking damage is mended by a later card. */
static bool still_legal(const battle_catalog *catalog, const battle_snapshot *side)
{
    battle_err err;
    int code = battle_snapshot_check(catalog, side, NULL, &err);
    return code == BATTLE_OK || code == BATTLE_E_NODMG;
}

static void draw_card(const battle_catalog *catalog, uint64_t *state, battle_snapshot *side)
{
    battle_snapshot tried = *side;
    battle_snapshot_card *card = &tried.cards[tried.card_count];
    *card = (battle_snapshot_card){.num = decks_draw(catalog, state, decks_is_card),
                                   .level = (uint8_t)(1 + decks_random(state, (tried.level + 1u) / 2)),
                                   .slot = tried.card_count};
    if (tried.card_count++ == BATTLE_SLOTS || !still_legal(catalog, &tried)) return;
    *side = tried;
    if (decks_random(state, 2) == 0) return;
    card->items[card->item_count++] = decks_draw(catalog, state, decks_is_item);
    if (still_legal(catalog, &tried)) *side = tried;
}

static void draw_extra(const battle_catalog *catalog, uint64_t *state, battle_snapshot *side, bool artifact)
{
    battle_snapshot tried = *side;
    uint16_t *list = artifact ? tried.artifacts : tried.consumables;
    uint8_t *count = artifact ? &tried.artifact_count : &tried.consumable_count;
    uint16_t num = decks_draw(catalog, state, artifact ? decks_is_artifact : decks_is_consumable);
    if (*count == (artifact ? BATTLE_ARTIFACTS : BATTLE_CONSUMABLES)) return;
    if (*count > 0 && list[*count - 1] >= num) return;
    list[(*count)++] = num;
    if (still_legal(catalog, &tried)) *side = tried;
}

static battle_snapshot draw_legal(const battle_catalog *catalog, uint64_t *state, const char *player)
{
    battle_snapshot side;
    battle_err err;
    do {
        memset(&side, 0, sizeof side);
        snprintf(side.player_id, sizeof side.player_id, "%s", player);
        snprintf(side.name, sizeof side.name, "Player \"%s\" \xc3\xa4", player);
        side.level = (uint8_t)(1 + decks_random(state, BATTLE_LEVELS));
        for (int i = 0; i < 12; i++) draw_card(catalog, state, &side);
        for (int i = 0; i < 6; i++) draw_extra(catalog, state, &side, i < 4);
    } while (battle_snapshot_check(catalog, &side, NULL, &err) != BATTLE_OK);
    return side;
}

static void print_state(const battle_state *state)
{
    const int32_t *words = (const int32_t *)(const void *)state;
    for (size_t i = 0; i < sizeof *state / sizeof *words; i++) printf("%c%d", i == 0 ? '[' : ',', words[i]);
    printf("]\t");
}

/* The reducer and the verifier of the engine itself must agree with it, too. */
static void check_reduced(const battle_catalog *catalog, size_t size, const battle_state *final)
{
    battle_state reduced;
    battle_err err = {0};
    if (battle_reduce(catalog, timeline, size, &reduced, &err) == BATTLE_OK &&
        memcmp(&reduced, final, sizeof reduced) == 0 &&
        battle_verify(catalog, timeline, size, &err) == BATTLE_OK)
        return;
    fprintf(stderr, "battle_random: the timeline does not reduce or verify: %s\n", err.message);
    exit(2);
}

static void battle(battle_ctx *ctx, const battle_catalog *catalog, uint64_t number)
{
    char text[BATTLE_SNAPSHOT_BYTES];
    uint64_t state = number * UINT64_C(0xd1342543de82ef95);
    battle_snapshot sides[2];
    battle_seed seed = decks_seed(number * UINT64_C(0x9e3779b97f4a7c15));
    battle_sink sink = {"random"};
    battle_result result;
    battle_state final;
    for (int i = 0; i < 2; i++) {
        const char *player = (number >> 1 & 1) == (uint64_t)i ? "ana" : "bo";
        int cards = 1 + (int)decks_random(&state, BATTLE_SLOTS);
        sides[i] = number % 2 == 1 ? draw_legal(catalog, &state, player)
                                   : decks_random_side(catalog, &state, player, cards);
        size_t size = battle_snapshot_json(catalog, &sides[i], text, sizeof text);
        printf("%.*s\t", (int)size, text);
    }
    if (battle_run(ctx, catalog, sides, &seed, &sink, &result) != BATTLE_OK) exit(2);
    for (int i = 0; i < 8; i++) printf("%02x", seed.bytes[i]);
    printf("\t");
    battle_ctx_state(ctx, &final);
    print_state(&final);
    size_t size = battle_timeline_json(ctx, timeline, sizeof timeline);
    check_reduced(catalog, size, &final);
    fwrite(timeline, 1, size, stdout);
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc < 3) return 2;
    battle_catalog *catalog = load(argc > 3 ? argv[3] : BATTLE_CATALOG_FILE);
    battle_ctx *ctx = battle_ctx_new();
    if (ctx == NULL) return 2;
    uint64_t first = (uint64_t)strtoull(argv[1], NULL, 10), count = (uint64_t)strtoull(argv[2], NULL, 10);
    for (uint64_t number = first; number < first + count; number++) battle(ctx, catalog, number);
    battle_ctx_free(ctx);
    battle_catalog_free(catalog);
    return 0;
}
