/* redis_reply.h -- what Redis answered, as plain data.
 *
 * A reply is a tree whose memory belongs to the link that received it and lives as long as the callback it
 * was given to. Copy what must live longer. Texts are not terminated by contract: use `length`. */
#ifndef DUELPOD_REDIS_REPLY_H
#define DUELPOD_REDIS_REPLY_H

#include "common/base.h"

enum redis_type { REDIS_NIL, REDIS_INTEGER, REDIS_TEXT, REDIS_STATUS, REDIS_ERROR, REDIS_ARRAY };

struct redis_reply {
    enum redis_type type;
    int64_t integer;           /* REDIS_INTEGER */
    const char *text;          /* REDIS_TEXT, REDIS_STATUS, REDIS_ERROR */
    size_t length;             /* bytes of text */
    struct redis_reply *items; /* REDIS_ARRAY */
    size_t count;              /* items */
};

/* All of them take NULL for a reply that never came. */
bool redis_reply_is_error(const struct redis_reply *reply);

/* True for a text or status equal to `text`. */
bool redis_reply_equals(const struct redis_reply *reply, const char *text);

/* The text of a text, status or error reply; else {"", 0}. */
struct bytes redis_reply_text(const struct redis_reply *reply);

/* Item `index` of an array, or NULL when it is no array or too short. */
const struct redis_reply *redis_reply_item(const struct redis_reply *reply, size_t index);

/* An integer reply, or a text that is a decimal integer. False and `out` unchanged for anything else. */
bool redis_reply_integer(const struct redis_reply *reply, int64_t *out);

/* A copy that lives until free(), all of it one piece of memory. */
struct redis_reply *redis_reply_copy(const struct redis_reply *reply);

#endif
