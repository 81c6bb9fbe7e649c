/* Any bytes as a client's message, and as every record that travels between the processes. What was read can be
 * written, and what is written reads as the same. */
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "tests/support/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void write_and_read(const struct proto_record *record, const void *value)
{
    struct buffer text = {0};
    struct codec_error error;
    void *back = memory_new(record->size);
    codec_encode(&text, NULL, record, value);
    struct codec_document *document = codec_open(buffer_bytes(&text), &codec_limits_internal, &error);
    require(document != NULL && codec_decode(document, record, back, &error));
    require(record_equals(record, value, back));
    codec_close(document);
    buffer_free(&text);
    free(back);
}

static void read_message(struct bytes text)
{
    static union client_message_body body;
    struct codec_error error = {0};
    enum client_message message;
    int64_t id;
    struct codec_document *document = codec_open(text, &codec_limits_client, &error);
    if (document == NULL) return;
    if (codec_read_client_message(document, &message, &id, &body, &error))
        write_and_read(proto_client_messages[message].record, &body);
    else require(error.code != ERROR_none && error.detail[0] != '\0');
    codec_close(document);
}

static void read_record(struct codec_document *document, const struct proto_record *record)
{
    struct codec_error error;
    void *value = memory_new(record->size);
    if (codec_decode(document, record, value, &error)) write_and_read(record, value);
    free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = {(const char *)data, size};
    struct codec_error error;
    read_message(text);
    struct codec_document *document = codec_open(text, &codec_limits_internal, &error);
    for (size_t i = 0; document != NULL && i < ARRAY_LENGTH(records_all); i++)
        read_record(document, records_all[i]);
    codec_close(document);
    return 0;
}
