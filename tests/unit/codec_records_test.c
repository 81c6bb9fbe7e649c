/* All records, filled at random from their tables, there and back; and messages damaged on the way. */
#include "common/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/records.h"

enum { ROUND_TRIPS = 200, MUTATIONS = 20000 };

static const struct codec_limits wide = {4 * 1024 * 1024, 32};

static void round_trip(const struct proto_record *record, enum record_size size, uint64_t seed)
{
    struct rng rng;
    rng_init(&rng, seed);
    char *value = memory_new(record->size), *back = memory_new(record->size);
    struct buffer text = {0}, again = {0};
    struct codec_error error;
    record_fill(&rng, size, record, value);
    codec_encode(&text, seed % 2 == 0 ? "some_type" : NULL, record, value);
    struct codec_document *document = codec_open(buffer_bytes(&text), &wide, &error);
    if (document == NULL || !codec_decode(document, record, back, &error)) {
        fail_msg("%s, seed %llu: %s %s", record->name, (unsigned long long)seed, error.place, error.detail);
    }
    if (!record_equals(record, value, back))
        fail_msg("%s, seed %llu", record->name, (unsigned long long)seed);
    codec_encode(&again, seed % 2 == 0 ? "some_type" : NULL, record, back);
    assert_int_equal(again.length, text.length);
    assert_memory_equal(again.data, text.data, text.length);
    codec_close(document);
    buffer_free(&text);
    buffer_free(&again);
    free(value);
    free(back);
}

static void every_record_survives_a_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(records_all); i++) {
        for (uint64_t seed = 0; seed < ROUND_TRIPS; seed++) round_trip(records_all[i], RECORD_RANDOM, seed);
        round_trip(records_all[i], RECORD_LARGEST, 1);
    }
}

static size_t raw_bytes_max(const struct proto_record *record)
{
    size_t bytes = 0;
    for (size_t f = 0; f < record->field_count; f++) {
        const struct proto_field *field = &record->fields[f];
        if (field->kind == FIELD_RAW) bytes += field->size;
        if (field->kind == FIELD_REC) bytes += raw_bytes_max(field->record);
    }
    return bytes;
}

static void the_largest_message_of_every_channel_fits(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    for (size_t i = 0; i < CHANNEL_COUNT; i++) {
        const struct proto_record *record = proto_channels[i].record;
        char *value = memory_new(record->size);
        struct buffer text = {0};
        record_fill(&rng, RECORD_LARGEST, record, value);
        codec_encode(&text, NULL, record, value);
        if (text.length + raw_bytes_max(record) > INTERNAL_MESSAGE_BYTES_MAX)
            fail_msg("%s", proto_channels[i].name);
        buffer_free(&text);
        free(value);
    }
}

/* Every missing required field, and every one of a wrong kind, is named. */
static void every_required_field_is_missed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(records_all); i++) {
        const struct proto_record *record = records_all[i];
        char *value = memory_new(record->size);
        struct codec_error error;
        const char *first = NULL;
        for (size_t f = 0; f < record->field_count && first == NULL; f++) {
            if (record->fields[f].required) first = record->fields[f].name;
        }
        struct codec_document *document = codec_open(bytes_of_text("{}"), &wide, &error);
        assert_int_equal(codec_decode(document, record, value, &error), first == NULL);
        if (first != NULL) assert_string_equal(error.place, first);
        codec_close(document);
        free(value);
    }
}

static size_t mutate(struct rng *rng, char *text, size_t length, size_t capacity)
{
    static const char tokens[] = "{}[]\",:\\u0-9eE.\x80\xff\xc3 tfn";
    for (uint64_t steps = 1 + rng_below(rng, 4); steps > 0 && length > 0; steps--) {
        size_t at = (size_t)rng_below(rng, length);
        switch (rng_below(rng, 4)) {
        case 0: text[at] = (char)rng_below(rng, 256); break;
        case 1: text[at] = tokens[rng_below(rng, sizeof tokens - 1)]; break;
        case 2: memmove(text + at, text + at + 1, --length - at); break;
        default:
            if (length == capacity) break;
            memmove(text + at + 1, text + at, length++ - at);
            text[at] = tokens[rng_below(rng, sizeof tokens - 1)];
        }
    }
    return length;
}

/* Exactly the bytes, so that reading one too many is seen by the sanitizer. */
static bool read_exact_copy(const char *text, size_t length)
{
    static union client_message_body body; /* too big for some stacks */
    enum client_message message = CLIENT_MESSAGE_COUNT;
    int64_t id;
    struct codec_error error;
    char *copy = malloc(length == 0 ? 1 : length);
    check(copy != NULL);
    memcpy(copy, text, length);
    struct codec_document *document = codec_open((struct bytes){copy, length}, &codec_limits_client, &error);
    free(copy);
    bool read = document != NULL && codec_read_client_message(document, &message, &id, &body, &error);
    codec_close(document);
    if (read) {
        assert_true(message < CLIENT_MESSAGE_COUNT);
    } else {
        assert_true(error.code == ERROR_bad_message || error.code == ERROR_unknown_type ||
                    error.code == ERROR_invalid_field);
        assert_true(error.detail[0] != '\0');
    }
    return read;
}

static void mutated_messages_are_read_or_refused(void **state)
{
    (void)state;
    struct rng rng;
    size_t accepted = 0;
    static union client_message_body body;
    for (uint64_t seed = 0; seed < MUTATIONS; seed++) {
        rng_init(&rng, seed);
        const struct proto_client_message *message =
            &proto_client_messages[rng_below(&rng, CLIENT_MESSAGE_COUNT)];
        struct buffer text = {0};
        char mutated[CLIENT_MESSAGE_BYTES_MAX];
        memset(&body, 0, sizeof body);
        record_fill(&rng, RECORD_RANDOM, message->record, (char *)&body);
        codec_encode(&text, message->name, message->record, &body);
        size_t length = text.length < sizeof mutated ? text.length : sizeof mutated;
        memcpy(mutated, text.data, length);
        length = mutate(&rng, mutated, length, sizeof mutated);
        accepted += read_exact_copy(mutated, length);
        buffer_free(&text);
    }
    assert_in_range(accepted, MUTATIONS / 100, MUTATIONS * 9 / 10);
}

static void random_bytes_are_refused(void **state)
{
    (void)state;
    struct rng rng;
    char text[64];
    for (uint64_t seed = 0; seed < MUTATIONS; seed++) {
        rng_init(&rng, seed);
        size_t length = (size_t)rng_below(&rng, sizeof text);
        for (size_t i = 0; i < length; i++) text[i] = (char)rng_below(&rng, seed % 2 == 0 ? 256 : 128);
        assert_false(read_exact_copy(text, length));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_survives_a_round_trip),
        cmocka_unit_test(the_largest_message_of_every_channel_fits),
        cmocka_unit_test(every_required_field_is_missed),
        cmocka_unit_test(mutated_messages_are_read_or_refused),
        cmocka_unit_test(random_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
