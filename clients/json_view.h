/* json_view.h -- looks a few fields up in JSON text without building a tree.
 *
 * A view is the borrowed text of one value, blanks around it left out; {NULL, 0} is "absent". Nothing is
 * allocated and only the values passed over are read, so that thousands of clients can pick `type` and a
 * field or two out of each message for a fraction of a full parse. For the same reason a view believes the
 * text it passes over: malformed JSON gives absent values, never a read outside the text. json_view_is_whole
 * checks a whole text.
 *
 * Pure; any thread. */
#ifndef DUELPOD_JSON_VIEW_H
#define DUELPOD_JSON_VIEW_H

#include "common/base.h"

/* True when the text is one well-formed JSON value and nothing else, nested no deeper than JSON_DEPTH_MAX. */
bool json_view_is_whole(struct bytes text);

/* The value of `key` in an object; absent when there is none or `object` is none. The first of equal keys. */
struct bytes json_view_field(struct bytes object, const char *key);

/* Walks an array or an object: start with `*rest` = the container, stop at false. `*key` is the member's name
 * without its quotes (absent in an array) and may be NULL when it is not wanted. */
bool json_view_next(struct bytes *rest, struct bytes *key, struct bytes *value);

/* True for an integer that fits; anything else (fractions, exponents, strings) is false. */
bool json_view_integer(struct bytes value, int64_t *number);

/* The same with a fall-back for absent or wrong. */
int64_t json_view_integer_or(struct bytes value, int64_t fallback);

/* Decodes a string into `text`, cut to fit, always terminated. Control characters become '?', so that what a
 * stranger named himself can be printed on a terminal. False (and "") when the value is no string. */
bool json_view_text(struct bytes value, char *text, size_t capacity);

/* True when the value is a string equal to `text` (without escapes). */
bool json_view_equals(struct bytes value, const char *text);

bool json_view_is_true(struct bytes value);
bool json_view_is_object(struct bytes value);

#endif
