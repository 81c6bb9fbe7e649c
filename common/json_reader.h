/* json_reader.h -- walks a small JSON text from front to back, strictly and without allocation.
 *
 * For texts where every liberty of a lenient parser is a way to be fooled: token headers, claims, key sets.
 *
 *     struct json_reader reader;
 *     if (json_open(&reader, text)) {
 *         json_enter_object(&reader, &object);
 *         while (json_next_member(&reader, &object, name, sizeof name)) {
 *             if (strcmp(name, "alg") == 0) json_read_text(&reader, alg, sizeof alg); else
 * json_skip(&reader);
 *         }
 *         if (json_close(&reader)) ...all of it was good...
 *     }
 *
 * Refused: anything RFC 8259 refuses, invalid UTF-8, a byte order mark, \u0000, lone surrogates, a name twice
 * in one object (however it is escaped), more than JSON_MEMBERS_MAX members, nesting deeper than
 * JSON_DEPTH_MAX. After the first fault every call answers false and json_close() tells; what was read before
 * is then worth nothing. The text is borrowed. Pure. */
#ifndef DUELPOD_JSON_READER_H
#define DUELPOD_JSON_READER_H

#include "common/base.h"

enum { JSON_DEPTH_MAX = 8, JSON_MEMBERS_MAX = 64 };

enum json_kind { JSON_NONE, JSON_OBJECT, JSON_ARRAY, JSON_TEXT, JSON_NUMBER, JSON_WORD };

struct json_reader {
    const unsigned char *at;
    const unsigned char *end;
    int depth;
    bool bad;
};

/* An object or array that has been entered. */
struct json_nest {
    bool started;
    size_t count;
    uint64_t names[JSON_MEMBERS_MAX]; /* Hashes of the names so far: a name seen twice can never be missed. */
};

bool json_open(struct json_reader *reader, struct bytes text);

/* True: the whole text was read and all of it was good. */
bool json_close(struct json_reader *reader);

/* What comes next; JSON_NONE when nothing that could be a value. */
enum json_kind json_peek(struct json_reader *reader);

bool json_enter_object(struct json_reader *reader, struct json_nest *nest);

/* Reads the next name; the caller then reads or skips exactly one value. A name too long for `capacity` comes
 * out empty. False: the object has ended, or a fault. */
bool json_next_member(struct json_reader *reader, struct json_nest *nest, char *name, size_t capacity);

bool json_enter_array(struct json_reader *reader, struct json_nest *nest);
bool json_next_item(struct json_reader *reader, struct json_nest *nest);

/* A text, decoded and terminated. Another kind, or a text longer than capacity - 1, is a fault. */
bool json_read_text(struct json_reader *reader, char *out, size_t capacity);

/* A whole number without fraction or exponent, below 2^53 in size. Anything else is a fault. */
bool json_read_integer(struct json_reader *reader, int64_t *out);

/* Any value. */
bool json_skip(struct json_reader *reader);

#endif
