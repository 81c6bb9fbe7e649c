/* The clock: jumps from one due tick to the next and runs the phases of each.
 * A expiry, B activations, C periodic, D storm, E deaths, F heroes, G end (see docs/battle.md section 4). */
#include "engine.h"

struct batch {
    int count;
    uint8_t entities[BATTLE_SLOTS]; /* cards whose timer is full, in slot order */
    uint32_t clocks;                /* actors with a clock that rings */
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
static void expire_side(struct battle_ctx *ctx, int side, uint32_t slots, struct batch *batch)
{
    for (; slots != 0; slots &= slots - 1) {
        struct card *card = &ctx->cards[side][lowest_bit(slots)];
        timer_advance(ctx, card);
        if (timer_is_ready(ctx, card)) {
            batch->entities[batch->count++] = card->entity;
            continue;
        }
        timer_schedule(ctx, card);
        if (status_ends(card, ctx->tick))
            event_new(ctx, EVENT_RATE, 0, card->entity, 0)->v = timer_ready_ms(ctx, card);
    }
}

static void expire(struct battle_ctx *ctx, struct batch batches[2])
{
    uint32_t due = due_until(&ctx->due, ctx->tick), slots[2] = {due & 0xff, due >> BATTLE_SLOTS};
    int first = ctx->first;
    expire_side(ctx, first, slots[first], &batches[first]);
    expire_side(ctx, 1 - first, slots[1 - first], &batches[1 - first]);
}

static void collect_clocks(struct battle_ctx *ctx, struct batch batches[2])
{
    for (int side = 0; side < 2; side++)
        for (uint32_t mask = ctx->listeners[side][ON_EVERY]; mask != 0; mask &= mask - 1)
            if (trigger_clock_due(ctx, side, lowest_bit(mask)) <= ctx->tick)
                batches[side].clocks |= mask & (0u - mask);
}

static void activate(struct battle_ctx *ctx, int entity)
{
    struct card *card = card_of(ctx, entity);
    if (card == NULL || !card_lives(card) || !timer_is_ready(ctx, card)) return;
    int times = 1 + card->stat[STAT_MULTI];
    timer_use(ctx, card);
    for (int i = 0; i < times && !ctx->overload; i++) {
        card = card_of(ctx, entity);
        if (card == NULL || !card_lives(card) || card->disabled) return;
        root_begin(ctx);
        activate_once(ctx, card, i, 0, 0);
        settle(ctx);
    }
    card = card_of(ctx, entity);
    if (card != NULL && card->alive && card->stat[STAT_USES] > 0 && card->uses_left == 0)
        event_new(ctx, EVENT_SPENT, 0, entity, 0);
}

static void run_batch(struct battle_ctx *ctx, int side, const struct batch *batch)
{
    for (uint32_t clocks = batch->clocks; clocks != 0 && !ctx->overload; clocks &= clocks - 1) {
        int actor = lowest_bit(clocks);
        if (!(ctx->listeners[side][ON_EVERY] >> actor & 1)) continue; /* died or spent meanwhile */
        root_begin(ctx);
        trigger_clock(ctx, side, actor);
        settle(ctx);
    }
    for (int i = 0; i < batch->count && !ctx->overload; i++) activate(ctx, batch->entities[i]);
}

static bool has_work(const struct batch *batch)
{
    return batch->count > 0 || batch->clocks != 0;
}

static void activations(struct battle_ctx *ctx)
{
    struct batch batches[2];
    batches[0].count = batches[1].count = 0;
    batches[0].clocks = batches[1].clocks = 0;
    if (ctx->next_card > ctx->tick && ctx->next_clock > ctx->tick) return;
    ctx->batch_fixed = false;
    if (ctx->next_card <= ctx->tick) expire(ctx, batches);
    if (ctx->next_clock <= ctx->tick) collect_clocks(ctx, batches);
    ctx->batch_fixed = true;
    if (has_work(&batches[0]) && has_work(&batches[1])) coin_flip(ctx);
    int first = ctx->first; /* kept: nothing in the batch may turn it round */
    run_batch(ctx, first, &batches[first]);
    run_batch(ctx, 1 - first, &batches[1 - first]);
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
    for (int k = 0; k < 2; k++) {
        int side = side_in_turn(ctx, k);
        burn_tick(ctx, side, &pains[side]);
        if (ctx->tick % POISON_TICKS != 0) continue;
        poison_tick(ctx, side, &pains[side]);
        regen_tick(ctx, side);
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

static int32_t next_multiple(int32_t tick, int32_t of)
{
    return tick - tick % of + of;
}

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

static int32_t next_tick(struct battle_ctx *ctx)
{
    const struct hero *a = &ctx->heroes[0], *b = &ctx->heroes[1];
    int32_t next = ctx->tick < STORM_TICK ? STORM_TICK : next_multiple(ctx->tick, STORM_TICKS);
    ctx->next_card = due_earliest(&ctx->due);
    if (ctx->next_card < next) next = ctx->next_card;
    int32_t burn = next_multiple(ctx->tick, BURN_TICKS), poison = next_multiple(ctx->tick, POISON_TICKS);
    if (burn < next && (a->burn | b->burn) != 0) next = burn;
    if (poison < next && (a->poison | b->poison | a->regen | b->regen) != 0) next = poison;
    if (ctx->next_clock == 0) ctx->next_clock = next_clock(ctx);
    return ctx->next_clock < next ? ctx->next_clock : next;
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
        if (ctx->tick % BURN_TICKS == 0 && !ctx->overload) periodic(ctx);
        if (ctx->tick >= STORM_TICK && ctx->tick % STORM_TICKS == 0 && !ctx->overload) storm(ctx);
    }
}
