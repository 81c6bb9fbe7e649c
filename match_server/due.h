/* due.h -- members of a sorted set of deadlines whose time has come. */
#ifndef DUELPOD_DUE_H
#define DUELPOD_DUE_H

#include "match_server/server_internal.h"

enum { OTHERS_FIRST_MS = 1000 };

/* Asks for at most `count_max` members of `key` that are due, with their times. False: a limit. */
bool due_read(struct match_server *server, enum redis_key key, int64_t count_max, world_reply_fn *reply,
              void *context);

/* Member `index` of the reply, as a text. False: there is none, it does not fit, or another server looks
 * after it and it has not been due for OTHERS_FIRST_MS yet. */
bool due_member(const struct match_server *server, const struct redis_reply *reply, size_t index, char *out,
                size_t capacity);

/* How many members a reply has; 0 for anything that is no such reply. */
size_t due_count(const struct redis_reply *reply);

#endif
