/* Running the effects of an ability: choose targets, weigh the amount, apply to each target still there. */
#include "engine.h"

bool effect_refused(struct battle_ctx *ctx, const struct frame *frame)
{
    if (ctx->overload) return false;
    if (++ctx->effects > EFFECTS_LIMIT) {
        ctx->overload = true;
        return false;
    }
    ctx->queue_count = 0;
    if (++ctx->root_effects == ROOT_EFFECTS_MAX + 1)
        fizzle(ctx, frame->source_entity, FIZZLE_ROOT, frame->cause);
    return false;
}

static void heal(struct battle_ctx *ctx, const struct op_call *call)
{
    heal_entity(ctx, call->frame, call->target, call->n, 0);
}

static void (*const handlers[OPS])(struct battle_ctx *, const struct op_call *) = {
    [OP_HEAL] = heal,
    [OP_SHIELD] = op_hero_stack,
    [OP_BURN] = op_hero_stack,
    [OP_POISON] = op_hero_stack,
    [OP_REGEN] = op_hero_stack,
    [OP_FREEZE] = op_pace,
    [OP_SLOW] = op_pace,
    [OP_HASTE] = op_pace,
    [OP_CHARGE] = op_charge,
    [OP_STAT] = op_stat,
    [OP_WARD] = op_ward,
    [OP_GUARD] = op_guard,
    [OP_CLEANSE] = op_cleanse,
    [OP_DISPEL] = op_dispel,
    [OP_TRANSFORM] = op_transform,
    [OP_DESTROY] = op_destroy,
    [OP_REVIVE] = op_revive,
    [OP_DISABLE] = op_disable,
    [OP_GAIN_USE] = op_gain_use,
    [OP_TRIGGER_READY] = op_trigger_ready,
    [OP_STEAL_STAT] = op_steal_stat,
    [OP_SET_FLAG] = op_set_flag,
};

static void run_effect(struct battle_ctx *ctx, const struct effect *effect, const struct frame *frame)
{
    if (effect->op == OP_SUMMON) {
        op_summon(ctx, effect, frame);
        return;
    }
    uint8_t targets[16];
    int count = targets_choose(ctx, effect->to, effect->pick, frame, targets);
    int32_t n = count > 0 ? amount_value(ctx, &effect->amount, frame) : 0;
    if (n == 0 || (n < 0 && effect->op != OP_STAT)) return;
    if (effect->op == OP_DAMAGE) {
        op_damage(ctx, frame, n, targets, count);
        return;
    }
    for (int i = 0; i < count && effect_allowed(ctx, frame); i++) {
        struct op_call call = {effect, frame, targets[i], n};
        handlers[effect->op](ctx, &call);
    }
}

void effects_run(struct battle_ctx *ctx, struct span effects, const struct frame *frame)
{
    const struct effect *effect = &ctx->catalog->effects[effects.start], *end = effect + effects.count;
    for (; effect < end && !ctx->overload; effect++) run_effect(ctx, effect, frame);
}
