/* Conditions: `if` of an ability, `where` of a pick or an aura. */
#include "catalog_compile.h"

enum {
    SUBJECT,
    TAG,
    KIND,
    RARITY,
    SIDE,
    SLOT,
    STAT,
    CMP,
    VALUE,
    STATUS,
    CHANCE,
    COUNT,
    HAS,
    KW,
    IS,
    NOT,
    ANY,
    FIELDS
};
static const char *const names[FIELDS] = {"subject", "tag", "kind",  "rarity", "side",   "slot",
                                          "stat",    "cmp", "value", "status", "chance", "count",
                                          "has",     "kw",  "is",    "not",    "any"};

/* The fields that say which test it is. */
static const uint32_t test_fields = 1u << TAG | 1u << KIND | 1u << RARITY | 1u << SIDE | 1u << SLOT |
                                    1u << STAT | 1u << STATUS | 1u << CHANCE | 1u << COUNT | 1u << HAS |
                                    1u << KW | 1u << IS;

static bool read_list(struct json *json, battle_catalog *catalog, int subject, int group,
                      struct condition *list, int *count);

static void read_test(struct json *json, battle_catalog *catalog, int field, struct condition *out)
{
    static const char *const is_words[] = {NULL, "self"};
    uint32_t mask = 0;
    int64_t number = 0;
    switch (field) {
    case TAG: out->test = TEST_TAG, compile_tags(json, catalog, &mask), out->value = (int32_t)mask; break;
    case KIND:
        out->test = TEST_KIND, compile_words(json, kind_names, 7, &mask), out->value = (int32_t)mask;
        break;
    case RARITY: out->test = TEST_RARITY, out->value = json_word(json, rarity_names, 5); break;
    case SIDE: out->test = TEST_SIDE, out->value = json_word(json, side_names, SIDE_NAMES); break;
    case SLOT: out->test = TEST_SEAT, out->value = json_word(json, seat_names, SEATS); break;
    case STAT:
        out->test = TEST_MEASURE, out->measure = (uint8_t)json_word(json, measure_names, MEASURES);
        break;
    case STATUS: out->test = TEST_STATUS, out->value = json_word(json, status_names, STATUSES); break;
    case CHANCE:
        out->test = TEST_CHANCE, json_int(json, 1, 999, &number), out->value = (int32_t)number;
        break;
    case COUNT: out->test = TEST_COUNT, compile_pick(json, catalog, &out->pick); break;
    case KW:
        out->test = TEST_KEYWORD, compile_words(json, keyword_names, 5, &mask),
        out->value = (int32_t)mask >> 1;
        break;
    case IS: out->test = TEST_IS_SELF, json_word(json, is_words, 2); break;
    default: /* HAS: the stat is more than nothing */
        out->test = TEST_MEASURE, out->compare = CMP_GT, out->value = 0;
        out->measure = (uint8_t)json_word(json, measure_names, MEASURES);
    }
}

static bool check_fields(struct json *json, uint32_t seen, int subject)
{
    uint32_t tests = seen & test_fields;
    bool compares = (seen & (1u << STAT | 1u << COUNT)) != 0;
    uint32_t compare_fields = seen & (1u << CMP | 1u << VALUE);
    if (!json_ok(json)) return false;
    if (tests == 0 || (tests & (tests - 1)) != 0)
        return compile_refuse(json, "a condition makes exactly one test");
    if (compares && compare_fields != (1u << CMP | 1u << VALUE))
        return compile_refuse(json, "needs cmp and value");
    if (!compares && compare_fields != 0) return compile_refuse(json, "cmp and value need stat or count");
    if (subject == SUBJECT_CANDIDATE && seen & (1u << SUBJECT | 1u << COUNT | 1u << CHANCE))
        return compile_refuse(json, "where tests the candidate only: no subject, count or chance");
    return true;
}

static bool read_one(struct json *json, battle_catalog *catalog, int subject, int group,
                     struct condition *list, int *count)
{
    struct condition condition = {.subject = (uint8_t)subject, .group = (uint8_t)group, .pick = -1};
    struct json_object object;
    int64_t number = 0;
    json_object_open(json, &object, names, FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case SUBJECT: condition.subject = (uint8_t)json_word(json, subject_names, SUBJECT_CANDIDATE); break;
        case CMP: condition.compare = (uint8_t)json_word(json, compare_names, COMPARES); break;
        case VALUE:
            json_int(json, -AMOUNT_MAX, AMOUNT_MAX, &number), condition.value = (int32_t)number;
            break;
        case NOT: json_bool(json, &condition.negated); break;
        case ANY:
            if (group > 0) return compile_refuse(json, "any may not stand inside any");
            read_list(json, catalog, subject, *count + 1, list, count);
            break;
        default: read_test(json, catalog, field, &condition);
        }
    }
    if (object.seen == 1u << ANY) return json_ok(json);
    if (json_ok(json) && object.seen & 1u << ANY) return compile_refuse(json, "any stands alone");
    if (!check_fields(json, object.seen, subject)) return false;
    if (*count == 8) return compile_refuse(json, "more than eight conditions");
    list[(*count)++] = condition;
    return true;
}

static bool read_list(struct json *json, battle_catalog *catalog, int subject, int group,
                      struct condition *list, int *count)
{
    struct json_array array;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) read_one(json, catalog, subject, group, list, count);
    return json_ok(json);
}

/* Collected first and stored together: a count condition compiles a pick, which stores conditions of its
 * own. */
bool compile_conditions(struct json *json, battle_catalog *catalog, int subject, struct span *out)
{
    struct condition list[8];
    int count = 0;
    if (!read_list(json, catalog, subject, 0, list, &count)) return false;
    if (catalog->condition_count + count > CONDITIONS_MAX) return compile_refuse(json, "too many conditions");
    *out = (struct span){(uint16_t)catalog->condition_count, (uint16_t)count};
    for (int i = 0; i < count; i++) catalog->conditions[catalog->condition_count++] = list[i];
    return true;
}
