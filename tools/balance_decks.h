/* balance_decks.h -- the reference decks: what is played against each other to judge the catalog.
 *
 * A file of decks names its catalog and version and holds a list; a deck is what a player may bring, so it has
 * to pass every rule of docs/battle.md section 8:
 *
 *     {"catalog":"base","ver":2,"decks":[
 *       {"id":"ember","level":10,"cards":[{"id","level","slot","items"}],"artifacts":[],"consumables":[]}, ...]}
 *
 * Decks of one player level form a group; only they meet. Limits: DECKS_MAX decks, DECKS_BYTES of file. */
#ifndef DUELPOD_BALANCE_DECKS_H
#define DUELPOD_BALANCE_DECKS_H

#include "common/base.h"
#include "game_server/battle/battle.h"

enum { DECKS_MAX = 64, DECKS_BYTES = 256 << 10 };

struct deck {
    char id[BATTLE_ID_BYTES];
    battle_snapshot snapshot; /* player_id and name are the deck's id */
};

struct deck_list {
    size_t count;
    struct deck rows[DECKS_MAX];
};

/* Reads, checks and sorts by level, in the order of the file within one. False with a sentence that names the
 * place ("decks[3].cards[1].id: unknown id"). */
bool decks_read(const battle_catalog *catalog, struct bytes json, struct deck_list *out, char *error,
                size_t error_capacity);

/* The index behind the last deck of the group that starts at `first`. */
size_t decks_group_end(const struct deck_list *decks, size_t first);

/* A deck as one line of JSON in the form of the file, for people to copy. */
struct buffer;
void deck_append_json(const battle_catalog *catalog, const struct deck *deck, struct buffer *out);

#endif
