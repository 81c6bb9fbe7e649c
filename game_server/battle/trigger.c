/* Triggers: who hears what happened, the queue, and running what it holds. First in, first out, so a
 * cascade spreads breadth first and always ends: depth, an inner cooldown, a number of firings and a number
 * of effects per root bound it from four sides. */
#include "engine.h"

enum audience { TIMER, SELF, OWN, ALLY, ENEMY, SIDE, ALL };
#define TRIGGER_AUDIENCE(name, text, who) who,
static const uint8_t audiences[TRIGGERS] = {TIMER, BATTLE_TRIGGERS(TRIGGER_AUDIENCE)};

static const uint32_t OWNERLESS = 0x7u << ARTIFACT_ACTOR | 0x3u << CONSUMABLE_ACTOR;

static uint32_t slot_bits(int slot)
{
    return slot < 0 ? 0 : 1u << slot | 3u << (ITEM_ACTOR + BATTLE_CARD_ITEMS * slot);
}

int actor_slot(int actor)
{
    if (actor < BATTLE_SLOTS) return actor;
    return actor >= ITEM_ACTOR && actor < CONSUMABLE_ACTOR ? (actor - ITEM_ACTOR) / BATTLE_CARD_ITEMS : -1;
}

/* Cards and their items need the card; artifacts and consumables need only not to be spent. */
static bool can_act(const struct battle_ctx *ctx, int side, int actor, bool even_dead)
{
    int slot = actor_slot(actor);
    if (slot < 0) return !ctx->actors[side][actor].spent;
    const struct card *card = &ctx->cards[side][slot];
    return (card->alive || even_dead) && !card->disabled;
}

void frame_of_actor(struct battle_ctx *ctx, int side, int actor, struct frame *frame)
{
    int slot = actor_slot(actor);
    const struct actor *who = &ctx->actors[side][actor];
    int self = slot >= 0 ? ctx->cards[side][slot].entity : HERO_ENTITY + side;
    *frame = (struct frame){.def = who->def,
                            .side = (uint8_t)side,
                            .actor = (uint8_t)actor,
                            .self = (uint8_t)self,
                            .level = who->level,
                            .source_entity = slot >= 0 ? (uint8_t)self : who->entity};
}

/* The frame an ability of this actor would run in, for its conditions. */
static void frame_of_occasion(struct battle_ctx *ctx, int side, int actor, const struct occasion *occasion,
                              struct frame *frame)
{
    frame_of_actor(ctx, side, actor, frame);
    frame->event_source = (uint8_t)occasion->source;
    frame->event_target = (uint8_t)occasion->target;
    frame->amount = occasion->amount;
    frame->depth = (uint8_t)(occasion->depth > 255 ? 255 : occasion->depth);
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

void trigger_push(struct battle_ctx *ctx, const struct queued *entry)
{
    if (ctx->overload) return;
    if (entry->depth > DEPTH_MAX) {
        fizzle(ctx, entry->entity, FIZZLE_DEPTH, entry->cause);
    } else if (ctx->queue_count == QUEUE_MAX) {
        fizzle(ctx, entry->entity, FIZZLE_QUEUE, entry->cause);
    } else {
        ctx->queue[(ctx->queue_head + ctx->queue_count++) % QUEUE_MAX] = *entry;
    }
}

static void enqueue(struct battle_ctx *ctx, const struct frame *frame, int ability, int cause)
{
    const struct actor *who = &ctx->actors[frame->side][frame->actor];
    struct queued entry = {.def = who->def,
                           .amount = frame->amount,
                           .cause = (uint16_t)cause,
                           .side = frame->side,
                           .actor = frame->actor,
                           .entity = who->entity,
                           .self = frame->self,
                           .level = frame->level,
                           .ability = (uint8_t)ability,
                           .depth = frame->depth,
                           .source = frame->event_source,
                           .target = frame->event_target};
    trigger_push(ctx, &entry);
}

/* Enqueues the abilities of one actor that answer the trigger. */
static void offer(struct battle_ctx *ctx, enum trigger trigger, int side, int actor,
                  const struct occasion *occasion)
{
    struct actor *who = &ctx->actors[side][actor];
    struct frame frame;
    if (!can_act(ctx, side, actor, trigger == ON_DEATH)) return;
    for (int i = 0; i < who->def->abilities.count; i++) {
        const struct ability *ability = &ctx->catalog->abilities[who->def->abilities.start + i];
        if (ability->on != trigger || !may_hear(ctx, side, ability, &who->abilities[i])) continue;
        frame_of_occasion(ctx, side, actor, occasion, &frame);
        if (fires(ctx, ability, &who->abilities[i], &frame)) enqueue(ctx, &frame, i, occasion->cause);
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
    struct frame frame;
    bool able = can_act(ctx, side, actor, false);
    frame_of_occasion(ctx, side, actor, &occasion, &frame);
    for (int i = 0; i < who->def->abilities.count; i++) {
        const struct ability *ability = &ctx->catalog->abilities[who->def->abilities.start + i];
        struct ability_state *state = &who->abilities[i];
        if (ability->on != ON_EVERY || state->due > ctx->tick) continue;
        state->due += ability->every_ticks;
        if (able && may_hear(ctx, side, ability, state) && fires(ctx, ability, state, &frame))
            enqueue(ctx, &frame, i, 0);
    }
}

static void offer_all(struct battle_ctx *ctx, enum trigger trigger, int side, uint32_t mask,
                      const struct occasion *occasion)
{
    mask &= ctx->listeners[side][trigger];
    for (; mask != 0; mask &= mask - 1) offer(ctx, trigger, side, lowest_bit(mask), occasion);
}

/* battle_start: artifacts, then items, then cards, then consumables, each for both sides in turn. */
static void offer_in_start_order(struct battle_ctx *ctx, enum trigger trigger,
                                 const struct occasion *occasion)
{
    static const uint32_t groups[] = {0x7u << ARTIFACT_ACTOR, 0xffffu << ITEM_ACTOR, 0xffu,
                                      0x3u << CONSUMABLE_ACTOR};
    for (int i = 0; i < 4; i++) {
        offer_all(ctx, trigger, ctx->first, groups[i], occasion);
        offer_all(ctx, trigger, 1 - ctx->first, groups[i], occasion);
    }
}

void trigger_tell(struct battle_ctx *ctx, enum trigger trigger, const struct occasion *occasion)
{
    int side = occasion->side;
    uint32_t self = slot_bits(occasion->slot);
    switch (audiences[trigger]) {
    case SELF: offer_all(ctx, trigger, side, self | OWNERLESS, occasion); break;
    case OWN: offer_all(ctx, trigger, side, occasion->slot < 0 ? ~0u : self | OWNERLESS, occasion); break;
    case ALLY: offer_all(ctx, trigger, side, ~self, occasion); break;
    case ENEMY: offer_all(ctx, trigger, 1 - side, ~0u, occasion); break;
    case SIDE: offer_all(ctx, trigger, side, ~0u, occasion); break;
    default: offer_in_start_order(ctx, trigger, occasion);
    }
}

static void run_ready(struct battle_ctx *ctx, struct frame *frame)
{
    for (int i = 0; i < frame->def->abilities.count; i++) {
        const struct ability *ability = &ctx->catalog->abilities[frame->def->abilities.start + i];
        if (ability->on == ON_READY && conditions_hold(ctx, ability->conditions, frame, 0))
            effects_run(ctx, ability->effects, frame);
    }
}

void activate_once(struct battle_ctx *ctx, struct card *card, int multi, int cause, int depth)
{
    struct frame frame;
    timer_advance(ctx, card); /* out of turn its progress may be that of an earlier tick */
    struct event *event = event_new(ctx, EVENT_ACT, card->entity, 0, cause);
    event->n = multi;
    event->v = timer_ready_ms(ctx, card);
    event->x = card->uses_left;
    frame_of_actor(ctx, card->side, card->slot, &frame);
    frame.event_source = frame.event_target = card->entity;
    frame.cause = (uint16_t)ctx->event_count;
    frame.depth = (uint8_t)depth;
    struct occasion used = {card->side, card->slot, card->entity, card->entity, frame.cause, depth + 1, 0};
    run_ready(ctx, &frame);
    trigger_raise(ctx, ON_USED, &used);
    trigger_raise(ctx, ON_ALLY_USED, &used);
    trigger_raise(ctx, ON_ENEMY_USED, &used);
}

/* Still there and able, or it answers its own death. */
static bool may_run(const struct battle_ctx *ctx, const struct queued *entry, const struct ability *ability)
{
    bool there = ctx->actors[entry->side][entry->actor].entity == entry->entity;
    if (!there) return ability->on == ON_DEATH;
    return can_act(ctx, entry->side, entry->actor, ability->on == ON_DEATH);
}

static void run_ability(struct battle_ctx *ctx, const struct queued *entry, const struct ability *ability)
{
    bool owned = actor_slot(entry->actor) >= 0;
    event_new(ctx, EVENT_TRIG, entry->entity, entry->source, entry->cause)->a = ability->index;
    struct frame frame = {.def = entry->def,
                          .side = entry->side,
                          .actor = entry->actor,
                          .self = entry->self,
                          .level = entry->level,
                          .depth = entry->depth,
                          .source_entity = owned ? entry->self : entry->entity,
                          .event_source = entry->source,
                          .event_target = entry->target,
                          .cause = (uint16_t)ctx->event_count,
                          .amount = entry->amount};
    if (entry->def->kind == BATTLE_RITE || entry->def->kind == BATTLE_CONSUMABLE)
        spend(ctx, entry->side, entry->actor, frame.cause);
    effects_run(ctx, ability->effects, &frame);
}

static void run_queued(struct battle_ctx *ctx, const struct queued *entry)
{
    if (entry->ability == READY_ABILITY) {
        struct card *card = card_of(ctx, entry->entity);
        if (card != NULL && card_lives(card) && !card->disabled)
            activate_once(ctx, card, 0, entry->cause, entry->depth);
        return;
    }
    const struct ability *ability = &ctx->catalog->abilities[entry->def->abilities.start + entry->ability];
    if (may_run(ctx, entry, ability)) run_ability(ctx, entry, ability);
}

void root_begin(struct battle_ctx *ctx)
{
    ctx->root_effects = 0;
}

void settle_all(struct battle_ctx *ctx)
{
    do {
        while (ctx->queue_count > 0 && !ctx->overload) {
            struct queued entry = ctx->queue[ctx->queue_head];
            ctx->queue_head = (ctx->queue_head + 1) % QUEUE_MAX;
            ctx->queue_count--;
            run_queued(ctx, &entry);
        }
        if (ctx->overload) ctx->queue_count = 0;
    } while (!ctx->overload && death_step(ctx));
}
