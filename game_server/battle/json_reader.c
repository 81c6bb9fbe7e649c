#include "json_reader.h"

#include <string.h>

void battle_err_clear(battle_err *err)
{
    memset(err, 0, sizeof *err);
}

void json_open(struct json *json, const void *data, size_t size, battle_err *err)
{
    memset(json, 0, sizeof *json);
    json->at = data;
    json->end = json->at + size;
    json->err = err;
    battle_err_clear(err);
}

bool json_ok(const struct json *json)
{
    return json->err->code == BATTLE_OK;
}

bool json_fail(struct json *json, int code, const char *message)
{
    battle_err *err = json->err;
    if (err->code != BATTLE_OK) return false;
    err->code = code;
    memcpy(err->place, json->place, json->place_length);
    err->place[json->place_length] = '\0';
    size_t length = strlen(message);
    if (length >= sizeof err->message) length = sizeof err->message - 1;
    memcpy(err->message, message, length);
    err->message[length] = '\0';
    return false;
}

static bool malformed(struct json *json, const char *message)
{
    return json_fail(json, BATTLE_E_SCHEMA, message);
}

/* Appends to the place; what does not fit is left out. */
static void place_add(struct json *json, const char *text)
{
    size_t length = strlen(text);
    if (json->place_length + length >= sizeof json->place) return;
    memcpy(json->place + json->place_length, text, length);
    json->place_length += length;
}

static void place_add_index(struct json *json, int index)
{
    char text[16];
    int at = (int)sizeof text - 1;
    text[at] = '\0';
    text[--at] = ']';
    do text[--at] = (char)('0' + index % 10);
    while ((index /= 10) > 0);
    text[--at] = '[';
    place_add(json, text + at);
}

static void skip_space(struct json *json)
{
    while (json->at < json->end &&
           (*json->at == ' ' || *json->at == '\n' || *json->at == '\r' || *json->at == '\t'))
        json->at++;
}

static bool take(struct json *json, char wanted)
{
    skip_space(json);
    if (json->at == json->end || *json->at != (uint8_t)wanted) return false;
    json->at++;
    return true;
}

char json_peek(struct json *json)
{
    skip_space(json);
    if (!json_ok(json) || json->at == json->end) return 0;
    char c = (char)*json->at;
    if (c == '-' || (c >= '0' && c <= '9')) return '0';
    return c == 'f' ? 't' : c;
}

bool json_close(struct json *json)
{
    skip_space(json);
    if (json_ok(json) && json->at != json->end) return malformed(json, "bytes after the end of the document");
    return json_ok(json);
}

static bool nest(struct json *json)
{
    if (++json->depth > JSON_DEPTH_MAX) return malformed(json, "nested too deeply");
    return true;
}

bool json_object_open(struct json *json, struct json_object *object, const char *const *names, int count)
{
    *object = (struct json_object){
        .names = names, .count = count, .first = true, .place_length = json->place_length};
    if (!json_ok(json)) return false;
    if (!take(json, '{')) return malformed(json, "expected an object");
    return nest(json);
}

static int field_index(const struct json_object *object, const char *name)
{
    for (int i = 0; i < object->count; i++)
        if (strcmp(object->names[i], name) == 0) return i;
    return -1;
}

/* Reads `"name":` and leaves the place at the field. -1 unknown. */
static int read_field(struct json *json, struct json_object *object)
{
    char name[BATTLE_ID_BYTES];
    if (!json_text(json, name, sizeof name)) return -1;
    int field = field_index(object, name);
    if (object->place_length > 0) place_add(json, ".");
    place_add(json, name);
    if (field >= 0 && object->seen & 1u << field) malformed(json, "field given twice");
    if (field < 0 && !json->ignore_unknown) malformed(json, "unknown field");
    if (json_ok(json) && !take(json, ':')) malformed(json, "expected a colon");
    if (field >= 0) object->seen |= 1u << field;
    return field;
}

int json_object_next(struct json *json, struct json_object *object)
{
    for (;;) {
        if (!json_ok(json)) return -1;
        json->place_length = object->place_length;
        if (take(json, '}')) {
            json->depth--;
            return -1;
        }
        if (!object->first && !take(json, ','))
            return malformed(json, "expected a comma or the object's end") - 1;
        object->first = false;
        if (json_peek(json) != '"') return malformed(json, "expected a field name") - 1;
        int field = read_field(json, object);
        if (!json_ok(json)) return -1;
        if (field >= 0) return field;
        json_skip(json);
    }
}

bool json_object_need(struct json *json, const struct json_object *object, uint32_t mask)
{
    for (int i = 0; i < object->count && json_ok(json); i++) {
        if (!(mask & ~object->seen & 1u << i)) continue;
        if (json->place_length > 0) place_add(json, ".");
        place_add(json, object->names[i]);
        malformed(json, "field is missing");
    }
    return json_ok(json);
}

bool json_array_open(struct json *json, struct json_array *array)
{
    *array = (struct json_array){.index = -1, .first = true, .place_length = json->place_length};
    if (!json_ok(json)) return false;
    if (!take(json, '[')) return malformed(json, "expected an array");
    return nest(json);
}

bool json_array_next(struct json *json, struct json_array *array)
{
    if (!json_ok(json)) return false;
    json->place_length = array->place_length;
    if (take(json, ']')) {
        json->depth--;
        return false;
    }
    if (!array->first && !take(json, ',')) return malformed(json, "expected a comma or the array's end");
    if (!array->first && json_peek(json) == ']') return malformed(json, "comma before the array's end");
    array->first = false;
    place_add_index(json, ++array->index);
    return true;
}

bool json_int(struct json *json, int64_t low, int64_t high, int64_t *out)
{
    *out = low;
    if (json_peek(json) != '0') return malformed(json, "expected an integer");
    bool negative = take(json, '-');
    const uint8_t *start = json->at;
    int64_t value = 0;
    while (json->at < json->end && *json->at >= '0' && *json->at <= '9' && json->at - start < 16)
        value = value * 10 + (*json->at++ - '0');
    if (json->at == start || (*start == '0' && json->at - start > 1) || (negative && value == 0))
        return malformed(json, "number is not written canonically");
    if (json->at < json->end && (*json->at == '.' || *json->at == 'e' || *json->at == 'E'))
        return malformed(json, "expected an integer");
    if (negative) value = -value;
    if (value < low || value > high || (json->at < json->end && *json->at >= '0' && *json->at <= '9'))
        return malformed(json, "number out of range");
    *out = value;
    return true;
}

bool json_bool(struct json *json, bool *out)
{
    skip_space(json);
    size_t left = (size_t)(json->end - json->at);
    *out = left >= 4 && memcmp(json->at, "true", 4) == 0;
    if (!*out && !(left >= 5 && memcmp(json->at, "false", 5) == 0))
        return malformed(json, "expected true or false");
    json->at += *out ? 4 : 5;
    return json_ok(json);
}

int json_word(struct json *json, const char *const *names, int count)
{
    char word[BATTLE_ID_BYTES];
    if (!json_text(json, word, sizeof word)) return 0;
    for (int i = 1; i < count; i++)
        if (strcmp(names[i], word) == 0) return i;
    return malformed(json, "not a word of the vocabulary");
}

bool json_skip(struct json *json)
{
    struct json_object object;
    struct json_array array;
    int64_t number;
    bool truth, before = json->ignore_unknown;
    switch (json_peek(json)) {
    case '{':
        json->ignore_unknown = true;
        json_object_open(json, &object, NULL, 0);
        json_object_next(json, &object);
        json->ignore_unknown = before;
        return json_ok(json);
    case '[':
        json_array_open(json, &array);
        while (json_array_next(json, &array)) json_skip(json);
        return json_ok(json);
    case '"': return json_text(json, NULL, 0);
    case '0': return json_int(json, -(INT64_C(1) << 53), INT64_C(1) << 53, &number);
    default: return json_bool(json, &truth);
    }
}
