#include "vocabulary.h"

#include <stddef.h>

#include "battle.h"

#define NAME(name, text, ...) text,

const char *const trigger_names[TRIGGERS] = {NULL, BATTLE_TRIGGERS(NAME)};
const char *const op_names[OPS] = {NULL, BATTLE_OPS(NAME)};
const char *const target_names[TO_PICK] = {NULL, BATTLE_TARGETS(NAME)};
const char *const pool_names[POOLS] = {NULL, BATTLE_POOLS(NAME)};
const char *const order_names[ORDERS] = {NULL, BATTLE_ORDERS(NAME)};
const char *const measure_names[MEASURES] = {NULL, BATTLE_STATS(NAME) BATTLE_MEASURES(NAME)};
const char *const keyword_names[5] = {NULL, BATTLE_KEYWORDS(NAME)};
const char *const status_names[STATUSES] = {NULL, BATTLE_STATUSES(NAME)};
const char *const subject_names[SUBJECT_CANDIDATE] = {NULL, BATTLE_SUBJECTS(NAME)};
const char *const seat_names[SEATS] = {NULL, BATTLE_SEATS(NAME)};
const char *const compare_names[COMPARES] = {NULL, BATTLE_COMPARES(NAME)};
const char *const side_names[SIDE_NAMES] = {NULL, BATTLE_SIDES(NAME)};
const char *const kind_names[7] = {NULL, BATTLE_KINDS(NAME)};
const char *const rarity_names[5] = {NULL, BATTLE_RARITIES(NAME)};
const char *const event_names[EVENT_KINDS] = {NULL, BATTLE_EVENT_KINDS(NAME)};
const char *const why_names[6] = {NULL, BATTLE_WHYS(NAME)};

const char *battle_error_name(int code)
{
#define CODE_NAME(name, wire, text) wire,
    static const char *const names[] = {"OK", BATTLE_CODES(CODE_NAME)};
    return code >= 0 && (size_t)code < sizeof names / sizeof names[0] ? names[code] : "E_UNKNOWN";
}
