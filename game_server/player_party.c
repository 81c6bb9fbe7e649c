#include "game_server/player_party.h"

#include <stdlib.h>
#include <string.h>

#include "common/ids.h"
#include "game_server/player_internal.h"

enum { RETRY_AFTER_MS = 1000 };

struct player_party *player_party_of(struct player *player)
{
    if (player->party == NULL) player->party = memory_new(sizeof *player->party);
    return player->party;
}

void player_party_free(struct player *player)
{
    if (player->party == NULL) return;
    free(player->party->mate_snapshot);
    free(player->party);
    player->party = NULL;
}

bool player_in_party(const struct player *player)
{
    return player->party != NULL && player->party->view.party_id[0] != '\0';
}

bool player_party_pairs(const struct player *player)
{
    return player->party != NULL && player->party->pairs;
}

bool player_party_is_fenced(const struct player *player)
{
    return player->party != NULL && player->party->fenced;
}

static bool task_waits(const struct player_party *party, enum party_wish wish, size_t first)
{
    for (size_t i = first; i < party->task_count; i++) {
        if (party->tasks[i].wish == wish) return true;
    }
    return false;
}

/* ---- asking -------------------------------------------------------------------------------------- */

static struct party_caller caller_of(struct player *player)
{
    const struct game_config *config = player->home->game->config;
    return (struct party_caller){.world = player->home->world,
                                 .player_id = player->player_id,
                                 .pod_id = config->common.pod_id,
                                 .connection_epoch = player->connection_epoch,
                                 .kept_ms = config->party_ttl_s * 1000};
}

static void on_answer(void *context, uint64_t tag, const struct redis_reply *reply);

static bool ask(struct player *player, enum script_id script, const struct bytes *arguments, size_t count,
                const char *party_new)
{
    struct party_caller caller = caller_of(player);
    return party_store_call(&caller, script, &player->party->guess, arguments, count, party_new, on_answer,
                            player->home, player->address);
}

static bool ask_create(struct player *player)
{
    char party_new[IDS_UUID_SIZE];
    ids_match_id(party_new);
    struct bytes own = bytes_of_text(party_new);
    return ask(player, SCRIPT_party_create, &own, 1, party_new);
}

static bool ask_invite(struct player *player, const char *whom)
{
    const struct game_config *config = player->home->game->config;
    struct buffer lasts = {0}, members = {0}, pending = {0}, rate = {0};
    buffer_append_integer(&lasts, config->party_invite_ttl_s * 1000);
    buffer_append_integer(&members, PARTY_MEMBERS_MAX);
    buffer_append_integer(&pending, PARTY_INVITED_MAX);
    buffer_append_integer(&rate, config->party_invites_per_minute);
    struct bytes own[] = {bytes_of_text(whom), buffer_bytes(&lasts), buffer_bytes(&members),
                          buffer_bytes(&pending), buffer_bytes(&rate)};
    bool asked = ask(player, SCRIPT_party_invite, own, ARRAY_LENGTH(own), NULL);
    buffer_free(&lasts);
    buffer_free(&members);
    buffer_free(&pending);
    buffer_free(&rate);
    return asked;
}

static bool ask_accept(struct player *player)
{
    struct buffer members = {0};
    buffer_append_integer(&members, PARTY_MEMBERS_MAX);
    struct bytes own = buffer_bytes(&members);
    bool asked = ask(player, SCRIPT_party_accept, &own, 1, NULL);
    buffer_free(&members);
    return asked;
}

static bool task_ask(struct player *player)
{
    const struct party_task *task = &player->party->tasks[0];
    struct bytes nothing = bytes_of_text(""), self = bytes_of_text(player->player_id);
    struct bytes subject = bytes_of_text(task->subject);
    switch (task->wish) {
    case WISH_CREATE: return ask_create(player);
    case WISH_INVITE: return ask_invite(player, task->subject);
    case WISH_ACCEPT: return ask_accept(player);
    case WISH_DECLINE: return ask(player, SCRIPT_party_decline, NULL, 0, NULL);
    case WISH_LEAVE: return ask(player, SCRIPT_party_leave, &self, 1, NULL);
    case WISH_KICK: return ask(player, SCRIPT_party_leave, &subject, 1, NULL);
    case WISH_GONE: return ask(player, SCRIPT_party_gone, NULL, 0, NULL);
    case WISH_LOOK:
    case WISH_ENQUEUE: metrics_add(player->home->metrics, METRIC_party_looks, 1); break;
    }
    return ask(player, SCRIPT_party_look, &nothing, 1, NULL);
}

/* Accepting and declining are about the party of the invitation, everything else about one's own. */
static void task_guess(struct player *player)
{
    struct player_party *party = player->party;
    const struct party_task *task = &party->tasks[0];
    bool about_player = task->wish == WISH_INVITE || task->wish == WISH_KICK;
    bool about_party = task->wish == WISH_ACCEPT || task->wish == WISH_DECLINE;
    party_guess_start(&party->guess, player->player_id, about_player ? task->subject : NULL,
                      about_party ? NULL : &party->view);
    if (about_party) text_copy(party->guess.party_id, sizeof party->guess.party_id, task->subject);
}

/* ---- one after the other ------------------------------------------------------------------------- */

static void task_end(struct player *player, const struct party_answer *answer)
{
    struct player_party *party = player->party;
    struct party_task task = party->tasks[0];
    party->task_count--;
    memmove(party->tasks, party->tasks + 1, party->task_count * sizeof party->tasks[0]);
    player_party_answered(player, &task, answer);
}

/* Starts the first task; those that cannot even be asked end at once. */
static void tasks_go_on(struct player *player)
{
    struct player_party *party = player->party;
    const struct party_answer lost = {.status = PARTY_LOST};
    while (party->task_count > 0 && !party->asks) {
        task_guess(player);
        party->asks = task_ask(player);
        if (!party->asks) task_end(player, &lost);
    }
}

static void on_answer(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player_shard *home = context;
    struct party_answer answer;
    party_answer_read(reply, &answer);
    if (answer.status == PARTY_OK) party_publish_news(home->world, reply);
    struct player *player = player_find(home, tag);
    if (player == NULL) return;
    if (answer.status == PARTY_AGAIN && party_guess_improve(&player->party->guess, reply) &&
        task_ask(player)) {
        return;
    }
    if (answer.status == PARTY_AGAIN) answer.status = PARTY_LOST;
    player->party->asks = false;
    task_end(player, &answer);
    tasks_go_on(player);
    player_timer_update(player);
    player_close_if_done(player);
}

/* False: too many at once. */
static bool task_add(struct player *player, enum party_wish wish, const char *subject, int64_t reply_to)
{
    struct player_party *party = player_party_of(player);
    if (party->task_count == PARTY_TASKS_MAX) return false;
    struct party_task *task = &party->tasks[party->task_count++];
    *task = (struct party_task){.wish = wish, .reply_to = reply_to};
    text_copy(task->subject, sizeof task->subject, subject);
    tasks_go_on(player);
    return true;
}

/* ---- what the client wants ----------------------------------------------------------------------- */

static void wish(struct player *player, enum party_wish wish, const char *subject, int64_t id)
{
    if (task_add(player, wish, subject, id) || player->session == NULL) return;
    session_refuse(player->session, ERROR_rate_limited, "", id, RETRY_AFTER_MS);
}

static void wish_about_player(struct player *player, enum party_wish kind, const char *player_id, int64_t id)
{
    if (!ids_is_player_id(bytes_of_text(player_id))) {
        session_refuse(player->session, ERROR_not_found, "player_id", id, 0);
    } else if (kind == WISH_KICK && strcmp(player_id, player->player_id) == 0) {
        session_refuse(player->session, ERROR_invalid_field, "player_id", id, 0);
    } else {
        wish(player, kind, player_id, id);
    }
}

static void wish_about_party(struct player *player, enum party_wish kind, const char *party_id, int64_t id)
{
    uint8_t bytes[IDS_UUID_BYTES];
    char lower[IDS_UUID_SIZE];
    if (!ids_uuid_to_bytes(party_id, bytes)) {
        session_refuse(player->session, ERROR_no_such_party, "party_id", id, 0);
        return;
    }
    ids_uuid_from_bytes(bytes, lower);
    wish(player, kind, lower, id);
}

/* Out of the queue first; player_party_moved() goes on. */
void player_party_leave(struct player *player, int64_t id)
{
    struct player_party *party = player_party_of(player);
    if (player->state == STATE_lobby || (!player_in_party(player) && party->task_count == 0)) {
        wish(player, WISH_LEAVE, "", id);
    } else if (party->leaves) {
        session_refuse(player->session, ERROR_wrong_state, "", id, 0);
    } else if (party->pairs) {
        player_party_withdraw(player, 0);
        wish(player, WISH_LEAVE, "", id);
    } else {
        party->leaves = true;
        party->leave_reply_to = id;
        player_request_quietly(player, REQUEST_DEQUEUE);
    }
}

void player_party_message(struct player *player, enum client_message message, int64_t id,
                          const union client_message_body *body)
{
    switch ((int)message) {
    case CLIENT_party_create: wish(player, WISH_CREATE, "", id); break;
    case CLIENT_party_invite: wish_about_player(player, WISH_INVITE, body->party_invite.player_id, id); break;
    case CLIENT_party_kick: wish_about_player(player, WISH_KICK, body->party_kick.player_id, id); break;
    case CLIENT_party_accept: wish_about_party(player, WISH_ACCEPT, body->party_accept.party_id, id); break;
    case CLIENT_party_decline:
        wish_about_party(player, WISH_DECLINE, body->party_decline.party_id, id);
        break;
    case CLIENT_party_leave: player_party_leave(player, id); break;
    }
}

/* ---- what the actor wants by itself -------------------------------------------------------------- */

void player_party_look(struct player *player)
{
    struct player_party *party = player_party_of(player);
    if (!task_waits(party, WISH_LOOK, 1)) task_add(player, WISH_LOOK, "", 0);
}

void player_party_disconnected(struct player *player)
{
    if (player_in_party(player)) task_add(player, WISH_GONE, "", 0);
}

bool player_party_pair(struct player *player)
{
    struct player_party *party = player->party;
    if (party == NULL || (!player_in_party(player) && party->task_count == 0)) return false;
    party->pairs = true;
    if (!task_add(player, WISH_ENQUEUE, "", player->enqueue_reply_to)) {
        player_party_unpair(player, ERROR_rate_limited, NULL);
    }
    return true;
}

/* A try that fails is repeated when the timer says so, until the actor gives up. */
bool player_party_is_leaving(struct player *player)
{
    struct player_party *party = player->party;
    if (party == NULL || (!player_in_party(player) && party->task_count == 0)) return false;
    bool due = world_now_ms(player->home->world) >= party->retry_at_ms;
    if (due && player_in_party(player) && !task_waits(party, WISH_LEAVE, 0)) {
        task_add(player, WISH_LEAVE, "", 0);
    }
    return player_in_party(player) || party->task_count > 0;
}

/* While he is still in the queue it is the request's turn: a time in the past would only keep the timer firing. */
int64_t player_party_retry_at_ms(const struct player *player)
{
    bool queues = player->state == STATE_queueing || player->state == STATE_queued;
    bool waits = player->leaving && !queues && player_in_party(player) && player->party->task_count == 0;
    return waits ? player->party->retry_at_ms : 0;
}
