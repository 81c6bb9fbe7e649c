/* limits.h -- every bound of the contract, related to each other where they must be. */
#ifndef DUELPOD_LIMITS_H
#define DUELPOD_LIMITS_H

#include <assert.h>

enum {
    CARDS_MAX = 8, /* board slots */
    ARTIFACTS_MAX = 3,
    ITEMS_MAX = 8,
    CONSUMABLES_MAX = 2,
    OWNED_MAX = 128,                           /* distinct cards, artifacts or items of a collection */
    WINDOW_POINTS_MAX = 8,                     /* of the curve by which a ranked window widens */
    MATCH_PLAYERS_MAX = 4,                     /* two teams of two */
    PARTY_MEMBERS_MAX = MATCH_PLAYERS_MAX / 2, /* a team */
    PARTY_INVITED_MAX = 8,                     /* unanswered invitations of a party, and to a player */
    PLAYER_ID_MAX = 64,
    POD_ID_MAX = 32,
    MODE_MAX = 16,
    UUID_LENGTH = 36,
    STAGES_PLAYED_MAX = 64, /* stages of a catalog */
    REWARDS_MAX = 33,       /* one for the stage, and those of two levels at once */
    LEADERBOARD_MAX = 100,  /* places in one answer */
    NAME_BYTES_MAX = 64,
    NAME_CHARACTERS_MAX = 24,
    CLIENT_MESSAGE_BYTES_MAX = 4096,
    CLIENT_MESSAGE_DEPTH_MAX = 8,
    SNAPSHOT_BYTES_MAX = 4096, /* one side of a battle, canonical JSON */
    MATCH_CARD_BYTES_MAX = 2048,
    TIMELINE_BYTES_MAX = 2 << 20, /* two bouts of a relay */
    HISTORY_MAX = 50, /* matches that a player's history remembers; lua/_record.lua keeps as many */
    INTERNAL_MESSAGE_BYTES_MAX = 64 * 1024,
    HEARTBEAT_PLAYERS_MAX = 256, /* longer lists go in several messages */
    MAINTENANCE_PAUSES_MAX = 16, /* remembered, so that nobody ages by them */
    REDIS_KEY_BYTES_MAX = 160,   /* prefix, pattern and the longest id */
    REDIS_KEY_PREFIX_MAX = 32,
};

#define INTEGER_MAX 9007199254740991 /* 2^53 - 1: what every JSON reader keeps exact */

static_assert(REDIS_KEY_BYTES_MAX >= REDIS_KEY_PREFIX_MAX + PLAYER_ID_MAX + 32, "the longest key fits");
static_assert(HEARTBEAT_PLAYERS_MAX * (PLAYER_ID_MAX + 64) < INTERNAL_MESSAGE_BYTES_MAX,
              "a full heartbeat fits into an internal message");
static_assert(2 * (SNAPSHOT_BYTES_MAX + 1024) < INTERNAL_MESSAGE_BYTES_MAX, "an enqueue request of two fits");

#endif
