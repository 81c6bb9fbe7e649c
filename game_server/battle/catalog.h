/* catalog.h -- the compiled catalog: what the engine reads while it fights.
 *
 * Every list of every definition lies in one shared array and is named by a start and a count, so that
 * there are no pointers and no strings on the way of a battle. Compiled once, never changed, shared by all
 * threads. */
#ifndef DUELPOD_BATTLE_CATALOG_H
#define DUELPOD_BATTLE_CATALOG_H

#include "battle.h"
#include "vocabulary.h"

enum {
    TICK_MS = 50,
    DEFS_MAX = 256,
    ABILITIES_MAX = 1024,
    EFFECTS_MAX = 2048,
    CONDITIONS_MAX = 1024,
    PICKS_MAX = 512,
    AURAS_MAX = 512,
    TAGS_MAX = 32,
    STAGES_MAX = 64,
    DEF_ABILITIES_MAX = 4,
    AMOUNT_MAX = 1000000,
    ICD_DEFAULT_MS = 250,
    FIRES_DEFAULT = 100,
    CD_MIN_MS = 500,
};

struct span {
    uint16_t start, count;
};

enum amount_kind { AMOUNT_LITERAL, AMOUNT_MEASURE, AMOUNT_COUNT, AMOUNT_EVENT };

/* by_level[level - 1] + (measure * permille / 1000 | count * each | event amount * permille / 1000) */
struct amount {
    uint8_t kind, subject, measure;
    int16_t pick;
    int32_t permille, each;
    int32_t by_level[BATTLE_CARD_LEVELS];
};

enum test {
    TEST_TAG,
    TEST_KIND,
    TEST_RARITY,
    TEST_SIDE,
    TEST_SEAT,
    TEST_MEASURE,
    TEST_STATUS,
    TEST_CHANCE,
    TEST_COUNT,
    TEST_KEYWORD,
    TEST_IS_SELF
};

/* A list of conditions holds when each stands true; those of one `group` > 0 are alternatives. */
struct condition {
    uint8_t test, subject, group, compare, measure;
    bool negated;
    int16_t pick;
    int32_t value; /* the number, word or mask the test compares with */
};

struct pick {
    uint8_t pool, by, count;
    bool not_self;
    struct span where;
};

struct effect {
    uint8_t op, to, stat, flag, copy;
    bool permille; /* stat: `n` is permille instead of points */
    int16_t pick;
    int16_t card; /* index of the definition to summon or to become, -1 none */
    struct amount amount;
};

struct ability {
    uint8_t on, index; /* position among the abilities of its definition, from 1 */
    uint16_t icd_ticks, fires_max, nth, every_ticks, below_permille;
    struct span conditions, effects;
};

struct aura {
    uint8_t to, stat;
    bool permille;
    struct span where;
    struct amount amount;
};

/* What a battle asks for all the time comes first, in one line of the cache. */
struct def {
    uint16_t num;
    uint8_t kind, rarity, keywords, fits_kinds;
    bool token, unique;
    struct span abilities, auras;
    uint32_t triggers;                        /* bit 1 << trigger for every ability */
    uint8_t answers[TRIGGERS];                /* which of its abilities answer a trigger: bits by position */
    uint32_t tags, fits_tags;                 /* bits of the catalog's tag list */
    int32_t storm_permille;                   /* artifacts: added to the storm damage of the own hero */
    int32_t stats[BATTLE_CARD_LEVELS][STATS]; /* cd and hp already as section 5 of the rules wants them */
    char id[BATTLE_ID_BYTES];
};

struct level_row {
    int32_t hp, slots, artifacts, items, budget;
};

struct battle_catalog {
    char id[BATTLE_ID_BYTES], sha256[65];
    int32_t version;
    struct level_row levels[BATTLE_LEVELS];
    int32_t rarity_cost[5], level_cost[BATTLE_CARD_LEVELS];
    int def_count, ability_count, effect_count, condition_count, pick_count, aura_count, tag_count,
        stage_count;
    struct def defs[DEFS_MAX];
    struct ability abilities[ABILITIES_MAX];
    struct effect effects[EFFECTS_MAX];
    struct condition conditions[CONDITIONS_MAX];
    struct pick picks[PICKS_MAX];
    struct aura auras[AURAS_MAX];
    char tags[TAGS_MAX][BATTLE_ID_BYTES];
    int16_t by_num[BATTLE_NUMS]; /* index into defs, -1 none */
    battle_snapshot starter;
    uint16_t collection[DEFS_MAX];
    size_t collection_count;
    battle_stage stages[STAGES_MAX];
    battle_progression progression;
};

/* Index of a definition, -1 for unknown. */
int catalog_find(const battle_catalog *catalog, const char *id);

static inline const struct def *catalog_def(const battle_catalog *catalog, uint16_t num)
{
    int index = num < BATTLE_NUMS ? catalog->by_num[num] : -1;
    return index >= 0 ? &catalog->defs[index] : NULL;
}

static inline bool kind_is_card(int kind)
{
    return kind >= BATTLE_UNIT && kind <= BATTLE_RITE;
}

#endif
