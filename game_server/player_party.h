/* player_party.h -- what a player actor knows of its party, and what it wants of parties.
 *
 * The truth is in Redis, in party:{<id>} and in the field `party` of the members (lua/_party.lua). Every step is one
 * script, run by the pod of the player who wants it; the pods of the others are told to look again. So the actor
 * holds a copy that may be old for a moment: nothing is decided by it, every wish is decided by its script.
 *
 *     client --wish--> tasks, one at a time --script--> Redis        pod of another member
 *     client <--party-- view <--------------- reply ------+---news--> look --> party
 *
 * A lost message is made good by player_verify(): it compares versions every 16 heartbeats, and who is in a party
 * looks again then anyway, which keeps the party and shows who has gone offline.
 *
 * One thread: the actor's. */
#ifndef DUELPOD_PLAYER_PARTY_H
#define DUELPOD_PLAYER_PARTY_H

#include "game_server/party_store.h"

enum party_wish {
    WISH_LOOK,
    WISH_CREATE,
    WISH_INVITE,
    WISH_ACCEPT,
    WISH_DECLINE,
    WISH_LEAVE,
    WISH_KICK,
    WISH_GONE,    /* the connection is lost */
    WISH_ENQUEUE, /* look, then queue with whom there is */
};

struct party_task {
    enum party_wish wish;
    int64_t reply_to;
    char subject[PLAYER_ID_MAX + 1]; /* a player or a party */
};

enum { PARTY_TASKS_MAX = 8 }; /* more at once are refused: rate_limited */

/* Of a player who has had to do with parties. */
struct player_party {
    struct party_view view; /* as the client was told */
    size_t invitations_count;
    struct proto_party_invitation invitations[PARTY_INVITED_MAX];
    bool invitation_told[PARTY_INVITED_MAX];
    struct party_task tasks[PARTY_TASKS_MAX]; /* one after the other */
    size_t task_count;
    bool asks;                /* the first one */
    bool fenced;              /* a script has refused this login */
    struct party_guess guess; /* of the first task */
    int64_t retry_at_ms;      /* leaving at the end failed: try again */
    bool pairs;               /* state queueing, but the party is looked up first */
    bool leaves;              /* wants to leave as soon as the queue is left */
    int64_t leave_reply_to;
    bool has_mate; /* of the enqueue request in flight */
    struct proto_party_mate mate;
    char *mate_snapshot; /* what mate.snapshot points to */
};

#endif
