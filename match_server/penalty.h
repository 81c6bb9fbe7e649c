/* penalty.h -- what the scripts that know of sanctions are told: whose records, and by which rules.
 *
 * A sanction hangs on two records, of the player and of his device (lua/_penalty.lua says how they grow and
 * fade). A device id is the client's own text, so it becomes part of a key only as its SHA-256; a player
 * without one has the hash "-", and no record is kept for it. Pure. */
#ifndef DUELPOD_PENALTY_H
#define DUELPOD_PENALTY_H

#include "common/digest.h"
#include "match_server/match_view.h"
#include "match_server/script_call.h"

enum { PENALTY_STEPS_MAX = 16, PENALTY_STEP_SECONDS_MAX = 30 * 86400 };

/* NULL: 1 to PENALTY_STEPS_MAX whole numbers of seconds, each above the one before. Else what is wrong. */
const char *penalty_steps_problem(const char *steps);

/* 64 hexadecimal digits, or "-" for "". */
void penalty_device_hash(const char *device_id, char out[DIGEST_TEXT_SIZE]);

/* The device of a member as the match remembers it; "-" for a stranger too. */
void penalty_device_of(const struct match_view *match, const char *player_id, char out[DIGEST_TEXT_SIZE]);

/* Two keys: the records of the player and of the device. */
void penalty_call_keys(struct script_call *call, const char *player_id, const char *device_hash);

/* The same for every member of a match. */
void penalty_call_members(struct script_call *call, const struct match_view *match);

/* Two arguments: half-life in ms, steps in seconds. */
void penalty_call_rules(struct script_call *call, const struct match_config *config);

#endif
