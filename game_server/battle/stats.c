/* Effective stats in layers: 1 base, 2 items, 3 artifacts, 4 auras of cards, 5 and 6 what the battle added.
 * Layers 1 to 3 never change after a card is placed; an aura reads only those, so nothing can recurse. Each
 * layer adds points first, then permille (summed once, floored), and never goes below zero. */
#include "engine.h"

/* What a layer does. Only stats named in `stats` have been given a value. */
struct change {
    uint32_t stats; /* bits */
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
    int stat = aura->stat;
    if (!(change->stats >> stat & 1)) {
        change->stats |= 1u << stat;
        change->add[stat] = change->permille[stat] = 0;
    }
    int32_t *slot = aura->permille ? &change->permille[stat] : &change->add[stat];
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

/* A cooldown is a multiple of 50 and at least 500; a card without one keeps none. */
static int32_t tidy(const struct card *card, int stat, int32_t value)
{
    const int32_t *base = card->def->stats[card->level - 1];
    if (stat == STAT_HP && card->def->kind == BATTLE_UNIT && value < 1) return 1;
    if (stat == STAT_USES && base[STAT_USES] == 0) return 0; /* stays unlimited */
    if (stat == STAT_USES && value < 1) return 1;            /* and what is limited stays limited */
    if (stat != STAT_CD) return value;
    if (base[STAT_CD] == 0) return 0;
    return clamp32(value - value % TICK_MS, CD_MIN_MS, 60000);
}

static void apply_change(struct card *card, const struct change *change)
{
    for (uint32_t left = change->stats; left != 0; left &= left - 1) {
        int stat = lowest_bit(left);
        card->low[stat] = apply_layer(card->low[stat], change->add[stat], change->permille[stat]);
    }
}

void stats_base(struct battle_ctx *ctx, struct card *card)
{
    const struct actor *actors = ctx->actors[card->side];
    const struct actor *items = &actors[ITEM_ACTOR + BATTLE_CARD_ITEMS * card->slot];
    struct change by_items, by_artifacts;
    by_items.stats = by_artifacts.stats = 0;
    memcpy(card->low, card->def->stats[card->level - 1], sizeof card->low);
    for (int i = 0; i < BATTLE_CARD_ITEMS; i++) collect_actor(ctx, &items[i], card, &by_items);
    for (int i = 0; i < BATTLE_ARTIFACTS; i++)
        collect_actor(ctx, &actors[ARTIFACT_ACTOR + i], card, &by_artifacts);
    apply_change(card, &by_items);
    apply_change(card, &by_artifacts);
    for (uint32_t left = by_items.stats | by_artifacts.stats; left != 0; left &= left - 1)
        card->low[lowest_bit(left)] = tidy(card, lowest_bit(left), card->low[lowest_bit(left)]);
    memcpy(card->stat, card->low, sizeof card->stat);
}

/* The slots of `side` that an aura reaches. */
static uint32_t aura_slots(const struct battle_ctx *ctx, const struct aura *aura, const struct card *from,
                           int side)
{
    const struct row *row = &ctx->rows[side];
    uint32_t self = from->side == side ? 1u << from->slot : 0;
    bool ally = from->side == side;
    switch (aura->to) {
    case TO_SELF: return self;
    case TO_LEFT: return self >> 1;
    case TO_RIGHT: return self << 1;
    case TO_ADJACENT: return self >> 1 | self << 1;
    case TO_ALL_ALLY_UNITS: return ally ? row->kinds[BATTLE_UNIT] : 0;
    case TO_ALL_ALLY_CARDS: return ally ? 0xff : 0;
    case TO_ALL_ENEMY_UNITS: return ally ? 0 : row->kinds[BATTLE_UNIT];
    default: return ally ? 0 : 0xff;
    }
}

static int32_t aura_value(const struct aura *aura, const struct card *from)
{
    int32_t value = aura->amount.by_level[from->level - 1];
    if (aura->amount.kind == AMOUNT_MEASURE)
        value += permille_of(from->low[aura->amount.measure], aura->amount.permille);
    return value;
}

static void collect_card(struct battle_ctx *ctx, const struct card *from, int side, uint32_t slots,
                         struct change out[BATTLE_SLOTS])
{
    for (int i = 0; i < from->def->auras.count && !from->disabled; i++) {
        const struct aura *aura = &ctx->catalog->auras[from->def->auras.start + i];
        for (uint32_t left = slots & aura_slots(ctx, aura, from, side); left != 0; left &= left - 1) {
            int slot = lowest_bit(left);
            if (where_holds(ctx, aura, &ctx->cards[side][slot]))
                add_to(&out[slot], aura, aura_value(aura, from));
        }
    }
}

/* What all auras on the board do to the cards in `slots`. */
static void collect_auras(struct battle_ctx *ctx, int side, uint32_t slots, struct change out[BATTLE_SLOTS])
{
    for (uint32_t left = slots; left != 0; left &= left - 1) out[lowest_bit(left)].stats = 0;
    for (int from = 0; from < 2; from++)
        for (uint32_t left = ctx->aura_slots[from]; left != 0; left &= left - 1)
            collect_card(ctx, &ctx->cards[from][lowest_bit(left)], side, slots, out);
}

static int32_t effective(const struct card *card, const struct change *auras, int stat)
{
    int32_t value = card->low[stat];
    if (auras->stats >> stat & 1) value = apply_layer(value, auras->add[stat], auras->permille[stat]);
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
    if (stat == STAT_USES) timer_note(card);
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
    struct change auras[BATTLE_SLOTS], *mine = &auras[card->slot];
    mine->stats = 0;
    if (ctx->aura_stats >> stat & 1) collect_auras(ctx, card->side, 1u << card->slot, auras);
    refresh_one(ctx, card, mine, stat, source, cause);
}

/* Only stats that some aura touches can have changed. */
void stats_refresh_all(struct battle_ctx *ctx, int source, int cause)
{
    struct change auras[BATTLE_SLOTS];
    if (ctx->aura_stats == 0) return;
    for (int k = 0; k < 2; k++) {
        int side = k == 0 ? ctx->first : 1 - ctx->first;
        collect_auras(ctx, side, ctx->rows[side].alive, auras);
        for (uint32_t left = ctx->rows[side].alive; left != 0; left &= left - 1) {
            int slot = lowest_bit(left);
            for (uint32_t stats = ctx->aura_stats; stats != 0; stats &= stats - 1)
                refresh_one(ctx, &ctx->cards[side][slot], &auras[slot], lowest_bit(stats), source, cause);
        }
    }
}

static void settle_one(struct battle_ctx *ctx, struct card *card, const struct change *auras)
{
    if (auras->stats == 0) return;
    for (uint32_t left = auras->stats; left != 0; left &= left - 1)
        card->stat[lowest_bit(left)] = effective(card, auras, lowest_bit(left));
    card->hp = card->stat[STAT_HP];
    card->uses_left = card->stat[STAT_USES];
    timer_start(ctx, card);
}

void stats_settle_start(struct battle_ctx *ctx)
{
    struct change auras[BATTLE_SLOTS];
    if (!auras_stand(ctx)) return;
    for (int side = 0; side < 2; side++) {
        collect_auras(ctx, side, ctx->rows[side].alive, auras);
        for (uint32_t left = ctx->rows[side].alive; left != 0; left &= left - 1)
            settle_one(ctx, &ctx->cards[side][lowest_bit(left)], &auras[lowest_bit(left)]);
    }
}
