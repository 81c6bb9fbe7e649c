/* catalog_compile.h -- from catalog JSON to the compiled catalog, in two passes over the same bytes.
 *
 * The first pass only registers ids and numbers, so that a card may name a token that stands later in the
 * file; the second compiles everything. Each file compiles one level: catalog_load.c the document,
 * catalog_progression.c how players grow, catalog_def.c a definition, catalog_ability.c an ability,
 * catalog_amount.c what abilities are made of. */
#ifndef DUELPOD_BATTLE_CATALOG_COMPILE_H
#define DUELPOD_BATTLE_CATALOG_COMPILE_H

#include "catalog.h"
#include "json_reader.h"

/* Refuses with E_LINT at the present place; always false. */
bool compile_refuse(struct json *json, const char *message);

/* One integer for all levels, or an array of exactly five. */
bool compile_levels(struct json *json, int64_t low, int64_t high, int32_t out[BATTLE_CARD_LEVELS]);
/* One word of names, or an array of words, as a mask of 1 << index. */
bool compile_words(struct json *json, const char *const *names, int count, uint32_t *mask);
/* One tag or an array of tags, as a mask; new tags are added to the catalog's list. */
bool compile_tags(struct json *json, battle_catalog *catalog, uint32_t *mask);
/* A literal, five literals, or an object (see docs/battle.md). `low` bounds literals. */
bool compile_amount(struct json *json, battle_catalog *catalog, int64_t low, struct amount *out);
/* A list of conditions; `subject` is the default, SUBJECT_CANDIDATE inside a pick. */
bool compile_conditions(struct json *json, battle_catalog *catalog, int subject, struct span *out);
/* {"pick":..}: adds to the catalog and gives its index. */
bool compile_pick(struct json *json, battle_catalog *catalog, int16_t *out);
/* A word of the target list, or a pick object. */
bool compile_target(struct json *json, battle_catalog *catalog, uint8_t *to, int16_t *pick);
bool compile_abilities(struct json *json, battle_catalog *catalog, struct def *def);
bool compile_auras(struct json *json, battle_catalog *catalog, struct def *def);
/* One definition of a section; `kind` 0 lets the JSON say which kind of card it is. */
bool compile_def(struct json *json, battle_catalog *catalog, struct def *def, int kind, bool token);
/* {"experience":[10],"stars":[2],"unlocks":[10 lists of ids]}; progression_none() is what holds without it. */
bool compile_progression(struct json *json, battle_catalog *catalog);
void progression_none(battle_progression *progression);
/* A row of `count` integers 0..high, each `stride` bytes behind the one before. */
bool compile_row(struct json *json, int32_t *first, size_t stride, int count, int64_t high);

#endif
