/* server_internal.h -- what the parts of the server share. */
#ifndef DUELPOD_MATCH_SERVER_INTERNAL_H
#define DUELPOD_MATCH_SERVER_INTERNAL_H

#include "match_server/follower.h"
#include "match_server/maintenance.h"
#include "match_server/match_seal.h"
#include "match_server/matcher_rules.h"
#include "match_server/metrics.h"
#include "match_server/outbox.h"
#include "match_server/player_snapshot.h"
#include "match_server/pods.h"
#include "match_server/reaper.h"
#include "match_server/script_call.h"
#include "match_server/server.h"

enum { MODES_MAX = 8, NO_MODE = -1 };

struct matchmaker;

struct mode {
    char name[MODE_MAX + 1];
    int metric; /* 0 normal, 1 ranked, 2 party: rows of one family stand in this order; else -1 */
    bool rated; /* paired by rating, within the windows of ranked_rules */
    bool teams; /* two against two; a mate may be brought */
    int64_t wait_average_ms; /* of players matched lately; 0: nobody yet */
    struct matchmaker *matchmaker;
};

struct match_server {
    struct world *world;
    const struct match_config *config;
    struct metrics_block *metrics;
    struct script_call call;
    struct match_sealer sealer;
    struct matcher_rules ranked_rules;
    struct mode modes[MODES_MAX];
    size_t mode_count;
    struct pods pods;
    bool pods_known;
    int64_t clock_ahead_ms; /* clock of Redis minus clock of the world */
    struct timer beat_timer, leave_timer;
    struct follower follower;
    struct reaper reaper;
    struct outbox outbox;
    struct maintenance maintenance;
    struct server_signs *signs; /* NULL: nobody looks */
    bool stopping;
    void (*stopped)(void *context);
    void *stopped_context;
};

/* ---- server.c ------------------------------------------------------------------------------------ */

/* The clock of Redis, as well as known. */
int64_t server_redis_now_ms(const struct match_server *server);

/* Index of a configured mode or NO_MODE. */
int server_mode_named(const struct match_server *server, const char *name);
bool server_loads(const struct match_server *server, const char *mode);

/* A game pod has spoken, so it lives. */
void server_heard(struct match_server *server, const char *pod_id);

/* Should this server execute a request from that pod about `key`? */
bool server_executes(const struct match_server *server, const char *pod_id, int64_t attempt, const char *key);

/* Is this server the one of the living that looks after `key`? */
bool server_looks_after(const struct match_server *server, const char *key);

/* ---- server_tell.c ------------------------------------------------------------------------------- */

/* Reads the reply of a script about players; false: logged and counted, unless it is NULL (unknown). */
bool server_answer(struct match_server *server, enum script_id script, const struct redis_reply *reply,
                   struct answer *out);

/* Logs and counts a reply that is not what was asked for. */
void server_bad_reply(struct match_server *server, const char *what, const struct redis_reply *reply);

/* Publishes one player's snapshot; "" as pod tells nobody. */
void server_tell(struct match_server *server, const char *pod_id, const struct proto_snapshot *snapshot);

/* Publishes the snapshots of all players of an answer on their pods. */
void server_tell_all(struct match_server *server, const struct answer *answer);

/* Asks the host for the battle; "" asks nobody, the reaper will. */
void server_ask_host(struct match_server *server, const char *match_id, struct bytes host, int64_t attempt);

/* How long the players of a match waited, for the estimate told to others; `count` once per match. */
void server_observe_waits(struct match_server *server, const struct answer *answer, bool count);

#endif
