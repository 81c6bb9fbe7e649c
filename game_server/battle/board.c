/* Who stands where: placing cards, artifacts, items and consumables, and who listens to what. */
#include "engine.h"

static void place_actor(struct battle_ctx *ctx, int side, int index, uint16_t num, int entity, int level)
{
    struct actor *actor = &ctx->actors[side][index];
    *actor = (struct actor){
        .def = catalog_def(ctx->catalog, num), .entity = (uint8_t)entity, .level = (uint8_t)level};
    ctx->place[entity] = (uint8_t)(side << 5 | index);
}

/* The first `every` comes one period after the actor appears. */
static void start_clocks(struct battle_ctx *ctx, struct actor *actor)
{
    ctx->next_clock = 0;
    for (int i = 0; i < actor->def->abilities.count; i++)
        actor->abilities[i].due =
            ctx->tick + ctx->catalog->abilities[actor->def->abilities.start + i].every_ticks;
}

static void board_listen(struct battle_ctx *ctx, int side, int actor)
{
    uint32_t triggers = ctx->actors[side][actor].def->triggers;
    for (; triggers != 0; triggers &= triggers - 1) ctx->listeners[side][lowest_bit(triggers)] |= 1u << actor;
    if (ctx->actors[side][actor].def->triggers & 1u << ON_EVERY) start_clocks(ctx, &ctx->actors[side][actor]);
}

static uint32_t bits_of_slot(int slot)
{
    return 1u << slot | 3u << (ITEM_ACTOR + BATTLE_CARD_ITEMS * slot);
}

void board_unlisten(struct battle_ctx *ctx, int side, uint32_t actors)
{
    for (int trigger = 1; trigger < TRIGGERS; trigger++) ctx->listeners[side][trigger] &= ~actors;
}

void board_unlisten_card(struct battle_ctx *ctx, const struct card *card)
{
    ctx->next_clock = 0;
    board_unlisten(ctx, card->side, bits_of_slot(card->slot));
    ctx->aura_slots[card->side] &= ~(1u << card->slot);
}

void board_listen_card(struct battle_ctx *ctx, const struct card *card)
{
    board_listen(ctx, card->side, card->slot);
    for (int i = 0; i < BATTLE_CARD_ITEMS; i++) {
        int item = ITEM_ACTOR + BATTLE_CARD_ITEMS * card->slot + i;
        if (ctx->actors[card->side][item].def != NULL) board_listen(ctx, card->side, item);
    }
    if (card->def->auras.count == 0) return;
    ctx->aura_slots[card->side] |= 1u << card->slot;
    for (int i = 0; i < card->def->auras.count; i++)
        ctx->aura_stats |= 1u << ctx->catalog->auras[card->def->auras.start + i].stat;
}

static uint8_t with_bit(uint8_t mask, uint32_t bit, bool set)
{
    return (uint8_t)(set ? mask | bit : mask & ~bit);
}

void board_note(struct battle_ctx *ctx, const struct card *card)
{
    struct row *row = &ctx->rows[card->side];
    bool lives = card->alive && !card->dying && (card->def->kind != BATTLE_UNIT || card->hp > 0);
    uint32_t bit = 1u << card->slot;
    row->alive = with_bit(row->alive, bit, card->alive);
    row->living = with_bit(row->living, bit, lives);
    row->guards = with_bit(row->guards, bit, lives && card->guard && card->def->kind == BATTLE_UNIT);
}

static uint8_t keywords_of(const struct battle_ctx *ctx, const struct card *card)
{
    uint8_t keywords = card->def->keywords;
    for (int i = 0; i < BATTLE_CARD_ITEMS; i++) {
        const struct actor *item = &ctx->actors[card->side][ITEM_ACTOR + BATTLE_CARD_ITEMS * card->slot + i];
        if (item->def != NULL) keywords |= item->def->keywords;
    }
    return keywords;
}

struct card *board_place_card(struct battle_ctx *ctx, int side, int slot, const struct def *def, int level,
                              int entity)
{
    struct card *card = &ctx->cards[side][slot];
    struct row *row = &ctx->rows[side];
    if (card->def != NULL) {
        ctx->place[card->entity] = NOWHERE;
        row->kinds[card->def->kind] = with_bit(row->kinds[card->def->kind], 1u << slot, false);
    }
    row->kinds[def->kind] = with_bit(row->kinds[def->kind], 1u << slot, true);
    *card = (struct card){.def = def,
                          .entity = (uint8_t)entity,
                          .level = (uint8_t)level,
                          .side = (uint8_t)side,
                          .slot = (uint8_t)slot,
                          .alive = true};
    place_actor(ctx, side, slot, def->num, entity, level);
    ctx->tallies[entity] = (struct tally){0, 0, 0, 0};
    card->keywords = keywords_of(ctx, card);
    card->guard = (card->keywords & KW_GUARD) != 0;
    card->ward = card->keywords & KW_WARD ? 1 : 0;
    stats_base(ctx, card);
    card->hp = card->stat[STAT_HP];
    card->uses_left = card->stat[STAT_USES];
    board_note(ctx, card);
    board_listen_card(ctx, card);
    timer_start(ctx, card);
    return card;
}

/* Items go with the card they sat on. */
void board_drop_items(struct battle_ctx *ctx, int side, int slot)
{
    for (int i = 0; i < BATTLE_CARD_ITEMS; i++) {
        struct actor *item = &ctx->actors[side][ITEM_ACTOR + BATTLE_CARD_ITEMS * slot + i];
        if (item->def == NULL) continue;
        ctx->place[item->entity] = NOWHERE;
        *item = (struct actor){0};
    }
}

int board_free_slot(const struct battle_ctx *ctx, int side, int anchor)
{
    uint32_t free_slots = 0xffu & ~(uint32_t)ctx->rows[side].alive, right = free_slots >> anchor << anchor;
    if (free_slots == 0) return -1;
    return right != 0 ? lowest_bit(right) : highest_bit(free_slots);
}

static void set_up_side(struct battle_ctx *ctx, int side)
{
    const battle_snapshot *snapshot = &ctx->snapshots[side];
    struct hero *hero = &ctx->heroes[side];
    *hero = (struct hero){.hp = ctx->catalog->levels[snapshot->level - 1].hp};
    hero->hp_max = hero->hp;
    ctx->place[HERO_ENTITY + side] = (uint8_t)(side << 5 | HERO_ACTOR);
    for (int i = 0; i < snapshot->artifact_count; i++) {
        place_actor(ctx, side, ARTIFACT_ACTOR + i, snapshot->artifacts[i], ARTIFACT_ENTITY + 10 * side + i,
                    1);
        board_listen(ctx, side, ARTIFACT_ACTOR + i);
        hero->storm_permille += ctx->actors[side][ARTIFACT_ACTOR + i].def->storm_permille;
    }
    for (int i = 0; i < snapshot->consumable_count; i++) {
        place_actor(ctx, side, CONSUMABLE_ACTOR + i, snapshot->consumables[i],
                    CONSUMABLE_ENTITY + 20 * side + i, 1);
        board_listen(ctx, side, CONSUMABLE_ACTOR + i);
    }
    for (int i = 0; i < snapshot->card_count; i++) {
        const battle_snapshot_card *card = &snapshot->cards[i];
        for (int k = 0; k < card->item_count; k++) {
            int index = BATTLE_CARD_ITEMS * card->slot + k;
            place_actor(ctx, side, ITEM_ACTOR + index, card->items[k], ITEM_ENTITY + 20 * side + index,
                        card->level);
        }
        board_place_card(ctx, side, card->slot, catalog_def(ctx->catalog, card->num), card->level,
                         CARD_ENTITY + 10 * side + card->slot);
    }
}

void board_set_up(struct battle_ctx *ctx)
{
    for (int i = 0; i < BATTLE_SLOTS; i++) ctx->cards[0][i].def = ctx->cards[1][i].def = NULL;
    memset(ctx->actors, 0, sizeof ctx->actors);
    memset(ctx->rows, 0, sizeof ctx->rows);
    memset(ctx->listeners, 0, sizeof ctx->listeners);
    memset(ctx->place, NOWHERE, sizeof ctx->place);
    for (int i = 0; i < DUE_CARDS; i++) ctx->due.ticks[i] = NEVER;
    ctx->aura_slots[0] = ctx->aura_slots[1] = 0;
    set_up_side(ctx, 0);
    set_up_side(ctx, 1);
    stats_settle_start(ctx);
}
