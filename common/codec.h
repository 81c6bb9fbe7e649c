/* codec.h -- records to and from JSON, by their field tables. codec.c is the only file that knows cJSON.
 *
 * Reading is strict, because cJSON is not: before it parses, one pass over the bytes checks size, depth,
 * UTF-8, control characters, \u0000 and the form of numbers; after it, doubled keys, trailing bytes and numbers
 * that are no exact integers are refused. Unknown fields are ignored. Every refusal names its place
 * ("cards[1].level") and what is wrong with it, and nothing is half decoded: use `out` only after true.
 *
 * Writing (codec_write.c) is by hand, with no allocation but the buffer's and no rounding: fields in the order of
 * the list, optional ones left out when empty.
 *
 * Any thread, no state. */
#ifndef DUELPOD_CODEC_H
#define DUELPOD_CODEC_H

#include "common/buffer.h"
#include "proto/proto.h"

struct codec_error {
    enum error_code code; /* bad_message, message_too_big, unknown_type or invalid_field */
    char place[96];       /* the field, "" for the whole message */
    char detail[96];      /* what is wrong, in words */
};

struct codec_limits {
    size_t bytes_max;
    size_t depth_max; /* at most 32 */
};

extern const struct codec_limits codec_limits_client;   /* what a client may send */
extern const struct codec_limits codec_limits_internal; /* what travels over Redis */

/* A parsed JSON object, with a copy of its text. Raw fields decoded from it borrow that copy, byte for byte. */
struct codec_document;

/* NULL and `error` when the bytes are no acceptable JSON object. */
struct codec_document *codec_open(struct bytes text, const struct codec_limits *limits,
                                  struct codec_error *error);
void codec_close(struct codec_document *document); /* NULL is harmless */

/* Fills `out` (struct proto_<record>) from the object. Raw fields live until codec_close(). */
bool codec_decode(struct codec_document *document, const struct proto_record *record, void *out,
                  struct codec_error *error);

/* The text or integer of one top-level field. False when absent or of another kind; `out` is then unchanged. */
bool codec_text(const struct codec_document *document, const char *field, char *out, size_t capacity);
bool codec_integer(const struct codec_document *document, const char *field, int64_t *out);
bool codec_has(const struct codec_document *document, const char *field);

/* Reads a client message: which one it is, its `id` (0 when absent) and its body. On an error `id` is still
 * set when it could be read, so that the refusal can name it. */
bool codec_read_client_message(struct codec_document *document, enum client_message *message, int64_t *id,
                               union client_message_body *body, struct codec_error *error);

/* Appends {"type":"<type>",...fields}; type NULL leaves the type out. */
void codec_encode(struct buffer *buffer, const char *type, const struct proto_record *record,
                  const void *value);

#endif
