/* load_check.h -- the promises of matchmaking, checked while the load runs.
 *
 * Every match the players hear of is remembered until the end of the run, so that a match given to a stranger
 * late is still noticed. Checked are:
 *
 *      both sides of a match name each other         one match never reaches a third player (a fifth in
 * teams) nobody gets a match while having another      every player of a match gets the same timeline bytes
 *
 * Memory: 48 bytes per match at a load of at most 2/3, so a million matches are about 100 MB; there is no
 * limit but the length of the run. One thread. */
#ifndef DUELPOD_LOAD_CHECK_H
#define DUELPOD_LOAD_CHECK_H

#include "common/base.h"
#include "common/ids.h"

#define LOAD_NOBODY UINT32_MAX /* an opponent that is not one of ours, or more than one */

struct load_check;

struct load_check *load_check_open(void);
void load_check_free(struct load_check *check);

/* Player `player` was given match `id` against `opponent`. NULL, or what is wrong (a constant sentence).
 * The same news again is fine. `team_match`: up to four players. */
const char *load_check_found(struct load_check *check, const uint8_t id[IDS_UUID_BYTES], uint32_t player,
                             uint32_t opponent, bool team_match);

/* Player `player` was told that match `id` does not take place. */
void load_check_cancelled(struct load_check *check, const uint8_t id[IDS_UUID_BYTES]);

/* Player `player` got a timeline of match `id`. NULL, or what is wrong. `*first`: nobody had it before. */
const char *load_check_timeline(struct load_check *check, const uint8_t id[IDS_UUID_BYTES], uint32_t player,
                                struct bytes timeline, bool *first);

/* Matches that only one of two players ever heard of and that were not cancelled. */
uint64_t load_check_one_sided(const struct load_check *check);

#endif
