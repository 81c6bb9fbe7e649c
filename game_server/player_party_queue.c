/* A party of two queues as one. Its leader's pod looks up what the mate would bring, as he would himself, and
 * asks for both in one request. What is refused because of the mate is said so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "game_server/loadout.h"
#include "game_server/player_internal.h"
#include "game_server/progress.h"

enum { RETRY_AFTER_MS = 1000 };

/* The other member; NULL: there is none. */
static const struct party_member *mate_of(const struct player *player)
{
    if (!player_in_party(player)) return NULL;
    const struct party_view *view = &player->party->view;
    for (size_t i = 0; i < view->members_count; i++) {
        if (strcmp(view->members[i].shown.player_id, player->player_id) != 0) return &view->members[i];
    }
    return NULL;
}

void player_party_forget_mate(struct player *player)
{
    if (player->party == NULL) return;
    player->party->has_mate = false;
    free(player->party->mate_snapshot);
    player->party->mate_snapshot = NULL;
}

const struct proto_party_mate *player_party_mate(const struct player *player)
{
    return player->party != NULL && player->party->has_mate ? &player->party->mate : NULL;
}

/* ---- ending before it was asked for --------------------------------------------------------------- */

void player_party_unpair(struct player *player, enum error_code code, const char *sentence)
{
    int64_t reply_to = player->enqueue_reply_to;
    player->party->pairs = false;
    if (player->state == STATE_queueing) player->state = STATE_lobby;
    player->enqueue_reply_to = 0;
    if (player->session == NULL) return;
    if (sentence == NULL) sentence = proto_errors[code].sentence;
    session_refuse_saying(player->session, code, sentence, "", reply_to,
                          proto_errors[code].retry ? RETRY_AFTER_MS : 0);
}

void player_party_withdraw(struct player *player, int64_t reply_to)
{
    struct proto_dequeued told = {.reply_to = reply_to};
    text_copy(told.mode, sizeof told.mode, player->mode);
    text_copy(told.reason, sizeof told.reason, "requested");
    player_party_unpair(player, ERROR_wrong_state, "You have left the queue before you were in it.");
    if (player->session != NULL) session_send(player->session, SERVER_dequeued, &told);
}

/* ---- what the mate brings -------------------------------------------------------------------------- */

struct mate_task {
    struct player_shard *home;
    struct party_member mate;
};

/* `sentence` needs room for a name and what is wrong with him. */
static const char *about(const char *name, const char *what, char *sentence, size_t capacity)
{
    snprintf(sentence, capacity, "%s %s.", name, what);
    return sentence;
}

/* The side of a battle the mate would bring, as text; NULL: his loadout breaks a rule, or cannot be read. His level and
 * rating are those of the same reading. */
static char *mate_side(const struct player *player, struct party_member *mate,
                       const struct redis_reply *reply)
{
    const battle_catalog *catalog = player->home->game->catalog;
    struct player_record *record = memory_new(sizeof *record);
    struct proto_profile *profile = &record->profile;
    const char *problem = "";
    battle_snapshot side;
    struct codec_error error;
    struct buffer json = {0};
    if (player_store_profile_read(reply, mate->shown.player_id, record, &problem)) {
        progress_complete(catalog, profile);
        mate->shown.level = profile->level;
        mate->shown.rating = profile->ratings.party;
        if (loadout_resolve(catalog, profile, &profile->loadout, &side, &error)) {
            loadout_snapshot_json(catalog, &side, &json);
            buffer_append_character(&json, '\0');
        }
    }
    free(record);
    return json.data;
}

static void take_mate(struct player *player, const struct party_member *mate, char *side)
{
    struct player_party *party = player->party;
    player_party_forget_mate(player);
    party->mate = (struct proto_party_mate){.connection_epoch = mate->connection_epoch,
                                            .level = mate->shown.level,
                                            .rating = mate->shown.rating,
                                            .snapshot = bytes_of_text(side)};
    text_copy(party->mate.player_id, sizeof party->mate.player_id, mate->shown.player_id);
    text_copy(party->mate.pod_id, sizeof party->mate.pod_id, mate->pod_id);
    text_copy(party->mate.name, sizeof party->mate.name, mate->shown.name);
    text_copy(party->mate.device_id, sizeof party->mate.device_id, mate->device_id);
    party->mate_snapshot = side;
    party->has_mate = true;
}

static void ask_for_both(struct player *player, struct party_member *mate, const struct redis_reply *reply)
{
    char sentence[128];
    char *side = reply == NULL ? NULL : mate_side(player, mate, reply);
    if (side != NULL) {
        player->party->pairs = false;
        take_mate(player, mate, side);
        player_request(player, REQUEST_ENQUEUE, player->enqueue_reply_to);
    } else if (reply == NULL) {
        player_party_unpair(player, ERROR_matchmaking_unavailable, NULL);
    } else {
        player_party_unpair(player, ERROR_not_ready_for_pvp,
                            about(mate->shown.name, "has a loadout that is not ready for a match", sentence,
                                  sizeof sentence));
    }
}

static void on_mate(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct mate_task *task = context;
    struct player *player = player_find(task->home, tag);
    bool wanted = player != NULL && player_party_pairs(player) && player->state == STATE_queueing;
    if (wanted && strcmp(player->mode, "party") == 0) { /* he may have withdrawn, and queue elsewhere now */
        ask_for_both(player, &task->mate, reply);
        player_timer_update(player);
        player_close_if_done(player);
    }
    free(task);
}

static void look_at_mate(struct player *player, const struct party_member *mate)
{
    struct mate_task *task = memory_new(sizeof *task);
    task->home = player->home;
    task->mate = *mate;
    if (player_store_profile(player->home->world, mate->shown.player_id, on_mate, task, player->address))
        return;
    free(task);
    player_party_unpair(player, ERROR_matchmaking_unavailable, NULL);
}

void player_party_enqueue(struct player *player, const struct party_answer *answer)
{
    char sentence[128];
    struct player_party *party = player->party;
    if (!party->pairs) return;
    if (player->state != STATE_queueing) { /* news of matchmaking were faster */
        party->pairs = false;
        return;
    }
    const struct party_member *mate = mate_of(player);
    if (answer->status != PARTY_OK) {
        player_party_unpair(player, ERROR_matchmaking_unavailable, NULL);
    } else if (mate == NULL) {
        party->pairs = false;
        player_party_forget_mate(player);
        player_request(player, REQUEST_ENQUEUE, player->enqueue_reply_to);
    } else if (strcmp(player->mode, "party") != 0) {
        player_party_unpair(player, ERROR_wrong_state, "A party of two can only queue for party.");
    } else if (strcmp(party->view.leader, player->player_id) != 0) {
        player_party_unpair(player, ERROR_not_party_leader, NULL);
    } else if (!mate->shown.online) {
        player_party_unpair(player, ERROR_wrong_state,
                            about(mate->shown.name, "is offline", sentence, sizeof sentence));
    } else {
        look_at_mate(player, mate);
    }
}

/* ---- in the queue ---------------------------------------------------------------------------------- */

static bool queues_as_party(const struct player *player)
{
    return player->state == STATE_queued && strcmp(player->mode, "party") == 0;
}

static bool fits_queue(const struct player *player)
{
    const struct party_member *mate = mate_of(player);
    return strcmp(player->mate, mate == NULL ? "" : mate->shown.player_id) == 0;
}

/* Whoever came or went meanwhile: the place was that of another party. */
void player_party_check_queue(struct player *player)
{
    if (!queues_as_party(player) || fits_queue(player) || player->request.kind != REQUEST_NONE) return;
    log_event(LOG_INFO, "party_changed_in_queue", LOG_TEXT("player_id", player->player_id));
    player_request_quietly(player, REQUEST_DEQUEUE);
}

void player_party_queued(struct player *player)
{
    if (queues_as_party(player) && !fits_queue(player)) player_party_look(player);
}

const char *player_party_refusal(const struct player *player, enum error_code code, const char *mate_id,
                                 char *sentence, size_t capacity)
{
    const struct proto_party_mate *mate = player_party_mate(player);
    const char *name = mate != NULL && strcmp(mate->player_id, mate_id) == 0 ? mate->name : mate_id;
    const char *what = "is not ready";
    if (code == ERROR_banned) what = "may not queue yet";
    if (code == ERROR_already_queued) what = "is already in a queue";
    if (code == ERROR_already_in_match) what = "is already in a match";
    return about(name, what, sentence, capacity);
}
