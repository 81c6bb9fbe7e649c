/* Cooldowns, counted in half-ticks so that every pace is exact: normal 2 a tick, hasted 4, slowed 1, both 2,
 * frozen 0. A card is looked at only when it becomes ready or when one of its statuses ends. */
#include "engine.h"

/* The pace as a shift: half-ticks a tick are 1 << pace. A frozen card has none. */
static int pace(const struct card *card, int32_t tick)
{
    return 1 + (card->haste_until > tick) - (card->slow_until > tick);
}

/* Whole ticks that `left` half-ticks take. */
static int32_t ticks_for(int32_t left, int pace)
{
    return left <= 0 ? 0 : (left + (1 << pace) - 1) >> pace;
}

void timer_start(struct battle_ctx *ctx, struct card *card)
{
    card->since = ctx->tick;
    card->cooldown = card->stat[STAT_CD] / TICK_MS * 2;
    card->progress = card->keywords & KW_SWIFT ? card->cooldown / 2 : 0;
    timer_schedule(ctx, card);
}

void timer_advance(struct battle_ctx *ctx, struct card *card)
{
    int32_t passed = ctx->tick - card->since;
    if (passed == 0) return;
    if (card->runs && card->frozen_until <= card->since) card->progress += passed << pace(card, card->since);
    card->since = ctx->tick;
}

static int32_t earlier_end(int32_t due, int32_t until, int32_t now)
{
    return until > now && until < due ? until : due;
}

/* Expects the card advanced to the present tick. */
void timer_schedule(struct battle_ctx *ctx, struct card *card)
{
    int32_t due = NEVER, now = ctx->tick, left = card->cooldown - card->progress;
    timer_note(card);
    if (card->runs) {
        if (card->frozen_until <= now) due = now + ticks_for(left, pace(card, now));
        due = earlier_end(due, card->frozen_until, now);
        due = earlier_end(due, card->haste_until, now);
        due = earlier_end(due, card->slow_until, now);
        if (ctx->batch_fixed && due <= now) due = now + 1;
    }
    due_set(ctx, card, due);
}

int32_t timer_tell_ready_ms(const struct battle_ctx *ctx, const struct card *card)
{
    if (!card->runs) return 0;
    int32_t start = card->frozen_until > ctx->tick ? card->frozen_until : ctx->tick;
    int32_t ready = start + ticks_for(card->cooldown - card->progress, pace(card, start));
    if (ctx->batch_fixed && ready <= ctx->tick) ready = ctx->tick + 1;
    return ready * TICK_MS;
}

int32_t timer_charge(struct battle_ctx *ctx, struct card *card, int32_t ticks)
{
    timer_advance(ctx, card);
    int32_t left = card->cooldown - card->progress, add = 2 * ticks < left ? 2 * ticks : left;
    if (add <= 0) return 0;
    card->progress += add;
    timer_schedule(ctx, card);
    return (add + 1) / 2;
}

void timer_use(struct battle_ctx *ctx, struct card *card)
{
    card->progress -= card->cooldown; /* what haste did too much is kept */
    if (card->stat[STAT_USES] > 0) card->uses_left--;
    timer_schedule(ctx, card);
}

int32_t timer_ready_at_start(const struct card *card)
{
    if (!card->runs) return 0;
    return ticks_for(card->cooldown - card->progress, 1) * TICK_MS;
}
