/* One definition: a card, a token, an artifact, an item or a consumable. */
#include <string.h>

#include "catalog_compile.h"

enum {
    ID,
    NUM,
    REV,
    KIND,
    RARITY,
    TAGS,
    SET,
    STATS_FIELD,
    KW,
    ABILITIES,
    AURAS,
    FITS,
    UNIQUE,
    STORM,
    FIELDS
};
static const char *const names[FIELDS] = {"id",     "num",           "rev", "kind",      "rarity", "tags",
                                          "set",    "stats",         "kw",  "abilities", "auras",  "fits",
                                          "unique", "storm_permille"};

#define STAT_LOW(name, text, low, high) low,
#define STAT_HIGH(name, text, low, high) high,
static const int32_t stat_low[STATS] = {0, BATTLE_STATS(STAT_LOW)};
static const int32_t stat_high[STATS] = {0, BATTLE_STATS(STAT_HIGH)};

static bool compile_stats(struct json *json, struct def *def)
{
    struct json_object object;
    int32_t levels[BATTLE_CARD_LEVELS];
    json_object_open(json, &object, measure_names + 1, STATS - 1);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        if (!compile_levels(json, stat_low[field + 1], stat_high[field + 1], levels)) return false;
        for (int i = 0; i < BATTLE_CARD_LEVELS; i++) def->stats[i][field + 1] = levels[i];
    }
    for (int i = 0; i < BATTLE_CARD_LEVELS; i++) {
        int32_t cd = def->stats[i][STAT_CD];
        if (cd % TICK_MS != 0 || (cd > 0 && cd < CD_MIN_MS))
            return compile_refuse(json, "cd is 0 or a multiple of 50 from 500 on");
    }
    return json_ok(json);
}

static bool compile_fits(struct json *json, battle_catalog *catalog, struct def *def)
{
    static const char *const fits_names[] = {"kind", "tag"};
    struct json_object object;
    uint32_t mask = 0;
    json_object_open(json, &object, fits_names, 2);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        if (field == 0) {
            compile_words(json, kind_names, 4, &mask);
            def->fits_kinds = (uint8_t)mask;
        } else {
            compile_tags(json, catalog, &def->fits_tags);
        }
    }
    return json_ok(json);
}

/* What the kind demands of the rest, once everything is read. */
static bool check_def(struct json *json, const struct def *def, uint32_t seen)
{
    bool timed = def->stats[0][STAT_CD] > 0, ready = def->triggers & 1u << ON_READY;
    if (!json_ok(json)) return false;
    if (!kind_is_card(def->kind) && seen & (1u << STATS_FIELD | 1u << KW) && def->kind != BATTLE_ITEM)
        return compile_refuse(json, "only cards and items have keywords, only cards have stats");
    if (def->kind == BATTLE_ITEM && seen & 1u << STATS_FIELD)
        return compile_refuse(json, "an item has auras, not stats");
    for (int i = 0; i < BATTLE_CARD_LEVELS; i++) {
        if ((def->kind == BATTLE_UNIT) != (def->stats[i][STAT_HP] > 0))
            return compile_refuse(json, "a unit has hp at every level, nothing else has");
        if ((def->stats[i][STAT_CD] > 0) != timed)
            return compile_refuse(json, "cd is 0 at every level or at none");
    }
    if (ready && !timed) return compile_refuse(json, "ready needs a cd");
    if (timed && def->kind == BATTLE_RITE) return compile_refuse(json, "a rite has no cd");
    if (seen & 1u << FITS && def->kind != BATTLE_ITEM) return compile_refuse(json, "fits belongs to items");
    if (seen & 1u << STORM && def->kind != BATTLE_ARTIFACT)
        return compile_refuse(json, "storm_permille belongs to artifacts");
    if (def->auras.count > 0 && (def->kind == BATTLE_CONSUMABLE || def->kind == BATTLE_RITE))
        return compile_refuse(json, "rites and consumables have no auras");
    return true;
}

bool compile_def(struct json *json, battle_catalog *catalog, struct def *def, int kind, bool token)
{
    struct json_object object;
    uint32_t mask = 0;
    int64_t number = 0;
    char text[BATTLE_ID_BYTES];
    def->kind = (uint8_t)kind;
    def->token = token;
    def->rarity = BATTLE_COMMON;
    json_object_open(json, &object, names, FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case ID: json_id(json, text); break; /* kept by the first pass, like num */
        case NUM: json_int(json, 1, BATTLE_NUMS - 1, &number); break;
        case REV: json_int(json, 1, 1000000, &number); break;
        case KIND:
            def->kind = (uint8_t)json_word(json, kind_names, 4);
            if (kind != 0) return compile_refuse(json, "kind is given by the section");
            break;
        case RARITY: def->rarity = (uint8_t)json_word(json, rarity_names, 5); break;
        case TAGS: compile_tags(json, catalog, &def->tags); break;
        case SET: json_id(json, text); break;
        case STATS_FIELD: compile_stats(json, def); break;
        case KW: compile_words(json, keyword_names, 5, &mask), def->keywords = (uint8_t)(mask >> 1); break;
        case ABILITIES: compile_abilities(json, catalog, def); break;
        case AURAS: compile_auras(json, catalog, def); break;
        case FITS: compile_fits(json, catalog, def); break;
        case UNIQUE: json_bool(json, &def->unique); break;
        default: json_int(json, -1000, 1000, &number), def->storm_permille = (int32_t)number; break;
        }
        if (field == AURAS && def->kind == 0) return compile_refuse(json, "kind stands before auras");
    }
    uint32_t need = 1u << ID | 1u << NUM | 1u << RARITY | (kind == 0 ? 1u << KIND : 0);
    return json_object_need(json, &object, need) && check_def(json, def, object.seen);
}
