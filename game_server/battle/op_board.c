/* Ops that change who stands on the board, and those that wipe marks off it. */
#include "engine.h"

/* Where a summon would like to stand: the slot of its owner, or of the own card the event is about. */
static int anchor_of(const struct battle_ctx *ctx, const struct frame *frame)
{
    int slot = actor_slot(frame->actor), place = place_of(ctx, frame->event_target);
    if (slot >= 0) return slot;
    return place != NOWHERE && place >> 5 == frame->side && (place & 31) < BATTLE_SLOTS ? place & 31 : 0;
}

static void emit_arrival(struct battle_ctx *ctx, enum event_kind kind, const struct frame *frame,
                         const struct card *card)
{
    struct event *event = event_new(ctx, kind, frame->source_entity, card->entity, frame->cause);
    event->n = card->side + 1;
    event->v = card->hp;
    event->w = card->stat[STAT_ATK];
    event->f = card->keywords;
    event->x = card->level;
    event->r = timer_ready_ms(ctx, card);
    event->card = (uint16_t)(card->def - ctx->catalog->defs + 1);
    event->slot = card->slot;
    event->cd = card->stat[STAT_CD];
    if (card->stat[STAT_USES] == 0) return;
    event = event_new(ctx, EVENT_STAT, frame->source_entity, card->entity, frame->cause);
    event->v = card->stat[STAT_USES];
    event->w = card->uses_left;
    event->p = STAT_USES;
    event->r = timer_ready_ms(ctx, card);
}

static void arrive(struct battle_ctx *ctx, const struct frame *frame, struct card *card, enum event_kind kind)
{
    emit_arrival(ctx, kind, frame, card);
    int cause = ctx->event_count;
    stats_refresh_all(ctx, frame->source_entity, cause); /* who stands up again may have outlived an aura */
    struct occasion occasion = {card->side,       card->slot, frame->source_entity, card->entity, cause,
                                frame->depth + 1, 0};
    trigger_raise(ctx, ON_SUMMONED, &occasion);
}

static void summon_one(struct battle_ctx *ctx, const struct effect *effect, const struct frame *frame)
{
    int slot = board_free_slot(ctx, frame->side, anchor_of(ctx, frame));
    if (slot < 0 || ctx->next_entity == SUMMON_ENTITY_END) {
        fizzle(ctx, frame->source_entity, slot < 0 ? FIZZLE_NO_SLOT : FIZZLE_ENTITIES, frame->cause);
        return;
    }
    board_drop_items(ctx, frame->side, slot);
    const struct def *def = &ctx->catalog->defs[effect->card];
    arrive(ctx, frame, board_place_card(ctx, frame->side, slot, def, frame->level, ctx->next_entity++),
           EVENT_SUMMON);
}

void op_summon(struct battle_ctx *ctx, const struct effect *effect, const struct frame *frame)
{
    int32_t n = clamp32(amount_value(ctx, &effect->amount, frame), 0, BATTLE_SLOTS);
    for (int i = 0; i < n && effect_allowed(ctx, frame); i++) summon_one(ctx, effect, frame);
}

/* The card becomes another one of the same level: a new entity in the same slot, with the same items. */
void op_transform(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    const struct def *def = call->effect->card >= 0 ? &ctx->catalog->defs[call->effect->card] : NULL;
    if (call->effect->copy != TO_NONE) {
        uint8_t models[16];
        int count = targets_choose(ctx, call->effect->copy, -1, call->frame, models);
        const struct card *model = count > 0 ? card_of(ctx, models[0]) : NULL;
        def = model != NULL && model != card ? model->def : NULL;
    }
    if (card == NULL || def == NULL) return;
    if (ctx->next_entity == SUMMON_ENTITY_END) {
        fizzle(ctx, call->frame->source_entity, FIZZLE_ENTITIES, call->frame->cause);
        return;
    }
    board_unlisten_card(ctx, card);
    arrive(ctx, call->frame,
           board_place_card(ctx, card->side, card->slot, def, card->level, ctx->next_entity++),
           EVENT_TRANSFORM);
}

/* The same entity stands up again in its slot, its statuses gone, its timer at the start. */
void op_revive(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = card_of(ctx, call->target);
    if (card == NULL || card->alive || ctx->actors[card->side][card->slot].spent) {
        fizzle(ctx, call->frame->source_entity, FIZZLE_NOT_DEAD, call->frame->cause);
        return;
    }
    card->alive = true;
    card->frozen_until = card->slow_until = card->haste_until = 0;
    card->hp = call->n < card->stat[STAT_HP] ? call->n : card->stat[STAT_HP];
    board_note(ctx, card);
    board_listen_card(ctx, card);
    timer_start(ctx, card);
    arrive(ctx, call->frame, card, EVENT_REVIVE);
}

/* The death step buries it together with everybody else who dies now. */
void op_destroy(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    if (card == NULL) return;
    card->dying = ctx->somebody_falls = true;
    board_note(ctx, card);
    card->killer = call->frame->source_entity;
    card->last_event = call->frame->cause;
    card->last_depth = call->frame->depth;
}

static void clean_hero(struct battle_ctx *ctx, const struct op_call *call, int32_t *one, int32_t *two,
                       enum event_kind kind)
{
    if (*one == 0 && *two == 0) return;
    *one = *two = 0;
    event_new(ctx, kind, call->frame->source_entity, call->target, call->frame->cause);
}

/* Frees an own card from freeze, slow and disabling, or a hero from burn and poison. */
void op_cleanse(struct battle_ctx *ctx, const struct op_call *call)
{
    struct hero *hero = hero_of(ctx, call->target);
    struct card *card = hero == NULL ? living_card(ctx, call->target) : NULL;
    if (hero != NULL) clean_hero(ctx, call, &hero->burn, &hero->poison, EVENT_CLEANSE);
    if (card == NULL || (card->frozen_until <= ctx->tick && card->slow_until <= ctx->tick && !card->disabled))
        return;
    bool aura = card->disabled && card->def->auras.count > 0;
    timer_advance(ctx, card);
    card->frozen_until = card->slow_until = 0;
    card->disabled = false;
    timer_schedule(ctx, card);
    event_new(ctx, EVENT_CLEANSE, call->frame->source_entity, card->entity, call->frame->cause)->v =
        timer_ready_ms(ctx, card);
    if (aura) stats_refresh_all(ctx, call->frame->source_entity, ctx->event_count);
}

static bool drop_gains(struct card *card)
{
    bool any = false;
    for (int stat = 1; stat < STATS; stat++) {
        bool shortens = stat == STAT_CD; /* for a cooldown less is the gain */
        if (shortens ? card->add[stat] < 0 : card->add[stat] > 0) card->add[stat] = 0, any = true;
        if (shortens ? card->permille[stat] < 0 : card->permille[stat] > 0)
            card->permille[stat] = 0, any = true;
    }
    return any;
}

/* Takes haste, wards, guard and gained stats from a card, or shield and regeneration from a hero. */
void op_dispel(struct battle_ctx *ctx, const struct op_call *call)
{
    struct hero *hero = hero_of(ctx, call->target);
    struct card *card = hero == NULL ? living_card(ctx, call->target) : NULL;
    if (hero != NULL) clean_hero(ctx, call, &hero->shield, &hero->regen, EVENT_DISPEL);
    if (card == NULL) return;
    bool gains = drop_gains(card);
    if (!gains && card->haste_until <= ctx->tick && card->ward == 0 && !card->guard) return;
    timer_advance(ctx, card);
    card->haste_until = 0;
    card->ward = 0;
    card->guard = false;
    board_note(ctx, card);
    timer_schedule(ctx, card);
    event_new(ctx, EVENT_DISPEL, call->frame->source_entity, card->entity, call->frame->cause)->v =
        timer_ready_ms(ctx, card);
    int cause = ctx->event_count;
    for (int stat = 1; stat < STATS && gains; stat++)
        stats_refresh(ctx, card, stat, call->frame->source_entity, cause);
}
