/* Phases A and B of a tick: statuses end, and everything that is ready at that moment acts. What becomes ready
 * while it does waits for the next tick. */
#include "engine.h"

struct batch {
    uint32_t ready;                     /* cards whose timer is full: side * 8 + slot */
    uint8_t entities[2 * BATTLE_SLOTS]; /* who stood there then */
    uint32_t clocks[2];                 /* actors with a clock that rings */
};

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

void batch_run(struct battle_ctx *ctx)
{
    struct batch batch;
    batch.ready = batch.clocks[0] = batch.clocks[1] = 0;
    if (ctx->next_card > ctx->tick && ctx->next_clock > ctx->tick) return;
    ctx->batch_fixed = false;
    if (ctx->next_card <= ctx->tick) expire(ctx, &batch);
    if (ctx->next_clock <= ctx->tick) {
        collect_clocks(ctx, &batch);
        ctx->next_clock = 0; /* also when whoever it belonged to is gone, or time would stand still */
    }
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
