/* Direct damage and healing.
 * n, + damage, + damage_permille, x 2 on a crit, a ward takes it all, then shield (heroes), then health. */
#include "engine.h"

struct blow {
    const struct frame *frame;
    struct card *dealer; /* NULL for artifacts and consumables */
    int source, cause, flags;
    int event; /* the number of its own event, which its triggers name as their cause */
};

/* Who is hit: a hero or a unit; neither when the entity is gone or cannot be hit. */
struct victim {
    int entity;
    struct hero *hero;
    struct card *unit;
};

static struct victim victim_of(struct battle_ctx *ctx, int entity)
{
    struct victim victim = {entity, hero_of(ctx, entity), NULL};
    struct card *card = victim.hero == NULL ? living_card(ctx, entity) : NULL;
    if (card != NULL && card->def->kind == BATTLE_UNIT) victim.unit = card;
    return victim;
}

int32_t hero_lose(struct hero *hero, int32_t amount, bool bypass)
{
    int32_t absorbed = bypass ? 0 : amount < hero->shield ? amount : hero->shield;
    int32_t left = amount - absorbed, alive = hero->hp > 0 ? hero->hp : 0;
    hero->shield -= absorbed;
    hero->hp = clamp32((int64_t)hero->hp - left, -AMOUNT_MAX, AMOUNT_MAX);
    return absorbed + (left < alive ? left : alive);
}

static int32_t hit_hero(struct battle_ctx *ctx, const struct blow *blow, const struct victim *victim,
                        int32_t amount)
{
    struct hero *hero = victim->hero;
    int side = victim->entity - HERO_ENTITY;
    int32_t removed = hero_lose(hero, amount, false);
    hero->hit_by_storm_last = false;
    struct event *event = event_new(ctx, EVENT_DMG, blow->source, victim->entity, blow->cause);
    event->n = amount;
    event->v = hero->hp;
    event->w = hero->shield;
    event->f = (uint8_t)(blow->flags | (hero->hp <= 0 ? DAMAGE_LETHAL : 0));
    if (blow->frame->side != side) ctx->damage[1 - side] += removed;
    return removed;
}

static int32_t hit_unit(struct battle_ctx *ctx, const struct blow *blow, struct card *card, int32_t amount)
{
    if (card->ward > 0) {
        card->ward--;
        struct event *event = event_new(ctx, EVENT_WARDBREAK, blow->source, card->entity, blow->cause);
        event->n = amount;
        event->v = card->ward;
        return -1;
    }
    int32_t removed = amount < card->hp ? amount : card->hp;
    card->hp -= amount;
    if (card->hp <= 0) {
        ctx->somebody_falls = true;
        board_note(ctx, card);
    }
    struct event *event = event_new(ctx, EVENT_DMG, blow->source, card->entity, blow->cause);
    event->n = amount;
    event->v = card->hp;
    event->f = (uint8_t)(blow->flags | (card->hp <= 0 ? DAMAGE_LETHAL : 0));
    card->killer = (uint8_t)blow->source;
    card->last_event = (uint16_t)ctx->event_count;
    card->last_depth = blow->frame->depth;
    if (blow->frame->side != card->side) ctx->damage[1 - card->side] += removed;
    return removed;
}

static void tell_source(struct battle_ctx *ctx, const struct blow *blow, struct occasion occasion)
{
    int place = place_of(ctx, blow->source);
    if (place == NOWHERE) return;
    occasion.side = place >> 5;
    occasion.slot = place_is_card(place) ? place & 31 : -1;
    trigger_raise(ctx, ON_DEALT_DAMAGE, &occasion);
    if (blow->flags & DAMAGE_CRIT) trigger_raise(ctx, ON_CRIT, &occasion);
}

static void tell(struct battle_ctx *ctx, const struct blow *blow, const struct victim *victim, int32_t amount)
{
    const struct card *unit = victim->unit;
    struct occasion occasion = {.side = unit != NULL ? unit->side : victim->entity - HERO_ENTITY,
                                .slot = unit != NULL ? unit->slot : -1,
                                .source = blow->source,
                                .target = victim->entity,
                                .cause = blow->event,
                                .depth = blow->frame->depth + 1,
                                .amount = amount};
    if (trigger_has_ears(ctx, ON_DEALT_DAMAGE) || trigger_has_ears(ctx, ON_CRIT))
        tell_source(ctx, blow, occasion);
    if (unit != NULL) {
        trigger_raise(ctx, ON_HURT, &occasion);
        trigger_raise(ctx, ON_ALLY_HURT, &occasion);
    } else {
        trigger_raise(ctx, ON_HERO_HURT, &occasion);
        trigger_raise(ctx, ON_HERO_BELOW, &occasion);
    }
}

static void strike(struct battle_ctx *ctx, struct blow *blow, const struct victim *victim, int32_t amount);

/* The thorns of what was struck hit the unit that struck; thorns never answer thorns or cleaving. */
static void answer_with_thorns(struct battle_ctx *ctx, const struct blow *blow, const struct card *card)
{
    if (card->stat[STAT_THORNS] == 0 || blow->flags & (DAMAGE_THORNS | DAMAGE_CLEAVE)) return;
    if (blow->dealer == NULL || blow->dealer->def->kind != BATTLE_UNIT || !card_lives(ctx, blow->dealer))
        return;
    struct frame frame = *blow->frame;
    frame.side = card->side;
    struct blow thorns = {&frame, NULL, card->entity, blow->event, DAMAGE_THORNS, 0};
    struct victim victim = victim_of(ctx, blow->source);
    strike(ctx, &thorns, &victim, card->stat[STAT_THORNS]);
}

static void strike(struct battle_ctx *ctx, struct blow *blow, const struct victim *victim, int32_t amount)
{
    if (amount <= 0 || (victim->hero == NULL && victim->unit == NULL)) return;
    if (!effect_allowed(ctx, blow->frame)) return;
    int32_t removed = victim->hero != NULL ? hit_hero(ctx, blow, victim, amount)
                                           : hit_unit(ctx, blow, victim->unit, amount);
    if (removed < 0) return;
    blow->event = ctx->event_count;
    struct tally *tally = &ctx->tallies[blow->source];
    tally->damage = clamp32((int64_t)tally->damage + amount, 0, INT32_MAX);
    tell(ctx, blow, victim, amount);
    if (victim->unit != NULL) answer_with_thorns(ctx, blow, victim->unit);
    if (blow->dealer == NULL || blow->dealer->stat[STAT_LIFESTEAL] == 0) return;
    int32_t back = permille_of(removed, blow->dealer->stat[STAT_LIFESTEAL]);
    if (back > 0) heal_entity(ctx, blow->frame, HERO_ENTITY + blow->frame->side, back, 2);
}

static int32_t weigh(struct battle_ctx *ctx, const struct frame *frame, const struct card *dealer, int32_t n,
                     int *flags)
{
    if (dealer == NULL) return n;
    int32_t amount = clamp32((int64_t)n + dealer->stat[STAT_DAMAGE], 0, AMOUNT_MAX);
    if (dealer->stat[STAT_DAMAGE_PERMILLE] > 0)
        amount =
            clamp32((int64_t)amount + permille_of(amount, dealer->stat[STAT_DAMAGE_PERMILLE]), 0, AMOUNT_MAX);
    if (!rng_chance(&ctx->rolls[frame->side], dealer->stat[STAT_CRIT])) return amount;
    *flags |= DAMAGE_CRIT;
    return clamp32((int64_t)amount * 2, 0, AMOUNT_MAX);
}

/* The living units next to a target take a share. */
static void cleave(struct battle_ctx *ctx, struct blow *blow, const struct card *middle, int32_t share)
{
    for (int offset = -1; offset <= 1; offset += 2) {
        int next = middle->slot + offset;
        if (next < 0 || next >= BATTLE_SLOTS || !(ctx->rows[middle->side].alive >> next & 1)) continue;
        struct victim victim = victim_of(ctx, ctx->cards[middle->side][next].entity);
        blow->flags = DAMAGE_CLEAVE;
        strike(ctx, blow, &victim, share);
    }
}

/* The first target that can be struck, from `i` on; `count` when there is none. */
static int next_victim(struct battle_ctx *ctx, const uint8_t *targets, int i, int count, struct victim *out)
{
    for (; i < count; i++) {
        *out = victim_of(ctx, targets[i]);
        if (out->hero != NULL || out->unit != NULL) break;
    }
    return i;
}

void op_damage(struct battle_ctx *ctx, const struct frame *frame, int32_t n, const uint8_t *targets,
               int count)
{
    struct blow blow = {frame, dealer_of(ctx, frame), frame->source_entity, frame->cause, 0, 0};
    struct victim victim;
    int flags = 0, i = next_victim(ctx, targets, 0, count, &victim);
    if (i == count) return;
    int32_t amount = weigh(ctx, frame, blow.dealer, n, &flags);
    bool cleaves = blow.dealer != NULL && blow.dealer->stat[STAT_CLEAVE] > 0;
    int32_t share = cleaves ? permille_of(amount, blow.dealer->stat[STAT_CLEAVE]) : 0;
    for (; i < count; i = next_victim(ctx, targets, i + 1, count, &victim)) {
        blow.flags = flags;
        strike(ctx, &blow, &victim, amount);
        if (share > 0 && victim.unit != NULL) cleave(ctx, &blow, victim.unit, share);
    }
}

/* Halved in the storm, except for what saves a hero from death. */
void heal_entity(struct battle_ctx *ctx, const struct frame *frame, int target, int32_t amount, int flags)
{
    struct victim who = victim_of(ctx, target);
    if (who.hero == NULL && who.unit == NULL) return;
    int32_t *hp = who.hero != NULL ? &who.hero->hp : &who.unit->hp;
    int32_t room = (who.hero != NULL ? who.hero->hp_max : who.unit->stat[STAT_HP]) - *hp;
    if (ctx->storm && !ctx->saving) amount /= 2;
    if (amount > room) amount = room;
    if (amount <= 0) return;
    *hp += amount;
    struct event *event = event_new(ctx, EVENT_HEAL, frame->source_entity, target, frame->cause);
    event->n = amount;
    event->v = *hp;
    event->f = (uint8_t)flags;
    struct tally *tally = &ctx->tallies[frame->source_entity];
    tally->heal = clamp32((int64_t)tally->heal + amount, 0, INT32_MAX);
    struct occasion occasion = {.side = who.unit != NULL ? who.unit->side : target - HERO_ENTITY,
                                .slot = who.unit != NULL ? who.unit->slot : -1,
                                .source = frame->source_entity,
                                .target = target,
                                .cause = ctx->event_count,
                                .depth = frame->depth + 1,
                                .amount = amount};
    trigger_raise(ctx, ON_HEALED, &occasion);
}
