/* script_call.h -- puts the keys and arguments of one script call together.
 *
 *     script_call_start(call, world); script_call_key(call, KEY_outbox, ""); script_call_text(call, "...");
 *     script_call_send(call, SCRIPT_outbox, on_reply, context, tag);
 *
 * Keys and arguments may come in any order to each other; each kind keeps its own order. The memory is kept
 * for the next call. Owned by one server, used by its thread, never twice at once. */
#ifndef DUELPOD_SCRIPT_CALL_H
#define DUELPOD_SCRIPT_CALL_H

#include "common/buffer.h"
#include "common/world.h"
#include "match_server/config.h"

struct script_part {
    size_t offset, length; /* in `text` */
};

struct script_parts {
    struct script_part *items;
    size_t count, capacity;
};

/* All zero is an empty one. */
struct script_call {
    struct world *world;
    struct buffer text;
    struct script_parts keys, arguments;
    struct bytes *views;
    size_t views_capacity;
};

void script_call_free(struct script_call *call);

/* Forgets the last call. */
void script_call_start(struct script_call *call, struct world *world);

/* The same, and the four arguments every script about players begins with. */
void script_call_start_common(struct script_call *call, struct world *world,
                              const struct match_config *config);

void script_call_key(struct script_call *call, enum redis_key key, const char *id);
void script_call_text(struct script_call *call, const char *text);
void script_call_bytes(struct script_call *call, struct bytes bytes);
void script_call_integer(struct script_call *call, int64_t integer);

/* queue:<mode> and queue:log:<mode> of every configured mode, and the list of their names as an argument. */
void script_call_modes(struct script_call *call, const struct match_config *config);

/* One metadata key for each id of a comma list. */
void script_call_members(struct script_call *call, const char *players);

/* False: a limit was reached and nothing happens. */
bool script_call_send(struct script_call *call, enum script_id script, world_reply_fn *reply, void *context,
                      uint64_t tag);

#endif
