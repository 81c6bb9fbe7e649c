/* player_internal.h -- the rooms of the player actor.
 *
 * player.c            life: login, socket lost, replaced, the one timer
 * player_message.c    what the client wants
 * player_request.c    requests to match_server: publish, repeat, confirm, give up
 * player_snapshot.c   news from match_server: what changed, what is the client told?
 * player_result.c     the result: fetch, apply once, deliver
 * player_timeline.c   a timeline in the form the client asked for; replays
 * player_history.c    what was played lately
 * player_queue.c      where in the queue?
 * player_profile.c    profile, name, loadout, catalog
 * player_party.c      what the client and the actor want of parties, one after the other
 * player_party_view.c what the client is told of them
 * player_party_queue.c into the queue with a mate
 * player_pve.c        battles against stages
 * player_board.c      leaderboards */
#ifndef DUELPOD_PLAYER_INTERNAL_H
#define DUELPOD_PLAYER_INTERNAL_H

#include "game_server/mail.h"
#include "game_server/player.h"
#include "game_server/player_party.h"

/* player.c */
void player_timer_update(struct player *player);  /* after anything that has a deadline changed */
void player_replaced(struct player *player);      /* a newer login: tell, close, go */
void player_close_if_done(struct player *player); /* may free the player: last use */
struct player *player_find(struct player_shard *home, uint64_t tag);

/* player_message.c */
void player_send_state(struct player *player, int64_t reply_to);
void player_fill_state(const struct player *player, struct proto_session_state *state);

/* A step of the player's match, at which one can be followed: his ids and the match's, in one line. */
#define PLAYER_LOG(player, event, ...)                                                                  \
    log_event(LOG_INFO, (event), LOG_TEXT("match_id", (player)->match_id),                              \
              LOG_TEXT("player_id", (player)->player_id), LOG_TEXT("session_id", (player)->session_id), \
              LOG_TEXT("trace_id", (player)->trace_id), __VA_ARGS__)

/* player_request.c */
int64_t player_rating(const struct player *player); /* in the mode he queues for */
void player_request(struct player *player, enum request_kind kind, int64_t reply_to);
void player_request_quietly(struct player *player, enum request_kind kind);
void player_request_repeat(struct player *player);
/* If the snapshot answers the request in flight, ends it: true, `ended` says which. A refusal is told. */
bool player_request_confirm(struct player *player, const struct proto_snapshot *snapshot,
                            struct request *ended);

/* player_snapshot.c */
void player_apply(struct player *player, const struct proto_snapshot *snapshot);
void player_adopt(struct player *player,
                  const struct proto_snapshot *snapshot); /* at login: without telling */
void player_tell_match(struct player *player);
/* The others of a match as the player sees them; `found` starts empty. */
void player_fill_contestants(const struct player *player, const struct proto_match_card *card,
                             struct proto_match_found *found);

/* player_result.c */
void player_result_fetch(struct player *player);

/* player_timeline.c */
enum { TIMELINE_HEADER_BYTES = 16 }; /* the match id in front of a compressed timeline */
struct shared_bytes *timeline_frame(const char *match_id, struct bytes compressed);
/* Sends `message` with the timeline of `frame`: inside of it, or in the binary frame behind. `encoding` and
 * `timeline` are the record's own fields. */
void session_send_timeline(struct session *session, enum server_message message, const void *record,
                           char *encoding, struct bytes *timeline, struct shared_bytes *frame);
void player_send_replay(struct player *player, const char *match_id, int64_t reply_to);

/* player_history.c */
void player_history_entry(const struct player *player, struct result_effect *effect);
void player_send_history(struct player *player, int64_t limit, int64_t reply_to);

/* player_queue.c */
void player_queue_status(struct player *player); /* asks Redis and tells the client; sets status_at_ms */

/* player_profile.c */
void player_load_profile(struct player *player, const struct player_record *record);
void player_refresh(struct player *player); /* a new season has begun: takes over what Redis says */
void player_send_profile(struct player *player, int64_t reply_to);
void player_set_name(struct player *player, const char *name, int64_t reply_to);
void player_set_loadout(struct player *player, const struct proto_set_loadout *wish, int64_t reply_to);
void player_send_catalog(struct player *player, const struct proto_get_catalog *wish, int64_t reply_to);

/* player_party.c */
struct player_party *player_party_of(struct player *player); /* made when there is none */
void player_party_free(struct player *player);
bool player_party_is_fenced(const struct player *player); /* a script has refused this login */
bool player_in_party(const struct player *player);        /* as far as is known here */
void player_party_message(struct player *player, enum client_message message, int64_t id,
                          const union client_message_body *body);
void player_party_leave(struct player *player, int64_t id);
void player_party_look(struct player *player);
void player_party_disconnected(struct player *player);
bool player_party_pairs(const struct player *player); /* queueing, but the party is looked up first */
bool player_party_pair(struct player *player);        /* true: the enqueue goes on in player_party_queue.c */
bool player_party_is_leaving(
    struct player *player); /* at the end of the grace: false when out of the party */
int64_t player_party_retry_at_ms(const struct player *player); /* 0: nothing to try again */

/* player_party_view.c */
void player_fill_party(const struct player *player, struct proto_party_view *out);
void player_party_adopt(struct player *player,
                        const struct party_answer *answer); /* at login: without telling */
void player_party_welcomed(struct player *player);
void player_party_answered(struct player *player, const struct party_task *task,
                           const struct party_answer *answer);
void player_party_moved(struct player *player); /* after a snapshot */

/* player_party_queue.c */
void player_party_enqueue(struct player *player, const struct party_answer *answer); /* the party is known */
void player_party_unpair(struct player *player, enum error_code code,
                         const char *sentence); /* NULL: its own */
void player_party_withdraw(struct player *player, int64_t reply_to);
const struct proto_party_mate *player_party_mate(const struct player *player); /* to be queued with; NULL */
void player_party_forget_mate(struct player *player);
void player_party_queued(struct player *player);      /* after a snapshot: does the queue fit the party? */
void player_party_check_queue(struct player *player); /* the same, the party being known */
const char *player_party_refusal(const struct player *player, enum error_code code, const char *mate_id,
                                 char *sentence, size_t capacity);

/* player_pve.c */
void player_start_pve(struct player *player, const char *stage, int64_t reply_to);
void player_resume_pve(struct player *player, const struct player_login *login); /* shows what waits */
void player_pve_fought(struct player *player, const struct mail_pve_fought *mail);
bool player_pve_is_fighting(const struct player *player); /* begun, and not yet stored */
int64_t player_pve_due_ms(const struct player *player);   /* 0: nothing to do but wait */
void player_pve_repeat(struct player *player);            /* when it is due */
/* True: the match was against a stage, and it is acknowledged. */
bool player_pve_acknowledge(struct player *player, const char *match_id, int64_t reply_to);

/* player_board.c */
void player_send_board(struct player *player, const struct proto_get_leaderboard *wish, int64_t reply_to);
void boards_close(struct boards *boards); /* NULL is allowed */

#endif
