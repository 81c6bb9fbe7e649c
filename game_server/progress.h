/* progress.h -- how a player grows: stages, stars, experience, levels. Pure.
 *
 * What a player owns is what is stored plus what his level and the stages he has won give him; the second part
 * is worked out from the catalog at every reading, so a catalog that gives more gives it to everybody. Cards
 * are owned at the highest level that the player's level may use: they rise with him. How much experience a
 * battle brings is decided in lua/pve_apply.lua, in the step that stores it. */
#ifndef DUELPOD_PROGRESS_H
#define DUELPOD_PROGRESS_H

#include "game_server/battle/battle.h"
#include "proto/proto.h"

/* Completes a profile as stored: collection and next_level_at. */
void progress_complete(const battle_catalog *catalog, struct proto_profile *profile);

/* Is the stage open to this player? The first always; another when the one before it was won; and each from a
 * level of the player on. */
bool progress_stage_is_open(const battle_catalog *catalog, const battle_stage *stage,
                            const struct proto_profile *profile);

/* Stars of a battle in which side 0 fought a stage: 0 unless won. */
int64_t progress_stars(const battle_progression *progression, const battle_result *result);

/* The summary of lua/pve_apply.lua. */
struct progress_summary {
    char stage[BATTLE_ID_BYTES], outcome[8];
    int64_t stars, gained, experience, level_before, level, stars_before;
};

/* False: it is none. */
bool progress_summary_read(const char *text, struct progress_summary *out);

/* What the client is told: `rewards` of battle_result. A stage the catalog no longer knows unlocks nothing. */
void progress_rewards(const battle_catalog *catalog, const struct progress_summary *summary,
                      struct proto_rewards *out);

#endif
