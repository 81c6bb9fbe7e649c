#include <string.h>

#include "common/log.h"
#include "game_server/player_internal.h"

enum { RETRY_AFTER_MS = 1000 };

/* ---- the party in the client's form -------------------------------------------------------------- */

void player_fill_party(const struct player *player, struct proto_party_view *out)
{
    const struct party_view *view = &player->party->view;
    text_copy(out->party_id, sizeof out->party_id, view->party_id);
    text_copy(out->leader, sizeof out->leader, view->leader);
    out->members_count = view->members_count;
    for (size_t i = 0; i < view->members_count; i++) out->members[i] = view->members[i].shown;
    out->invited_count = view->invited_count;
    memcpy(out->invited, view->invited, sizeof out->invited);
}

static void send_party(struct player *player, int64_t reply_to)
{
    if (player->session == NULL) return;
    struct proto_party_view now = {.members_count = 0};
    player_fill_party(player, &now);
    struct proto_party told = {
        .reply_to = reply_to, .members_count = now.members_count, .invited_count = now.invited_count};
    memcpy(told.members, now.members, sizeof told.members);
    memcpy(told.invited, now.invited, sizeof told.invited);
    text_copy(told.party_id, sizeof told.party_id, now.party_id);
    text_copy(told.leader, sizeof told.leader, now.leader);
    session_send(player->session, SERVER_party, &told);
}

static void send_out(struct player *player, const char *party_id, int64_t reply_to)
{
    if (player->session == NULL) return;
    struct proto_party told = {.reply_to = reply_to};
    text_copy(told.party_id, sizeof told.party_id, party_id);
    session_send(player->session, SERVER_party, &told);
}

static bool same_member(const struct party_member *a, const struct party_member *b)
{
    return strcmp(a->shown.player_id, b->shown.player_id) == 0 && strcmp(a->shown.name, b->shown.name) == 0 &&
           a->shown.level == b->shown.level && a->shown.rating == b->shown.rating &&
           a->shown.online == b->shown.online;
}

/* What the client sees of them. */
static bool same_party(const struct party_view *a, const struct party_view *b)
{
    if (strcmp(a->party_id, b->party_id) != 0 || strcmp(a->leader, b->leader) != 0) return false;
    if (a->members_count != b->members_count || a->invited_count != b->invited_count) return false;
    for (size_t i = 0; i < a->members_count; i++) {
        if (!same_member(&a->members[i], &b->members[i])) return false;
    }
    for (size_t i = 0; i < a->invited_count; i++) {
        if (strcmp(a->invited[i], b->invited[i]) != 0) return false;
    }
    return true;
}

/* ---- invitations --------------------------------------------------------------------------------- */

static bool was_told(const struct player_party *party, const struct proto_party_invitation *invitation)
{
    for (size_t i = 0; i < party->invitations_count; i++) {
        const struct proto_party_invitation *known = &party->invitations[i];
        if (strcmp(known->party_id, invitation->party_id) == 0 &&
            known->expires_at_ms == invitation->expires_at_ms) {
            return party->invitation_told[i];
        }
    }
    return false;
}

static void invitations_keep(struct player_party *party, const struct party_answer *answer)
{
    bool told[PARTY_INVITED_MAX] = {false};
    for (size_t i = 0; i < answer->invitations_count; i++) told[i] = was_told(party, &answer->invitations[i]);
    party->invitations_count = answer->invitations_count;
    memcpy(party->invitations, answer->invitations, sizeof party->invitations);
    memcpy(party->invitation_told, told, sizeof told);
}

/* Who fights is not disturbed: he is told when he is back in the lobby, if the invitation still stands. */
static void invitations_tell(struct player *player)
{
    struct player_party *party = player->party;
    if (player->session == NULL || player->state != STATE_lobby) return;
    for (size_t i = 0; i < party->invitations_count; i++) {
        bool over = party->invitations[i].expires_at_ms <= world_now_ms(player->home->world);
        if (over || party->invitation_told[i]) continue;
        party->invitation_told[i] = true;
        session_send(player->session, SERVER_party_invitation, &party->invitations[i]);
    }
}

/* ---- news ---------------------------------------------------------------------------------------- */

static void take(struct player *player, const struct party_answer *answer)
{
    player->party_version = answer->version;
    player_party_of(player)->view = answer->party;
    invitations_keep(player->party, answer);
}

void player_party_adopt(struct player *player, const struct party_answer *answer)
{
    if (answer->status == PARTY_OK) take(player, answer);
}

void player_party_welcomed(struct player *player)
{
    if (player->party != NULL) invitations_tell(player);
}

/* Of the client, and to be answered. */
static bool is_wish(const struct party_task *task)
{
    return task->wish >= WISH_CREATE && task->wish <= WISH_KICK;
}

/* The direct answer is sent even when it tells nothing new. */
static void tell(struct player *player, const struct party_view *before, const struct party_task *task)
{
    const struct party_view *now = &player->party->view;
    bool declined = task->wish == WISH_DECLINE;
    bool out = before->party_id[0] != '\0' && strcmp(before->party_id, now->party_id) != 0;
    bool answers = is_wish(task) && !declined && task->wish != WISH_LEAVE;
    if (task->wish == WISH_LEAVE) {
        send_out(player, player->party->guess.party_id, task->reply_to);
    } else if (out) {
        send_out(player, before->party_id, 0);
    }
    if (declined) send_out(player, task->subject, task->reply_to);
    if (now->party_id[0] != '\0' && (answers || !same_party(before, now))) {
        send_party(player, answers ? task->reply_to : 0);
    }
    invitations_tell(player);
}

static void refuse(struct player *player, const struct party_task *task, const struct party_answer *answer)
{
    static const struct {
        enum error_code code;
        const char *place; /* of messages that name a party or a player */
    } refusals[] = {
        [PARTY_NONE] = {ERROR_no_such_party, "party_id"},
        [PARTY_BUSY] = {ERROR_wrong_state, ""},
        [PARTY_LEADER] = {ERROR_not_party_leader, ""},
        [PARTY_FULL] = {ERROR_party_full, ""},
        [PARTY_MEMBER] = {ERROR_invalid_field, "player_id"},
        [PARTY_NOBODY] = {ERROR_not_found, "player_id"},
        [PARTY_MANY] = {ERROR_rate_limited, ""},
        [PARTY_LOST] = {ERROR_internal, ""},
        [PARTY_FENCED] = {ERROR_internal, ""},
    };
    bool names_party = task->wish == WISH_ACCEPT || task->wish == WISH_DECLINE;
    const char *place = refusals[answer->status].place;
    if (answer->status == PARTY_NONE && !names_party) place = "";
    metrics_add(player->home->metrics, METRIC_party_refusals, 1);
    bool lost = refusals[answer->status].code == ERROR_internal;
    session_refuse(player->session, refusals[answer->status].code, place, task->reply_to,
                   lost ? RETRY_AFTER_MS : answer->retry_after_ms);
}

static void failed(struct player *player, const struct party_task *task, const struct party_answer *answer)
{
    const struct game_config *config = player->home->game->config;
    bool wished = is_wish(task) && player->session != NULL;
    player->party->retry_at_ms = world_now_ms(player->home->world) + config->session_request_retry_ms;
    if (answer->status == PARTY_FENCED) {
        player->party->fenced = true;
        player_verify(player);
        if (player->leaving) player->party->view.party_id[0] = '\0'; /* it is the newer login's affair */
    }
    bool old = answer->status == PARTY_NONE || answer->status == PARTY_BUSY || answer->status == PARTY_FULL;
    if (wished) refuse(player, task, answer);
    if (task->wish == WISH_LEAVE && answer->status == PARTY_NONE) player->party->view.party_id[0] = '\0';
    if (wished && old) player_party_look(player); /* what was known may be old */
}

void player_party_answered(struct player *player, const struct party_task *task,
                           const struct party_answer *answer)
{
    if (answer->status == PARTY_OK) {
        struct party_view before = player->party->view;
        if (task->wish == WISH_DECLINE) { /* the answer says nothing of the own party */
            invitations_keep(player->party, answer);
        } else {
            take(player, answer);
        }
        tell(player, &before, task);
        if (is_wish(task)) metrics_add(player->home->metrics, METRIC_party_changes, 1);
        player_party_check_queue(player);
    } else {
        failed(player, task, answer);
    }
    if (task->wish == WISH_ENQUEUE) player_party_enqueue(player, answer);
}

void player_party_moved(struct player *player)
{
    player_party_queued(player);
    struct player_party *party = player->party;
    if (party == NULL) return;
    bool waits = player->state == STATE_queueing || player->state == STATE_queued;
    if (party->leaves && !waits) {
        party->leaves = false;
        if (player->state == STATE_lobby) {
            player_party_leave(player, party->leave_reply_to);
        } else if (player->session != NULL) {
            session_refuse(player->session, ERROR_already_in_match, "", party->leave_reply_to, 0);
        }
    }
    invitations_tell(player);
}
