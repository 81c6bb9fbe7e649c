/* context.h -- the state of one battle.
 *
 * The board of a side is a row of 29 actors: 8 cards, 3 artifacts, 16 items (two per slot), 2 consumables.
 * Their order is the order of the rules everywhere, so the listeners of a trigger are one bit mask per side
 * and reading its bits from low to high is already right. Entities are the numbers of the timeline; `place`
 * says where one is now (side << 5 | actor, or hero), so a stale entity is noticed instead of hitting its
 * successor. */
#ifndef DUELPOD_BATTLE_CONTEXT_H
#define DUELPOD_BATTLE_CONTEXT_H

#include <string.h>

#include "catalog.h"
#include "due.h"
#include "rng.h"

enum {
    ACTORS = 29,
    ARTIFACT_ACTOR = 8,
    ITEM_ACTOR = 11,
    CONSUMABLE_ACTOR = 27,
    HERO_ACTOR = 31,
    NOWHERE = 0xff,
    ENTITIES = 256,
    HERO_ENTITY = 1, /* of side 0; the entities of side 1 follow in steps of 1, 10, 10, 20, 20 */
    CARD_ENTITY = 10,
    ARTIFACT_ENTITY = 30,
    ITEM_ENTITY = 50,
    CONSUMABLE_ENTITY = 66,
    SUMMON_ENTITY = 100,
    SUMMON_ENTITY_END = 228,
    NEVER = INT16_MAX, /* later than any battle lasts */

    BURN_TICKS = 10,
    POISON_TICKS = 20,
    STORM_TICK = 600, /* and then with every burning */
    STORM_FIRST = 5,
    END_TICK = 1200,
    FREEZE_CAP_TICKS = 120,
    PACE_CAP_TICKS = 200,

    DEPTH_MAX = 16,
    QUEUE_MAX = 512,
    ROOT_EFFECTS_MAX = 512,
    EFFECTS_LIMIT = 20000,
    EVENTS_SPARE = 1024,  /* room behind the limit, for what one effect and the end may still emit */
    READY_ABILITY = 0xff, /* queue entry: activate the card instead of one ability */
};

enum fizzle { FIZZLE_DEPTH = 1, FIZZLE_ROOT, FIZZLE_QUEUE, FIZZLE_NO_SLOT, FIZZLE_NOT_DEAD, FIZZLE_ENTITIES };
enum damage_flag { DAMAGE_CRIT = 1, DAMAGE_LETHAL = 2, DAMAGE_CLEAVE = 4, DAMAGE_THORNS = 8 };
enum tick_kind { TICK_BURN = 1, TICK_POISON, TICK_STORM, TICK_REGEN };

struct event {
    int32_t t, n, v, w, x, r, cd;
    uint16_t c, card; /* cause; index + 1 of a definition, for `id` */
    uint8_t k, s, d, f, a, p, slot;
};

struct ability_state {
    int32_t due; /* tick of the next firing of `every` */
    uint16_t icd_until, fires, heard;
};

/* Anything with abilities. Items hear and act for the card in their slot. */
struct actor {
    const struct def *def; /* NULL: nobody */
    uint8_t entity, level;
    bool spent;
    struct ability_state abilities[DEF_ABILITIES_MAX];
};

struct card {
    const struct def *def; /* NULL: the slot was never used */
    uint8_t entity, level, side, slot, flags, killer, keywords, last_depth;
    bool alive, guard, disabled, dying;
    bool runs;           /* its timer: it lives undisabled, has one, and has a use left */
    uint16_t last_event; /* that harmed it: the cause of its death; last_depth and killer belong to it */
    int32_t hp, ward, uses_left;
    int32_t cooldown;        /* half-ticks from nothing to ready: what stat[STAT_CD] means to the timer */
    int32_t progress, since; /* half-ticks of the cooldown done at tick `since` */
    int32_t frozen_until, slow_until, haste_until; /* ticks */
    int32_t stat[STATS];                           /* effective */
    int32_t low[STATS];                            /* layers 1 to 3 */
    int32_t add[STATS], permille[STATS];           /* layers 5 and 6 */
};

/* Who stands where on a side, one bit a slot, kept by board_note. */
struct row {
    uint8_t alive;  /* cards that have not been buried */
    uint8_t living; /* of these, who is not about to be: what card_lives says */
    uint8_t guards; /* living units with guard */
    uint8_t kinds[BATTLE_RITE + 1];
};

struct hero {
    int32_t hp, hp_max, shield, burn, poison, regen, storm_permille;
    bool hit_by_storm_last;
};

struct tally {
    int32_t damage, heal, shield, kills;
};

/* One ability while it runs. */
struct frame {
    const struct def *def; /* of the owner: a death may be answered after somebody else took the slot */
    uint8_t side, actor, self, level, depth; /* self: entity of the card, or of the own hero */
    uint8_t source_entity;                   /* what its events name as `s` */
    uint8_t event_source, event_target;
    uint16_t cause;
    int32_t amount;
};

struct queued {
    struct frame frame;
    uint8_t entity, ability; /* the owner; position in its definition */
};

struct battle_ctx {
    const battle_catalog *catalog;
    battle_snapshot snapshots[2];
    battle_seed seed;
    char match_id[BATTLE_NAME_BYTES];
    bool ran, logging;
    void (*watch)(void *user, const struct event *event); /* verify: sees every event instead of storing it */
    void *watch_user;
    bool watch_pending; /* last_events[0] is complete once the next begins */

    int32_t tick;
    int first;        /* side that goes first, by the latest coin */
    int low_key_side; /* the coin speaks of players, not of seats */
    bool batch_fixed; /* what becomes ready now acts in the next tick */
    bool storm, saving, overload;
    bool somebody_falls; /* a card has run out of health and waits for the death step */
    int32_t storm_damage;
    int32_t next_card;  /* tick, as of the latest jump */
    int32_t next_clock; /* tick of the earliest `every`; 0 when it must be looked for */
    int effects, root_effects, event_count;
    uint8_t next_entity;
    struct rng order, rolls[2];
    int64_t damage[2];

    struct hero heroes[2];
    struct due due; /* tick of the next thing to do for a card: ready, or a status ends */
    struct row rows[2];
    struct card cards[2][BATTLE_SLOTS];
    struct actor actors[2][ACTORS];
    uint32_t listeners[2][TRIGGERS]; /* actors with an ability on the trigger */
    uint32_t aura_stats;             /* bits of the stats that some aura seen in this battle changes */
    uint32_t aura_slots[2];          /* living cards with auras */
    uint8_t place[ENTITIES];
    struct tally tallies[ENTITIES];

    int queue_head, queue_count;
    struct queued queue[QUEUE_MAX];

    struct card opening[2][BATTLE_SLOTS]; /* as the header shows them */
    battle_result result;
    struct event last_events[1]; /* where events go that nobody keeps */
    struct event *events;        /* BATTLE_EVENTS + EVENTS_SPARE of them, NULL in a context without a log */
};

/* ---- places and entities ----------------------------------------------------------------------- */

static inline int place_of(const struct battle_ctx *ctx, int entity)
{
    return ctx->place[entity];
}

/* Not for heroes, other actors and NOWHERE: all of them have one of the bits 3 and 4. */
static inline bool place_is_card(int place)
{
    return (place & 0x18) == 0;
}

static inline struct card *card_of(struct battle_ctx *ctx, int entity)
{
    int place = ctx->place[entity];
    return place_is_card(place) ? &ctx->cards[place >> 5][place & 7] : NULL;
}

static inline struct hero *hero_of(struct battle_ctx *ctx, int entity)
{
    return (unsigned)(entity - HERO_ENTITY) < 2 ? &ctx->heroes[entity - HERO_ENTITY] : NULL;
}

/* Neither buried nor about to be. Only for who stands on the board, not for what a slot held before. */
static inline bool card_lives(const struct battle_ctx *ctx, const struct card *card)
{
    return ctx->rows[card->side].living >> card->slot & 1;
}

static inline uint32_t living_units(const struct battle_ctx *ctx, int side)
{
    return (uint32_t)ctx->rows[side].living & ctx->rows[side].kinds[BATTLE_UNIT];
}

/* NULL when the entity is no card, is gone or does not live. */
static inline struct card *living_card(struct battle_ctx *ctx, int entity)
{
    struct card *card = card_of(ctx, entity);
    return card != NULL && card_lives(ctx, card) ? card : NULL;
}

static inline int32_t clamp32(int64_t value, int64_t low, int64_t high)
{
    return (int32_t)(value < low ? low : value > high ? high : value);
}

/* Position of the lowest set bit of a mask that has one. */
static inline int lowest_bit(uint32_t mask)
{
#if defined(__GNUC__)
    return __builtin_ctz(mask);
#else
    int position = 0;
    for (; !(mask & 1); mask >>= 1) position++;
    return position;
#endif
}

/* Position of the highest set bit of a mask that has one; masks of slots only. */
static inline int highest_bit(uint32_t mask)
{
    int position = 0;
    while (mask >>= 1) position++;
    return position;
}

/* Floor of value * permille / 1000 for value >= 0. */
static inline int32_t permille_of(int32_t value, int32_t permille)
{
    return clamp32((int64_t)value * permille / 1000, 0, AMOUNT_MAX);
}

static inline void due_set(struct battle_ctx *ctx, const struct card *card, int32_t tick)
{
    ctx->due.ticks[card->side * BATTLE_SLOTS + card->slot] = (int16_t)tick;
}

static inline bool auras_stand(const struct battle_ctx *ctx)
{
    return (ctx->aura_slots[0] | ctx->aura_slots[1]) != 0;
}

#endif
