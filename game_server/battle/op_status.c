/* Ops that pile something onto a hero or change a card's pace, stats and marks. */
#include "engine.h"

static void raise_card(struct battle_ctx *ctx, enum trigger trigger, const struct op_call *call,
                       const struct card *card)
{
    struct occasion occasion = {card->side,   card->slot,       call->frame->source_entity,
                                card->entity, ctx->event_count, call->frame->depth + 1,
                                call->n};
    trigger_raise(ctx, trigger, &occasion);
}

void op_hero_stack(struct battle_ctx *ctx, const struct op_call *call)
{
    static const uint8_t kinds[OPS] = {[OP_SHIELD] = EVENT_SHIELD,
                                       [OP_BURN] = EVENT_BURN,
                                       [OP_POISON] = EVENT_POISON,
                                       [OP_REGEN] = EVENT_REGEN};
    static const uint8_t triggers[OPS] = {
        [OP_SHIELD] = ON_SHIELDED, [OP_BURN] = ON_BURNED, [OP_POISON] = ON_POISONED};
    int op = call->effect->op, side = call->target - HERO_ENTITY;
    struct hero *hero = hero_of(ctx, call->target);
    const struct card *dealer = dealer_of(ctx, call->frame);
    int32_t *pile = op == OP_SHIELD   ? &hero->shield
                    : op == OP_BURN   ? &hero->burn
                    : op == OP_POISON ? &hero->poison
                                      : &hero->regen;
    int32_t n = call->n;
    if (dealer != NULL && op == OP_BURN) n += dealer->stat[STAT_BURN];
    if (dealer != NULL && op == OP_POISON) n += dealer->stat[STAT_POISON];
    if (n > AMOUNT_MAX - *pile) n = AMOUNT_MAX - *pile;
    if (n <= 0) return;
    *pile += n;
    struct event *event = event_new(ctx, (enum event_kind)kinds[op], call->frame->source_entity, call->target,
                                    call->frame->cause);
    event->n = n;
    event->v = *pile;
    struct tally *tally = &ctx->tallies[call->frame->source_entity];
    if (op == OP_SHIELD) tally->shield = clamp32((int64_t)tally->shield + n, 0, INT32_MAX);
    struct occasion occasion = {
        side, -1, call->frame->source_entity, call->target, ctx->event_count, call->frame->depth + 1, n};
    if (triggers[op] != 0) trigger_raise(ctx, (enum trigger)triggers[op], &occasion);
}

/* Durations add up to a cap, in whole ticks. */
static int32_t extend(int32_t *until, int32_t now, int32_t ticks, int32_t cap)
{
    int32_t before = *until > now ? *until : now;
    int32_t after = before + ticks < now + cap ? before + ticks : now + cap;
    if (after <= before) return 0; /* less than a tick, or at the cap: nothing has happened */
    *until = after;
    return after - before;
}

void op_pace(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    const struct card *dealer = dealer_of(ctx, call->frame);
    int op = call->effect->op;
    int32_t n = call->n;
    if (card == NULL || card->stat[STAT_CD] == 0) return;
    if (op == OP_FREEZE && dealer != NULL)
        n = clamp32((int64_t)n + permille_of(n, dealer->stat[STAT_FREEZE_PERMILLE]), 0, AMOUNT_MAX);
    int32_t *until = op == OP_FREEZE ? &card->frozen_until
                     : op == OP_SLOW ? &card->slow_until
                                     : &card->haste_until;
    timer_advance(ctx, card);
    int32_t added =
        extend(until, ctx->tick, n / TICK_MS, op == OP_FREEZE ? FREEZE_CAP_TICKS : PACE_CAP_TICKS);
    timer_schedule(ctx, card);
    if (added == 0) return;
    enum event_kind kind = op == OP_FREEZE ? EVENT_FREEZE : op == OP_SLOW ? EVENT_SLOW : EVENT_HASTE;
    struct event *event = event_new(ctx, kind, call->frame->source_entity, card->entity, call->frame->cause);
    event->n = added * TICK_MS;
    event->v = *until * TICK_MS;
    event->w = timer_ready_ms(ctx, card);
    raise_card(ctx, op == OP_FREEZE ? ON_FROZEN : op == OP_SLOW ? ON_SLOWED : ON_HASTED, call, card);
}

void op_charge(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    if (card == NULL || !card->runs) return;
    int32_t added = timer_charge(ctx, card, call->n / TICK_MS);
    if (added == 0) return;
    struct event *event =
        event_new(ctx, EVENT_CHARGE, call->frame->source_entity, card->entity, call->frame->cause);
    event->n = added * TICK_MS;
    event->v = timer_ready_ms(ctx, card);
    raise_card(ctx, ON_CHARGED, call, card);
}

static void add_mod(struct battle_ctx *ctx, const struct op_call *call, struct card *card, int32_t n)
{
    int stat = call->effect->stat;
    int32_t *mod = call->effect->permille ? &card->permille[stat] : &card->add[stat];
    *mod = clamp32((int64_t)*mod + n, -AMOUNT_MAX, AMOUNT_MAX);
    stats_refresh(ctx, card, stat, call->frame->source_entity, call->frame->cause);
}

static bool has_stat(const struct card *card, int stat)
{
    if (stat == STAT_HP) return card->def->kind == BATTLE_UNIT;
    return (stat != STAT_CD && stat != STAT_USES) || card->stat[stat] > 0;
}

void op_stat(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    if (card != NULL && has_stat(card, call->effect->stat)) add_mod(ctx, call, card, call->n);
}

/* What the victim loses is what the thief gains, though its own layers may change it. */
void op_steal_stat(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target), *thief = living_card(ctx, call->frame->self);
    int stat = call->effect->stat;
    if (card == NULL || card == thief || !has_stat(card, stat)) return;
    int32_t before = card->stat[stat];
    add_mod(ctx, call, card, -call->n);
    int32_t lost = before - card->stat[stat];
    if (thief != NULL && lost > 0 && has_stat(thief, stat)) add_mod(ctx, call, thief, lost);
}

void op_ward(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    if (card == NULL || card->def->kind != BATTLE_UNIT) return;
    card->ward = clamp32((int64_t)card->ward + call->n, 0, 100);
    event_new(ctx, EVENT_WARD, call->frame->source_entity, card->entity, call->frame->cause)->v = card->ward;
}

void op_guard(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    if (card == NULL || card->def->kind != BATTLE_UNIT || card->guard) return;
    card->guard = true;
    board_note(ctx, card);
    event_new(ctx, EVENT_GUARD, call->frame->source_entity, card->entity, call->frame->cause)->v = 1;
}

/* Silences a card for good: no activation, no triggers, no auras. It still stands in the way. */
void op_disable(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    if (card == NULL || card->disabled) return;
    timer_advance(ctx, card);
    card->disabled = true;
    timer_schedule(ctx, card);
    event_new(ctx, EVENT_DISABLE, call->frame->source_entity, card->entity, call->frame->cause)->v = 1;
    if (card->def->auras.count > 0) stats_refresh_all(ctx, call->frame->source_entity, ctx->event_count);
}

/* Only for what has limited uses. */
void op_gain_use(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    if (card == NULL || card->stat[STAT_USES] == 0) return;
    timer_advance(ctx, card);
    card->uses_left = clamp32((int64_t)card->uses_left + call->n, 0, 1000);
    timer_schedule(ctx, card);
    struct event *event =
        event_new(ctx, EVENT_STAT, call->frame->source_entity, card->entity, call->frame->cause);
    event->v = card->stat[STAT_USES];
    event->w = card->uses_left;
    event->p = STAT_USES;
    event->r = timer_ready_ms(ctx, card);
}

void op_set_flag(struct battle_ctx *ctx, const struct op_call *call)
{
    struct card *card = living_card(ctx, call->target);
    uint8_t bit = (uint8_t)(1u << (call->effect->flag - 1));
    if (card == NULL || card->flags & bit) return;
    card->flags |= bit;
    event_new(ctx, EVENT_FLAG, call->frame->source_entity, card->entity, call->frame->cause)->v = card->flags;
}

/* Activates a card out of turn, without touching its timer or its uses. Queued like any trigger. */
void op_trigger_ready(struct battle_ctx *ctx, const struct op_call *call)
{
    const struct card *card = living_card(ctx, call->target);
    if (card == NULL || card->disabled || !(card->def->triggers & 1u << ON_READY)) return;
    if (card->stat[STAT_USES] > 0 && card->uses_left == 0) return;
    struct frame frame = {.def = card->def,
                          .side = card->side,
                          .actor = card->slot,
                          .self = card->entity,
                          .level = card->level,
                          .depth = (uint8_t)(call->frame->depth + 1),
                          .source_entity = card->entity,
                          .cause = call->frame->cause};
    trigger_push(ctx, &frame, card->entity, READY_ABILITY);
}
