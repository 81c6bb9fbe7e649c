/* One battle from its inputs to its result. */
#include <stdlib.h>

#include "engine.h"
#include "snapshot_read.h"

size_t battle_ctx_size(void)
{
    return sizeof(struct battle_ctx) + (BATTLE_EVENTS + EVENTS_SPARE) * sizeof(struct event);
}

battle_ctx *battle_ctx_init(void *memory)
{
    battle_ctx *ctx = memory;
    ctx->ran = false;
    ctx->watch = NULL;
    ctx->events = (struct event *)(void *)(ctx + 1);
    return ctx;
}

battle_ctx *battle_ctx_new(void)
{
    void *memory = malloc(battle_ctx_size());
    return memory == NULL ? NULL : battle_ctx_init(memory);
}

void battle_ctx_free(battle_ctx *ctx)
{
    free(ctx);
}

static bool is_kind(const battle_catalog *catalog, uint16_t num, int kind)
{
    const struct def *def = catalog_def(catalog, num);
    return def != NULL && (kind == 0 ? kind_is_card(def->kind) : def->kind == kind);
}

/* Only what the engine relies on; what is allowed in a match is battle_snapshot_check's business. */
static int fits_catalog(const battle_catalog *catalog, const battle_snapshot *snapshot)
{
    if (snapshot->level < 1 || snapshot->level > BATTLE_LEVELS) return BATTLE_E_LEVEL;
    if (snapshot->card_count > BATTLE_SLOTS) return BATTLE_E_SIZE;
    if (snapshot->artifact_count > BATTLE_ARTIFACTS) return BATTLE_E_ART;
    if (snapshot->consumable_count > BATTLE_CONSUMABLES) return BATTLE_E_CONS;
    for (int i = 0; i < snapshot->card_count; i++) {
        const battle_snapshot_card *card = &snapshot->cards[i];
        if (!is_kind(catalog, card->num, 0)) return BATTLE_E_ID;
        if (card->level < 1 || card->level > BATTLE_CARD_LEVELS) return BATTLE_E_LEVEL;
        if (card->slot != i) return BATTLE_E_SLOT;
        if (card->item_count > BATTLE_CARD_ITEMS) return BATTLE_E_ITEM;
        for (int k = 0; k < card->item_count; k++)
            if (!is_kind(catalog, card->items[k], BATTLE_ITEM)) return BATTLE_E_ID;
    }
    for (int i = 0; i < snapshot->artifact_count; i++)
        if (!is_kind(catalog, snapshot->artifacts[i], BATTLE_ARTIFACT)) return BATTLE_E_ID;
    for (int i = 0; i < snapshot->consumable_count; i++)
        if (!is_kind(catalog, snapshot->consumables[i], BATTLE_CONSUMABLE)) return BATTLE_E_ID;
    return BATTLE_OK;
}

static void seed_streams(struct battle_ctx *ctx)
{
    uint64_t seed = 0, keys[2];
    for (int i = 0; i < 8; i++) seed = seed << 8 | ctx->seed.bytes[i];
    for (int side = 0; side < 2; side++) {
        keys[side] = rng_fnv1a(ctx->snapshots[side].player_id);
        rng_seed(&ctx->rolls[side], seed, "side", keys[side]);
    }
    rng_seed(&ctx->order, seed, "order", keys[0] + keys[1]);
    ctx->low_key_side = strcmp(ctx->snapshots[0].player_id, ctx->snapshots[1].player_id) < 0 ? 0 : 1;
}

static void reset(struct battle_ctx *ctx)
{
    ctx->tick = 0;
    ctx->batch_fixed = ctx->storm = ctx->saving = ctx->overload = ctx->somebody_falls = false;
    ctx->storm_damage = STORM_FIRST;
    ctx->watch_pending = false;
    ctx->aura_stats = 0;
    ctx->next_clock = 0;
    ctx->effects = ctx->root_effects = ctx->event_count = 0;
    ctx->next_entity = SUMMON_ENTITY;
    ctx->damage[0] = ctx->damage[1] = 0;
    ctx->queue_head = ctx->queue_count = 0;
    memset(ctx->tallies, 0, SUMMON_ENTITY * sizeof ctx->tallies[0]); /* the others as they come */
}

static int64_t units_health(const struct battle_ctx *ctx, int side)
{
    int64_t sum = 0;
    for (uint32_t left = living_units(ctx, side); left != 0; left &= left - 1)
        sum += ctx->cards[side][lowest_bit(left)].hp;
    return sum;
}

static int better(int64_t a, int64_t b)
{
    return a > b ? 0 : a < b ? 1 : -1;
}

/* Share of health left, then damage dealt, then health of the units; never a coin. */
static int tie_break(const struct battle_ctx *ctx)
{
    const struct hero *a = &ctx->heroes[0], *b = &ctx->heroes[1];
    int winner = better((int64_t)a->hp * b->hp_max, (int64_t)b->hp * a->hp_max);
    if (winner < 0) winner = better(ctx->damage[0], ctx->damage[1]);
    if (winner < 0) winner = better(units_health(ctx, 0), units_health(ctx, 1));
    return winner;
}

static void decide(struct battle_ctx *ctx)
{
    const struct hero *heroes = ctx->heroes;
    bool down[2] = {heroes[0].hp <= 0, heroes[1].hp <= 0};
    battle_result *result = &ctx->result;
    if (ctx->overload) result->why = BATTLE_OVERLOAD;
    else if (down[0] && down[1]) result->why = BATTLE_DOUBLE_KO;
    else if (down[0] || down[1])
        result->why = heroes[down[0] ? 0 : 1].hit_by_storm_last ? BATTLE_STORM : BATTLE_KO;
    else result->why = BATTLE_TIMEOUT;
    bool decided = result->why == BATTLE_KO || result->why == BATTLE_STORM;
    result->winner = decided ? (down[0] ? 1 : 0) : tie_break(ctx);
}

static void close_battle(struct battle_ctx *ctx)
{
    battle_result *result = &ctx->result;
    if (ctx->overload) event_new(ctx, EVENT_OVERLOAD, 0, 0, 0)->n = ctx->effects > EFFECTS_LIMIT ? 1 : 2;
    decide(ctx);
    event_new(ctx, EVENT_END, 0, 0, 0)->n = result->winner + 1;
    event_flush(ctx);
    result->t_ms = ctx->tick * TICK_MS;
    result->events = ctx->event_count;
    result->effects = ctx->effects;
    for (int side = 0; side < 2; side++) {
        result->hp[side] = ctx->heroes[side].hp;
        result->hp_max[side] = ctx->heroes[side].hp_max;
        result->draws[1 + side] = ctx->rolls[side].draws;
        result->damage[side] = ctx->damage[side];
    }
    result->draws[0] = ctx->order.draws;
}

static bool match_id_is_good(const char *id)
{
    size_t length = strlen(id);
    return length < BATTLE_NAME_BYTES &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-") == length;
}

int run_battle(struct battle_ctx *ctx, const battle_catalog *catalog, const battle_snapshot sides[2],
               const battle_seed *seed, const battle_sink *sink)
{
    ctx->ran = false;
    if (strcmp(sides[0].player_id, sides[1].player_id) == 0) return BATTLE_E_PLAYER;
    if (sink != NULL && !match_id_is_good(sink->match_id)) return BATTLE_E_SCHEMA;
    for (int side = 0; side < 2; side++) {
        int code = fits_catalog(catalog, &sides[side]);
        if (code != BATTLE_OK) return code;
        ctx->snapshots[side] = sides[side];
    }
    ctx->catalog = catalog;
    ctx->seed = *seed;
    ctx->logging = sink != NULL;
    if (sink != NULL) memcpy(ctx->match_id, sink->match_id, strlen(sink->match_id) + 1);
    reset(ctx);
    seed_streams(ctx);
    coin_flip(ctx);
    board_set_up(ctx);
    if (ctx->logging) memcpy(ctx->opening, ctx->cards, sizeof ctx->opening);
    run_start(ctx);
    run_ticks(ctx);
    close_battle(ctx);
    ctx->ran = true;
    return BATTLE_OK;
}

int battle_run(battle_ctx *ctx, const battle_catalog *catalog, const battle_snapshot sides[2],
               const battle_seed *seed, const battle_sink *sink, battle_result *result)
{
    int code = run_battle(ctx, catalog, sides, seed, sink);
    if (code == BATTLE_OK) *result = ctx->result;
    return code;
}
