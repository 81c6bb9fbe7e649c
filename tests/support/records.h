/* records.h -- records filled with random valid values, and their comparison, by the field tables. Test code only.
 *
 * A record comes from its seed alone, so a failing test is a seed. Texts use one, two, three and four byte
 * characters and everything that JSON must escape. */
#ifndef DUELPOD_RECORDS_H
#define DUELPOD_RECORDS_H

#include <string.h>

#include "common/rng.h"
#include "proto/proto.h"

enum record_size { RECORD_RANDOM, RECORD_LARGEST };

static inline void record_fill_text(struct rng *rng, enum record_size size, bool required, char *out,
                                    size_t capacity)
{
    static const char *const characters[] = {"a", "Z", "0", " ", "\"", "\\", "/", "é", "ß", "€", "語", "😀"};
    size_t most = capacity - 1;
    size_t target = size == RECORD_LARGEST ? most : (size_t)rng_between(rng, required ? 1 : 0, (int64_t)most);
    size_t length = 0;
    while (length < target) {
        const char *character = characters[rng_below(rng, ARRAY_LENGTH(characters))];
        if (size == RECORD_LARGEST || length + strlen(character) > target) character = "x";
        memcpy(out + length, character, strlen(character));
        length += strlen(character);
    }
    out[length] = '\0';
}

static inline struct bytes record_raw_sample(struct rng *rng)
{
    static const char *const samples[] = {
        "{}",
        "{\"a\":1}",
        "{\"big\":1000000000000000,\"small\":-1,\"part\":0.25}",
        "{\"text\":\"a\\\"}{,:\\\\ \\u0041 ü\",\"list\":[{},[1,2],null,true]}",
    };
    return bytes_of_text(samples[rng_below(rng, ARRAY_LENGTH(samples))]);
}

static inline void record_fill(struct rng *rng, enum record_size size, const struct proto_record *record,
                               char *out);

static inline void record_fill_list(struct rng *rng, enum record_size size, const struct proto_field *field,
                                    char *out)
{
    size_t *count = (size_t *)(void *)(out + field->presence_offset);
    *count = size == RECORD_LARGEST ? field->count_max : (size_t)rng_below(rng, field->count_max + 1);
    for (size_t i = 0; i < *count; i++) {
        char *element = out + field->offset + i * field->size;
        if (field->kind == FIELD_IDS) {
            record_fill_text(rng, size, field->required, element, field->size);
        } else {
            record_fill(rng, size, field->record, element);
        }
    }
}

static inline void record_fill_field(struct rng *rng, enum record_size size, const struct proto_field *field,
                                     char *out)
{
    char *at = out + field->offset;
    switch (field->kind) {
    case FIELD_STR: record_fill_text(rng, size, field->required, at, field->size); break;
    case FIELD_INT:
        *(int64_t *)(void *)at =
            size == RECORD_LARGEST ? field->max : rng_between(rng, field->min, field->max);
        break;
    case FIELD_BOOL: *(bool *)at = size != RECORD_LARGEST && rng_below(rng, 2) == 0; break;
    case FIELD_REC:
        *(bool *)(out + field->presence_offset) = true;
        record_fill(rng, size, field->record, at);
        break;
    case FIELD_LIST:
    case FIELD_IDS: record_fill_list(rng, size, field, out); break;
    case FIELD_RAW: *(struct bytes *)(void *)at = record_raw_sample(rng); break;
    }
}

/* `out` is zeroed memory of record->size bytes. Optional fields are left out now and then. */
static inline void record_fill(struct rng *rng, enum record_size size, const struct proto_record *record,
                               char *out)
{
    for (size_t i = 0; i < record->field_count; i++) {
        bool leave_out = size == RECORD_RANDOM && !record->fields[i].required && rng_below(rng, 3) == 0;
        if (!leave_out) record_fill_field(rng, size, &record->fields[i], out);
    }
}

static inline bool record_equals(const struct proto_record *record, const char *a, const char *b);

static inline bool record_list_equals(const struct proto_field *field, const char *a, const char *b)
{
    size_t count = *(const size_t *)(const void *)(a + field->presence_offset);
    if (*(const size_t *)(const void *)(b + field->presence_offset) != count) return false;
    for (size_t i = 0; i < count; i++) {
        size_t at = field->offset + i * field->size;
        if (field->kind == FIELD_IDS ? strcmp(a + at, b + at) != 0
                                     : !record_equals(field->record, a + at, b + at)) {
            return false;
        }
    }
    return true;
}

static inline bool record_field_equals(const struct proto_field *field, const char *a, const char *b)
{
    const char *in_a = a + field->offset, *in_b = b + field->offset;
    switch (field->kind) {
    case FIELD_STR: return strcmp(in_a, in_b) == 0;
    case FIELD_INT: return *(const int64_t *)(const void *)in_a == *(const int64_t *)(const void *)in_b;
    case FIELD_BOOL: return *(const bool *)in_a == *(const bool *)in_b;
    case FIELD_REC: {
        bool in_both = *(const bool *)(a + field->presence_offset);
        if (*(const bool *)(b + field->presence_offset) != in_both) return false;
        return !in_both || record_equals(field->record, in_a, in_b);
    }
    case FIELD_LIST:
    case FIELD_IDS: return record_list_equals(field, a, b);
    case FIELD_RAW: {
        const struct bytes *raw_a = (const void *)in_a, *raw_b = (const void *)in_b;
        return raw_a->length == raw_b->length &&
               (raw_a->length == 0 || memcmp(raw_a->data, raw_b->data, raw_a->length) == 0);
    }
    }
    return false;
}

static inline bool record_equals(const struct proto_record *record, const char *a, const char *b)
{
    for (size_t i = 0; i < record->field_count; i++) {
        if (!record_field_equals(&record->fields[i], a, b)) return false;
    }
    return true;
}

/* Every record of the lists. */
#define RECORD(record, sentence) &proto_record_##record,
#define END(record)
#define STR(...)
#define INT(...)
#define BOOL(...)
#define REC(...)
#define LIST(...)
#define IDS(...)
#define RAW(...)
static const struct proto_record *const records_all[] = {
#include "proto/records.def"
};

#endif
