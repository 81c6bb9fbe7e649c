#include <string.h>

#include "common/log.h"
#include "game_server/player_drain.h"
#include "game_server/player_internal.h"

void player_fill_state(const struct player *player, struct proto_session_state *state)
{
    text_copy(state->state, sizeof state->state, proto_state_names[player->state]);
    state->has_party = player_in_party(player);
    if (state->has_party) player_fill_party(player, &state->party);
    if (player->state == STATE_lobby) return;
    text_copy(state->mode, sizeof state->mode, player->mode);
    bool waits = player->state == STATE_queued;
    bool plays =
        player->state == STATE_loading || player->state == STATE_battling || player->state == STATE_result;
    if (waits) state->enqueued_at_ms = player->enqueued_at_ms;
    if (plays) text_copy(state->match_id, sizeof state->match_id, player->match_id);
    if (player->state == STATE_loading) state->loading_deadline_ms = player->loading_deadline_ms;
}

void player_send_state(struct player *player, int64_t reply_to)
{
    struct proto_session_state now = {.mode = ""};
    player_fill_state(player, &now);
    struct proto_state state = {.reply_to = reply_to,
                                .enqueued_at_ms = now.enqueued_at_ms,
                                .loading_deadline_ms = now.loading_deadline_ms,
                                .has_party = now.has_party,
                                .party = now.party};
    text_copy(state.state, sizeof state.state, now.state);
    text_copy(state.mode, sizeof state.mode, now.mode);
    text_copy(state.match_id, sizeof state.match_id, now.match_id);
    session_send(player->session, SERVER_state, &state);
}

static void refuse(struct player *player, enum error_code code, const char *place, int64_t id)
{
    session_refuse(player->session, code, place, id, 0);
}

static void player_enqueue(struct player *player, const struct proto_enqueue *wish, int64_t id)
{
    static const char *const modes[] = {"normal", "ranked", "party"};
    bool known = false;
    for (size_t i = 0; i < ARRAY_LENGTH(modes); i++) known = known || strcmp(modes[i], wish->mode) == 0;
    if (!known) {
        refuse(player, ERROR_unknown_mode, "mode", id);
    } else if (atomic_load(&player->home->game->draining)) {
        session_refuse(player->session, ERROR_matchmaking_unavailable, "", id, DRAIN_LINGER_MS);
    } else if (player->snapshot_json == NULL) {
        refuse(player, ERROR_not_ready_for_pvp, "", id);
    } else if (player_pve_is_fighting(player)) {
        refuse(player, ERROR_wrong_state, "", id);
    } else {
        text_copy(player->mode, sizeof player->mode, wish->mode);
        player->state = STATE_queueing;
        player->enqueue_reply_to = id;
        player->abandoned_request = 0;
        if (!player_party_pair(player)) player_request(player, REQUEST_ENQUEUE, id);
    }
}

static void player_dequeue(struct player *player, int64_t id)
{
    if (player_party_pairs(player)) {
        player_party_withdraw(player, id);
    } else {
        player_request(player, REQUEST_DEQUEUE, id);
    }
}

/* Requests about a match name it; only the current one can be meant. */
static bool match_is_current(struct player *player, const char *match_id, int64_t id)
{
    if (strcmp(match_id, player->match_id) == 0) return true;
    refuse(player, ERROR_no_such_match, "match_id", id);
    return false;
}

/* Before it was applied and told there is nothing to acknowledge, and the battle would never count. */
static void player_ack_result(struct player *player, const char *match_id, int64_t id)
{
    if (!match_is_current(player, match_id, id)) return;
    if (!player->result_told) {
        refuse(player, ERROR_wrong_state, "", id);
        return;
    }
    player_store_forget_result(player->home->world, player->player_id, player->match_id);
    player_request(player, REQUEST_RESULT_ACK, id);
}

void player_message(struct player *player, enum client_message message, int64_t id,
                    const union client_message_body *body)
{
    /* A battle against a stage may wait for its acknowledgement in any state. */
    if (message == CLIENT_ack_result && player_pve_acknowledge(player, body->ack_result.match_id, id)) return;
    enum error_code refusal = proto_message_refusal(message, player->state);
    if (refusal != ERROR_none) {
        refuse(player, refusal, "", id);
        return;
    }
    switch (message) {
    case CLIENT_get_state: player_send_state(player, id); break;
    case CLIENT_get_profile: player_send_profile(player, id); break;
    case CLIENT_set_name: player_set_name(player, body->set_name.name, id); break;
    case CLIENT_set_loadout: player_set_loadout(player, &body->set_loadout, id); break;
    case CLIENT_get_catalog: player_send_catalog(player, &body->get_catalog, id); break;
    case CLIENT_enqueue: player_enqueue(player, &body->enqueue, id); break;
    case CLIENT_dequeue: player_dequeue(player, id); break;
    case CLIENT_loading_complete:
        if (match_is_current(player, body->loading_complete.match_id, id)) {
            player_request(player, REQUEST_LOADING_COMPLETE, id);
        }
        break;
    case CLIENT_cancel_loading:
        if (match_is_current(player, body->cancel_loading.match_id, id)) {
            player_request(player, REQUEST_LOADING_CANCEL, id);
        }
        break;
    case CLIENT_get_replay: player_send_replay(player, body->get_replay.match_id, id); break;
    case CLIENT_get_history: player_send_history(player, body->get_history.limit, id); break;
    case CLIENT_start_pve: player_start_pve(player, body->start_pve.stage, id); break;
    case CLIENT_get_leaderboard: player_send_board(player, &body->get_leaderboard, id); break;
    case CLIENT_ack_result: player_ack_result(player, body->ack_result.match_id, id); break;
    case CLIENT_party_create:
    case CLIENT_party_invite:
    case CLIENT_party_accept:
    case CLIENT_party_decline:
    case CLIENT_party_leave:
    case CLIENT_party_kick: player_party_message(player, message, id, body); break;
    case CLIENT_authenticate:
    case CLIENT_refresh_token:
    case CLIENT_ping:
    case CLIENT_MESSAGE_COUNT: break; /* the session answers these itself */
    }
}
