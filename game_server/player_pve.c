/* Battles against stages. One at a time, each through these phases:
 *
 *     checking   what has the player won, at which level is he?      Redis
 *     fighting   both sides and the seed to a battle worker, which stores result:<match>
 *     applying   stars and experience, exactly once                  Redis: from here on it took place
 *     reloading  what he owns and brings now, if that changed        Redis
 *     showing    the stored timeline                                 Redis, then battle_result
 *     told       until ack_result
 *
 * A pod that dies before the result is applied has fought for nobody; what is applied waits in the inbox, and the
 * next login starts with reloading it. The state stays `lobby`: matchmaking has no part in this. A question to
 * Redis is repeated only after its answer is known to be lost, so no answer can belong to an older battle. */
#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/ids.h"
#include "common/log.h"
#include "game_server/player_internal.h"
#include "game_server/progress.h"

enum { RETRY_MS = 500, TRIES_MAX = 20, FIGHT_MS_MAX = 10000, RETRY_AFTER_MS = 1000 };

enum pve_phase { PVE_CHECKING, PVE_FIGHTING, PVE_APPLYING, PVE_RELOADING, PVE_SHOWING, PVE_TOLD };

struct pve_attempt {
    enum pve_phase phase;
    int64_t reply_to;
    int64_t due_ms; /* when the phase is tried again, or given up; 0: its answer will come */
    int tries;      /* of this phase */
    bool mailed;    /* to a worker, whose answer has not come */
    char match_id[UUID_LENGTH + 1];
    const battle_stage *stage; /* until it is applied */
    int winner;
    int64_t stars;
    struct progress_summary summary; /* when it is applied */
};

static void attempt_free(struct player *player)
{
    free(player->pve);
    player->pve = NULL;
}

/* ---- refusals ------------------------------------------------------------------------------------ */

static void attempt_refuse(struct player *player, enum error_code code, const char *place)
{
    int64_t retry_ms = code == ERROR_internal ? RETRY_AFTER_MS : 0;
    if (player->session != NULL)
        session_refuse(player->session, code, place, player->pve->reply_to, retry_ms);
    attempt_free(player);
}

/* Before it was applied nothing has happened; what was applied is found at the next login. */
static void attempt_fail(struct player *player, const char *problem)
{
    log_event(LOG_ERROR, "pve_failed", LOG_TEXT("player_id", player->player_id),
              LOG_TEXT("match_id", player->pve->match_id), LOG_TEXT("problem", problem));
    attempt_refuse(player, ERROR_internal, "");
}

/* ---- the phases ---------------------------------------------------------------------------------- */

static world_reply_fn on_checked, on_applied, on_reloaded, on_shown;

static bool ask_apply(struct player *player)
{
    static const char *const outcomes[] = {"draw", "win", "loss"};
    const struct pve_attempt *pve = player->pve;
    struct pve_effect effect = {.stage = pve->stage->id,
                                .outcome = outcomes[pve->winner + 1],
                                .stars = pve->stars,
                                .experience = pve->stage->experience};
    const battle_progression *progression = battle_catalog_progression(player->home->game->catalog);
    FAULT_BEFORE_SCRIPT(SCRIPT_pve_apply);
    return player_store_apply_pve(player->home->world, player->player_id, player->connection_epoch,
                                  pve->match_id, &effect, progression->experience, on_applied, player->home,
                                  player->address);
}

/* The worker answers by mail, or never. */
static bool ask_worker(struct player *player)
{
    struct player_shard *home = player->home;
    struct pve_attempt *pve = player->pve;
    battle_snapshot side;
    battle_err error;
    if (player->snapshot_json == NULL ||
        battle_snapshot_parse(home->game->catalog, player->snapshot_json, strlen(player->snapshot_json),
                              &side, &error) != 0) {
        return false;
    }
    struct mail_pve *mail = MAIL_NEW(mail_pve, pve);
    uint64_t seed = world_random(home->world);
    memcpy(mail->seed.bytes, &seed, sizeof mail->seed.bytes);
    mail->player = player->address;
    mail->side = side;
    mail->stage = pve->stage;
    text_copy(mail->match_id, sizeof mail->match_id, pve->match_id);
    home->next_worker = (home->next_worker + 1) % home->game->worker_count;
    if (world_send(home->world, home->game->workers[home->next_worker], &mail->message)) return true;
    free(mail);
    return false;
}

static bool ask(struct player *player)
{
    struct world *world = player->home->world;
    switch (player->pve->phase) {
    case PVE_CHECKING:
        return player_store_profile(world, player->player_id, on_checked, player->home, player->address);
    case PVE_FIGHTING: return ask_worker(player);
    case PVE_APPLYING: return ask_apply(player);
    case PVE_RELOADING:
        return player_store_profile(world, player->player_id, on_reloaded, player->home, player->address);
    case PVE_SHOWING:
        return player_store_result(world, player->pve->match_id, on_shown, player->home, player->address);
    case PVE_TOLD: break;
    }
    return true;
}

/* Asks now, and again later when the question did not get out. */
static void attempt_ask(struct player *player)
{
    struct pve_attempt *pve = player->pve;
    int64_t now_ms = world_now_ms(player->home->world);
    pve->tries++;
    bool asked = ask(player);
    pve->mailed = asked && pve->phase == PVE_FIGHTING;
    pve->due_ms = !asked ? now_ms + RETRY_MS : pve->mailed ? now_ms + FIGHT_MS_MAX : 0;
    player_timer_update(player);
}

static void attempt_enter(struct player *player, enum pve_phase phase)
{
    player->pve->phase = phase;
    player->pve->tries = 0;
    attempt_ask(player);
}

/* Nobody knows what became of the question. */
static void attempt_again(struct player *player)
{
    player->pve->due_ms = world_now_ms(player->home->world) + RETRY_MS;
    player_timer_update(player);
}

/* The player whose attempt is in `phase` and waits for this reply; NULL: nobody does, or it was lost. */
static struct player *answered(void *context, uint64_t tag, const struct redis_reply *reply,
                               enum pve_phase phase)
{
    struct player *player = player_find(context, tag);
    if (player == NULL || player->pve == NULL || player->pve->phase != phase) return NULL;
    if (reply != NULL && !redis_reply_is_error(reply)) return player;
    attempt_again(player);
    return NULL;
}

/* ---- checking, fighting -------------------------------------------------------------------------- */

static struct player_record *record_of(const struct player *player, const struct redis_reply *reply)
{
    const char *problem = "";
    struct player_record *record = memory_new(sizeof *record);
    if (player_store_profile_read(reply, player->player_id, record, &problem)) {
        progress_complete(player->home->game->catalog, &record->profile);
        return record;
    }
    log_event(LOG_ERROR, "profile_failed", LOG_TEXT("player_id", player->player_id),
              LOG_TEXT("problem", problem));
    free(record);
    return NULL;
}

static void on_checked(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player *player = answered(context, tag, reply, PVE_CHECKING);
    if (player == NULL) return;
    struct player_record *record = record_of(player, reply);
    if (record == NULL) {
        attempt_fail(player, "profile");
    } else if (!progress_stage_is_open(player->home->game->catalog, player->pve->stage, &record->profile)) {
        attempt_refuse(player, ERROR_stage_locked, "stage");
    } else {
        player_load_profile(player, record);
        if (player->snapshot_json != NULL) {
            attempt_enter(player, PVE_FIGHTING);
        } else {
            attempt_refuse(player, ERROR_not_ready_for_pvp, "");
        }
    }
    free(record);
}

void player_pve_fought(struct player *player, const struct mail_pve_fought *mail)
{
    struct pve_attempt *pve = player->pve;
    if (pve == NULL || pve->phase != PVE_FIGHTING || strcmp(pve->match_id, mail->match_id) != 0) return;
    if (!mail->stored) {
        attempt_fail(player, "battle or its storing");
        return;
    }
    pve->winner = mail->winner;
    pve->stars = mail->stars;
    attempt_enter(player, PVE_APPLYING);
}

/* ---- applying, reloading ------------------------------------------------------------------------- */

static bool read_summary(struct player *player, const struct redis_reply *reply)
{
    char text[PVE_SUMMARY_SIZE] = "";
    struct bytes stored = redis_reply_text(redis_reply_item(reply, 2));
    if (stored.length < sizeof text && stored.length > 0) memcpy(text, stored.data, stored.length);
    return progress_summary_read(text, &player->pve->summary);
}

static void on_applied(void *context, uint64_t tag, const struct redis_reply *reply)
{
    FAULT_AFTER_SCRIPT(SCRIPT_pve_apply);
    struct player *player = answered(context, tag, reply, PVE_APPLYING);
    if (player == NULL) return;
    const struct redis_reply *status = redis_reply_item(reply, 0);
    if (redis_reply_equals(status, "FENCED")) {
        attempt_free(player); /* a newer login took over: player_verify() or its news ends this one */
    } else if (redis_reply_equals(status, "NEW") || redis_reply_equals(status, "KNOWN")) {
        metrics_add(player->home->metrics, METRIC_pve_results, redis_reply_equals(status, "NEW"));
        if (read_summary(player, reply)) {
            attempt_enter(player, PVE_RELOADING);
        } else {
            attempt_fail(player, "summary");
        }
    } else {
        attempt_fail(player, "not applied");
    }
}

static void on_reloaded(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player *player = answered(context, tag, reply, PVE_RELOADING);
    if (player == NULL) return;
    struct player_record *record = record_of(player, reply);
    if (record != NULL) player_load_profile(player, record);
    free(record);
    attempt_enter(player, PVE_SHOWING);
}

/* ---- showing ------------------------------------------------------------------------------------- */

static void deliver(struct player *player, struct bytes timeline)
{
    struct pve_attempt *pve = player->pve;
    struct shared_bytes *frame = timeline_frame(pve->match_id, timeline);
    struct proto_battle_result result = {.reply_to = pve->reply_to, .mode = "pve", .has_rewards = true};
    text_copy(result.match_id, sizeof result.match_id, pve->match_id);
    text_copy(result.outcome, sizeof result.outcome, pve->summary.outcome);
    progress_rewards(player->home->game->catalog, &pve->summary, &result.rewards);
    pve->phase = PVE_TOLD;
    FAULT_POINT(before_pve_result);
    session_send_timeline(player->session, SERVER_battle_result, &result, result.timeline_encoding,
                          &result.timeline, frame);
    shared_bytes_release(frame);
    metrics_add(player->home->metrics, METRIC_results_delivered, 1);
}

/* Without its timeline there is nothing to show; what the battle brought is in the profile. */
static void on_shown(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player *player = answered(context, tag, reply, PVE_SHOWING);
    struct stored_result result;
    if (player == NULL) return;
    if (!player_store_result_read(reply, &result)) {
        log_event(LOG_INFO, "pve_result_gone", LOG_TEXT("player_id", player->player_id),
                  LOG_TEXT("match_id", player->pve->match_id));
        player_store_forget_result(player->home->world, player->player_id, player->pve->match_id);
        attempt_free(player);
    } else if (player->session == NULL) {
        attempt_free(player); /* it waits for the next login */
    } else {
        deliver(player, result.timeline);
    }
}

/* ---- the player's side --------------------------------------------------------------------------- */

static struct pve_attempt *attempt_new(struct player *player)
{
    attempt_free(player); /* one that is told; a newer one takes its place */
    player->pve = memory_new(sizeof *player->pve);
    return player->pve;
}

static void name_match(struct player *player)
{
    struct world *world = player->home->world;
    uint64_t random[2] = {world_random(world), world_random(world)};
    uint8_t bytes[IDS_UUID_RANDOM];
    memcpy(bytes, random, sizeof bytes);
    ids_uuid_v7(player->pve->match_id, world_now_ms(world), bytes);
}

void player_start_pve(struct player *player, const char *stage_id, int64_t reply_to)
{
    const struct game *game = player->home->game;
    int64_t now_ms = world_now_ms(player->home->world);
    const battle_stage *stage = battle_catalog_find_stage(game->catalog, stage_id);
    bool busy = player->pve != NULL && player->pve->phase != PVE_TOLD;
    if (stage == NULL) {
        session_refuse(player->session, ERROR_unknown_stage, "stage", reply_to, 0);
    } else if (player->snapshot_json == NULL) {
        session_refuse(player->session, ERROR_not_ready_for_pvp, "", reply_to, 0);
    } else if (busy || now_ms < player->pve_ready_at_ms) {
        int64_t wait_ms = player->pve_ready_at_ms - now_ms;
        session_refuse(player->session, ERROR_rate_limited, "", reply_to,
                       wait_ms > 0 ? wait_ms : RETRY_AFTER_MS);
    } else {
        player->pve_ready_at_ms = now_ms + game->config->pve_interval_ms;
        struct pve_attempt *pve = attempt_new(player);
        pve->reply_to = reply_to;
        pve->stage = stage;
        name_match(player);
        attempt_enter(player, PVE_CHECKING);
    }
}

void player_resume_pve(struct player *player, const struct player_login *login)
{
    struct progress_summary summary;
    if (login->pve_match_id[0] == '\0' || !progress_summary_read(login->pve_summary, &summary)) return;
    struct pve_attempt *pve = attempt_new(player);
    text_copy(pve->match_id, sizeof pve->match_id, login->pve_match_id);
    pve->summary = summary;
    attempt_enter(player, PVE_SHOWING);
}

bool player_pve_is_fighting(const struct player *player)
{
    return player->pve != NULL && player->pve->phase <= PVE_APPLYING;
}

int64_t player_pve_due_ms(const struct player *player)
{
    return player->pve == NULL ? 0 : player->pve->due_ms;
}

void player_pve_repeat(struct player *player)
{
    struct pve_attempt *pve = player->pve;
    if (pve == NULL || pve->due_ms == 0 || world_now_ms(player->home->world) < pve->due_ms) return;
    if (pve->tries >= TRIES_MAX || pve->mailed) {
        attempt_fail(player, "nobody answers");
    } else {
        attempt_ask(player);
    }
}

bool player_pve_acknowledge(struct player *player, const char *match_id, int64_t reply_to)
{
    const struct pve_attempt *pve = player->pve;
    if (pve == NULL || pve->phase != PVE_TOLD || strcmp(pve->match_id, match_id) != 0) return false;
    struct proto_result_acked told = {.reply_to = reply_to};
    text_copy(told.match_id, sizeof told.match_id, match_id);
    player_store_forget_result(player->home->world, player->player_id, match_id);
    attempt_free(player);
    session_send(player->session, SERVER_result_acked, &told);
    return true;
}
