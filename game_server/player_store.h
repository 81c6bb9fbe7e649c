/* player_store.h -- the player keys in Redis: profile, session, results. game_server is their only writer.
 *
 * Each call is one script or command; the answer comes to a world_reply_fn on the caller's shard and is read by
 * the matching *_read function. Nothing here keeps state. */
#ifndef DUELPOD_PLAYER_STORE_H
#define DUELPOD_PLAYER_STORE_H

#include "common/buffer.h"
#include "common/world.h"
#include "game_server/party_store.h"

enum mode { MODE_normal, MODE_ranked, MODE_party, MODE_COUNT };

/* What the login script needs to create a player; made once at the start from the catalog. */
struct player_starter {
    const char *loadout_json;
    const char *collection_json;
};

bool player_store_login(struct world *world, const char *player_id, const char *pod_id,
                        const char *session_id, const char *device_id, const struct player_starter *starter,
                        world_reply_fn *reply, void *context, uint64_t tag);

struct player_login {
    int64_t connection_epoch;
    char previous_pod[POD_ID_MAX + 1];
    bool created;
    struct proto_profile profile;
    int64_t games[MODE_COUNT];      /* rated ones */
    struct party_guess party_guess; /* what is stored of his party */
    bool looks_for_party;           /* there is a party or an invitation */
    struct party_answer party;      /* not read here: PARTY_LOST */
};

/* False: the reply is an error or what is stored cannot be read; `problem` says what, for the log. */
bool player_store_login_read(const struct redis_reply *reply, const char *player_id, struct player_login *out,
                             const char **problem);

/* Changes one field for the login `connection_epoch`. Replies OK, FENCED or NONE. */
bool player_store_set(struct world *world, const char *player_id, int64_t connection_epoch, const char *field,
                      struct bytes value, world_reply_fn *reply, void *context, uint64_t tag);

/* Reads the profile again. */
bool player_store_profile(struct world *world, const char *player_id, world_reply_fn *reply, void *context,
                          uint64_t tag);
bool player_store_profile_read(const struct redis_reply *reply, const char *player_id,
                               struct proto_profile *out, const char **problem);

/* The matchmaking state as a snapshot; game_server only reads those keys. A player nobody knows is in the lobby. */
bool player_store_state(struct world *world, const char *player_id, world_reply_fn *reply, void *context,
                        uint64_t tag);
bool player_store_state_read(const struct redis_reply *reply, const char *player_id,
                             struct proto_snapshot *out);

/* The connection epoch of the player's newest login, and the version of what concerns his party. */
bool player_store_epoch(struct world *world, const char *player_id, world_reply_fn *reply, void *context,
                        uint64_t tag);

/* The stored result of a match. */
struct stored_result {
    int winner;            /* side, -1 for a draw */
    bool rated;            /* false: no rating changes by it, whatever the mode */
    struct bytes timeline; /* compressed; as long as the reply */
};

bool player_store_result(struct world *world, const char *match_id, world_reply_fn *reply, void *context,
                         uint64_t tag);
bool player_store_result_read(const struct redis_reply *reply, struct stored_result *out);

enum { RESULT_WEIGHTS = 3 }; /* in full, by half, by a quarter */

/* What a result does to a player. */
struct result_effect {
    const char *outcome;    /* win, loss or draw */
    const char *rated_mode; /* "" in modes without rating; then the ratings do not count */
    int64_t rating_before, games_before, rating_after[RESULT_WEIGHTS];
    int64_t match_made_ms;
    struct buffer opponents; /* ids with commas between */
    struct buffer history;   /* history_entry without the rating, JSON; the maker of the effect frees both */
};

/* Applies it to the player, once. Replies NEW, KNOWN, DONE, STALE or NONE. */
bool player_store_apply(struct world *world, const char *player_id, const char *match_id,
                        const struct result_effect *effect, world_reply_fn *reply, void *context,
                        uint64_t tag);

/* The summary of a NEW or KNOWN reply: false when it holds no rating. */
bool player_store_rating_read(const struct redis_reply *reply, struct proto_rating_change *out);

/* What the player played lately, newest first: a list of history_entry as JSON. */
bool player_store_history(struct world *world, const char *player_id, int64_t limit, world_reply_fn *reply,
                          void *context, uint64_t tag);

/* The client has seen it. */
bool player_store_forget_result(struct world *world, const char *player_id, const char *match_id);

#endif
