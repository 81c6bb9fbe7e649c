#include "catalog.h"

#include <stdlib.h>
#include <string.h>

int catalog_find(const battle_catalog *catalog, const char *id)
{
    for (int i = 0; i < catalog->def_count; i++)
        if (strcmp(catalog->defs[i].id, id) == 0) return i;
    return -1;
}

void battle_catalog_free(battle_catalog *catalog)
{
    free(catalog);
}

const char *battle_catalog_id(const battle_catalog *catalog)
{
    return catalog->id;
}

int battle_catalog_version(const battle_catalog *catalog)
{
    return catalog->version;
}

const char *battle_catalog_sha256(const battle_catalog *catalog)
{
    return catalog->sha256;
}

size_t battle_catalog_count(const battle_catalog *catalog)
{
    return (size_t)catalog->def_count;
}

bool battle_catalog_entry(const battle_catalog *catalog, size_t index, battle_entry *entry)
{
    if (index >= (size_t)catalog->def_count) return false;
    const struct def *def = &catalog->defs[index];
    *entry = (battle_entry){def->id, def->num, (enum battle_kind)def->kind, (enum battle_rarity)def->rarity,
                            def->token};
    return true;
}

uint16_t battle_catalog_num(const battle_catalog *catalog, const char *id)
{
    int index = catalog_find(catalog, id);
    return index >= 0 ? catalog->defs[index].num : 0;
}

const char *battle_catalog_name(const battle_catalog *catalog, uint16_t num)
{
    const struct def *def = catalog_def(catalog, num);
    return def != NULL ? def->id : NULL;
}

const battle_snapshot *battle_catalog_starter(const battle_catalog *catalog)
{
    return &catalog->starter;
}

size_t battle_catalog_starter_collection(const battle_catalog *catalog, const uint16_t **nums)
{
    *nums = catalog->collection;
    return catalog->collection_count;
}

size_t battle_catalog_stage_count(const battle_catalog *catalog)
{
    return (size_t)catalog->stage_count;
}

const battle_stage *battle_catalog_stage(const battle_catalog *catalog, size_t index)
{
    return index < (size_t)catalog->stage_count ? &catalog->stages[index] : NULL;
}

const battle_stage *battle_catalog_find_stage(const battle_catalog *catalog, const char *id)
{
    for (int i = 0; i < catalog->stage_count; i++)
        if (strcmp(catalog->stages[i].id, id) == 0) return &catalog->stages[i];
    return NULL;
}

const battle_progression *battle_catalog_progression(const battle_catalog *catalog)
{
    return &catalog->progression;
}
