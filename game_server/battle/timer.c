/* Cooldowns, counted in half-ticks so that every pace is exact: normal 2 a tick, hasted 4, slowed 1, both 2,
 * frozen 0. A card is looked at only when it becomes ready or when one of its statuses ends. */
#include "engine.h"

static int32_t pace(const struct card *card, int32_t tick)
{
    if (card->frozen_until > tick) return 0;
    bool hasted = card->haste_until > tick, slowed = card->slow_until > tick;
    return hasted == slowed ? 2 : hasted ? 4 : 1;
}

/* Whole ticks that `left` half-ticks take; a pace is 1, 2 or 4. */
static int32_t ticks_for(int32_t left, int32_t rate)
{
    if (left <= 0) return 0;
    return rate == 2 ? (left + 1) / 2 : rate == 4 ? (left + 3) / 4 : left;
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
    if (card->since == ctx->tick) return;
    if (timer_runs(card)) card->progress += pace(card, card->since) * (ctx->tick - card->since);
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
    if (timer_runs(card)) {
        int32_t rate = pace(card, now);
        if (rate > 0) due = now + ticks_for(left, rate);
        due = earlier_end(due, card->frozen_until, now);
        due = earlier_end(due, card->haste_until, now);
        due = earlier_end(due, card->slow_until, now);
        if (ctx->batch_fixed && due <= now) due = now + 1;
    }
    due_set(ctx, card, due);
}

int32_t timer_tell_ready_ms(const struct battle_ctx *ctx, const struct card *card)
{
    if (!timer_runs(card)) return 0;
    int32_t start = card->frozen_until > ctx->tick ? card->frozen_until : ctx->tick;
    int32_t left = card->cooldown - card->progress, rate = pace(card, start);
    int32_t ready = start + ticks_for(left, rate);
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
    if (!timer_runs(card)) return 0;
    return ticks_for(card->cooldown - card->progress, 2) * TICK_MS;
}
