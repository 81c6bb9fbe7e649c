/* player_internal.h -- the rooms of the player actor.
 *
 * player.c            life: login, socket lost, replaced, the one timer
 * player_message.c    what the client wants
 * player_request.c    requests to match_server: publish, repeat, confirm, give up
 * player_snapshot.c   news from match_server: what changed, what is the client told?
 * player_result.c     the result: fetch, apply once, deliver
 * player_timeline.c   a timeline in the form the client asked for; replays
 * player_queue.c      where in the queue?
 * player_profile.c    profile, name, loadout, catalog
 * player_pve.c        battles against stages
 * player_board.c      leaderboards */
#ifndef DUELPOD_PLAYER_INTERNAL_H
#define DUELPOD_PLAYER_INTERNAL_H

#include "game_server/mail.h"
#include "game_server/player.h"

/* player.c */
void player_timer_update(struct player *player);  /* after anything that has a deadline changed */
void player_replaced(struct player *player);      /* a newer login: tell, close, go */
void player_close_if_done(struct player *player); /* may free the player: last use */
struct player *player_find(struct player_shard *home, uint64_t tag);

/* player_message.c */
void player_send_state(struct player *player, int64_t reply_to);
void player_fill_state(const struct player *player, struct proto_session_state *state);

/* player_request.c */
int64_t player_rating(const struct player *player); /* in the mode he queues for */
void player_request(struct player *player, enum request_kind kind, int64_t reply_to);
void player_request_repeat(struct player *player);
/* If the snapshot answers the request in flight, ends it: true, `ended` says which. A refusal is told. */
bool player_request_confirm(struct player *player, const struct proto_snapshot *snapshot,
                            struct request *ended);

/* player_snapshot.c */
void player_apply(struct player *player, const struct proto_snapshot *snapshot);
void player_adopt(struct player *player,
                  const struct proto_snapshot *snapshot); /* at login: without telling */
void player_tell_match(struct player *player);

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

/* player_queue.c */
void player_queue_status(struct player *player); /* asks Redis and tells the client; sets status_at_ms */

/* player_profile.c */
void player_load_profile(struct player *player, const struct player_record *record);
void player_refresh(struct player *player); /* a new season has begun: takes over what Redis says */
void player_send_profile(struct player *player, int64_t reply_to);
void player_set_name(struct player *player, const char *name, int64_t reply_to);
void player_set_loadout(struct player *player, const struct proto_set_loadout *wish, int64_t reply_to);
void player_send_catalog(struct player *player, const struct proto_get_catalog *wish, int64_t reply_to);

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
