/* Direct damage and healing.
 * n, + damage, + damage_permille, x 2 on a crit, a ward takes it all, then shield (heroes), then health. */
#include "engine.h"

struct blow {
    const struct frame *frame;
    struct card *dealer; /* NULL for artifacts and consumables */
    int source, cause, flags;
    int event; /* the number of its own event, which its triggers name as their cause */
};

int32_t hero_lose(struct hero *hero, int32_t amount, bool bypass)
{
    int32_t absorbed = bypass ? 0 : amount < hero->shield ? amount : hero->shield;
    int32_t left = amount - absorbed, alive = hero->hp > 0 ? hero->hp : 0;
    hero->shield -= absorbed;
    hero->hp = clamp32((int64_t)hero->hp - left, -AMOUNT_MAX, AMOUNT_MAX);
    return absorbed + (left < alive ? left : alive);
}

static void raise_about(struct battle_ctx *ctx, enum trigger trigger, int entity, const struct blow *blow,
                        int target, int32_t amount)
{
    int place = place_of(ctx, entity);
    if (place == NOWHERE) return;
    int index = place & 31;
    struct occasion occasion = {place >> 5,   index < BATTLE_SLOTS ? index : -1,
                                blow->source, target,
                                blow->event,  blow->frame->depth + 1,
                                amount};
    trigger_raise(ctx, trigger, &occasion);
}

static int32_t hit_hero(struct battle_ctx *ctx, const struct blow *blow, int target, int32_t amount)
{
    struct hero *hero = hero_of(ctx, target);
    int side = target - HERO_ENTITY;
    int32_t removed = hero_lose(hero, amount, false);
    hero->hit_by_storm_last = false;
    struct event *event = event_new(ctx, EVENT_DMG, blow->source, target, blow->cause);
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
    if (card->hp <= 0) ctx->somebody_falls = true;
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

static void tell(struct battle_ctx *ctx, const struct blow *blow, int target, int32_t amount)
{
    bool hero = hero_of(ctx, target) != NULL;
    raise_about(ctx, ON_DEALT_DAMAGE, blow->source, blow, target, amount);
    if (blow->flags & DAMAGE_CRIT) raise_about(ctx, ON_CRIT, blow->source, blow, target, amount);
    raise_about(ctx, hero ? ON_HERO_HURT : ON_HURT, target, blow, target, amount);
    raise_about(ctx, hero ? ON_HERO_BELOW : ON_ALLY_HURT, target, blow, target, amount);
}

static void strike(struct battle_ctx *ctx, struct blow *blow, int target, int32_t amount);

/* The thorns of what was struck hit the unit that struck; thorns never answer thorns or cleaving. */
static void answer_with_thorns(struct battle_ctx *ctx, const struct blow *blow, int target)
{
    struct card *card = card_of(ctx, target);
    if (card == NULL || card->stat[STAT_THORNS] == 0 || blow->flags & (DAMAGE_THORNS | DAMAGE_CLEAVE)) return;
    if (blow->dealer == NULL || blow->dealer->def->kind != BATTLE_UNIT || !card_lives(blow->dealer)) return;
    struct frame frame = *blow->frame;
    frame.side = card->side;
    struct blow thorns = {&frame, NULL, target, blow->event, DAMAGE_THORNS, 0};
    strike(ctx, &thorns, blow->source, card->stat[STAT_THORNS]);
}

static void strike(struct battle_ctx *ctx, struct blow *blow, int target, int32_t amount)
{
    struct card *card = card_of(ctx, target);
    bool hero = hero_of(ctx, target) != NULL;
    if (amount <= 0 || (!hero && (card == NULL || card->def->kind != BATTLE_UNIT || !card_lives(card))))
        return;
    if (!effect_allowed(ctx, blow->frame)) return;
    int32_t removed = hero ? hit_hero(ctx, blow, target, amount) : hit_unit(ctx, blow, card, amount);
    if (removed < 0) return;
    blow->event = ctx->event_count;
    ctx->tallies[blow->source].damage =
        clamp32((int64_t)ctx->tallies[blow->source].damage + amount, 0, INT32_MAX);
    tell(ctx, blow, target, amount);
    answer_with_thorns(ctx, blow, target);
    if (blow->dealer == NULL || blow->dealer->stat[STAT_LIFESTEAL] == 0) return;
    int32_t back = permille_of(removed, blow->dealer->stat[STAT_LIFESTEAL]);
    if (back > 0) heal_entity(ctx, blow->frame, HERO_ENTITY + blow->frame->side, back, 2);
}

static int32_t weigh(struct battle_ctx *ctx, const struct frame *frame, const struct card *dealer, int32_t n,
                     int *flags)
{
    if (dealer == NULL) return n;
    int32_t amount = clamp32((int64_t)n + dealer->stat[STAT_DAMAGE], 0, AMOUNT_MAX);
    amount =
        clamp32((int64_t)amount + permille_of(amount, dealer->stat[STAT_DAMAGE_PERMILLE]), 0, AMOUNT_MAX);
    if (!rng_chance(&ctx->rolls[frame->side], dealer->stat[STAT_CRIT])) return amount;
    *flags |= DAMAGE_CRIT;
    return clamp32((int64_t)amount * 2, 0, AMOUNT_MAX);
}

/* The living units next to a target take a share. */
static void cleave(struct battle_ctx *ctx, struct blow *blow, int side, int slot, int32_t share)
{
    for (int offset = -1; offset <= 1; offset += 2) {
        int next = slot + offset;
        if (next < 0 || next >= BATTLE_SLOTS || ctx->cards[side][next].def == NULL) continue;
        blow->flags = DAMAGE_CLEAVE;
        strike(ctx, blow, ctx->cards[side][next].entity, share);
    }
}

static bool can_be_struck(struct battle_ctx *ctx, int target)
{
    const struct card *card = card_of(ctx, target);
    return hero_of(ctx, target) != NULL ||
           (card != NULL && card->def->kind == BATTLE_UNIT && card_lives(card));
}

void op_damage(struct battle_ctx *ctx, const struct frame *frame, int32_t n, const uint8_t *targets,
               int count)
{
    struct blow blow = {frame, dealer_of(ctx, frame), frame->source_entity, frame->cause, 0, 0};
    int hittable = 0, flags = 0;
    for (int i = 0; i < count; i++) hittable += can_be_struck(ctx, targets[i]);
    if (hittable == 0) return;
    int32_t amount = weigh(ctx, frame, blow.dealer, n, &flags);
    int32_t share = blow.dealer == NULL ? 0 : permille_of(amount, blow.dealer->stat[STAT_CLEAVE]);
    for (int i = 0; i < count; i++) {
        const struct card *card = card_of(ctx, targets[i]);
        bool spreads = share > 0 && card != NULL && can_be_struck(ctx, targets[i]);
        blow.flags = flags;
        strike(ctx, &blow, targets[i], amount);
        if (spreads) cleave(ctx, &blow, card->side, card->slot, share);
    }
}

static int32_t heal_room(struct battle_ctx *ctx, int target, int32_t **hp)
{
    struct hero *hero = hero_of(ctx, target);
    struct card *card = card_of(ctx, target);
    if (hero != NULL) {
        *hp = &hero->hp;
        return hero->hp_max - hero->hp;
    }
    if (card == NULL || card->def->kind != BATTLE_UNIT || !card_lives(card)) return 0;
    *hp = &card->hp;
    return card->stat[STAT_HP] - card->hp;
}

/* Halved in the storm, except for what saves a hero from death. */
void heal_entity(struct battle_ctx *ctx, const struct frame *frame, int target, int32_t amount, int flags)
{
    int32_t *hp = NULL, room = heal_room(ctx, target, &hp);
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
    struct blow blow = {frame, NULL, frame->source_entity, frame->cause, 0, ctx->event_count};
    raise_about(ctx, ON_HEALED, target, &blow, target, amount);
}
