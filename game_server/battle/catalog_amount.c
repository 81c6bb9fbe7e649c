/* The small parts of an ability: level tables, masks, amounts, picks and targets. */
#include <string.h>

#include "catalog_compile.h"

bool compile_refuse(struct json *json, const char *message)
{
    return json_fail(json, BATTLE_E_LINT, message);
}

bool compile_levels(struct json *json, int64_t low, int64_t high, int32_t out[BATTLE_CARD_LEVELS])
{
    int64_t value = 0;
    if (json_peek(json) == '0') {
        if (!json_int(json, low, high, &value)) return false;
        for (int i = 0; i < BATTLE_CARD_LEVELS; i++) out[i] = (int32_t)value;
        return true;
    }
    struct json_array array;
    int count = 0;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (count == BATTLE_CARD_LEVELS) return compile_refuse(json, "more than five levels");
        if (!json_int(json, low, high, &value)) return false;
        out[count++] = (int32_t)value;
    }
    if (json_ok(json) && count != BATTLE_CARD_LEVELS) return compile_refuse(json, "fewer than five levels");
    return json_ok(json);
}

bool compile_words(struct json *json, const char *const *names, int count, uint32_t *mask)
{
    *mask = 0;
    if (json_peek(json) == '"') {
        *mask = 1u << json_word(json, names, count);
        return json_ok(json);
    }
    struct json_array array;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) *mask |= 1u << json_word(json, names, count);
    return json_ok(json);
}

static bool one_tag(struct json *json, battle_catalog *catalog, uint32_t *mask)
{
    char tag[BATTLE_ID_BYTES];
    if (!json_id(json, tag)) return false;
    int index = 0;
    while (index < catalog->tag_count && strcmp(catalog->tags[index], tag) != 0) index++;
    if (index == TAGS_MAX) return compile_refuse(json, "more than 32 different tags");
    if (index == catalog->tag_count) memcpy(catalog->tags[catalog->tag_count++], tag, sizeof tag);
    *mask |= 1u << index;
    return true;
}

bool compile_tags(struct json *json, battle_catalog *catalog, uint32_t *mask)
{
    *mask = 0;
    if (json_peek(json) == '"') return one_tag(json, catalog, mask);
    struct json_array array;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) one_tag(json, catalog, mask);
    return json_ok(json);
}

static bool amount_object(struct json *json, battle_catalog *catalog, int64_t low, struct amount *out)
{
    enum { STAT, OF, COUNT, EVENT, PERMILLE, EACH, PLUS };
    static const char *const names[] = {"stat", "of", "count", "event", "permille", "each", "plus"};
    static const char *const event_words[] = {NULL, "amount"};
    struct json_object object;
    int64_t number = 0;
    json_object_open(json, &object, names, 7);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case STAT:
            out->kind = AMOUNT_MEASURE, out->measure = (uint8_t)json_word(json, measure_names, MEASURES);
            break;
        case OF: out->subject = (uint8_t)json_word(json, subject_names, SUBJECT_CANDIDATE); break;
        case COUNT: out->kind = AMOUNT_COUNT, compile_pick(json, catalog, &out->pick); break;
        case EVENT: out->kind = AMOUNT_EVENT, json_word(json, event_words, 2); break;
        case PERMILLE: json_int(json, 0, 100000, &number), out->permille = (int32_t)number; break;
        case EACH: json_int(json, 0, AMOUNT_MAX, &number), out->each = (int32_t)number; break;
        default: compile_levels(json, low, AMOUNT_MAX, out->by_level); break;
        }
    }
    uint32_t kinds = object.seen & (1u << STAT | 1u << COUNT | 1u << EVENT);
    if (json_ok(json) && (kinds == 0 || (kinds & (kinds - 1)) != 0))
        return compile_refuse(json, "an amount reads one of stat, count and event");
    return json_ok(json);
}

bool compile_amount(struct json *json, battle_catalog *catalog, int64_t low, struct amount *out)
{
    *out = (struct amount){
        .kind = AMOUNT_LITERAL, .subject = SUBJECT_SELF, .pick = -1, .permille = 1000, .each = 1};
    if (json_peek(json) == '{') return amount_object(json, catalog, low, out);
    return compile_levels(json, low, AMOUNT_MAX, out->by_level);
}

bool compile_pick(struct json *json, battle_catalog *catalog, int16_t *out)
{
    enum { PICK, N, BY, WHERE, NOT };
    static const char *const names[] = {"pick", "n", "by", "where", "not"};
    static const char *const not_words[] = {NULL, "self"};
    struct pick pick = {.by = BY_LEFTMOST, .count = BATTLE_SLOTS};
    struct json_object object;
    int64_t number = 0;
    json_object_open(json, &object, names, 5);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case PICK: pick.pool = (uint8_t)json_word(json, pool_names, POOLS); break;
        case N: json_int(json, 1, BATTLE_SLOTS, &number), pick.count = (uint8_t)number; break;
        case BY: pick.by = (uint8_t)json_word(json, order_names, ORDERS); break;
        case WHERE: compile_conditions(json, catalog, SUBJECT_CANDIDATE, &pick.where); break;
        default: pick.not_self = json_word(json, not_words, 2) == 1; break;
        }
    }
    json_object_need(json, &object, 1u << PICK);
    if (json_ok(json) && catalog->pick_count == PICKS_MAX) return compile_refuse(json, "too many picks");
    if (!json_ok(json)) return false;
    catalog->picks[catalog->pick_count] = pick;
    *out = (int16_t)catalog->pick_count++;
    return true;
}

bool compile_target(struct json *json, battle_catalog *catalog, uint8_t *to, int16_t *pick)
{
    if (json_peek(json) == '{') {
        *to = TO_PICK;
        return compile_pick(json, catalog, pick);
    }
    *to = (uint8_t)json_word(json, target_names, TO_PICK);
    return json_ok(json);
}
