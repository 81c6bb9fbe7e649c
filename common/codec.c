#include "common/codec.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "common/codec_memory.h"
#include "common/codec_scan.h"

enum {
    KEYS_MAX = 64,
    /* A guess: a member of 20 bytes becomes the text, a node of 64 and copies of its name and value. */
    PARSED_BYTES_MIN = 1024,
    PARSED_BYTES_PER_BYTE = 5,
};

const struct codec_limits codec_limits_client = {CLIENT_MESSAGE_BYTES_MAX, CLIENT_MESSAGE_DEPTH_MAX};
const struct codec_limits codec_limits_internal = {INTERNAL_MESSAGE_BYTES_MAX, 16};

struct codec_document {
    struct codec_memory memory; /* holds all the rest, this struct included */
    cJSON *root;
    char *text; /* of `length` bytes; raw fields point into it */
    size_t length;
};

__attribute__((constructor)) static void take_from_our_memory(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = codec_memory_take, .free_fn = codec_memory_give});
}

static bool fail(struct codec_error *error, enum error_code code, const char *place, const char *detail)
{
    error->code = code;
    text_copy(error->place, sizeof error->place, place);
    text_copy(error->detail, sizeof error->detail, detail);
    return false;
}

/* ---- reading: the document --------------------------------------------------------------------- */

/* Names mostly differ in their first byte. */
static bool is_named(const cJSON *item, const char *name)
{
    return item->string[0] == name[0] && strcmp(item->string, name) == 0;
}

static bool keys_are_distinct(const cJSON *object)
{
    size_t count = 0;
    for (const cJSON *item = object->child; item != NULL; item = item->next, count++) {
        if (count >= KEYS_MAX) return false;
        for (const cJSON *other = object->child; other != item; other = other->next) {
            if (is_named(item, other->string)) return false;
        }
    }
    return true;
}

/* The depth was bounded by the scan, so recursion is. */
static bool tree_is_clean(const cJSON *item)
{
    if (cJSON_IsObject(item) && !keys_are_distinct(item)) return false;
    for (const cJSON *child = item->child; child != NULL; child = child->next) {
        if (!tree_is_clean(child)) return false;
    }
    return true;
}

static struct codec_document *document_new(struct bytes text)
{
    struct codec_memory memory = {NULL};
    codec_memory_reserve(&memory, PARSED_BYTES_MIN + PARSED_BYTES_PER_BYTE * text.length);
    struct codec_document *document = codec_memory_new(&memory, sizeof *document);
    *document = (struct codec_document){.length = text.length};
    document->text = codec_memory_new(&memory, text.length + 1);
    if (text.length > 0) memcpy(document->text, text.data, text.length);
    document->text[text.length] = '\0';
    document->memory = memory;
    return document;
}

struct codec_document *codec_open(struct bytes text, const struct codec_limits *limits,
                                  struct codec_error *error)
{
    *error = (struct codec_error){.code = ERROR_none};
    if (text.length > limits->bytes_max) {
        fail(error, ERROR_message_too_big, "", "larger than the limit");
        return NULL;
    }
    size_t offset;
    const char *problem = codec_scan(text, limits->depth_max, &offset);
    if (problem != NULL) {
        char detail[96];
        snprintf(detail, sizeof detail, "%s at byte %zu", problem, offset);
        fail(error, ERROR_bad_message, "", detail);
        return NULL;
    }
    struct codec_document *document = document_new(text);
    codec_memory_begin(&document->memory);
    document->root = cJSON_ParseWithLengthOpts(document->text, text.length + 1, NULL, 1);
    codec_memory_end();
    const char *reason = document->root == NULL            ? "not JSON"
                         : !cJSON_IsObject(document->root) ? "not an object"
                         : !tree_is_clean(document->root) ? "a key is doubled, or an object has too many keys"
                                                          : NULL;
    if (reason == NULL) return document;
    codec_close(document);
    fail(error, ERROR_bad_message, "", reason);
    return NULL;
}

void codec_close(struct codec_document *document)
{
    if (document == NULL) return;
    struct codec_memory memory = document->memory;
    codec_memory_free(&memory);
}

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *item = object->child;
    while (item != NULL && !is_named(item, name)) item = item->next;
    return item;
}

/* Integers only: compared as doubles first, because the cast of a wild double is undefined. */
static bool exact_integer(const cJSON *item, int64_t min, int64_t max, int64_t *out)
{
    if (!cJSON_IsNumber(item)) return false;
    double value = item->valuedouble;
    if (!(value >= (double)min && value <= (double)max)) return false;
    int64_t integer = (int64_t)value;
    if ((double)integer != value) return false;
    *out = integer;
    return true;
}

bool codec_text(const struct codec_document *document, const char *field, char *out, size_t capacity)
{
    const cJSON *item = member(document->root, field);
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= capacity) return false;
    return text_copy(out, capacity, item->valuestring);
}

bool codec_integer(const struct codec_document *document, const char *field, int64_t *out)
{
    return exact_integer(member(document->root, field), -INTEGER_MAX, INTEGER_MAX, out);
}

bool codec_has(const struct codec_document *document, const char *field)
{
    return member(document->root, field) != NULL;
}

/* ---- reading: a record by its fields ------------------------------------------------------------ */

struct reader {
    struct codec_error *error;
    const cJSON *object; /* the record being read ... */
    struct bytes text;   /* ... and its bytes; none inside a list */
    char place[96];      /* of it, with its dot */
    size_t place_length;
};

static bool read_record(struct reader *reader, const cJSON *object, const struct proto_record *record,
                        char *out);

static bool refuse(struct reader *reader, const char *field, long index, const char *detail)
{
    char place[192];
    if (index < 0) {
        snprintf(place, sizeof place, "%s%s", reader->place, field);
    } else {
        snprintf(place, sizeof place, "%s%s[%ld]", reader->place, field, index);
    }
    return fail(reader->error, ERROR_invalid_field, place, detail);
}

/* U+0000 to U+001F, U+007F, and U+0080 to U+009F, whose second byte is that number. */
static bool has_control_character(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    for (; *at != '\0'; at++) {
        if (*at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0)) return true;
    }
    return false;
}

static bool read_text(struct reader *reader, const cJSON *item, const struct proto_field *field, long index,
                      char *out)
{
    char detail[64];
    if (!cJSON_IsString(item)) return refuse(reader, field->name, index, "must be a text");
    if (strlen(item->valuestring) >= field->size) {
        snprintf(detail, sizeof detail, "longer than %zu bytes", field->size - 1);
        return refuse(reader, field->name, index, detail);
    }
    if (has_control_character(item->valuestring))
        return refuse(reader, field->name, index, "has a control character");
    if (field->required && item->valuestring[0] == '\0')
        return refuse(reader, field->name, index, "must not be empty");
    return text_copy(out, field->size, item->valuestring);
}

static bool read_integer(struct reader *reader, const cJSON *item, const struct proto_field *field,
                         int64_t *out)
{
    char detail[64];
    if (!cJSON_IsNumber(item)) return refuse(reader, field->name, -1, "must be an integer");
    if (exact_integer(item, field->min, field->max, out)) return true;
    snprintf(detail, sizeof detail, "outside %lld..%lld", (long long)field->min, (long long)field->max);
    return refuse(reader, field->name, -1, detail);
}

/* The bytes of one member of the record being read, as they came. */
static struct bytes member_bytes(const struct reader *reader, const cJSON *item)
{
    size_t index = 0;
    const cJSON *before = reader->object->child;
    for (; before != NULL && before != item; before = before->next) index++;
    check(before == item);
    return codec_scan_member(reader->text, index);
}

static bool read_nested(struct reader *reader, const cJSON *item, const struct proto_field *field, long index,
                        char *out)
{
    if (!cJSON_IsObject(item)) return refuse(reader, field->name, index, "must be an object");
    struct reader outer = *reader;
    reader->text =
        index < 0 && outer.text.data != NULL ? member_bytes(&outer, item) : (struct bytes){NULL, 0};
    reader->object = item;
    size_t length = reader->place_length;
    int added =
        index < 0
            ? snprintf(reader->place + length, sizeof reader->place - length, "%s.", field->name)
            : snprintf(reader->place + length, sizeof reader->place - length, "%s[%ld].", field->name, index);
    check(added > 0 && (size_t)added < sizeof reader->place - length);
    reader->place_length += (size_t)added;
    bool done = read_record(reader, item, field->record, out);
    *reader = outer;
    return done;
}

static bool read_list(struct reader *reader, const cJSON *array, const struct proto_field *field, char *out,
                      size_t *count)
{
    char detail[64];
    if (!cJSON_IsArray(array)) return refuse(reader, field->name, -1, "must be a list");
    for (const cJSON *item = array->child; item != NULL; item = item->next, (*count)++) {
        if (*count == field->count_max) {
            snprintf(detail, sizeof detail, "more than %zu elements", field->count_max);
            return refuse(reader, field->name, -1, detail);
        }
        char *element = out + *count * field->size;
        bool done = field->kind == FIELD_IDS ? read_text(reader, item, field, (long)*count, element)
                                             : read_nested(reader, item, field, (long)*count, element);
        if (!done) return false;
    }
    return true;
}

/* The bytes as they came: what was hashed or signed stays as it is. Raw fields stand in no list. */
static bool read_raw(struct reader *reader, const cJSON *item, const struct proto_field *field,
                     struct bytes *out)
{
    if (!cJSON_IsObject(item)) return refuse(reader, field->name, -1, "must be an object");
    check(reader->text.data != NULL);
    *out = member_bytes(reader, item);
    if (out->length > field->size) return refuse(reader, field->name, -1, "too big");
    return true;
}

static bool read_field(struct reader *reader, const cJSON *item, const struct proto_field *field, char *out)
{
    switch (field->kind) {
    case FIELD_STR: return read_text(reader, item, field, -1, out + field->offset);
    case FIELD_INT: return read_integer(reader, item, field, (int64_t *)(void *)(out + field->offset));
    case FIELD_BOOL:
        if (!cJSON_IsBool(item)) return refuse(reader, field->name, -1, "must be true or false");
        *(bool *)(out + field->offset) = cJSON_IsTrue(item);
        return true;
    case FIELD_REC:
        *(bool *)(out + field->presence_offset) = true;
        return read_nested(reader, item, field, -1, out + field->offset);
    case FIELD_LIST:
    case FIELD_IDS:
        return read_list(reader, item, field, out + field->offset,
                         (size_t *)(void *)(out + field->presence_offset));
    case FIELD_RAW: return read_raw(reader, item, field, (struct bytes *)(void *)(out + field->offset));
    }
    return false;
}

static bool read_record(struct reader *reader, const cJSON *object, const struct proto_record *record,
                        char *out)
{
    const cJSON *expected = object->child; /* members mostly stand in the order of the record */
    for (size_t i = 0; i < record->field_count; i++) {
        const struct proto_field *field = &record->fields[i];
        const cJSON *item =
            expected != NULL && is_named(expected, field->name) ? expected : member(object, field->name);
        if (item != NULL) expected = item->next;
        if (item == NULL && field->required) return refuse(reader, field->name, -1, "is missing");
        if (item != NULL && !read_field(reader, item, field, out)) return false;
    }
    return true;
}

bool codec_decode(struct codec_document *document, const struct proto_record *record, void *out,
                  struct codec_error *error)
{
    struct reader reader = {
        .error = error, .object = document->root, .text = {document->text, document->length}};
    memset(out, 0, record->size);
    return read_record(&reader, document->root, record, out);
}

static bool read_message_id(struct codec_document *document, int64_t *id, struct codec_error *error)
{
    *id = 0;
    const cJSON *item = member(document->root, "id");
    if (item == NULL || exact_integer(item, 1, INTEGER_MAX, id)) return true;
    return fail(error, ERROR_invalid_field, "id", "must be an integer in 1..9007199254740991");
}

bool codec_read_client_message(struct codec_document *document, enum client_message *message, int64_t *id,
                               union client_message_body *body, struct codec_error *error)
{
    if (!read_message_id(document, id, error)) return false;
    const cJSON *type = member(document->root, "type");
    if (!cJSON_IsString(type)) return fail(error, ERROR_bad_message, "type", "is missing or no text");
    for (int i = 0; i < CLIENT_MESSAGE_COUNT; i++) {
        if (strcmp(proto_client_messages[i].name, type->valuestring) != 0) continue;
        *message = (enum client_message)i;
        return codec_decode(document, proto_client_messages[i].record, body, error);
    }
    return fail(error, ERROR_unknown_type, "type", "no such message");
}
