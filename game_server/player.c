#include "game_server/player.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "game_server/mail.h"
#include "game_server/player_drain.h"
#include "game_server/player_internal.h"

enum { RESULT_RETRY_MS = 500, TELL_RETRY_MS = 500, LEAVE_GIVE_UP_MS = 30000 };

struct player *player_find(struct player_shard *home, uint64_t tag)
{
    return actors_find(home->actors, tag);
}

bool player_is_idle(const struct player *player)
{
    return player->state == STATE_lobby && player->request.kind == REQUEST_NONE;
}

/* ---- the list of the shard and the registry of the process --------------------------------------- */

static void player_link(struct player *player)
{
    struct player **head = &player->home->players;
    player->next = *head;
    player->link = head;
    if (player->next != NULL) player->next->link = &player->next;
    *head = player;
}

static void player_unlink(struct player *player)
{
    *player->link = player->next;
    if (player->next != NULL) player->next->link = player->link;
}

static void player_register(struct player *player, enum mail_kind kind)
{
    struct mail_registration *mail = mail_new(sizeof *mail, kind);
    mail->actor = player->address;
    mail->connection_epoch = player->connection_epoch;
    text_copy(mail->player_id, sizeof mail->player_id, player->player_id);
    struct player_shard *home = player->home;
    if (world_send(home->world, home->game->load_balance, &mail->message)) return;
    log_event(LOG_ERROR, "mailbox_full", LOG_TEXT("to", "load balance"));
    free(mail);
}

/* ---- the one timer ------------------------------------------------------------------------------- */

/* The pod of the login before is told until Redis says that it published the news. Who hears it or not is
 * found out by player_verify() there. */
static void on_previous_told(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player *player = player_find(context, tag);
    if (player == NULL) return;
    if (reply != NULL && !redis_reply_is_error(reply)) player->previous_pod[0] = '\0';
    player_timer_update(player);
}

static void player_tell_previous_pod(struct player *player)
{
    struct player_shard *home = player->home;
    struct proto_session_replaced news = {.connection_epoch = player->connection_epoch};
    text_copy(news.player_id, sizeof news.player_id, player->player_id);
    world_publish_and_know(home->world, CHANNEL_session_replaced, player->previous_pod, &news,
                           on_previous_told, home, player->address);
}

/* Redis went back to before this login: scripts that want the newest one refuse it for ever. The next is as good. */
static void player_login_lost(struct player *player)
{
    if (player->session == NULL || player->session->phase == SESSION_CLOSING) return;
    log_event(LOG_WARNING, "login_lost", LOG_TEXT("player_id", player->player_id));
    session_close(player->session, CLOSE_internal_failure, 0);
}

static void on_epoch(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player *player = player_find(context, tag);
    int64_t newest = 0, party_version = 0;
    if (player == NULL || redis_reply_item(reply, 0) == NULL) return;
    bool known = redis_reply_integer(redis_reply_item(reply, 0), &newest);
    redis_reply_integer(redis_reply_item(reply, 1), &party_version);
    if (newest > player->connection_epoch) {
        player_replaced(player);
    } else if (known ? newest < player->connection_epoch : player_party_is_fenced(player)) {
        player_login_lost(player);
    } else if (player_in_party(player) || party_version != player->party_version) {
        player_party_look(player);
    }
}

void player_verify(struct player *player)
{
    player_store_epoch(player->home->world, player->player_id, on_epoch, player->home, player->address);
}

/* Should Redis have gone back to before, it may not know this login: then heartbeats of this pod do not count for the
 * player, and news goes where he was before. A request that is under way says it as well. */
void player_confirm(struct player *player)
{
    player_verify(player);
    if (player->request.kind == REQUEST_NONE && player->version > 0)
        player_request(player, REQUEST_RESUME, 0);
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return b_ms != 0 && (a_ms == 0 || b_ms < a_ms) ? b_ms : a_ms;
}

void player_timer_update(struct player *player)
{
    struct world *world = player->home->world;
    int64_t at_ms = player->leave_at_ms;
    if (player->request.kind != REQUEST_NONE) at_ms = sooner(at_ms, player->request.repeat_at_ms);
    if (player->result_attempts > 0 && !player->result_told) {
        at_ms = sooner(at_ms, world_now_ms(world) + RESULT_RETRY_MS);
    }
    if (player->previous_pod[0] != '\0') at_ms = sooner(at_ms, world_now_ms(world) + TELL_RETRY_MS);
    at_ms = sooner(at_ms, player_pve_due_ms(player));
    if (player->state == STATE_queued && player->session != NULL) at_ms = sooner(at_ms, player->status_at_ms);
    at_ms = sooner(at_ms, player_party_retry_at_ms(player));
    if (at_ms == 0) {
        world_timer_cancel(world, &player->timer);
    } else {
        world_timer_set(world, &player->timer, at_ms);
    }
}

static void player_leave(struct player *player)
{
    player->leaving = true;
    player->leave_at_ms = world_now_ms(player->home->world) + LEAVE_GIVE_UP_MS;
    if (player->state == STATE_queued && player->request.kind == REQUEST_NONE) {
        player_request(player, REQUEST_DEQUEUE, 0);
    }
}

static void player_free(struct player *player)
{
    player_register(player, MAIL_unregister);
    player_unlink(player);
    world_timer_cancel(player->home->world, &player->timer);
    actors_remove(player->home->actors, player->address);
    free(player->snapshot_json);
    free(player->card);
    player_party_free(player);
    free(player->pve);
    shared_bytes_release(player->result_frame);
    free(player);
}

/* Without a socket and past the grace, an actor stays only to get its player out of the queue and the party. */
void player_close_if_done(struct player *player)
{
    if (player->session != NULL || !player->leaving) return;
    bool waits = player->state == STATE_queueing || player->state == STATE_queued;
    if (!waits && !player_party_is_leaving(player)) player_free(player);
}

static void player_on_timer(struct timer *timer)
{
    struct player *player = container_of(timer, struct player, timer);
    int64_t now_ms = world_now_ms(player->home->world);
    if (player->leave_at_ms != 0 && now_ms >= player->leave_at_ms) {
        if (player->leaving) {
            player_free(player); /* its queue lease is not renewed any more, so Redis forgets the place */
            return;
        }
        player_leave(player);
    }
    if (player->request.kind != REQUEST_NONE && now_ms >= player->request.repeat_at_ms) {
        player_request_repeat(player);
    } else if (player->result_attempts > 0 && !player->result_told) {
        player_result_fetch(player);
    }
    if (player->previous_pod[0] != '\0') player_tell_previous_pod(player);
    player_pve_repeat(player);
    if (player->state == STATE_queued && player->session != NULL && now_ms >= player->status_at_ms) {
        player_queue_status(player);
    }
    player_timer_update(player);
    player_close_if_done(player);
}

/* ---- life ---------------------------------------------------------------------------------------- */

/* The login before, on this pod, may have heard and acknowledged what a request of its own led to, after the state
 * was read for this one. From now on all news comes here; what came before, Redis knows. */
static void player_took_over(struct player *player)
{
    if (player_is_idle(player)) player_request(player, REQUEST_RESUME, 0);
}

static void player_receive(void *self, const struct message *message)
{
    struct player *player = self;
    if (message->kind == MAIL_pve_fought) {
        player_pve_fought(player, (const void *)message);
        return;
    }
    if (message->kind == MAIL_took_over) {
        player_took_over(player);
        return;
    }
    const struct mail_snapshot *news = (const void *)message;
    const struct mail_replaced *replaced = (const void *)message;
    const struct mail_party *party = (const void *)message;
    bool is_news = message->kind == MAIL_snapshot;
    if (message->kind == MAIL_party) {
        if (party->version > player->party_version) player_party_look(player);
        return;
    }
    int64_t epoch = is_news ? news->snapshot.connection_epoch : replaced->connection_epoch;
    if (epoch > player->connection_epoch) {
        player_replaced(player);
    } else if (is_news) {
        player_apply(player, &news->snapshot);
        player_timer_update(player);
        player_close_if_done(player);
    }
}

static void player_welcome(struct player *player, const struct player_login *login)
{
    struct session *session = player->session;
    struct proto_welcome welcome = {.reply_to = session->login_id,
                                    .protocol = 1,
                                    .server_time_ms = world_now_ms(player->home->world),
                                    .has_profile = true,
                                    .profile = login->record.profile,
                                    .has_state = true};
    text_copy(welcome.player_id, sizeof welcome.player_id, player->player_id);
    text_copy(welcome.session_id, sizeof welcome.session_id, session->session_id);
    player_fill_state(player, &welcome.state);
    session_send(session, SERVER_welcome, &welcome);
}

/* What was going on before the login goes on: match_server learns where the player is now, and the client is
 * told again of its match or its result. After a result its match is no news any more. Also in the lobby when the
 * login takes over from another pod: an enqueue of that one may still be on its way, and must come too late. */
static void player_resume(struct player *player)
{
    if (player->state == STATE_lobby && player->previous_pod[0] == '\0') return;
    player_request(player, REQUEST_RESUME, 0);
    if (player->state == STATE_loading || player->state == STATE_battling) player_tell_match(player);
    if (player->state == STATE_result) {
        text_copy(player->announced, sizeof player->announced, player->match_id); /* the result says it all */
        player_result_fetch(player);
    }
}

struct player *player_open(struct session *session, const struct player_login *login,
                           const struct proto_snapshot *state)
{
    struct player *player = memory_new(sizeof *player);
    player->home = session->home;
    player->session = session;
    player->address = actors_add(session->home->actors, player_receive, player);
    if (player->address == ACTOR_NOBODY) {
        free(player);
        return NULL;
    }
    player->timer.fire = player_on_timer;
    player->connection_epoch = login->connection_epoch;
    text_copy(player->player_id, sizeof player->player_id, session->player_id);
    text_copy(player->device_id, sizeof player->device_id, session->device_id);
    text_copy(player->session_id, sizeof player->session_id, session->session_id);
    text_copy(player->trace_id, sizeof player->trace_id, session->trace_id);
    player_link(player);
    player_register(player, MAIL_register);
    player_load_profile(player, &login->record);
    player_adopt(player, state);
    player_party_adopt(player, &login->party);
    metrics_add(player->home->metrics, METRIC_logins, 1);
    log_event(LOG_INFO, "login", LOG_TEXT("player_id", player->player_id),
              LOG_TEXT("session_id", session->session_id), LOG_TEXT("trace_id", session->trace_id),
              LOG_TEXT("state", proto_state_names[player->state]),
              LOG_INT("connection_epoch", player->connection_epoch));
    player_welcome(player, login);
    if (strcmp(login->previous_pod, player->home->game->config->common.pod_id) != 0) {
        text_copy(player->previous_pod, sizeof player->previous_pod, login->previous_pod);
    }
    if (player->previous_pod[0] != '\0') player_tell_previous_pod(player);
    if (player->home->maintenance.active) player_tell_maintenance(player);
    player_drain_add(player);
    player_verify(player);
    if (player->version > 0) player_shard_acknowledge(player);
    player_resume(player);
    player_party_welcomed(player);
    player_resume_pve(player, login);
    player_timer_update(player);
    return player;
}

void player_tell_maintenance(struct player *player)
{
    const char *reason = player->home->maintenance.reason;
    if (player->session == NULL) return;
    session_notice(player->session, "maintenance",
                   reason[0] != '\0' ? reason : "The queues are closed for maintenance.", 0);
}

void player_disconnected(struct player *player)
{
    player->session = NULL;
    player->leave_at_ms =
        world_now_ms(player->home->world) + player->home->game->config->session_disconnect_grace_ms;
    if (player_is_idle(player) && !player_in_party(player)) {
        player->leaving = true;
        player_close_if_done(player);
        return;
    }
    player_party_disconnected(player);
    player_timer_update(player);
}

void player_replaced(struct player *player)
{
    struct session *session = player->session;
    log_event(LOG_INFO, "session_replaced", LOG_TEXT("player_id", player->player_id));
    metrics_add(player->home->metrics, METRIC_logins_replaced, 1);
    if (session != NULL) {
        session_notice(session, "session_replaced", "You logged in somewhere else.", 0);
        session_close(session, CLOSE_replaced, 0);
        session->player = NULL;
    }
    player_free(player);
}

void player_abandon(struct player *player)
{
    if (player->session != NULL) player->session->player = NULL;
    player_free(player);
}
