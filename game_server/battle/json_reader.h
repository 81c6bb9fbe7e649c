/* json_reader.h -- a strict pull reader for the three documents of the battle: catalog, snapshot, timeline.
 *
 * It builds no tree and allocates nothing: the caller asks for what must come next. Strict means: UTF-8
 * only, no control characters, integers only, no leading zeros, no trailing bytes, no doubled fields. The
 * first error is kept with its place ("cards[1].level"), and from then on every call answers false, so
 * callers may check late.
 *
 *     struct json_object object;
 *     json_object_open(json, &object, field_names, count);
 *     while ((field = json_object_next(json, &object)) >= 0) switch (field) { ... }
 *     json_object_need(json, &object, 1u << FIELD_ID | 1u << FIELD_LEVEL);
 * */
#ifndef DUELPOD_BATTLE_JSON_READER_H
#define DUELPOD_BATTLE_JSON_READER_H

#include "battle.h"

enum { JSON_DEPTH_MAX = 12 };

struct json {
    const uint8_t *at, *end;
    battle_err *err;
    int depth;
    bool ignore_unknown; /* skip unknown fields instead of refusing them */
    size_t place_length;
    char place[96];
};

struct json_object {
    const char *const *names; /* at most 32 */
    int count;
    uint32_t seen;
    bool first;
    size_t place_length;
};

struct json_array {
    int index; /* of the element being read */
    bool first;
    size_t place_length;
};

void battle_err_clear(battle_err *err);
void json_open(struct json *json, const void *data, size_t size, battle_err *err);
bool json_ok(const struct json *json);
/* Records the first error at the present place and answers false. */
bool json_fail(struct json *json, int code, const char *message);
/* The document must end here. */
bool json_close(struct json *json);

bool json_object_open(struct json *json, struct json_object *object, const char *const *names, int count);
/* Index of the next field's name, or -1 at the end or on an error. Its value must be read before the next
 * call. */
int json_object_next(struct json *json, struct json_object *object);
bool json_object_need(struct json *json, const struct json_object *object, uint32_t mask);

bool json_array_open(struct json *json, struct json_array *array);
bool json_array_next(struct json *json,
                     struct json_array *array); /* true while there is an element to read */

/* '{', '[', '"', '0' for a number, 't' for true or false, 'n' for null, 0 at the end. */
char json_peek(struct json *json);
bool json_text(struct json *json, char *out, size_t capacity); /* decoded, terminated; fails when too long */
bool json_id(struct json *json, char out[BATTLE_ID_BYTES]);    /* [a-z][a-z0-9_.]* */
bool json_text_is_clean(const char *words);                    /* UTF-8 without control characters */
bool json_int(struct json *json, int64_t low, int64_t high, int64_t *out);
bool json_bool(struct json *json, bool *out);
bool json_skip(struct json *json); /* any one value */

/* Reads a string that must be one of names[1..count-1]; the index, or 0 on an error. */
int json_word(struct json *json, const char *const *names, int count);

#endif
