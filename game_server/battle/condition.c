/* Conditions of abilities, picks and auras, and what can be measured. */
#include "engine.h"

int subject_entity(int subject, const struct frame *frame, int candidate)
{
    switch (subject) {
    case SUBJECT_SELF: return frame->self;
    case SUBJECT_EVENT_SOURCE: return frame->event_source;
    case SUBJECT_EVENT_TARGET: return frame->event_target;
    case SUBJECT_MY_HERO: return HERO_ENTITY + frame->side;
    case SUBJECT_ENEMY_HERO: return HERO_ENTITY + 1 - frame->side;
    default: return candidate;
    }
}

static int32_t measure_hero(const struct hero *hero, int measure)
{
    switch (measure) {
    case STAT_HP: return hero->hp_max;
    case MEASURE_HP_NOW: return hero->hp;
    case MEASURE_HP_PERMILLE:
        return hero->hp <= 0 ? 0 : clamp32((int64_t)hero->hp * 1000 / hero->hp_max, 0, 1000);
    case MEASURE_SHIELD_NOW: return hero->shield;
    case MEASURE_BURN_NOW: return hero->burn;
    case MEASURE_POISON_NOW: return hero->poison;
    case MEASURE_REGEN_NOW: return hero->regen;
    default: return 0;
    }
}

static int32_t measure_card(const struct card *card, int measure)
{
    if (measure < STATS) return measure == STAT_USES ? card->uses_left : card->stat[measure];
    switch (measure) {
    case MEASURE_HP_NOW: return card->hp;
    case MEASURE_HP_PERMILLE:
        return card->hp <= 0 ? 0 : clamp32((int64_t)card->hp * 1000 / card->stat[STAT_HP], 0, 1000);
    case MEASURE_LEVEL: return card->level;
    default: return 0;
    }
}

int32_t measure_entity(struct battle_ctx *ctx, int measure, int entity)
{
    const struct hero *hero = hero_of(ctx, entity);
    const struct card *card = hero == NULL ? card_of(ctx, entity) : NULL;
    return hero != NULL ? measure_hero(hero, measure) : card != NULL ? measure_card(card, measure) : 0;
}

static bool compare(int32_t left, int how, int32_t right)
{
    switch (how) {
    case CMP_LT: return left < right;
    case CMP_LE: return left <= right;
    case CMP_EQ: return left == right;
    case CMP_NE: return left != right;
    case CMP_GE: return left >= right;
    default: return left > right;
    }
}

static bool hero_status(const struct hero *hero, int status)
{
    switch (status) {
    case STATUS_BURNING: return hero->burn > 0;
    case STATUS_POISONED: return hero->poison > 0;
    case STATUS_REGENERATING: return hero->regen > 0;
    case STATUS_SHIELDED: return hero->shield > 0;
    case STATUS_WOUNDED: return hero->hp < hero->hp_max;
    default: return false;
    }
}

static bool card_status(const struct battle_ctx *ctx, const struct card *card, int status)
{
    switch (status) {
    case STATUS_FROZEN: return card->frozen_until > ctx->tick;
    case STATUS_SLOWED: return card->slow_until > ctx->tick;
    case STATUS_HASTED: return card->haste_until > ctx->tick;
    case STATUS_WARDED: return card->ward > 0;
    case STATUS_GUARDING: return card->guard;
    case STATUS_DISABLED: return card->disabled;
    case STATUS_WOUNDED: return card->def->kind == BATTLE_UNIT && card->hp < card->stat[STAT_HP];
    default: return status >= STATUS_FLAG_1 && (card->flags >> (status - STATUS_FLAG_1) & 1) != 0;
    }
}

/* Leftmost and rightmost of the living cards of its side; adjacent to the ability's own card. */
static bool in_seat(struct battle_ctx *ctx, const struct card *card, int seat, const struct frame *frame)
{
    const struct card *self = card_of(ctx, frame->self);
    uint32_t living = ctx->rows[card->side].living, left_of_it = (1u << card->slot) - 1;
    if (seat == SEAT_ADJACENT)
        return self != NULL && self->side == card->side &&
               (self->slot == card->slot + 1 || self->slot + 1 == card->slot);
    return seat == SEAT_LEFTMOST ? (living & left_of_it) == 0 : living >> card->slot >> 1 == 0;
}

static bool test_card(struct battle_ctx *ctx, const struct condition *condition, const struct card *card,
                      const struct frame *frame)
{
    uint32_t mask = (uint32_t)condition->value;
    switch (condition->test) {
    case TEST_TAG: return (card->def->tags & mask) != 0;
    case TEST_KIND: return (mask >> card->def->kind & 1) != 0;
    case TEST_RARITY: return card->def->rarity == condition->value;
    case TEST_KEYWORD: return (card->keywords & mask) != 0;
    case TEST_SEAT: return in_seat(ctx, card, condition->value, frame);
    case TEST_STATUS: return card_status(ctx, card, condition->value);
    default: return false;
    }
}

static bool entity_side_is(const struct battle_ctx *ctx, int entity, int side)
{
    int place = place_of(ctx, entity);
    return place != NOWHERE && place >> 5 == side;
}

static bool test_holds(struct battle_ctx *ctx, const struct condition *condition, const struct frame *frame,
                       int candidate)
{
    int entity = subject_entity(condition->subject, frame, candidate);
    switch (condition->test) {
    case TEST_CHANCE: return rng_chance(&ctx->rolls[frame->side], condition->value);
    case TEST_COUNT:
        return compare(pick_count(ctx, condition->pick, frame), condition->compare, condition->value);
    case TEST_MEASURE:
        return compare(measure_entity(ctx, condition->measure, entity), condition->compare, condition->value);
    case TEST_IS_SELF: return entity == frame->self;
    case TEST_SIDE:
        return entity_side_is(ctx, entity, condition->value == SIDE_ALLY ? frame->side : 1 - frame->side);
    default: break;
    }
    const struct hero *hero = hero_of(ctx, entity);
    if (hero != NULL) return condition->test == TEST_STATUS && hero_status(hero, condition->value);
    const struct card *card = card_of(ctx, entity);
    return card != NULL && test_card(ctx, condition, card, frame);
}

/* In order, stopping at the first that fails, so that a chance is rolled only when all before it hold. */
bool conditions_test(struct battle_ctx *ctx, struct span conditions, const struct frame *frame, int candidate)
{
    for (int i = 0; i < conditions.count;) {
        const struct condition *list = &ctx->catalog->conditions[conditions.start];
        int group = list[i].group;
        bool holds = false;
        do {
            if (!holds) holds = test_holds(ctx, &list[i], frame, candidate) != list[i].negated;
            i++;
        } while (group > 0 && i < conditions.count && list[i].group == group);
        if (!holds) return false;
    }
    return true;
}
