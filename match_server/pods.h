/* pods.h -- which processes live, and who of them is responsible for what. Pure: the time is an argument.
 *
 * The view is a copy of the sorted set `pods` ("game:<pod>" and "match:<pod>" with heartbeat deadlines on the
 * clock of Redis), taken about once a second, so different servers may disagree for a moment. Every script is
 * idempotent, so a disagreement costs a call, never a wrong answer.
 *
 * Responsibility for a key is spread by rendezvous hashing: of the living, whoever's hash with the key is
 * highest. When one dies only its own keys move. At most PODS_MAX processes; further ones are not seen. */
#ifndef DUELPOD_PODS_H
#define DUELPOD_PODS_H

#include "proto/proto.h"

enum { PODS_MAX = 1024, POD_MEMBER_SIZE = POD_ID_MAX + 8 };

enum pod_kind { POD_GAME, POD_MATCH };

struct pod {
    enum pod_kind kind;
    char id[POD_ID_MAX + 1];
    int64_t deadline_ms;
    int64_t left_until_ms; /* it said that it stops: until then it does not live, whatever else is heard */
};

struct pods {
    struct pod items[PODS_MAX];
    size_t count;
};

/* Adds a member of the set, "game:pod-a". False: no such kind, a bad id or no room. */
bool pods_add(struct pods *pods, struct bytes member, int64_t deadline_ms);

/* A game pod was heard: it lives at least until then. No room: it is not seen. */
void pods_touch(struct pods *pods, const char *id, int64_t deadline_ms);

/* A pod's process said that it stops: it does not live until then, unless it says otherwise. No room: not
 * noted. */
void pods_leave(struct pods *pods, enum pod_kind kind, const char *id, int64_t until_ms);

/* It lives after all: a new process of the same pod. */
void pods_return(struct pods *pods, enum pod_kind kind, const char *id);

/* Takes the place of `pods`, but game pods heard of that still live stay in, and so does who has left. */
void pods_replace(struct pods *pods, const struct pods *by, int64_t now_ms);

/* Writes the member's name, "match:pod-a". */
void pods_member(enum pod_kind kind, const char *id, char out[POD_MEMBER_SIZE]);

bool pods_is_alive(const struct pods *pods, enum pod_kind kind, const char *id, int64_t now_ms);
size_t pods_count_alive(const struct pods *pods, enum pod_kind kind, int64_t now_ms);

/* The living pod responsible for `key`, `except` left out unless NULL; NULL: nobody lives. */
const char *pods_pick(const struct pods *pods, enum pod_kind kind, const char *key, const char *except,
                      int64_t now_ms);

/* The game pod that should compute a battle. `preferred` is a comma list, best first. `last` (NULL or "" for
 * none) has just failed to and is taken again only when nobody else lives. NULL: nobody lives. */
const char *pods_host(const struct pods *pods, const char *preferred, const char *match_id, const char *last,
                      int64_t now_ms);

/* A pod id as it may stand in keys, channels and lists: 1 to 32 of A-Z a-z 0-9 _ - */
bool pod_id_is_valid(const char *id);

#endif
