/* engine.h -- the state of one battle and the verbs that change it.
 *
 * The board of a side is a row of 29 actors: 8 cards, 3 artifacts, 16 items (two per slot), 2 consumables.
 * Their order is the order of the rules everywhere, so the listeners of a trigger are one bit mask per side
 * and reading its bits from low to high is already right. Entities are the numbers of the timeline; `place`
 * says where one is now (side << 5 | actor, or hero), so a stale entity is noticed instead of hitting its
 * successor.
 *
 * Order of a tick (tick.c): A expiry, B activations, C periodic, D storm, E deaths, F heroes, G end.
 * Whatever a rule does, it does through one root: run the first ability, then settle: queue, deaths, queue,
 * until quiet. */
#ifndef DUELPOD_BATTLE_ENGINE_H
#define DUELPOD_BATTLE_ENGINE_H

#include <string.h>

#include "catalog.h"
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
    NEVER = INT32_MAX,

    BURN_TICKS = 10,
    POISON_TICKS = 20,
    STORM_TICK = 600,
    STORM_TICKS = 10,
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
    uint16_t last_event; /* that harmed it: the cause of its death; last_depth and killer belong to it */
    int32_t hp, ward, uses_left;
    int32_t low[STATS];                  /* layers 1 to 3 */
    int32_t stat[STATS];                 /* effective */
    int32_t add[STATS], permille[STATS]; /* layers 5 and 6 */
    int32_t cooldown;        /* half-ticks from nothing to ready: what stat[STAT_CD] means to the timer */
    int32_t progress, since; /* half-ticks of the cooldown done at tick `since` */
    int32_t frozen_until, slow_until, haste_until; /* ticks */
};

struct hero {
    int32_t hp, hp_max, shield, burn, poison, regen, storm_permille;
    bool hit_by_storm_last;
};

struct tally {
    int32_t damage, heal, shield, kills;
};

struct queued {
    const struct def *def; /* a death may be answered after somebody else took the slot */
    int32_t amount;
    uint16_t cause;
    uint8_t side, actor, entity, self, level, ability, depth, source, target;
};

/* One ability while it runs. */
struct frame {
    const struct def *def;
    uint8_t side, actor, self, level, depth; /* self: entity of the card, or of the own hero */
    uint8_t source_entity;                   /* what its events name as `s` */
    uint8_t event_source, event_target;
    uint16_t cause;
    int32_t amount;
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
    int32_t next_card, next_clock; /* ticks, as of the latest jump */
    int effects, root_effects, event_count;
    uint8_t next_entity;
    struct rng order, rolls[2];
    int64_t damage[2];

    struct hero heroes[2];
    struct card cards[2][BATTLE_SLOTS];
    int32_t due[2][BATTLE_SLOTS]; /* tick of the next thing to do for a card: ready, or a status ends */
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

static inline struct card *card_of(struct battle_ctx *ctx, int entity)
{
    int place = ctx->place[entity];
    return place != NOWHERE && (place & 31) < BATTLE_SLOTS ? &ctx->cards[place >> 5][place & 31] : NULL;
}

static inline struct hero *hero_of(struct battle_ctx *ctx, int entity)
{
    return entity == HERO_ENTITY || entity == HERO_ENTITY + 1 ? &ctx->heroes[entity - HERO_ENTITY] : NULL;
}

static inline bool card_lives(const struct card *card)
{
    return card->alive && !card->dying && (card->def->kind != BATTLE_UNIT || card->hp > 0);
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

/* Floor of value * permille / 1000 for value >= 0. */
static inline int32_t permille_of(int32_t value, int32_t permille)
{
    return clamp32((int64_t)value * permille / 1000, 0, AMOUNT_MAX);
}

static inline bool auras_stand(const struct battle_ctx *ctx)
{
    return (ctx->aura_slots[0] | ctx->aura_slots[1]) != 0;
}

/* ---- events.c ---------------------------------------------------------------------------------- */

struct event *event_record(struct battle_ctx *ctx, enum event_kind kind, int source, int target, int cause);

/* A fresh event at the present time; fill it in at once, the next call may reuse it. Its number is
 * event_count. */
static inline struct event *event_new(struct battle_ctx *ctx, enum event_kind kind, int source, int target,
                                      int cause)
{
    if (++ctx->event_count > BATTLE_EVENTS) ctx->overload = true;
    return ctx->logging ? event_record(ctx, kind, source, target, cause) : &ctx->last_events[0];
}
void event_flush(struct battle_ctx *ctx); /* hands the last event to `watch` */
void fizzle(struct battle_ctx *ctx, int owner, enum fizzle reason, int cause);

/* ---- board.c ----------------------------------------------------------------------------------- */

void board_set_up(struct battle_ctx *ctx);
/* Puts a card into a slot, over whatever was there. No event. */
struct card *board_place_card(struct battle_ctx *ctx, int side, int slot, const struct def *def, int level,
                              int entity);
/* Free slot nearest to `anchor`: itself, then to the right, then to the left; -1 none. */
void board_drop_items(struct battle_ctx *ctx, int side, int slot);
int board_free_slot(const struct battle_ctx *ctx, int side, int anchor);
void board_listen(struct battle_ctx *ctx, int side, int actor);
void board_unlisten_card(struct battle_ctx *ctx, const struct card *card); /* with its items */
void board_listen_card(struct battle_ctx *ctx, const struct card *card);

/* ---- stats.c ----------------------------------------------------------------------------------- */

void stats_base(struct battle_ctx *ctx, struct card *card); /* layers 1 to 3, and stat = low */
/* Recomputes one stat, or all that auras touch, and emits what changed; `source` is named in the events. */
void stats_refresh(struct battle_ctx *ctx, struct card *card, int stat, int source, int cause);
void stats_refresh_all(struct battle_ctx *ctx, int source, int cause);
void stats_settle_start(struct battle_ctx *ctx); /* auras at the start, without events */

/* ---- timer.c ----------------------------------------------------------------------------------- */

void timer_start(struct battle_ctx *ctx, struct card *card); /* from nothing, or half for swift */
void timer_advance(struct battle_ctx *ctx, struct card *card);
void timer_schedule(struct battle_ctx *ctx, struct card *card);
bool timer_is_ready(const struct battle_ctx *ctx, const struct card *card);
/* For events: 0 when it never will, or when nobody keeps events. */
int32_t timer_ready_ms(const struct battle_ctx *ctx, const struct card *card);
int32_t timer_ready_at_start(const struct card *card); /* ms; for a card that nothing has touched yet */
bool timer_runs(const struct card *card);
void timer_use(struct battle_ctx *ctx, struct card *card); /* pays one activation: progress and a use */
/* Adds up to `ticks` of progress, never past ready. Gives the ticks added. */
int32_t timer_charge(struct battle_ctx *ctx, struct card *card, int32_t ticks);

/* ---- trigger.c --------------------------------------------------------------------------------- */

struct occasion {   /* what happened, for its listeners */
    int side, slot; /* whose card or hero it is about; slot -1 for a hero or nobody */
    int source, target, cause, depth;
    int32_t amount;
};

void trigger_tell(struct battle_ctx *ctx, enum trigger trigger, const struct occasion *occasion);

/* Most of what happens has no listener; that costs one look. */
static inline void trigger_raise(struct battle_ctx *ctx, enum trigger trigger,
                                 const struct occasion *occasion)
{
    if ((ctx->listeners[0][trigger] | ctx->listeners[1][trigger]) != 0) trigger_tell(ctx, trigger, occasion);
}

/* The clocks of `every`: the earliest of an actor, and ringing those that are due. */
int32_t trigger_clock_due(const struct battle_ctx *ctx, int side, int actor);
void trigger_clock(struct battle_ctx *ctx, int side, int actor);
void trigger_push(struct battle_ctx *ctx, const struct queued *entry);
/* Runs the queue, buries the dead, until nothing is left. */
void settle_all(struct battle_ctx *ctx);

static inline void settle(struct battle_ctx *ctx)
{
    if (ctx->queue_count > 0 || ctx->somebody_falls) settle_all(ctx);
}

void root_begin(struct battle_ctx *ctx);
void frame_of_actor(struct battle_ctx *ctx, int side, int actor, struct frame *frame);
int actor_slot(int actor); /* the slot a card or an item belongs to, -1 for artifacts and consumables */
/* `act`, the ready abilities, and the used triggers. */
void activate_once(struct battle_ctx *ctx, struct card *card, int multi, int cause, int depth);

/* ---- death.c ----------------------------------------------------------------------------------- */

bool death_step(struct battle_ctx *ctx); /* true when somebody died */
void spend(struct battle_ctx *ctx, int side, int actor, int cause);

/* ---- condition.c, target.c, amount.c ---------------------------------------------------------- */

bool conditions_hold(struct battle_ctx *ctx, struct span conditions, const struct frame *frame,
                     int candidate);
/* The entity a subject stands for; `candidate` inside a pick. */
int subject_entity(int subject, const struct frame *frame, int candidate);
int32_t measure_entity(struct battle_ctx *ctx, int measure, int entity);
int32_t amount_value(struct battle_ctx *ctx, const struct amount *amount, const struct frame *frame);
/* Up to 16 entities; rolls the dice of the owner's side where a pick is random. */
int targets_choose(struct battle_ctx *ctx, int to, int pick, const struct frame *frame, uint8_t out[16]);
int pick_count(struct battle_ctx *ctx, int pick, const struct frame *frame);
int front_of(struct battle_ctx *ctx, int side); /* entity */

/* ---- ops.c and the files it calls ------------------------------------------------------------- */

void effects_run(struct battle_ctx *ctx, struct span effects, const struct frame *frame);

/* Counts one op on one target; false when a limit forbids it. */
bool effect_allowed(struct battle_ctx *ctx, const struct frame *frame);
/* The card whose stats change what a frame deals; NULL for artifacts and consumables. */
struct card *dealer_of(struct battle_ctx *ctx, const struct frame *frame);

void op_damage(struct battle_ctx *ctx, const struct frame *frame, int32_t n, const uint8_t *targets,
               int count);
void heal_entity(struct battle_ctx *ctx, const struct frame *frame, int target, int32_t amount, int flags);
/* Takes hp and shield off a hero; `bypass` leaves the shield alone. Gives what was really removed. */
int32_t hero_lose(struct hero *hero, int32_t amount, bool bypass);

struct op_call { /* one op on one target */
    const struct effect *effect;
    const struct frame *frame;
    int target;
    int32_t n;
};
void op_hero_stack(struct battle_ctx *ctx, const struct op_call *call); /* shield, burn, poison, regen */
void op_pace(struct battle_ctx *ctx, const struct op_call *call);       /* freeze, slow, haste */
void op_charge(struct battle_ctx *ctx, const struct op_call *call);
void op_stat(struct battle_ctx *ctx, const struct op_call *call);
void op_steal_stat(struct battle_ctx *ctx, const struct op_call *call);
void op_ward(struct battle_ctx *ctx, const struct op_call *call);
void op_guard(struct battle_ctx *ctx, const struct op_call *call);
void op_disable(struct battle_ctx *ctx, const struct op_call *call);
void op_gain_use(struct battle_ctx *ctx, const struct op_call *call);
void op_set_flag(struct battle_ctx *ctx, const struct op_call *call);
void op_trigger_ready(struct battle_ctx *ctx, const struct op_call *call);
void op_cleanse(struct battle_ctx *ctx, const struct op_call *call);
void op_dispel(struct battle_ctx *ctx, const struct op_call *call);
void op_transform(struct battle_ctx *ctx, const struct op_call *call);
void op_revive(struct battle_ctx *ctx, const struct op_call *call);
void op_destroy(struct battle_ctx *ctx, const struct op_call *call);
void op_summon(struct battle_ctx *ctx, const struct effect *effect, const struct frame *frame);

/* ---- tick.c ------------------------------------------------------------------------------------ */

void coin_flip(struct battle_ctx *ctx);
void run_start(struct battle_ctx *ctx); /* setup, start, battle_start */
void run_ticks(struct battle_ctx *ctx); /* until the battle is over; fills result.why */

/* ---- run.c ------------------------------------------------------------------------------------- */

/* battle_run over a context whose `watch` and `events` are already set. */
int run_battle(struct battle_ctx *ctx, const battle_catalog *catalog, const battle_snapshot sides[2],
               const battle_seed *seed, const battle_sink *sink);

#endif
