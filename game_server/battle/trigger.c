/* Triggers: who hears what happened, the queue, and running what it holds. First in, first out, so a
 * cascade spreads breadth first and always ends: depth, an inner cooldown, a number of firings and a number
 * of effects per root bound it from four sides. */
#include "engine.h"

/* Cards and their items need the card; artifacts and consumables need only not to be spent. */
static bool can_act(const struct battle_ctx *ctx, int side, int actor, bool even_dead)
{
    int slot = actor_slot(actor);
    if (slot < 0) return !ctx->actors[side][actor].spent;
    const struct card *card = &ctx->cards[side][slot];
    return (card->alive || even_dead) && !card->disabled;
}

/* The frame an ability of this actor would run in. */
static struct frame frame_of(const struct battle_ctx *ctx, int side, int actor,
                             const struct occasion *occasion)
{
    int slot = actor_slot(actor);
    const struct actor *who = &ctx->actors[side][actor];
    int self = slot >= 0 ? ctx->cards[side][slot].entity : HERO_ENTITY + side;
    return (struct frame){.def = who->def,
                          .side = (uint8_t)side,
                          .actor = (uint8_t)actor,
                          .self = (uint8_t)self,
                          .level = who->level,
                          .depth = (uint8_t)(occasion->depth > 255 ? 255 : occasion->depth),
                          .source_entity = slot >= 0 ? (uint8_t)self : who->entity,
                          .event_source = (uint8_t)occasion->source,
                          .event_target = (uint8_t)occasion->target,
                          .cause = (uint16_t)occasion->cause,
                          .amount = occasion->amount};
}

static bool hero_is_below(const struct hero *hero, int32_t permille)
{
    return (int64_t)hero->hp * 1000 < (int64_t)hero->hp_max * permille;
}

/* What can be said without looking at the event: inner cooldown, number of firings, the hero's health. */
static bool may_hear(const struct battle_ctx *ctx, int side, const struct ability *ability,
                     const struct ability_state *state)
{
    if (ctx->tick < state->icd_until || state->fires >= ability->fires_max) return false;
    return ability->on != ON_HERO_BELOW || hero_is_below(&ctx->heroes[side], ability->below_permille);
}

/* The conditions, and every n-th time they hold. */
static bool fires(struct battle_ctx *ctx, const struct ability *ability, struct ability_state *state,
                  const struct frame *frame)
{
    if (!conditions_hold(ctx, ability->conditions, frame, 0)) return false;
    if (ability->nth > 1 && ++state->heard % ability->nth != 0) return false;
    state->fires++;
    state->icd_until = (uint16_t)(ctx->tick + ability->icd_ticks);
    return true;
}

void trigger_push(struct battle_ctx *ctx, const struct frame *frame, int entity, int ability)
{
    if (ctx->overload) return;
    if (frame->depth > DEPTH_MAX) {
        fizzle(ctx, entity, FIZZLE_DEPTH, frame->cause);
    } else if (ctx->queue_count == QUEUE_MAX) {
        fizzle(ctx, entity, FIZZLE_QUEUE, frame->cause);
    } else {
        struct queued *queued = &ctx->queue[(ctx->queue_head + ctx->queue_count++) % QUEUE_MAX];
        queued->frame = *frame;
        queued->entity = (uint8_t)entity;
        queued->ability = (uint8_t)ability;
    }
}

/* Enqueues the abilities of one actor that answer the trigger. */
static void offer(struct battle_ctx *ctx, enum trigger trigger, int side, int actor,
                  const struct occasion *occasion)
{
    struct actor *who = &ctx->actors[side][actor];
    if (!can_act(ctx, side, actor, trigger == ON_DEATH)) return;
    const struct ability *abilities = &ctx->catalog->abilities[who->def->abilities.start];
    for (uint32_t left = who->def->answers[trigger]; left != 0; left &= left - 1) {
        int i = lowest_bit(left);
        if (!may_hear(ctx, side, &abilities[i], &who->abilities[i])) continue;
        struct frame frame = frame_of(ctx, side, actor, occasion);
        if (fires(ctx, &abilities[i], &who->abilities[i], &frame)) trigger_push(ctx, &frame, who->entity, i);
    }
}

int32_t trigger_clock_due(const struct battle_ctx *ctx, int side, int actor)
{
    const struct actor *who = &ctx->actors[side][actor];
    int32_t due = NEVER;
    for (int i = 0; i < who->def->abilities.count; i++)
        if (ctx->catalog->abilities[who->def->abilities.start + i].on == ON_EVERY &&
            who->abilities[i].due < due)
            due = who->abilities[i].due;
    return due;
}

/* Clocks go on while a card is disabled, they only ring in vain. */
void trigger_clock(struct battle_ctx *ctx, int side, int actor)
{
    struct actor *who = &ctx->actors[side][actor];
    struct occasion occasion = {.side = side, .slot = actor_slot(actor)};
    struct frame frame = frame_of(ctx, side, actor, &occasion);
    bool able = can_act(ctx, side, actor, false);
    ctx->next_clock = 0;
    for (int i = 0; i < who->def->abilities.count; i++) {
        const struct ability *ability = &ctx->catalog->abilities[who->def->abilities.start + i];
        struct ability_state *state = &who->abilities[i];
        if (ability->on != ON_EVERY || state->due > ctx->tick) continue;
        state->due += ability->every_ticks;
        if (able && may_hear(ctx, side, ability, state) && fires(ctx, ability, state, &frame))
            trigger_push(ctx, &frame, who->entity, i);
    }
}

void trigger_offer(struct battle_ctx *ctx, enum trigger trigger, int side, uint32_t ears,
                   const struct occasion *occasion)
{
    for (; ears != 0; ears &= ears - 1) offer(ctx, trigger, side, lowest_bit(ears), occasion);
}

/* battle_start: artifacts, then items, then cards, then consumables, each for both sides in turn. */
void trigger_offer_everybody(struct battle_ctx *ctx, enum trigger trigger, const struct occasion *occasion)
{
    static const uint32_t groups[] = {0x7u << ARTIFACT_ACTOR, 0xffffu << ITEM_ACTOR, 0xffu,
                                      0x3u << CONSUMABLE_ACTOR};
    for (int i = 0; i < 8; i++) {
        int side = i % 2 == 0 ? ctx->first : 1 - ctx->first;
        trigger_offer(ctx, trigger, side, ctx->listeners[side][trigger] & groups[i / 2], occasion);
    }
}

static void run_ready(struct battle_ctx *ctx, struct frame *frame)
{
    const struct ability *abilities = &ctx->catalog->abilities[frame->def->abilities.start];
    for (uint32_t left = frame->def->answers[ON_READY]; left != 0; left &= left - 1) {
        const struct ability *ability = &abilities[lowest_bit(left)];
        if (conditions_hold(ctx, ability->conditions, frame, 0)) effects_run(ctx, ability->effects, frame);
    }
}

void activate_once(struct battle_ctx *ctx, struct card *card, int multi, int cause, int depth)
{
    timer_advance(ctx, card); /* out of turn its progress may be that of an earlier tick */
    struct event *event = event_new(ctx, EVENT_ACT, card->entity, 0, cause);
    event->n = multi;
    event->v = timer_ready_ms(ctx, card);
    event->x = card->uses_left;
    struct occasion used = {card->side, card->slot, card->entity, card->entity, ctx->event_count,
                            depth + 1,  0};
    struct frame frame = {.def = card->def,
                          .side = card->side,
                          .actor = card->slot,
                          .self = card->entity,
                          .level = card->level,
                          .depth = (uint8_t)depth,
                          .source_entity = card->entity,
                          .event_source = card->entity,
                          .event_target = card->entity,
                          .cause = (uint16_t)ctx->event_count};
    run_ready(ctx, &frame);
    trigger_raise(ctx, ON_USED, &used);
    trigger_raise(ctx, ON_ALLY_USED, &used);
    trigger_raise(ctx, ON_ENEMY_USED, &used);
}

/* Still there and able, or it answers its own death. */
static bool may_run(const struct battle_ctx *ctx, const struct queued *queued, const struct ability *ability)
{
    const struct frame *frame = &queued->frame;
    bool there = ctx->actors[frame->side][frame->actor].entity == queued->entity;
    if (!there) return ability->on == ON_DEATH;
    return can_act(ctx, frame->side, frame->actor, ability->on == ON_DEATH);
}

static void run_ability(struct battle_ctx *ctx, struct queued *queued, const struct ability *ability)
{
    struct frame *frame = &queued->frame;
    event_new(ctx, EVENT_TRIG, queued->entity, frame->event_source, frame->cause)->a = ability->index;
    frame->cause = (uint16_t)ctx->event_count;
    if (frame->def->kind == BATTLE_RITE || frame->def->kind == BATTLE_CONSUMABLE)
        spend(ctx, frame->side, frame->actor, frame->cause);
    effects_run(ctx, ability->effects, frame);
}

static void run_queued(struct battle_ctx *ctx, struct queued *queued)
{
    const struct frame *frame = &queued->frame;
    if (queued->ability == READY_ABILITY) {
        struct card *card = living_card(ctx, queued->entity);
        if (card != NULL && !card->disabled) activate_once(ctx, card, 0, frame->cause, frame->depth);
        return;
    }
    const struct ability *ability = &ctx->catalog->abilities[frame->def->abilities.start + queued->ability];
    if (may_run(ctx, queued, ability)) run_ability(ctx, queued, ability);
}

void settle_all(struct battle_ctx *ctx)
{
    do {
        while (ctx->queue_count > 0 && !ctx->overload) {
            struct queued queued = ctx->queue[ctx->queue_head];
            ctx->queue_head = (ctx->queue_head + 1) % QUEUE_MAX;
            ctx->queue_count--;
            run_queued(ctx, &queued);
        }
        if (ctx->overload) ctx->queue_count = 0;
        ctx->queue_head = 0; /* the front of the ring stays in the cache */
    } while (!ctx->overload && death_step(ctx));
}
