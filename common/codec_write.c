/* Writing, by hand: cJSON is for reading only. */
#include "common/codec.h"

static void write_record(struct buffer *buffer, const struct proto_record *record, const char *value,
                         bool first);

static void write_list(struct buffer *buffer, const struct proto_field *field, const char *elements,
                       size_t count)
{
    buffer_append_character(buffer, '[');
    for (size_t i = 0; i < count; i++) {
        const char *element = elements + i * field->size;
        if (i > 0) buffer_append_character(buffer, ',');
        if (field->kind == FIELD_IDS) {
            buffer_append_json_text(buffer, element);
        } else {
            buffer_append_character(buffer, '{');
            write_record(buffer, field->record, element, true);
            buffer_append_character(buffer, '}');
        }
    }
    buffer_append_character(buffer, ']');
}

static size_t field_count_of(const struct proto_field *field, const char *value)
{
    return *(const size_t *)(const void *)(value + field->presence_offset);
}

static bool field_is_empty(const struct proto_field *field, const char *value)
{
    const char *at = value + field->offset;
    switch (field->kind) {
    case FIELD_STR: return at[0] == '\0';
    case FIELD_INT: return *(const int64_t *)(const void *)at == 0;
    case FIELD_BOOL: return !*(const bool *)at;
    case FIELD_REC: return !*(const bool *)(value + field->presence_offset);
    case FIELD_LIST:
    case FIELD_IDS: return field_count_of(field, value) == 0;
    case FIELD_RAW: return ((const struct bytes *)(const void *)at)->length == 0;
    }
    return true;
}

static void write_value(struct buffer *buffer, const struct proto_field *field, const char *value)
{
    const char *at = value + field->offset;
    switch (field->kind) {
    case FIELD_STR: buffer_append_json_text(buffer, at); break;
    case FIELD_INT: buffer_append_integer(buffer, *(const int64_t *)(const void *)at); break;
    case FIELD_BOOL: buffer_append_text(buffer, *(const bool *)at ? "true" : "false"); break;
    case FIELD_REC:
        buffer_append_character(buffer, '{');
        write_record(buffer, field->record, at, true);
        buffer_append_character(buffer, '}');
        break;
    case FIELD_LIST:
    case FIELD_IDS: write_list(buffer, field, at, field_count_of(field, value)); break;
    case FIELD_RAW: {
        const struct bytes *raw = (const struct bytes *)(const void *)at;
        check(raw->length > 0);
        buffer_append(buffer, raw->data, raw->length);
        break;
    }
    }
}

static void write_record(struct buffer *buffer, const struct proto_record *record, const char *value,
                         bool first)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct proto_field *field = &record->fields[i];
        if (!field->required && field_is_empty(field, value)) continue;
        buffer_append_text(buffer, first ? "\"" : ",\"");
        buffer_append_text(buffer, field->name);
        buffer_append(buffer, "\":", 2);
        write_value(buffer, field, value);
        first = false;
    }
}

void codec_encode(struct buffer *buffer, const char *type, const struct proto_record *record,
                  const void *value)
{
    buffer_append_character(buffer, '{');
    if (type != NULL) {
        buffer_append(buffer, "\"type\":\"", 8);
        buffer_append_text(buffer, type);
        buffer_append_character(buffer, '"');
    }
    write_record(buffer, record, value, type == NULL);
    buffer_append_character(buffer, '}');
}
