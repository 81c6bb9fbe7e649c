/* The clock: jumps from one due tick to the next and runs the phases of each.
 * A expiry and B activations (batch.c), C periodic, D storm, E deaths, F heroes, G end (see docs/battle.md
 * section 4). */
#include "engine.h"

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
        batch_run(ctx);
        if ((uint32_t)ctx->tick % BURN_TICKS != 0) continue;
        if (!ctx->overload) periodic(ctx);
        if (ctx->tick >= STORM_TICK && !ctx->overload) storm(ctx);
    }
}
