/* engine.h -- the verbs of a battle: everything that changes its state, by the file it lives in.
 *
 * Order of a tick (tick.c): A expiry, B activations, C periodic, D storm, E deaths, F heroes, G end.
 * Whatever a rule does, it does through one root: run the first ability, then settle: queue, deaths, queue,
 * until quiet. */
#ifndef DUELPOD_BATTLE_ENGINE_H
#define DUELPOD_BATTLE_ENGINE_H

#include "context.h"

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
/* To be called whenever a card has begun or ceased to live, or got or lost its guard. */
void board_note(struct battle_ctx *ctx, const struct card *card);
/* Puts a card into a slot, over whatever was there. No event. */
struct card *board_place_card(struct battle_ctx *ctx, int side, int slot, const struct def *def, int level,
                              int entity);
void board_drop_items(struct battle_ctx *ctx, int side, int slot);
/* Free slot nearest to `anchor`: itself, then to the right, then to the left; -1 none. */
int board_free_slot(const struct battle_ctx *ctx, int side, int anchor);
void board_unlisten(struct battle_ctx *ctx, int side, uint32_t actors);    /* a mask of them */
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
int32_t timer_tell_ready_ms(const struct battle_ctx *ctx, const struct card *card); /* 0: it never will */
int32_t timer_ready_at_start(const struct card *card);     /* ms; for a card that nothing has touched yet */
void timer_use(struct battle_ctx *ctx, struct card *card); /* pays one activation: progress and a use */
/* Adds up to `ticks` of progress, never past ready. Gives the ticks added. */
int32_t timer_charge(struct battle_ctx *ctx, struct card *card, int32_t ticks);

/* To be called when what `runs` says may have changed and timer_schedule, which does it too, is not. */
static inline void timer_note(struct card *card)
{
    card->runs = card->alive && !card->disabled && card->stat[STAT_CD] > 0 &&
                 (card->stat[STAT_USES] == 0 || card->uses_left > 0);
}

static inline bool timer_is_ready(const struct battle_ctx *ctx, const struct card *card)
{
    return card->runs && card->progress >= card->cooldown && card->frozen_until <= ctx->tick;
}

/* For events; not computed when nobody keeps them. */
static inline int32_t timer_ready_ms(const struct battle_ctx *ctx, const struct card *card)
{
    return ctx->logging ? timer_tell_ready_ms(ctx, card) : 0;
}

/* ---- trigger.c --------------------------------------------------------------------------------- */

struct occasion {   /* what happened, for its listeners */
    int side, slot; /* whose card or hero it is about; slot -1 for a hero or nobody */
    int source, target, cause, depth;
    int32_t amount;
};

/* Offers it to the actors of `ears` on one side; to everybody, in the order of the start. */
void trigger_offer(struct battle_ctx *ctx, enum trigger trigger, int side, uint32_t ears,
                   const struct occasion *occasion);
void trigger_offer_everybody(struct battle_ctx *ctx, enum trigger trigger, const struct occasion *occasion);

enum audience { TIMER, SELF, OWN, ALLY, ENEMY, SIDE, ALL };

static const uint32_t OWNERLESS = 0x7u << ARTIFACT_ACTOR | 0x3u << CONSUMABLE_ACTOR;

/* The actors of a slot: the card and its items. */
static inline uint32_t slot_actors(int slot)
{
    return slot < 0 ? 0 : 1u << slot | 3u << (ITEM_ACTOR + BATTLE_CARD_ITEMS * slot);
}

static inline bool trigger_has_ears(const struct battle_ctx *ctx, enum trigger trigger)
{
    return (ctx->listeners[0][trigger] | ctx->listeners[1][trigger]) != 0;
}

/* Most of what happens has no listener; that costs one look. */
static inline void trigger_raise(struct battle_ctx *ctx, enum trigger trigger,
                                 const struct occasion *occasion)
{
#define TRIGGER_AUDIENCE(name, text, who) who,
    static const uint8_t audiences[TRIGGERS] = {TIMER, BATTLE_TRIGGERS(TRIGGER_AUDIENCE)};
    int audience = audiences[trigger], side = audience == ENEMY ? 1 - occasion->side : occasion->side;
    uint32_t ears = ctx->listeners[side][trigger];
    if (audience == ALL) {
        trigger_offer_everybody(ctx, trigger, occasion);
        return;
    }
    if (audience == SELF || (audience == OWN && occasion->slot >= 0))
        ears &= slot_actors(occasion->slot) | OWNERLESS;
    if (audience == ALLY) ears &= ~slot_actors(occasion->slot);
    if (ears != 0) trigger_offer(ctx, trigger, side, ears, occasion);
}

/* The clocks of `every`: the earliest of an actor, and ringing those that are due. */
int32_t trigger_clock_due(const struct battle_ctx *ctx, int side, int actor);
void trigger_clock(struct battle_ctx *ctx, int side, int actor);
/* The ability of `frame`, whose cause is the event that it answers, takes its place in the queue. */
void trigger_push(struct battle_ctx *ctx, const struct frame *frame, int entity, int ability);
/* Runs the queue, buries the dead, until nothing is left. */
void settle_all(struct battle_ctx *ctx);

static inline void settle(struct battle_ctx *ctx)
{
    if (ctx->queue_count > 0 || ctx->somebody_falls) settle_all(ctx);
}

static inline void root_begin(struct battle_ctx *ctx)
{
    ctx->root_effects = 0;
}

/* The slot a card or an item belongs to, -1 for artifacts and consumables. */
static inline int actor_slot(int actor)
{
    static const int8_t slots[ACTORS] = {0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, 0, 0,  1, 1,
                                         2, 2, 3, 3, 4, 4, 5, 5, 6,  6,  7,  7, -1, -1};
    return slots[actor];
}

/* `act`, the ready abilities, and the used triggers. */
void activate_once(struct battle_ctx *ctx, struct card *card, int multi, int cause, int depth);

/* ---- death.c ----------------------------------------------------------------------------------- */

bool death_step(struct battle_ctx *ctx); /* true when somebody died */
void spend(struct battle_ctx *ctx, int side, int actor, int cause);

/* ---- condition.c, target.c, pick.c ------------------------------------------------------------ */

bool conditions_test(struct battle_ctx *ctx, struct span conditions, const struct frame *frame,
                     int candidate);

static inline bool conditions_hold(struct battle_ctx *ctx, struct span conditions, const struct frame *frame,
                                   int candidate)
{
    return conditions.count == 0 || conditions_test(ctx, conditions, frame, candidate);
}

/* The entity a subject stands for; `candidate` inside a pick. */
int subject_entity(int subject, const struct frame *frame, int candidate);
int32_t measure_entity(struct battle_ctx *ctx, int measure, int entity);
int32_t amount_weigh(struct battle_ctx *ctx, const struct amount *amount, const struct frame *frame);

static inline int32_t amount_value(struct battle_ctx *ctx, const struct amount *amount,
                                   const struct frame *frame)
{
    return amount->kind == AMOUNT_LITERAL ? amount->by_level[frame->level - 1]
                                          : amount_weigh(ctx, amount, frame);
}

/* Up to 16 entities; rolls the dice of the owner's side where a pick is random. */
int targets_choose(struct battle_ctx *ctx, int to, int pick, const struct frame *frame, uint8_t out[16]);
int pick_targets(struct battle_ctx *ctx, int pick, const struct frame *frame, uint8_t *out);
int pick_count(struct battle_ctx *ctx, int pick, const struct frame *frame);

/* ---- ops.c and the files it calls ------------------------------------------------------------- */

void effects_run(struct battle_ctx *ctx, struct span effects, const struct frame *frame);

bool effect_refused(struct battle_ctx *ctx, const struct frame *frame); /* says so, and is false */

/* Counts one op on one target; false when a limit forbids it. */
static inline bool effect_allowed(struct battle_ctx *ctx, const struct frame *frame)
{
    if (ctx->overload || ctx->effects >= EFFECTS_LIMIT || ctx->root_effects >= ROOT_EFFECTS_MAX)
        return effect_refused(ctx, frame);
    ctx->effects++;
    ctx->root_effects++;
    return true;
}

/* The card whose stats change what a frame deals; NULL for artifacts and consumables. */
static inline struct card *dealer_of(struct battle_ctx *ctx, const struct frame *frame)
{
    return card_of(ctx, frame->source_entity);
}

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

/* ---- batch.c ----------------------------------------------------------------------------------- */

void batch_run(struct battle_ctx *ctx); /* phases A and B of the present tick */

/* ---- tick.c ------------------------------------------------------------------------------------ */

void coin_flip(struct battle_ctx *ctx);
void run_start(struct battle_ctx *ctx); /* setup, start, battle_start */
void run_ticks(struct battle_ctx *ctx); /* until the battle is over; fills result.why */

/* ---- run.c ------------------------------------------------------------------------------------- */

/* battle_run over a context whose `watch` and `events` are already set. */
int run_battle(struct battle_ctx *ctx, const battle_catalog *catalog, const battle_snapshot sides[2],
               const battle_seed *seed, const battle_sink *sink);

#endif
