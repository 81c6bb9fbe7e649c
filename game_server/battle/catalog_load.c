/* The catalog document: header, level tables, sections of definitions, starter and stages. */
#include <stdlib.h>
#include <string.h>

#include "catalog_compile.h"
#include "sha256.h"
#include "snapshot_read.h"

enum {
    SCHEMA,
    CATALOG,
    VER,
    MIN_ENGINE,
    LEVELS,
    CARDS,
    TOKENS,
    ARTIFACTS,
    ITEMS,
    CONSUMABLES,
    STARTER,
    STAGES,
    PROGRESSION,
    FIELDS
};
static const char *const names[FIELDS] = {"schema",  "catalog", "ver",        "min_engine", "levels",
                                          "cards",   "tokens",  "artifacts",  "items",      "consumables",
                                          "starter", "stages",  "progression"};

static int section_kind(int field)
{
    return field == ARTIFACTS     ? BATTLE_ARTIFACT
           : field == ITEMS       ? BATTLE_ITEM
           : field == CONSUMABLES ? BATTLE_CONSUMABLE
                                  : 0;
}

/* ---- first pass: ids and numbers ------------------------------------------------------------- */

static bool register_def(struct json *json, battle_catalog *catalog)
{
    static const char *const def_names[] = {"id", "num"};
    struct json_object object;
    int64_t num = 0;
    if (catalog->def_count == DEFS_MAX) return compile_refuse(json, "too many definitions");
    struct def *def = &catalog->defs[catalog->def_count];
    json_object_open(json, &object, def_names, 2);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        if (field == 0) json_id(json, def->id);
        else json_int(json, 1, BATTLE_NUMS - 1, &num);
    }
    if (!json_object_need(json, &object, 3)) return false;
    if (catalog_find(catalog, def->id) >= 0) return compile_refuse(json, "id is used twice");
    if (catalog->by_num[num] >= 0) return compile_refuse(json, "num is used twice");
    def->num = (uint16_t)num;
    catalog->by_num[num] = (int16_t)catalog->def_count++;
    return true;
}

static bool first_pass(struct json *json, battle_catalog *catalog)
{
    struct json_object object;
    json->ignore_unknown = true;
    json_object_open(json, &object, names, FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        struct json_array array;
        if (field < CARDS || field > CONSUMABLES) {
            json_skip(json);
            continue;
        }
        json_array_open(json, &array);
        while (json_array_next(json, &array)) register_def(json, catalog);
    }
    return json_close(json);
}

/* ---- second pass ------------------------------------------------------------------------------- */

bool compile_row(struct json *json, int32_t *first, size_t stride, int count, int64_t high)
{
    struct json_array array;
    int64_t number = 0;
    int i = 0;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (i == count) return compile_refuse(json, "row is too long");
        json_int(json, 0, high, &number);
        *(int32_t *)(void *)((char *)first + stride * (size_t)i++) = (int32_t)number;
    }
    if (json_ok(json) && i != count) return compile_refuse(json, "row is too short");
    return json_ok(json);
}

static bool compile_level_tables(struct json *json, battle_catalog *catalog)
{
    static const char *const row_names[] = {"hp",     "slots",       "artifacts", "items",
                                            "budget", "rarity_cost", "level_cost"};
    struct json_object object;
    struct level_row *rows = catalog->levels;
    size_t stride = sizeof rows[0];
    json_object_open(json, &object, row_names, 7);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case 0: compile_row(json, &rows[0].hp, stride, BATTLE_LEVELS, AMOUNT_MAX); break;
        case 1: compile_row(json, &rows[0].slots, stride, BATTLE_LEVELS, BATTLE_SLOTS); break;
        case 2: compile_row(json, &rows[0].artifacts, stride, BATTLE_LEVELS, BATTLE_ARTIFACTS); break;
        case 3:
            compile_row(json, &rows[0].items, stride, BATTLE_LEVELS, BATTLE_SLOTS * BATTLE_CARD_ITEMS);
            break;
        case 4: compile_row(json, &rows[0].budget, stride, BATTLE_LEVELS, AMOUNT_MAX); break;
        case 5: compile_row(json, &catalog->rarity_cost[1], sizeof(int32_t), 4, 1000); break;
        default: compile_row(json, &catalog->level_cost[0], sizeof(int32_t), BATTLE_CARD_LEVELS, 1000); break;
        }
    }
    if (!json_object_need(json, &object, (1u << 7) - 1)) return false;
    for (int i = 0; i < BATTLE_LEVELS; i++)
        if (rows[i].hp < 1 || rows[i].slots < 1) return compile_refuse(json, "hp and slots are at least 1");
    return true;
}

static bool compile_stage(struct json *json, battle_catalog *catalog)
{
    if (catalog->stage_count == STAGES_MAX) return compile_refuse(json, "too many stages");
    battle_stage *stage = &catalog->stages[catalog->stage_count];
    if (!snapshot_read_stage(json, catalog, stage)) return false;
    if (battle_catalog_find_stage(catalog, stage->id) != NULL)
        return compile_refuse(json, "id is used twice");
    catalog->stage_count++;
    return true;
}

/* A place counts, people search by id: the message names it. */
static void name_definition(battle_err *err, const char *id)
{
    size_t length = strlen(err->message), id_length = strlen(id);
    if (length + 4 + id_length >= sizeof err->message) return;
    memcpy(err->message + length, " in ", 4);
    memcpy(err->message + length + 4, id, id_length + 1);
}

static bool compile_section(struct json *json, battle_catalog *catalog, int field, int *next)
{
    struct json_array array;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        struct def *def = &catalog->defs[*next];
        if (field == STAGES) compile_stage(json, catalog);
        else if (++*next, !compile_def(json, catalog, def, section_kind(field), field == TOKENS))
            name_definition(json->err, def->id);
    }
    return json_ok(json);
}

static bool engine_is_enough(const char *min_engine)
{
    return strncmp(min_engine, BATTLE_ENGINE_VERSION, 2) == 0 &&
           strcmp(min_engine, BATTLE_ENGINE_VERSION) <= 0;
}

static bool second_pass(struct json *json, battle_catalog *catalog)
{
    struct json_object object;
    int64_t number = 0;
    int next = 0;
    char text[BATTLE_ID_BYTES];
    json_object_open(json, &object, names, FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case SCHEMA: json_int(json, 1, 1, &number); break;
        case CATALOG: json_id(json, catalog->id); break;
        case VER: json_int(json, 1, 1000000, &number), catalog->version = (int32_t)number; break;
        case MIN_ENGINE:
            if (json_text(json, text, sizeof text) && !engine_is_enough(text))
                compile_refuse(json, "needs another engine");
            break;
        case LEVELS: compile_level_tables(json, catalog); break;
        case STARTER: snapshot_read_starter(json, catalog); break;
        case PROGRESSION: compile_progression(json, catalog); break;
        default: compile_section(json, catalog, field, &next);
        }
    }
    json_object_need(json, &object,
                     1u << SCHEMA | 1u << CATALOG | 1u << VER | 1u << MIN_ENGINE | 1u << LEVELS |
                         1u << CARDS | 1u << STARTER);
    return json_close(json);
}

/* Effects may name any definition, but only cards can stand on a board. */
static bool check_named_cards(struct json *json, const battle_catalog *catalog)
{
    for (int i = 0; i < catalog->effect_count; i++) {
        int card = catalog->effects[i].card;
        if (card >= 0 && catalog->defs[card].kind != BATTLE_UNIT && catalog->defs[card].kind != BATTLE_DEVICE)
            return compile_refuse(json, "summon and transform need a unit or a device");
    }
    return true;
}

battle_catalog *battle_catalog_load(const void *bytes, size_t size, battle_err *err)
{
    struct json json;
    json_open(&json, bytes, size, err);
    if (size > BATTLE_CATALOG_BYTES) {
        json_fail(&json, BATTLE_E_SCHEMA, "catalog is larger than 1 MiB");
        return NULL;
    }
    battle_catalog *catalog = calloc(1, sizeof *catalog);
    if (catalog == NULL) {
        json_fail(&json, BATTLE_E_CATALOG, "no memory");
        return NULL;
    }
    memset(catalog->by_num, 0xff, sizeof catalog->by_num);
    progression_none(&catalog->progression);
    bool good = first_pass(&json, catalog);
    if (good) {
        json_open(&json, bytes, size, err);
        good = second_pass(&json, catalog) && check_named_cards(&json, catalog);
    }
    if (!good) {
        battle_catalog_free(catalog);
        return NULL;
    }
    uint8_t digest[32];
    battle_sha256(bytes, size, digest);
    sha256_hex(digest, 32, catalog->sha256);
    return catalog;
}
