/* battle.h -- the whole battle: a pure, deterministic, integer-only library without any dependency.
 *
 * Two snapshots (who brings which cards, at which level, in which slot) and an eight byte seed go in; a
 * result and, if wanted, an event timeline come out. The same inputs give the same bytes with every
 * compiler, at every optimisation, on every machine. Rules, order and formats are written down in
 * docs/battle.md.
 *
 *     catalog bytes --load--> battle_catalog --+
 *     snapshot JSON or loadout --> battle_snapshot x2 --+--> battle_run --> battle_result
 *     seed ---------------------------------------------+        |
 *                                                     battle_timeline_json --> bytes --> reduce, verify
 *
 * Units: time in ms (a multiple of 50), chances and shares in permille. Ownership: the caller owns every
 * buffer; only battle_catalog_load and battle_ctx_new allocate. Threads: a catalog is read-only after
 * loading and may be shared; a context belongs to one thread at a time. No globals, no I/O, no clock.
 * Functions that return int give 0 or an enum battle_code and fill `err` (never NULL); on error the output
 * is unspecified and nothing else has changed. */
#ifndef DUELPOD_BATTLE_H
#define DUELPOD_BATTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BATTLE_ENGINE_VERSION "1.0.1"

/* Limits. What happens there is said in docs/battle.md. */
enum {
    BATTLE_LEVELS = 10,     /* player levels 1..10 */
    BATTLE_CARD_LEVELS = 5, /* card levels 1..5 */
    BATTLE_SLOTS = 8,       /* board slots of a side */
    BATTLE_ARTIFACTS = 3,
    BATTLE_CARD_ITEMS = 2,
    BATTLE_CONSUMABLES = 2,
    BATTLE_LEVEL_UNLOCKS = 16,
    BATTLE_ID_BYTES = 32,   /* catalog ids, terminator included */
    BATTLE_NAME_BYTES = 65, /* player id, display name and match id, terminator included */
    BATTLE_NUMS = 1024,     /* catalog numbers are 1..1023 */
    BATTLE_CATALOG_BYTES = 1 << 20,
    BATTLE_SNAPSHOT_BYTES = 8 << 10,
    BATTLE_TIMELINE_BYTES = 4 << 20, /* a buffer of this size holds every timeline */
    BATTLE_EVENTS = 8192,
    BATTLE_END_MS = 60000,
};

/* Error codes: battle_error_name gives "E_SCHEMA" and so on. */
#define BATTLE_CODES(X)                                                     \
    X(SCHEMA, "E_SCHEMA", "malformed, unknown, missing or doubled field")   \
    X(CATALOG, "E_CATALOG", "another catalog or catalog version")           \
    X(ID, "E_ID", "unknown or disabled id")                                 \
    X(OWN, "E_OWN", "not owned, or owned at a lower level")                 \
    X(SIZE, "E_SIZE", "too few or too many cards")                          \
    X(SLOT, "E_SLOT", "slot doubled, out of range or leaving a gap")        \
    X(DUP, "E_DUP", "too many copies")                                      \
    X(LEVEL, "E_LEVEL", "level outside what is allowed")                    \
    X(COST, "E_COST", "deck costs more than the budget")                    \
    X(ART, "E_ART", "too many or doubled artifacts")                        \
    X(ITEM, "E_ITEM", "item does not fit or too many items")                \
    X(CONS, "E_CONS", "too many or doubled consumables")                    \
    X(NODMG, "E_NODMG", "deck has no source of damage")                     \
    X(STATE, "E_STATE", "snapshot carries more than ids, levels and slots") \
    X(HASH, "E_HASH", "hash does not match")                                \
    X(VERIFY, "E_VERIFY", "timeline is not what the engine computes")       \
    X(LINT, "E_LINT", "catalog breaks a rule of the vocabulary")            \
    X(PLAYER, "E_PLAYER", "both sides carry the same player id")

enum battle_code {
    BATTLE_OK = 0,
#define BATTLE_CODE_ENUM(name, wire, text) BATTLE_E_##name,
    BATTLE_CODES(BATTLE_CODE_ENUM)
#undef BATTLE_CODE_ENUM
};

typedef struct battle_err {
    int code;          /* enum battle_code */
    char place[96];    /* "cards[1].level", empty for the whole document */
    char message[128]; /* one plain sentence without the place */
} battle_err;

typedef struct battle_catalog battle_catalog; /* compiled, read-only */
typedef struct battle_ctx battle_ctx;         /* one running or finished battle */

/* What a player brings: numbers of the catalog, levels and slots, never stats. Plain data of fixed size. */
typedef struct battle_snapshot_card {
    uint16_t num;
    uint8_t level; /* 1..5 */
    uint8_t slot;  /* 0..7; cards[i].slot == i in a canonical snapshot */
    uint8_t item_count;
    uint16_t items[BATTLE_CARD_ITEMS]; /* rising */
} battle_snapshot_card;

typedef struct battle_snapshot {
    char player_id[BATTLE_NAME_BYTES]; /* seeds this side's random stream, so both sides must differ */
    char name[BATTLE_NAME_BYTES];      /* display name, UTF-8 */
    uint8_t level;                     /* player level 1..10 */
    uint8_t card_count, artifact_count, consumable_count;
    battle_snapshot_card cards[BATTLE_SLOTS];
    uint16_t artifacts[BATTLE_ARTIFACTS];     /* rising */
    uint16_t consumables[BATTLE_CONSUMABLES]; /* rising */
} battle_snapshot;

/* The same as text, in the shape of the client's set_loadout. All pointers are borrowed for the call. */
typedef struct battle_loadout_card {
    const char *id;
    int level, slot;
} battle_loadout_card;

typedef struct battle_loadout_item {
    const char *id;
    int slot; /* the card slot it sits on */
} battle_loadout_item;

typedef struct battle_loadout {
    const char *player_id, *name;
    int level;
    const battle_loadout_card *cards;
    size_t card_count;
    const char *const *artifacts;
    size_t artifact_count;
    const battle_loadout_item *items;
    size_t item_count;
    const char *const *consumables;
    size_t consumable_count;
} battle_loadout;

/* What the rules need from outside. All zero: everything is owned at every level, nothing is disabled. */
typedef struct battle_ruleset {
    int (*owned_level)(void *user, uint16_t num); /* 0 = not owned; artifacts and items are owned at 1 */
    void *user;
    const uint16_t *disabled; /* kill switch: nums that may not be used now */
    size_t disabled_count;
} battle_ruleset;

typedef struct battle_seed {
    uint8_t bytes[8];
} battle_seed;

/* Asks battle_run to keep the events. The pointer is borrowed for the call. */
typedef struct battle_sink {
    const char *match_id; /* for the header; at most 64 bytes of [A-Za-z0-9_.:-] */
} battle_sink;

enum battle_why { BATTLE_KO = 1, BATTLE_STORM, BATTLE_DOUBLE_KO, BATTLE_TIMEOUT, BATTLE_OVERLOAD };

typedef struct battle_result {
    int winner; /* 0, 1, or -1 for a draw */
    enum battle_why why;
    int t_ms;
    int hp[2], hp_max[2]; /* of the heroes; hp may be negative */
    int events, effects;
    uint32_t draws[3]; /* random numbers used: order, side 0, side 1 */
    int64_t damage[2]; /* hp and shield each side removed from the other, storm excluded */
} battle_result;

/* The visible state at the end, from the engine or from a timeline. All int32, so it can be compared as
 * bytes. */
typedef struct battle_state_card {
    int32_t entity; /* 0 = the slot is empty */
    int32_t num, level, alive, hp, hp_max, atk, cd_ms, ward, guard, disabled, flags, uses;
    int32_t frozen_until_ms, slow_until_ms, haste_until_ms;
} battle_state_card;

typedef struct battle_state_side {
    int32_t hp, hp_max, shield, burn, poison, regen;
    battle_state_card cards[BATTLE_SLOTS];
} battle_state_side;

typedef struct battle_state {
    battle_state_side sides[2];
    int32_t t_ms, winner, why, events;
} battle_state;

/* ---- catalog ------------------------------------------------------------------------------------ */

/* Parses, compiles and lints catalog JSON of `size` bytes. NULL on error. The bytes are not kept. */
battle_catalog *battle_catalog_load(const void *json, size_t size, battle_err *err);
void battle_catalog_free(battle_catalog *catalog); /* NULL is allowed */

/* What compiles but should not be played: BATTLE_E_LINT for an ability that can answer itself, over whatever
 * others, without an inner cooldown; `place` is "id.abilities[0]". The engine's limits hold all the same. */
int battle_catalog_lint(const battle_catalog *catalog, battle_err *err);

const char *battle_catalog_id(const battle_catalog *catalog);
int battle_catalog_version(const battle_catalog *catalog);
const char *battle_catalog_sha256(const battle_catalog *catalog); /* 64 hex digits of the loaded bytes */

enum battle_kind {
    BATTLE_UNIT = 1,
    BATTLE_DEVICE,
    BATTLE_RITE,
    BATTLE_ARTIFACT,
    BATTLE_ITEM,
    BATTLE_CONSUMABLE
};
enum battle_rarity { BATTLE_COMMON = 1, BATTLE_RARE, BATTLE_EPIC, BATTLE_LEGENDARY };

typedef struct battle_entry {
    const char *id; /* owned by the catalog */
    uint16_t num;
    enum battle_kind kind;
    enum battle_rarity rarity;
    bool token; /* only summoned, never in a deck */
} battle_entry;

/* Enumeration, 0 <= index < count, in the order of the file; false past the end. */
size_t battle_catalog_count(const battle_catalog *catalog);
bool battle_catalog_entry(const battle_catalog *catalog, size_t index, battle_entry *entry);
/* Look-up by id or by number; 0 and NULL for unknown. */
uint16_t battle_catalog_num(const battle_catalog *catalog, const char *id);
const char *battle_catalog_name(const battle_catalog *catalog, uint16_t num);

/* What a new player gets: a loadout (player_id and name are left empty) and the numbers owned. */
const battle_snapshot *battle_catalog_starter(const battle_catalog *catalog);
size_t battle_catalog_starter_collection(const battle_catalog *catalog, const uint16_t **nums);

/* A PvE stage: an opponent, and what beating it for the first time unlocks (0 = nothing). */
typedef struct battle_stage {
    char id[BATTLE_ID_BYTES];
    int player_level; /* level a player needs to start it */
    int experience;   /* what all its stars together are worth */
    uint16_t reward;
    battle_snapshot opponent; /* player_id is "pve:" and the stage's id */
} battle_stage;

size_t battle_catalog_stage_count(const battle_catalog *catalog);
const battle_stage *battle_catalog_stage(const battle_catalog *catalog, size_t index);
const battle_stage *battle_catalog_find_stage(const battle_catalog *catalog, const char *id);

/* How players grow. A catalog without it keeps everybody at level 1. */
typedef struct battle_progression {
    int32_t experience[BATTLE_LEVELS]; /* total at which each level begins, from 0 */
    int32_t stars[2];                  /* permille of hero health left for the second and the third star */
    uint16_t unlocks[BATTLE_LEVELS][BATTLE_LEVEL_UNLOCKS]; /* what reaching a level gives */
    uint8_t unlock_count[BATTLE_LEVELS];
} battle_progression;

const battle_progression *battle_catalog_progression(const battle_catalog *catalog);

/* ---- snapshots ---------------------------------------------------------------------------------- */

/* From canonical or any other valid snapshot JSON, at most BATTLE_SNAPSHOT_BYTES. The result is canonical. */
int battle_snapshot_parse(const battle_catalog *catalog, const void *json, size_t size, battle_snapshot *out,
                          battle_err *err);
/* From the client's form: resolves ids and puts items on their cards. Places are those of set_loadout. */
int battle_snapshot_resolve(const battle_catalog *catalog, const battle_loadout *loadout,
                            battle_snapshot *out, battle_err *err);
/* The rules of docs/battle.md section 8; `rules` may be NULL. */
int battle_snapshot_check(const battle_catalog *catalog, const battle_snapshot *snapshot,
                          const battle_ruleset *rules, battle_err *err);
/* Canonical bytes without a terminator. Returns the length needed, or written when it is <= capacity. */
size_t battle_snapshot_json(const battle_catalog *catalog, const battle_snapshot *snapshot, char *buffer,
                            size_t capacity);
void battle_snapshot_sha256(const battle_catalog *catalog, const battle_snapshot *snapshot, uint8_t out[32]);

/* ---- battles ------------------------------------------------------------------------------------ */

size_t battle_ctx_size(void);              /* bytes a context needs, about 400 KiB, aligned as malloc does */
battle_ctx *battle_ctx_init(void *memory); /* over memory of the caller; no matching free */
battle_ctx *battle_ctx_new(void);          /* NULL without memory */
void battle_ctx_free(battle_ctx *ctx);     /* only for battle_ctx_new */

/* Runs one battle to its end, about ten microseconds. `sink` NULL keeps no events. What the context held
 * before does not matter. BATTLE_E_PLAYER for equal player ids, BATTLE_E_ID, _SLOT, _LEVEL for a snapshot
 * that does not belong to this catalog; then the context holds no battle. */
int battle_run(battle_ctx *ctx, const battle_catalog *catalog, const battle_snapshot sides[2],
               const battle_seed *seed, const battle_sink *sink, battle_result *result);

/* The `bt/1` bytes of the last run with a sink, without a terminator. Returns the length; 0 when there is
 * no such run or `capacity` is too small (BATTLE_TIMELINE_BYTES always suffices). The catalog must still
 * live. */
size_t battle_timeline_json(const battle_ctx *ctx, char *buffer, size_t capacity);
/* The same, and the SHA-256 of the bytes, which costs next to nothing beside the timeline's own hash. `digest` is
 * written only when the result is not 0. */
size_t battle_timeline_json_sha256(const battle_ctx *ctx, char *buffer, size_t capacity, uint8_t digest[32]);

/* The final state of the last run, to compare with battle_reduce. */
void battle_ctx_state(const battle_ctx *ctx, battle_state *final);

/* Plays the events of a timeline without any rule of the game. Unknown event kinds and fields are ignored. */
int battle_reduce(const battle_catalog *catalog, const void *timeline, size_t size, battle_state *final,
                  battle_err *err);
/* Runs the battle again from the header and compares every byte; a difference is named by its place: sides,
 * ev[12] or end. Uses about 100 KiB of stack. */
int battle_verify(const battle_catalog *catalog, const void *timeline, size_t size, battle_err *err);

const char *battle_error_name(int code); /* "E_SCHEMA"; "OK" for 0, "E_UNKNOWN" for anything else */

/* Plain SHA-256, for seed commitments: sha256(seed || match id || snapshot hashes). */
void battle_sha256(const void *data, size_t size, uint8_t out[32]);

#endif
