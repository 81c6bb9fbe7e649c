/* The progression of a catalog: experience by level, stars, what levels unlock. */
#include "catalog_compile.h"

void progression_none(battle_progression *progression)
{
    for (int i = 1; i < BATTLE_LEVELS; i++) progression->experience[i] = INT32_MAX;
    progression->stars[0] = progression->stars[1] = 1000;
}

static bool read_experience(struct json *json, int32_t experience[BATTLE_LEVELS])
{
    if (!compile_row(json, experience, sizeof experience[0], BATTLE_LEVELS, AMOUNT_MAX)) return false;
    for (int i = 0; i < BATTLE_LEVELS; i++) {
        if (i == 0 ? experience[0] != 0 : experience[i] <= experience[i - 1])
            return compile_refuse(json, "starts with 0 and rises");
    }
    return true;
}

static bool read_stars(struct json *json, int32_t stars[2])
{
    if (!compile_row(json, stars, sizeof stars[0], 2, 1000)) return false;
    return stars[0] <= stars[1] || compile_refuse(json, "the third star is the harder one");
}

static bool read_unlock(struct json *json, const battle_catalog *catalog, uint16_t *num)
{
    char id[BATTLE_ID_BYTES];
    if (!json_id(json, id)) return false;
    int index = catalog_find(catalog, id);
    if (index < 0) return json_fail(json, BATTLE_E_ID, "unknown id");
    *num = catalog->defs[index].num;
    return true;
}

static bool read_unlocks(struct json *json, const battle_catalog *catalog, battle_progression *out)
{
    struct json_array levels, ids;
    int level = 0;
    json_array_open(json, &levels);
    while (json_array_next(json, &levels)) {
        if (level == BATTLE_LEVELS) return compile_refuse(json, "more than ten levels");
        json_array_open(json, &ids);
        while (json_array_next(json, &ids)) {
            uint8_t *count = &out->unlock_count[level];
            if (*count == BATTLE_LEVEL_UNLOCKS) return compile_refuse(json, "too many ids");
            if (!read_unlock(json, catalog, &out->unlocks[level][*count])) return false;
            (*count)++;
        }
        level++;
    }
    return json_ok(json);
}

bool compile_progression(struct json *json, battle_catalog *catalog)
{
    static const char *const names[] = {"experience", "stars", "unlocks"};
    struct json_object object;
    battle_progression *out = &catalog->progression;
    json_object_open(json, &object, names, 3);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case 0: read_experience(json, out->experience); break;
        case 1: read_stars(json, out->stars); break;
        default: read_unlocks(json, catalog, out);
        }
    }
    return json_object_need(json, &object, (1u << 3) - 1);
}
