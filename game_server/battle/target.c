/* Whom an effect hits. */
#include "engine.h"

/* What direct damage meets first: a guard, else the leftmost living unit, else the hero. */
static int front_of(struct battle_ctx *ctx, int side)
{
    const struct row *row = &ctx->rows[side];
    uint32_t units = row->guards != 0 ? row->guards : living_units(ctx, side);
    return units != 0 ? ctx->cards[side][lowest_bit(units)].entity : HERO_ENTITY + side;
}

static int add_neighbour(struct battle_ctx *ctx, const struct frame *frame, int offset, uint8_t *out,
                         int count)
{
    const struct card *self = card_of(ctx, frame->self);
    int slot = self == NULL ? -1 : self->slot + offset;
    if (slot < 0 || slot >= BATTLE_SLOTS) return count;
    if (ctx->rows[self->side].living >> slot & 1) out[count++] = ctx->cards[self->side][slot].entity;
    return count;
}

static int add_slots(const struct battle_ctx *ctx, int side, uint32_t slots, uint8_t *out)
{
    int count = 0;
    for (; slots != 0; slots &= slots - 1) out[count++] = ctx->cards[side][lowest_bit(slots)].entity;
    return count;
}

int targets_choose(struct battle_ctx *ctx, int to, int pick, const struct frame *frame, uint8_t out[16])
{
    int own = frame->side, count = 0;
    switch (to) {
    case TO_SELF: out[count++] = frame->self; break;
    case TO_MY_HERO: out[count++] = (uint8_t)(HERO_ENTITY + own); break;
    case TO_ENEMY_HERO: out[count++] = (uint8_t)(HERO_ENTITY + 1 - own); break;
    case TO_FRONT: out[count++] = (uint8_t)front_of(ctx, 1 - own); break;
    case TO_SOURCE: out[count++] = frame->event_source; break;
    case TO_TARGET: out[count++] = frame->event_target; break;
    case TO_LEFT: count = add_neighbour(ctx, frame, -1, out, count); break;
    case TO_RIGHT: count = add_neighbour(ctx, frame, 1, out, count); break;
    case TO_ADJACENT:
        count = add_neighbour(ctx, frame, -1, out, count);
        count = add_neighbour(ctx, frame, 1, out, count);
        break;
    case TO_ALL_ENEMY_UNITS: count = add_slots(ctx, 1 - own, living_units(ctx, 1 - own), out); break;
    case TO_ALL_ALLY_UNITS: count = add_slots(ctx, own, living_units(ctx, own), out); break;
    case TO_ALL_ENEMY_CARDS: count = add_slots(ctx, 1 - own, ctx->rows[1 - own].living, out); break;
    case TO_ALL_ALLY_CARDS: count = add_slots(ctx, own, ctx->rows[own].living, out); break;
    case TO_PICK: count = pick_targets(ctx, pick, frame, out); break;
    default: break;
    }
    return count;
}
