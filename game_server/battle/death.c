/* Deaths: everybody who is out of health dies together, and only then does anybody hear of it. */
#include "engine.h"

/* Rites and consumables act once; a spent rite leaves its slot. */
void spend(struct battle_ctx *ctx, int side, int actor, int cause)
{
    struct actor *who = &ctx->actors[side][actor];
    event_new(ctx, EVENT_SPENT, 0, who->entity, cause)->f = actor < BATTLE_SLOTS; /* 1: leaves its slot */
    who->spent = true;
    if (actor >= BATTLE_SLOTS) {
        board_unlisten(ctx, side, 1u << actor); /* its clock no longer makes a tick contested */
        return;
    }
    struct card *card = &ctx->cards[side][actor];
    card->alive = card->runs = false;
    board_note(ctx, card);
    due_set(ctx, card, NEVER);
    board_unlisten_card(ctx, card);
}

static int collect_dead(struct battle_ctx *ctx, struct card *dead[2 * BATTLE_SLOTS])
{
    int count = 0;
    for (int k = 0; k < 2; k++) {
        int side = k == 0 ? ctx->first : 1 - ctx->first;
        const struct row *row = &ctx->rows[side];
        for (uint32_t left = (uint32_t)row->alive & ~(uint32_t)row->living; left != 0; left &= left - 1)
            dead[count++] = &ctx->cards[side][lowest_bit(left)];
    }
    return count;
}

static void bury(struct battle_ctx *ctx, struct card *card)
{
    event_new(ctx, card->dying ? EVENT_DESTROY : EVENT_DEATH, card->killer, card->entity, card->last_event);
    card->last_event = (uint16_t)ctx->event_count; /* what its death causes names the death */
    card->alive = card->dying = card->runs = false;
    board_note(ctx, card);
    due_set(ctx, card, NEVER);
    if (card->killer != 0) ctx->tallies[card->killer].kills++;
}

static void tell(struct battle_ctx *ctx, enum trigger trigger, struct card *dead[], int count)
{
    for (int i = 0; i < count; i++) {
        struct occasion occasion = {dead[i]->side,
                                    dead[i]->slot,
                                    dead[i]->killer,
                                    dead[i]->entity,
                                    dead[i]->last_event,
                                    dead[i]->last_depth + 1,
                                    0};
        trigger_raise(ctx, trigger, &occasion);
    }
}

bool death_step(struct battle_ctx *ctx)
{
    struct card *dead[2 * BATTLE_SLOTS];
    if (!ctx->somebody_falls) return false;
    ctx->somebody_falls = false;
    int count = collect_dead(ctx, dead);
    uint32_t auras[2] = {ctx->aura_slots[0], ctx->aura_slots[1]};
    if (count == 0) return false;
    for (int i = 0; i < count; i++) bury(ctx, dead[i]);
    tell(ctx, ON_DEATH, dead, count);
    for (int i = 0; i < count; i++) board_unlisten_card(ctx, dead[i]);
    tell(ctx, ON_ALLY_DEATH, dead, count);
    tell(ctx, ON_ENEMY_DEATH, dead, count);
    if (auras[0] != ctx->aura_slots[0] || auras[1] != ctx->aura_slots[1])
        stats_refresh_all(ctx, 0, dead[0]->last_event);
    return true;
}
