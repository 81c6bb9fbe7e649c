/* Effective stats in layers: 1 base, 2 items, 3 artifacts, 4 auras of cards, 5 and 6 what the battle added.
 * Layers 1 to 3 never change after a card is placed; an aura reads only those, so nothing can recurse. Each
 * layer adds points first, then permille (summed once, floored), and never goes below zero. */
#include "engine.h"

struct change {
    int32_t add[STATS], permille[STATS];
};

static int32_t apply_layer(int32_t value, int32_t add, int32_t permille)
{
    value = clamp32((int64_t)value + add, 0, AMOUNT_MAX);
    if (permille == 0) return value;
    return permille <= -1000 ? 0 : permille_of(value, 1000 + permille);
}

static void add_to(struct change *change, const struct aura *aura, int32_t value)
{
    int32_t *slot = aura->permille ? &change->permille[aura->stat] : &change->add[aura->stat];
    *slot = clamp32((int64_t)*slot + value, -AMOUNT_MAX, AMOUNT_MAX);
}

static bool where_holds(struct battle_ctx *ctx, const struct aura *aura, const struct card *card)
{
    struct frame frame = {.side = card->side, .self = card->entity};
    return conditions_hold(ctx, aura->where, &frame, card->entity);
}

static void collect_actor(struct battle_ctx *ctx, const struct actor *actor, const struct card *card,
                          struct change *out)
{
    if (actor->def == NULL) return;
    for (int i = 0; i < actor->def->auras.count; i++) {
        const struct aura *aura = &ctx->catalog->auras[actor->def->auras.start + i];
        if (aura->to == TO_ALL_ALLY_UNITS && card->def->kind != BATTLE_UNIT) continue;
        if (where_holds(ctx, aura, card)) add_to(out, aura, aura->amount.by_level[actor->level - 1]);
    }
}

static void apply_change(struct card *card, const struct change *change)
{
    for (int stat = 1; stat < STATS; stat++)
        card->low[stat] = apply_layer(card->low[stat], change->add[stat], change->permille[stat]);
}

/* A cooldown is a multiple of 50 and at least 500; a card without one keeps none. */
static int32_t tidy(const struct card *card, int stat, int32_t value)
{
    if (stat == STAT_HP && card->def->kind == BATTLE_UNIT && value < 1) return 1;
    if (stat == STAT_USES && card->def->stats[STAT_USES][card->level - 1] == 0)
        return 0;                                 /* stays unlimited */
    if (stat == STAT_USES && value < 1) return 1; /* and what is limited stays limited */
    if (stat != STAT_CD) return value;
    if (card->def->stats[STAT_CD][card->level - 1] == 0) return 0;
    return clamp32(value - value % TICK_MS, CD_MIN_MS, 60000);
}

void stats_base(struct battle_ctx *ctx, struct card *card)
{
    struct actor *actors = ctx->actors[card->side];
    for (int stat = 1; stat < STATS; stat++) card->low[stat] = card->def->stats[stat][card->level - 1];
    const struct actor *items = &actors[ITEM_ACTOR + BATTLE_CARD_ITEMS * card->slot];
    if (items[0].def != NULL || items[1].def != NULL) {
        struct change change = {{0}, {0}};
        for (int i = 0; i < BATTLE_CARD_ITEMS; i++) collect_actor(ctx, &items[i], card, &change);
        apply_change(card, &change);
    }
    if (actors[ARTIFACT_ACTOR].def != NULL) {
        struct change change = {{0}, {0}};
        for (int i = 0; i < BATTLE_ARTIFACTS; i++)
            collect_actor(ctx, &actors[ARTIFACT_ACTOR + i], card, &change);
        apply_change(card, &change);
    }
    for (int stat = 1; stat < STATS; stat++)
        card->stat[stat] = card->low[stat] = tidy(card, stat, card->low[stat]);
}

static bool aura_reaches(const struct aura *aura, const struct card *from, const struct card *card)
{
    int offset = card->slot - from->slot;
    bool ally = from->side == card->side;
    switch (aura->to) {
    case TO_SELF: return from == card;
    case TO_LEFT: return ally && offset == -1;
    case TO_RIGHT: return ally && offset == 1;
    case TO_ADJACENT: return ally && (offset == 1 || offset == -1);
    case TO_ALL_ALLY_UNITS: return ally && card->def->kind == BATTLE_UNIT;
    case TO_ALL_ALLY_CARDS: return ally;
    case TO_ALL_ENEMY_UNITS: return !ally && card->def->kind == BATTLE_UNIT;
    default: return !ally;
    }
}

static int32_t aura_value(const struct aura *aura, const struct card *from)
{
    int32_t value = aura->amount.by_level[from->level - 1];
    if (aura->amount.kind == AMOUNT_MEASURE)
        value += permille_of(from->low[aura->amount.measure], aura->amount.permille);
    return value;
}

static void collect_card(struct battle_ctx *ctx, const struct card *from, const struct card *card,
                         struct change *out)
{
    for (int i = 0; i < from->def->auras.count && !from->disabled; i++) {
        const struct aura *aura = &ctx->catalog->auras[from->def->auras.start + i];
        if (aura_reaches(aura, from, card) && where_holds(ctx, aura, card))
            add_to(out, aura, aura_value(aura, from));
    }
}

static void collect_auras(struct battle_ctx *ctx, const struct card *card, struct change *out)
{
    for (int side = 0; side < 2; side++)
        for (uint32_t left = ctx->aura_slots[side]; left != 0; left &= left - 1)
            collect_card(ctx, &ctx->cards[side][lowest_bit(left)], card, out);
}

static int32_t effective(const struct card *card, const struct change *auras, int stat)
{
    int32_t value = apply_layer(card->low[stat], auras->add[stat], auras->permille[stat]);
    return tidy(card, stat, apply_layer(value, card->add[stat], card->permille[stat]));
}

/* Health follows its maximum up, and is cut by it on the way down. Uses follow likewise. */
static void follow(struct card *card, int stat, int32_t delta)
{
    if (stat == STAT_HP && card->hp > 0) {
        card->hp += delta > 0 ? delta : 0;
        if (card->hp > card->stat[STAT_HP]) card->hp = card->stat[STAT_HP];
    }
    if (stat == STAT_USES && delta > 0)
        card->uses_left = clamp32((int64_t)card->uses_left + delta, 0, AMOUNT_MAX);
}

static void change_stat(struct battle_ctx *ctx, struct card *card, int stat, int32_t value, int source,
                        int cause)
{
    int32_t delta = value - card->stat[stat];
    bool timed = stat == STAT_CD || stat == STAT_USES; /* a use more may start a timer that stood still */
    if (timed) timer_advance(ctx, card);
    card->stat[stat] = value;
    follow(card, stat, delta);
    if (stat == STAT_CD) card->cooldown = value / TICK_MS * 2;
    if (timed) timer_schedule(ctx, card);
    struct event *event = event_new(ctx, EVENT_STAT, source, card->entity, cause);
    event->n = delta;
    event->v = value;
    event->p = (uint8_t)stat;
    if (stat == STAT_HP) event->w = card->hp;
    if (stat == STAT_USES) event->w = card->uses_left;
    if (timed) event->r = timer_ready_ms(ctx, card);
}

static void refresh_one(struct battle_ctx *ctx, struct card *card, const struct change *auras, int stat,
                        int source, int cause)
{
    int32_t value = effective(card, auras, stat);
    if (value != card->stat[stat]) change_stat(ctx, card, stat, value, source, cause);
}

void stats_refresh(struct battle_ctx *ctx, struct card *card, int stat, int source, int cause)
{
    struct change auras = {{0}, {0}};
    if (ctx->aura_stats >> stat & 1) collect_auras(ctx, card, &auras);
    refresh_one(ctx, card, &auras, stat, source, cause);
}

/* Only stats that some aura touches can have changed. */
static void refresh_aura_stats(struct battle_ctx *ctx, struct card *card, int source, int cause)
{
    struct change auras = {{0}, {0}};
    if (auras_stand(ctx)) collect_auras(ctx, card, &auras);
    for (uint32_t left = ctx->aura_stats; left != 0; left &= left - 1)
        refresh_one(ctx, card, &auras, lowest_bit(left), source, cause);
}

static void for_each_living(struct battle_ctx *ctx,
                            void (*visit)(struct battle_ctx *, struct card *, int, int), int source,
                            int cause)
{
    for (int k = 0; k < 2; k++) {
        struct card *cards = ctx->cards[k == 0 ? ctx->first : 1 - ctx->first];
        for (int slot = 0; slot < BATTLE_SLOTS; slot++)
            if (cards[slot].def != NULL && cards[slot].alive) visit(ctx, &cards[slot], source, cause);
    }
}

void stats_refresh_all(struct battle_ctx *ctx, int source, int cause)
{
    if (ctx->aura_stats != 0) for_each_living(ctx, refresh_aura_stats, source, cause);
}

static void settle_one(struct battle_ctx *ctx, struct card *card, int source, int cause)
{
    (void)source, (void)cause;
    struct change auras = {{0}, {0}};
    collect_auras(ctx, card, &auras);
    for (int stat = 1; stat < STATS; stat++) card->stat[stat] = effective(card, &auras, stat);
    card->hp = card->stat[STAT_HP];
    card->uses_left = card->stat[STAT_USES];
    timer_start(ctx, card);
}

void stats_settle_start(struct battle_ctx *ctx)
{
    if (auras_stand(ctx)) for_each_living(ctx, settle_one, 0, 0);
}
