/* Picks: candidates from a pool in slot order, and of these the first by some order or by the dice; and the
 * amounts that read the board. */
#include "engine.h"

#define POOL_SIDE(name, text, side, dead, kinds) side,
#define POOL_IS_DEAD(name, text, side, dead, kinds) dead,
#define POOL_KINDS(name, text, side, dead, kinds) kinds,
static const uint8_t pool_side[POOLS] = {0, BATTLE_POOLS(POOL_SIDE)};
static const uint8_t pool_dead[POOLS] = {0, BATTLE_POOLS(POOL_IS_DEAD)};
static const uint8_t pool_kinds[POOLS] = {0, BATTLE_POOLS(POOL_KINDS)};

static uint32_t slots_of_pool(const struct row *row, int pool)
{
    uint32_t kinds = 0;
    for (uint32_t left = pool_kinds[pool]; left != 0; left &= left - 1) kinds |= row->kinds[lowest_bit(left)];
    return kinds & (pool_dead[pool] ? ~(uint32_t)row->alive : row->living);
}

static int candidates(struct battle_ctx *ctx, const struct pick *pick, const struct frame *frame,
                      uint8_t *out)
{
    int side = pool_side[pick->pool] ? 1 - frame->side : frame->side, count = 0;
    uint32_t slots = slots_of_pool(&ctx->rows[side], pick->pool);
    for (; slots != 0; slots &= slots - 1) {
        int entity = ctx->cards[side][lowest_bit(slots)].entity;
        if (pick->not_self && entity == frame->self) continue;
        if (conditions_hold(ctx, pick->where, frame, entity)) out[count++] = (uint8_t)entity;
    }
    return count;
}

/* Smaller comes first. */
static int32_t sort_key(struct battle_ctx *ctx, int by, int entity)
{
    switch (by) {
    case BY_HP_LOW: return measure_entity(ctx, MEASURE_HP_NOW, entity);
    case BY_HP_HIGH: return -measure_entity(ctx, MEASURE_HP_NOW, entity);
    case BY_ATK_HIGH: return -measure_entity(ctx, STAT_ATK, entity);
    case BY_CD_LONGEST: return -measure_entity(ctx, STAT_CD, entity);
    default: return 0;
    }
}

/* Stable, so equals stay in slot order. */
static void sort_candidates(struct battle_ctx *ctx, int by, uint8_t *list, int count)
{
    int32_t keys[BATTLE_SLOTS];
    for (int i = 0; i < count; i++) keys[i] = sort_key(ctx, by, list[i]);
    for (int i = 1; i < count; i++) {
        for (int k = i; k > 0 && keys[k - 1] > keys[k]; k--) {
            int32_t key = keys[k];
            uint8_t entity = list[k];
            keys[k] = keys[k - 1], list[k] = list[k - 1];
            keys[k - 1] = key, list[k - 1] = entity;
        }
    }
}

/* Partial Fisher-Yates over the slot-ordered list. */
static void shuffle(struct rng *rng, uint8_t *list, int count, int wanted)
{
    for (int i = 0; i < wanted; i++) {
        int k = i + (int)rng_below(rng, (uint32_t)(count - i));
        uint8_t entity = list[i];
        list[i] = list[k];
        list[k] = entity;
    }
}

int pick_targets(struct battle_ctx *ctx, int index, const struct frame *frame, uint8_t *out)
{
    const struct pick *pick = &ctx->catalog->picks[index];
    int count = candidates(ctx, pick, frame, out);
    if (count > pick->count) {
        if (pick->by == BY_RANDOM) shuffle(&ctx->rolls[frame->side], out, count, pick->count);
        else if (pick->by != BY_LEFTMOST) sort_candidates(ctx, pick->by, out, count);
    }
    return count < pick->count ? count : pick->count;
}

int pick_count(struct battle_ctx *ctx, int pick, const struct frame *frame)
{
    uint8_t list[BATTLE_SLOTS];
    return candidates(ctx, &ctx->catalog->picks[pick], frame, list);
}

static int32_t dynamic_part(struct battle_ctx *ctx, const struct amount *amount, const struct frame *frame)
{
    int32_t value;
    switch (amount->kind) {
    case AMOUNT_MEASURE:
        value = measure_entity(ctx, amount->measure, subject_entity(amount->subject, frame, 0));
        return value <= 0 ? 0 : permille_of(value, amount->permille);
    case AMOUNT_COUNT:
        return clamp32((int64_t)pick_count(ctx, amount->pick, frame) * amount->each, 0, AMOUNT_MAX);
    case AMOUNT_EVENT: return frame->amount <= 0 ? 0 : permille_of(frame->amount, amount->permille);
    default: return 0;
    }
}

int32_t amount_weigh(struct battle_ctx *ctx, const struct amount *amount, const struct frame *frame)
{
    int32_t value = amount->by_level[frame->level - 1];
    return clamp32((int64_t)value + dynamic_part(ctx, amount, frame), -AMOUNT_MAX, AMOUNT_MAX);
}
