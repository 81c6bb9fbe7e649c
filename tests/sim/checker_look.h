/* checker_look.h -- the checker's rooms: history (checker.c), keys (checker_look.c), leases
 * (checker_leases.c) and parties (checker_party.c). */
#ifndef DUELPOD_SIM_CHECKER_LOOK_H
#define DUELPOD_SIM_CHECKER_LOOK_H

#include "tests/sim/checker.h"

enum { CHECKER_MATCHES_MAX = 2048, CHECKER_MODES = 3, CHECKER_STATUS_MAX = 16, CHECKER_PARTIES_MAX = 16 };

struct seen_player {
    enum player_state state;
    int64_t version, q_ms, lease_ms; /* lease 0: none */
    int64_t epoch, request;          /* of the last request that took effect */
    int64_t stages, experience;      /* battles against stages, and what they gave */
    char match_id[UUID_LENGTH + 1];
    char mate[PLAYER_ID_MAX + 1];   /* in the queue or match; "": none */
    char party_id[UUID_LENGTH + 1]; /* "": none */
};

struct seen_party {
    char party_id[UUID_LENGTH + 1];
    char leader[PLAYER_ID_MAX + 1];
    char members[4 * (PLAYER_ID_MAX + 1)];
    char invited[PARTY_INVITED_MAX * (PLAYER_ID_MAX + 24)];
    int64_t version;
};

struct seen_match {
    char match_id[UUID_LENGTH + 1];
    char status[CHECKER_STATUS_MAX];
    char players[MATCH_PLAYERS_MAX * (PLAYER_ID_MAX + 1)];
    char digest[65];
    int64_t deadline_ms;
    bool active;
};

struct seen_fence {
    char key[64], value[96];
    int64_t epoch, until_ms;
};

/* What a failover takes back. */
struct seen {
    struct seen_player players[SIM_PLAYERS];
    struct seen_match matches[CHECKER_MATCHES_MAX];
    size_t match_count;
    struct seen_fence fences[CHECKER_MODES];
    size_t fence_count;
    struct seen_party parties[CHECKER_PARTIES_MAX]; /* those there are */
    size_t party_count;
};

/* What a client was given stays given. */
struct seen_result {
    char match_id[UUID_LENGTH + 1];
    uint64_t bytes_hash, rewards_hash;   /* 0: none yet */
    bool given;                          /* against a stage: applied to its player */
    char digest[65];                     /* as its hosts reported it */
    char outcomes[2][8], players[2][24]; /* by side */
};

struct checker {
    struct store *store;
    const char *const *ids;
    size_t id_count;
    struct seen seen, saved;
    struct seen_result results[CHECKER_MATCHES_MAX];
    size_t result_count;
    int64_t newest_ms; /* of Redis' clock, which a failover sets back */
    bool rolled_back;
    size_t taken_along; /* who expired with a lease of his own that had not ended */
    char problem[512];
};

/* Returns everything about the players of ARGV; checker_look() reads it. */
extern const char checker_look_script[];

/* Reads the keys, compares them with each other and with what was seen before. `script`: what has run. */
void checker_look(struct checker *checker, const char *script, int64_t now_ms);

/* A waiter's lease is about to be seen with another end. */
void checker_lease_change(struct checker *checker, size_t index, const char *script, int64_t lease_ms);

/* Reads the leases only: a heartbeat renews them and moves nobody. */
void checker_look_at_leases(struct checker *checker, const char *script);

/* A drain has run; the keys have not been looked at since. */
void checker_drained(struct checker *checker, const struct bytes *arguments, size_t count, int64_t now_ms);

struct seen_match *checker_match(struct checker *checker, struct bytes match_id); /* NULL: never seen */
int checker_player(const struct checker *checker, struct bytes id);               /* -1: nobody */

/* 0 or 1: the half of the match's list of players that he is in; -1: none. */
int checker_side_of(const struct seen_match *match, const char *player);
bool checker_list_has(const char *list, const char *id); /* separated by commas */

/* What there is of parties: id, leader, members, invited, version of each, and of each player party, invitations
 * and the version he has to look at. */
void checker_look_at_parties(struct checker *checker, const struct redis_reply *parties,
                             const struct redis_reply *memberships);

/* A party script says that it has done something; the keys have not been looked at since. */
void checker_party_script(struct checker *checker, enum script_id script, const struct bytes *arguments,
                          int64_t now_ms);

/* The mates of one player, of all players, and of an enqueue that was accepted. */
void checker_mate_change(struct checker *checker, size_t index, const struct seen_player *before,
                         const struct seen_player *after);
void checker_look_at_mates(struct checker *checker, const char *script);
void checker_party_queued(struct checker *checker, const struct bytes *arguments);

#endif
