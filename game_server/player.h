/* player.h -- PlayerGameActor: one player, wherever he is between lobby and result.
 *
 * The truth about a player is in Redis (metadata:<id>, written by match_server). The actor holds the last
 * version of it that it has seen, tells the client what changed, and turns the client's wishes into requests.
 * A request is published and repeated, with the same number, until a snapshot shows that it took effect or was
 * refused; so a lost, doubled or late message changes nothing.
 *
 *     client --message--> player --request--> match_server --script--> Redis
 *     client <--message-- player <--snapshot-- match_server <--reply-----+
 *
 * The actor is born at a login and lives on without a socket for session.disconnect_grace_ms; then it leaves
 * the queue for its player and goes. At a login elsewhere it is told so and goes at once.
 *
 * One thread: the player shard of its socket. */
#ifndef DUELPOD_PLAYER_H
#define DUELPOD_PLAYER_H

#include "game_server/session.h"

enum request_kind {
    REQUEST_NONE,
    REQUEST_ENQUEUE,
    REQUEST_DEQUEUE,
    REQUEST_LOADING_COMPLETE,
    REQUEST_LOADING_CANCEL,
    REQUEST_RESULT_ACK,
    REQUEST_RESUME,
};

/* The request in flight: one at a time, a newer one takes its place. */
struct request {
    enum request_kind kind;
    int64_t number;
    int64_t attempt;
    int64_t repeat_at_ms;
    int64_t reply_to; /* `id` of the client's message */
    bool quiet;       /* no wish of the client: a refusal is not told */
};

struct player_party;

struct player {
    struct player_shard *home;
    struct player *next, **link; /* in home->players */
    actor_address address;
    struct session *session; /* NULL: no socket */
    struct timer timer;
    char player_id[PLAYER_ID_MAX + 1];
    char device_id[64 + 1];
    char session_id[UUID_LENGTH + 1],
        trace_id[TRACE_ID_SIZE]; /* of the login, also when its socket is gone */
    char name[NAME_BYTES_MAX + 1];
    int64_t level;
    int64_t ratings[MODE_COUNT];
    int64_t games[MODE_COUNT]; /* rated ones */
    char *snapshot_json;       /* the side of a battle; NULL: the loadout breaks a rule */

    int64_t connection_epoch;
    char previous_pod[POD_ID_MAX + 1]; /* not yet told of this login; "" */
    int64_t version;                   /* of the last snapshot applied */
    bool heard_older;                  /* since the last heartbeat: perhaps Redis has gone back */
    uint64_t ack_batch; /* the shard's batch of acknowledgements that names the player, and where */
    size_t ack_slot;
    enum player_state state;
    char mode[MODE_MAX + 1];
    char mate[PLAYER_ID_MAX + 1]; /* in the same queue or match, as one party; "" */
    int64_t enqueued_at_ms;
    int64_t estimated_wait_ms;                            /* as told when enqueued */
    int64_t status_at_ms;                                 /* next queue_status */
    struct proto_window_point windows[WINDOW_POINTS_MAX]; /* how the window of a rated queue widens */
    size_t window_count;                                  /* 0: no such queue, or not told yet */
    char match_id[UUID_LENGTH + 1];
    char announced[UUID_LENGTH + 1]; /* the match the client was told of last */
    struct proto_match_card *card;   /* of match_id; NULL outside of a match */
    int64_t loading_deadline_ms;
    size_t ready_count;

    int64_t request_number; /* the last one used in this login */
    struct request request;
    int64_t enqueue_reply_to;
    int64_t abandoned_request; /* an enqueue the client was told to forget; undone should it take effect */
    int64_t leave_at_ms;       /* end of the grace; 0 while there is a socket */
    bool leaving;              /* grace over: leave the queue, then go */
    int64_t drain_at_ms;       /* when the process stops: the moment to be sent away */
    int result_attempts;       /* how often the stored result was asked for */
    struct shared_bytes *result_frame; /* while it is being applied: match id, then the compressed timeline */
    int result_winner;
    bool result_told; /* applied, and delivered if there was a socket */

    struct player_party *party; /* NULL: has had nothing to do with parties */
    int64_t party_version;      /* of what concerns his party, as last read */
    int64_t season;             /* that the ratings belong to */
    struct pve_attempt *pve;    /* a battle against a stage that is not acknowledged; NULL: none */
    int64_t pve_ready_at_ms;    /* when the next one may begin */
    bool asked_for_board;       /* a leaderboard is on its way */
};

/* A new actor for a fresh login, registered with load balance; NULL when the shard is full. `state` is what
 * Redis said at the login. Takes over `session`'s place as owner of the conversation. */
struct player *player_open(struct session *session, const struct player_login *login,
                           const struct proto_snapshot *state);

/* One decoded message that fits the state; `id` as the client sent it. */
void player_message(struct player *player, enum client_message message, int64_t id,
                    const union client_message_body *body);

/* The client has received the match_found it was sent last. */
void player_prompt_seen(struct player *player);

/* The socket is gone. */
void player_disconnected(struct player *player);

/* Asks Redis whether a newer login took over: at the login, and after news may have been lost. */
void player_verify(struct player *player);

/* Redis was away and may have lost its last writes: makes sure that it knows this login, also in the lobby. */
void player_confirm(struct player *player);

/* The queues are closed: tells the client. */
void player_tell_maintenance(struct player *player);

/* Every player of the shard that is not in the lobby, for the heartbeat. */
bool player_is_idle(const struct player *player);

/* Frees it without a word: its queue lease ends by itself, should nobody log in elsewhere. */
void player_abandon(struct player *player);

#endif
