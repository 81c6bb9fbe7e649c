/* party_store.h -- parties in Redis: one call is one script, asked again with what it turned out to need.
 *
 * A script may touch only the keys it is given, and those of the members are not known before the party is read.
 * So a caller asks with a guess; a script that needs more changes nothing and answers PARTY_AGAIN, the guess
 * becomes better, and the caller asks again, PARTY_ATTEMPTS_MAX times at most.
 *
 * Nothing here keeps state; the reply comes on the caller's shard. */
#ifndef DUELPOD_PARTY_STORE_H
#define DUELPOD_PARTY_STORE_H

#include "common/world.h"

enum {
    PARTY_PEOPLE_MAX = 2 + 2 * PARTY_MEMBERS_MAX, /* who acts, whom it is about, old and new members */
    PARTY_ATTEMPTS_MAX = 5,
};

/* What a call believes to know. */
struct party_guess {
    char party_id[UUID_LENGTH + 1]; /* "": none */
    size_t people_count;
    char people[PARTY_PEOPLE_MAX][PLAYER_ID_MAX + 1]; /* who acts first */
    int attempts;
};

/* A member as the servers see it. */
struct party_member {
    struct proto_party_member shown;
    char pod_id[POD_ID_MAX + 1];
    int64_t connection_epoch;
    char device_id[64 + 1];
};

struct party_view {
    char party_id[UUID_LENGTH + 1]; /* "": in no party, and nothing below counts */
    char leader[PLAYER_ID_MAX + 1];
    size_t members_count;
    struct party_member members[PARTY_MEMBERS_MAX];
    size_t invited_count;
    char invited[PARTY_INVITED_MAX][PLAYER_ID_MAX + 1];
};

enum party_status {
    PARTY_OK,
    PARTY_AGAIN,  /* nothing changed: party_guess_improve(), then ask again */
    PARTY_FENCED, /* a newer login took over */
    PARTY_NONE,   /* no such party, or not the player's */
    PARTY_BUSY,   /* in a party already */
    PARTY_LEADER, /* another one leads it */
    PARTY_FULL,
    PARTY_MEMBER, /* is one already */
    PARTY_NOBODY, /* no such player, or not in the party */
    PARTY_MANY,   /* too many invitations for retry_after_ms */
    PARTY_LOST,   /* no reply, or one that cannot be read: the outcome is unknown */
};

struct party_answer {
    enum party_status status;
    int64_t retry_after_ms;  /* of PARTY_MANY */
    int64_t version;         /* of what concerns the player's party; this and all below of PARTY_OK */
    struct party_view party; /* the player's own, afterwards */
    size_t invitations_count;
    struct proto_party_invitation invitations[PARTY_INVITED_MAX];
};

/* Who asks. */
struct party_caller {
    struct world *world;
    const char *player_id, *pod_id;
    int64_t connection_epoch;
    int64_t kept_ms; /* how long a party is kept after its last use */
};

/* `about` may be NULL, `view` too. */
void party_guess_start(struct party_guess *guess, const char *player_id, const char *about,
                       const struct party_view *view);

/* True: the reply says what was missing, and another attempt makes sense. */
bool party_guess_improve(struct party_guess *guess, const struct redis_reply *reply);

/* `script` is one of SCRIPT_party_*; `arguments` are its own, from the seventh on. `party_new`: the id of a party
 * to be made, or NULL. False: a limit was reached, nothing was sent. */
bool party_store_call(const struct party_caller *caller, enum script_id script,
                      const struct party_guess *guess, const struct bytes *arguments, size_t argument_count,
                      const char *party_new, world_reply_fn *reply, void *context, uint64_t tag);

/* What a player who logs in belongs to. */
bool party_store_login(const struct party_caller *caller, const struct party_guess *guess,
                       world_reply_fn *reply, void *context, uint64_t tag);

/* Fills `out`, whatever the reply is. */
void party_answer_read(const struct redis_reply *reply, struct party_answer *out);

/* Tells everybody whom the change concerns to look again. A message that is lost is made good by the next time
 * that the player's pod compares versions (player_verify). */
void party_publish_news(struct world *world, const struct redis_reply *reply);

#endif
