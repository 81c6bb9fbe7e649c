/* balance_abilities.h -- the abilities of a catalog by name, and which of them fire.
 *
 * The engine knows abilities by number; here they have the names of the catalog's text. Who fires is read from
 * timelines, which name every entity that ever stood on the board: an activation is its card's `ready`, an
 * answer names its owner and the number of the ability. */
#ifndef DUELPOD_BALANCE_ABILITIES_H
#define DUELPOD_BALANCE_ABILITIES_H

#include "common/base.h"
#include "game_server/battle/battle.h"

enum { ABILITY_ROWS_MAX = 1024, ABILITIES_PER_OWNER = 4 };

struct ability_row {
    char owner[BATTLE_ID_BYTES], id[BATTLE_ID_BYTES], on[BATTLE_ID_BYTES];
    uint16_t num;  /* of the owner */
    uint8_t index; /* among the owner's abilities, from 1 */
    uint64_t fired;
};

struct ability_list {
    size_t count;
    struct ability_row rows[ABILITY_ROWS_MAX];
    uint16_t first[BATTLE_NUMS]; /* row + 1 of a definition's first ability, 0 for none */
};

/* From the text of a catalog that battle_catalog_load accepts. */
void abilities_read(struct bytes catalog_json, struct ability_list *out);

/* Counts who fires in one timeline. False when it is none. */
bool abilities_watch(struct ability_list *list, const battle_catalog *catalog, struct bytes timeline);

#endif
