/* redis_reader.h -- bytes from Redis in, replies out (RESP2). The parser is hiredis's redisReader; the
 * replies are built by us in memory that is given back in one step, so that a reply of any shape costs no
 * malloc in the usual case. This is the only part of the program that knows hiredis.
 *
 * Limits: REDIS_REPLY_BYTES_MAX for one reply, its tree included, and seven levels of nesting. A stream that
 * breaks a limit or the protocol is broken for good: only redis_reader_reset() helps.
 * Owned and used by one thread. */
#ifndef DUELPOD_REDIS_READER_H
#define DUELPOD_REDIS_READER_H

#include "common/base.h"
#include "common/redis_reply.h"

enum {
    REDIS_REPLY_BYTES_MAX = 64 * 1024 * 1024,
    REDIS_REPLY_ITEMS_MAX = 1024 * 1024, /* of one array */
};

enum redis_read { REDIS_READ_MORE, REDIS_READ_REPLY, REDIS_READ_BROKEN };

struct redis_reader;

struct redis_reader *redis_reader_open(void);
void redis_reader_close(struct redis_reader *reader);

/* Forgets everything: the start of a new connection. Ends the life of the last reply. */
void redis_reader_reset(struct redis_reader *reader);

/* Takes a copy of the bytes. */
void redis_reader_feed(struct redis_reader *reader, struct bytes bytes);

/* The next whole reply. `*reply` is set only for REDIS_READ_REPLY and lives until the next call of next or
 * reset. */
enum redis_read redis_reader_next(struct redis_reader *reader, const struct redis_reply **reply);

/* After REDIS_READ_BROKEN: what was wrong, as one line without the sender's bytes. */
const char *redis_reader_error(const struct redis_reader *reader);

#endif
