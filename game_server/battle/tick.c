/* The clock: jumps from one due tick to the next and runs the phases of each.
 * A expiry, B activations, C periodic, D storm, E deaths, F heroes, G end (see docs/battle.md section 4). */
#include "engine.h"

struct batch {
    uint32_t ready; /* cards whose timer is full: side * 8 + slot */
    uint8_t entities[2 * BATTLE_SLOTS]; /* who stood there then */
    uint32_t clocks[2]; /* actors with a clock that rings */
};

void coin_flip(struct battle_ctx *ctx)
{
    ctx->first = ctx->low_key_side ^ (int)rng_below(&ctx->order, 2);
}

static int side_in_turn(const struct battle_ctx *ctx, int k)
{
    return k == 0 ? ctx->first : 1 - ctx->first;
}

static void raise_everywhere(struct battle_ctx *ctx, enum trigger trigger)
{
    struct occasion occasion = {.side = ctx->first, .slot = -1, .cause = ctx->event_count};
    root_begin(ctx);
    trigger_raise(ctx, trigger, &occasion);
    settle(ctx);
}

/* ---- A and B ------------------------------------------------------------------------------------ */

static bool status_ends(const struct card *card, int32_t tick)
{
    return card->frozen_until == tick || card->slow_until == tick || card->haste_until == tick;
}

/* A card that is ready stays due until it acts or something else happens to it. */
static void expire_card(struct battle_ctx *ctx, int place, struct batch *batch)
{
    struct card *card = &ctx->cards[place / BATTLE_SLOTS][place % BATTLE_SLOTS];
    timer_advance(ctx, card);
    if (timer_is_ready(ctx, card)) {
        batch->ready |= 1u << place;
        batch->entities[place] = card->entity;
        return;
    }
    timer_schedule(ctx, card);
    if (status_ends(card, ctx->tick))
        event_new(ctx, EVENT_RATE, 0, card->entity, 0)->v = timer_ready_ms(ctx, card);
}

/* Bits of side * 8 + slot turned so that the bits of `first` are the low ones; and back. */
static uint32_t in_turn(uint32_t places, int first)
{
    return first == 0 ? places : (places >> BATTLE_SLOTS | places << BATTLE_SLOTS) & 0xffff;
}

static void expire(struct battle_ctx *ctx, struct batch *batch)
{
    int first = ctx->first;
    for (uint32_t due = in_turn(due_until(&ctx->due, ctx->tick), first); due != 0; due &= due - 1)
        expire_card(ctx, lowest_bit(due) ^ first * BATTLE_SLOTS, batch);
}

static void collect_clocks(struct battle_ctx *ctx, struct batch *batch)
{
    for (int side = 0; side < 2; side++)
        for (uint32_t mask = ctx->listeners[side][ON_EVERY]; mask != 0; mask &= mask - 1)
            if (trigger_clock_due(ctx, side, lowest_bit(mask)) <= ctx->tick)
                batch->clocks[side] |= mask & (0u - mask);
}

/* A slot may meanwhile belong to somebody else. */
static void activate(struct battle_ctx *ctx, struct card *card, int entity)
{
    if (card->entity != entity || !card_lives(ctx, card) || !timer_is_ready(ctx, card)) return;
    int times = 1 + card->stat[STAT_MULTI];
    timer_use(ctx, card);
    for (int i = 0; i < times && !ctx->overload; i++) {
        if (card->entity != entity || !card_lives(ctx, card) || card->disabled) return;
        root_begin(ctx);
        activate_once(ctx, card, i, 0, 0);
        settle(ctx);
    }
    if (card->uses_left == 0 && card->stat[STAT_USES] > 0 && card->entity == entity && card->alive)
        event_new(ctx, EVENT_SPENT, 0, entity, 0);
}

static void run_clocks(struct battle_ctx *ctx, int side, uint32_t clocks)
{
    for (; clocks != 0 && !ctx->overload; clocks &= clocks - 1) {
        int actor = lowest_bit(clocks);
        if (!(ctx->listeners[side][ON_EVERY] >> actor & 1)) continue; /* died or spent meanwhile */
        root_begin(ctx);
        trigger_clock(ctx, side, actor);
        settle(ctx);
    }
}

/* `ready` is turned so that the low bits belong to `first`. */
static void run_ready(struct battle_ctx *ctx, int first, uint32_t ready, const struct batch *batch)
{
    for (; ready != 0 && !ctx->overload; ready &= ready - 1) {
        int place = lowest_bit(ready) ^ first * BATTLE_SLOTS;
        activate(ctx, &ctx->cards[place / BATTLE_SLOTS][place % BATTLE_SLOTS], batch->entities[place]);
    }
}

static bool has_work(const struct batch *batch, int side)
{
    return (batch->ready >> side * BATTLE_SLOTS & 0xff) != 0 || batch->clocks[side] != 0;
}

static void activations(struct battle_ctx *ctx)
{
    struct batch batch;
    batch.ready = batch.clocks[0] = batch.clocks[1] = 0;
    if (ctx->next_card > ctx->tick && ctx->next_clock > ctx->tick) return;
    ctx->batch_fixed = false;
    if (ctx->next_card <= ctx->tick) expire(ctx, &batch);
    if (ctx->next_clock <= ctx->tick) collect_clocks(ctx, &batch);
    ctx->batch_fixed = true;
    if (has_work(&batch, 0) && has_work(&batch, 1)) coin_flip(ctx);
    int first = ctx->first; /* kept: nothing in the batch may turn it round */
    uint32_t ready = in_turn(batch.ready, first);
    if ((batch.clocks[0] | batch.clocks[1]) == 0) {
        run_ready(ctx, first, ready, &batch);
        return;
    }
    run_clocks(ctx, first, batch.clocks[first]);
    run_ready(ctx, first, ready & 0xff, &batch);
    run_clocks(ctx, 1 - first, batch.clocks[1 - first]);
    run_ready(ctx, first, ready & 0xff00, &batch);
}

/* ---- C and D ------------------------------------------------------------------------------------ */

struct pain { /* what a hero lost in a phase */
    int32_t amount;
    int event;
};

static void emit_tick(struct battle_ctx *ctx, int side, enum tick_kind kind, int32_t amount, int32_t left)
{
    struct event *event = event_new(ctx, EVENT_TICK, 0, HERO_ENTITY + side, 0);
    event->n = amount;
    event->v = ctx->heroes[side].hp;
    event->w = ctx->heroes[side].shield;
    event->f = (uint8_t)kind;
    event->x = left;
}

static void burn_tick(struct battle_ctx *ctx, int side, struct pain *pain)
{
    struct hero *hero = &ctx->heroes[side];
    int32_t amount = hero->burn, less = amount / 16 > 1 ? amount / 16 : 1;
    if (amount == 0) return;
    ctx->damage[1 - side] += hero_lose(hero, amount, false);
    hero->burn -= less;
    hero->hit_by_storm_last = false;
    emit_tick(ctx, side, TICK_BURN, amount, hero->burn);
    *pain = (struct pain){pain->amount + amount, ctx->event_count};
}

static void poison_tick(struct battle_ctx *ctx, int side, struct pain *pain)
{
    struct hero *hero = &ctx->heroes[side];
    int32_t amount = hero->poison;
    if (amount == 0) return;
    ctx->damage[1 - side] += hero_lose(hero, amount, true);
    hero->hit_by_storm_last = false;
    emit_tick(ctx, side, TICK_POISON, amount, hero->poison);
    *pain = (struct pain){pain->amount + amount, ctx->event_count};
}

static void regen_tick(struct battle_ctx *ctx, int side)
{
    struct hero *hero = &ctx->heroes[side];
    int32_t amount = ctx->storm ? hero->regen / 2 : hero->regen;
    if (amount > hero->hp_max - hero->hp) amount = hero->hp_max - hero->hp;
    if (amount <= 0) return;
    hero->hp += amount;
    emit_tick(ctx, side, TICK_REGEN, amount, hero->regen);
}

/* Both heroes have suffered; only now does anybody answer. */
static void answer_pain(struct battle_ctx *ctx, const struct pain pains[2])
{
    if (pains[0].amount + pains[1].amount == 0) return;
    root_begin(ctx);
    for (int k = 0; k < 2; k++) {
        int side = side_in_turn(ctx, k);
        if (pains[side].amount == 0) continue;
        struct occasion occasion = {
            side, -1, 0, HERO_ENTITY + side, pains[side].event, 1, pains[side].amount};
        trigger_raise(ctx, ON_HERO_HURT, &occasion);
        trigger_raise(ctx, ON_HERO_BELOW, &occasion);
    }
    settle(ctx);
}

static void periodic(struct battle_ctx *ctx)
{
    struct pain pains[2] = {{0, 0}, {0, 0}};
    int first = ctx->first, second = 1 - first;
    if ((uint32_t)ctx->tick % POISON_TICKS != 0) {
        burn_tick(ctx, first, &pains[first]);
        burn_tick(ctx, second, &pains[second]);
    } else {
        burn_tick(ctx, first, &pains[first]);
        poison_tick(ctx, first, &pains[first]);
        regen_tick(ctx, first);
        burn_tick(ctx, second, &pains[second]);
        poison_tick(ctx, second, &pains[second]);
        regen_tick(ctx, second);
    }
    answer_pain(ctx, pains);
}

static void storm(struct battle_ctx *ctx)
{
    struct pain pains[2] = {{0, 0}, {0, 0}};
    if (!ctx->storm) {
        ctx->storm = true;
        event_new(ctx, EVENT_STORMSTART, 0, 0, 0)->n = ctx->storm_damage;
        raise_everywhere(ctx, ON_STORM_START);
    }
    for (int k = 0; k < 2; k++) {
        int side = side_in_turn(ctx, k);
        struct hero *hero = &ctx->heroes[side];
        int32_t permille = 1000 + hero->storm_permille,
                amount = permille <= 0 ? 0 : permille_of(ctx->storm_damage, permille);
        if (amount == 0) continue;
        hero_lose(hero, amount, true);
        hero->hit_by_storm_last = true;
        emit_tick(ctx, side, TICK_STORM, amount, 0);
        pains[side] = (struct pain){amount, ctx->event_count};
    }
    ctx->storm_damage = clamp32((int64_t)ctx->storm_damage + ctx->storm_damage / 4 + 1, 0, AMOUNT_MAX);
    answer_pain(ctx, pains);
}

/* ---- F and G ------------------------------------------------------------------------------------ */

static void save_hero(struct battle_ctx *ctx, int side)
{
    struct hero *hero = &ctx->heroes[side];
    if (hero->hp > 0) return;
    event_new(ctx, EVENT_LETHAL, 0, HERO_ENTITY + side, 0)->v = hero->hp;
    struct occasion occasion = {side, -1, 0, HERO_ENTITY + side, ctx->event_count, 1, 1 - hero->hp};
    root_begin(ctx);
    ctx->saving = true;
    trigger_raise(ctx, ON_HERO_LETHAL, &occasion);
    settle(ctx);
    ctx->saving = false;
    if (hero->hp <= 0) return;
    struct event *event = event_new(ctx, EVENT_LETHAL, 0, HERO_ENTITY + side, occasion.cause);
    event->v = hero->hp;
    event->f = 1;
}

static bool is_over(struct battle_ctx *ctx)
{
    root_begin(ctx);
    settle(ctx);
    if (ctx->heroes[0].hp > 0 && ctx->heroes[1].hp > 0) return ctx->overload;
    for (int k = 0; k < 2 && !ctx->overload; k++) save_hero(ctx, side_in_turn(ctx, k));
    return ctx->overload || ctx->heroes[0].hp <= 0 || ctx->heroes[1].hp <= 0;
}

/* ---- the clock ---------------------------------------------------------------------------------- */

static int32_t next_clock(const struct battle_ctx *ctx)
{
    int32_t next = NEVER;
    for (int side = 0; side < 2; side++) {
        for (uint32_t mask = ctx->listeners[side][ON_EVERY]; mask != 0; mask &= mask - 1) {
            int32_t due = trigger_clock_due(ctx, side, lowest_bit(mask));
            if (due < next) next = due;
        }
    }
    return next;
}

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* The earliest of: a card, a clock, what burns, what is poisoned or regenerates, and the storm. */
static int32_t next_tick(struct battle_ctx *ctx)
{
    const struct hero *a = &ctx->heroes[0], *b = &ctx->heroes[1];
    uint32_t tick = (uint32_t)ctx->tick;
    int32_t beat = (int32_t)(tick - tick % BURN_TICKS + BURN_TICKS);
    int32_t slow_beat = (int32_t)(tick - tick % POISON_TICKS + POISON_TICKS);
    bool burns = (a->burn | b->burn) != 0, ails = (a->poison | b->poison | a->regen | b->regen) != 0;
    ctx->next_card = due_earliest(&ctx->due);
    if (ctx->next_clock == 0) ctx->next_clock = next_clock(ctx);
    int32_t next = earlier(ctx->next_card, ctx->next_clock);
    next = earlier(next, burns ? beat : NEVER);
    next = earlier(next, ails ? slow_beat : NEVER);
    return earlier(next, beat > STORM_TICK ? beat : STORM_TICK);
}

void run_start(struct battle_ctx *ctx)
{
    ctx->batch_fixed = true;
    raise_everywhere(ctx, ON_BATTLE_SETUP);
    event_new(ctx, EVENT_START, 0, 0, 0);
    raise_everywhere(ctx, ON_BATTLE_START);
}

void run_ticks(struct battle_ctx *ctx)
{
    while (!is_over(ctx)) {
        int32_t next = next_tick(ctx);
        ctx->tick = next < END_TICK ? next : END_TICK;
        if (ctx->tick == END_TICK) return;
        activations(ctx);
        if ((uint32_t)ctx->tick % BURN_TICKS != 0) continue;
        if (!ctx->overload) periodic(ctx);
        if (ctx->tick >= STORM_TICK && !ctx->overload) storm(ctx);
    }
}
