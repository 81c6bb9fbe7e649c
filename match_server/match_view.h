/* match_view.h -- what must be known of a match before a script can be called for it: who is in it.
 *
 * A script may touch only the keys it is given, so the members are read first with a plain HMGET. They never
 * change during the life of a match, and every script checks them again. */
#ifndef DUELPOD_MATCH_VIEW_H
#define DUELPOD_MATCH_VIEW_H

#include "common/world.h"

enum { MATCH_LIST_SIZE = MATCH_PLAYERS_MAX * (PLAYER_ID_MAX + 1) };

/* All empty for a match that does not exist. */
struct match_view {
    char status[16];
    char players[MATCH_LIST_SIZE]; /* comma list */
    char pods[MATCH_LIST_SIZE];    /* comma list, in the order of the players */
    char mode[MODE_MAX + 1];
    char host[POD_ID_MAX + 1];
    char devices[MATCH_LIST_SIZE]; /* comma list of SHA-256, "-" for none, in the order of the players */
};

/* False: a limit. */
bool match_view_read(struct world *world, const char *match_id, world_reply_fn *reply, void *context,
                     uint64_t tag);

/* Item of a comma list, "" behind its end; longer ones are cut. */
enum { MATCH_ITEM_SIZE = PLAYER_ID_MAX + 1 };
void match_view_item(const char *list, size_t index, char out[MATCH_ITEM_SIZE]);

/* False: no such reply. A match that does not exist is read as empty. */
bool match_view_parse(const struct redis_reply *reply, struct match_view *out);

/* A match id as it may stand in keys: 1 to 36 of A-Z a-z 0-9 _ - */
bool match_id_is_valid(const char *id);

#endif
