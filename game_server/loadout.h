/* loadout.h -- what a player owns and takes along, between the wire, the store and the battle core. Pure.
 *
 * The rules are the battle core's (docs/battle.md, section 8); here the client's form is put into its terms and
 * its refusals into ours, with the place the client can point at. */
#ifndef DUELPOD_LOADOUT_H
#define DUELPOD_LOADOUT_H

#include "common/codec.h"
#include "game_server/battle/battle.h"

/* The side of a battle this player would bring with `loadout`. False: a rule is broken; `error` names it. */
bool loadout_resolve(const battle_catalog *catalog, const struct proto_profile *profile,
                     const struct proto_loadout *loadout, battle_snapshot *out, struct codec_error *error);

/* The loadout of a snapshot in the client's form. */
void loadout_of_snapshot(const battle_catalog *catalog, const battle_snapshot *snapshot,
                         struct proto_loadout *out);

/* What a new player owns and takes along. */
void loadout_starter(const battle_catalog *catalog, struct proto_loadout *loadout,
                     struct proto_collection *collection);

/* Adds one id of the catalog to a collection, a card at level 1; nothing happens when it is there or there is
 * no room. */
void loadout_own(const battle_catalog *catalog, uint16_t num, struct proto_collection *collection);

/* Appends the canonical JSON of a snapshot: what travels through the queue into the match. */
void loadout_snapshot_json(const battle_catalog *catalog, const battle_snapshot *snapshot,
                           struct buffer *out);

/* 1 to 24 characters, at most 64 bytes, none of them a control or a space at the ends. */
bool loadout_name_is_valid(const char *name);

#endif
