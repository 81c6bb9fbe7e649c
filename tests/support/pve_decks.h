/* pve_decks.h -- how hard is a stage? Legal decks drawn at random but repeatably, and their share of wins.
 *
 * A reference deck is what somebody of a level could bring who owns everything and chooses without thought: as
 * many cards as the level has slots, at the highest level its budget allows, and what artifacts and items fit.
 * So a share is no forecast for a person; it orders stages. Header only. */
#ifndef DUELPOD_TESTS_PVE_DECKS_H
#define DUELPOD_TESTS_PVE_DECKS_H

#include "tests/support/battle_decks.h"

static inline bool pve_deck_is_legal(const battle_catalog *catalog, const battle_snapshot *side)
{
    battle_err error;
    return battle_snapshot_check(catalog, side, NULL, &error) == BATTLE_OK;
}

/* `count` cards at the highest common level that the rules allow; false: none is. */
static inline bool pve_draw_cards(const battle_catalog *catalog, uint64_t *state, battle_snapshot *side,
                                  int count)
{
    side->card_count = (uint8_t)count;
    for (int i = 0; i < count; i++) {
        side->cards[i] = (battle_snapshot_card){.slot = (uint8_t)i};
        side->cards[i].num = decks_draw(catalog, state, decks_is_card);
    }
    for (int level = (side->level + 1) / 2; level > 0; level--) {
        for (int i = 0; i < count; i++) side->cards[i].level = (uint8_t)level;
        if (pve_deck_is_legal(catalog, side)) return true;
    }
    return false;
}

static inline void pve_add_extras(const battle_catalog *catalog, uint64_t *state, battle_snapshot *side)
{
    for (int tries = 0; tries < 6 && side->artifact_count < BATTLE_ARTIFACTS; tries++) {
        battle_snapshot more = *side;
        more.artifacts[more.artifact_count++] = decks_draw(catalog, state, decks_is_artifact);
        if (pve_deck_is_legal(catalog, &more)) *side = more;
    }
    for (int tries = 0; tries < 12; tries++) {
        battle_snapshot more = *side;
        battle_snapshot_card *card = &more.cards[decks_random(state, more.card_count)];
        if (card->item_count == BATTLE_CARD_ITEMS) continue;
        card->items[card->item_count++] = decks_draw(catalog, state, decks_is_item);
        if (pve_deck_is_legal(catalog, &more)) *side = more;
    }
}

static inline battle_snapshot pve_reference_deck(const battle_catalog *catalog, int level, uint64_t number)
{
    battle_snapshot side = {.player_id = "reference", .name = "Reference", .level = (uint8_t)level};
    uint64_t state = number * 7919 + (uint64_t)level;
    for (int count = BATTLE_SLOTS; count > 0; count--) {
        for (int tries = 0; tries < 20; tries++) {
            if (!pve_draw_cards(catalog, &state, &side, count)) continue;
            pve_add_extras(catalog, &state, &side);
            return side;
        }
    }
    fprintf(stderr, "no legal deck of level %d\n", level);
    exit(2);
}

struct pve_share {
    int battles, wins, stars; /* stars: sum over the battles won */
};

/* Reference decks 1..decks of one level against a stage, each with `seeds` seeds. */
static inline struct pve_share pve_measure(battle_ctx *ctx, const battle_catalog *catalog,
                                           const battle_stage *stage, int level, int decks, int seeds)
{
    const battle_progression *progression = battle_catalog_progression(catalog);
    struct pve_share share = {0};
    for (int deck = 1; deck <= decks; deck++) {
        battle_snapshot sides[2] = {pve_reference_deck(catalog, level, (uint64_t)deck), stage->opponent};
        for (int i = 0; i < seeds; i++) {
            battle_seed seed = decks_seed((uint64_t)(deck * seeds + i) * UINT64_C(0x9e3779b97f4a7c15));
            battle_result result;
            if (battle_run(ctx, catalog, sides, &seed, NULL, &result) != 0) exit(2);
            share.battles++;
            if (result.winner != 0) continue;
            int left = result.hp[0] < 0 ? 0 : (int)((int64_t)result.hp[0] * 1000 / result.hp_max[0]);
            share.wins++;
            share.stars += 1 + (left >= progression->stars[0]) + (left >= progression->stars[1]);
        }
    }
    return share;
}

#endif
