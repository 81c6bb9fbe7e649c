#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "game_server/loadout.h"
#include "game_server/player_internal.h"
#include "game_server/progress.h"

enum { RETRY_AFTER_MS = 1000 };

static struct proto_loadout loadout_of_wish(const struct proto_set_loadout *wish)
{
    struct proto_loadout loadout = {.cards_count = wish->cards_count,
                                    .artifacts_count = wish->artifacts_count,
                                    .items_count = wish->items_count,
                                    .consumables_count = wish->consumables_count};
    memcpy(loadout.cards, wish->cards, sizeof loadout.cards);
    memcpy(loadout.artifacts, wish->artifacts, sizeof loadout.artifacts);
    memcpy(loadout.items, wish->items, sizeof loadout.items);
    memcpy(loadout.consumables, wish->consumables, sizeof loadout.consumables);
    return loadout;
}

static void take_snapshot(struct player *player, const struct proto_profile *profile,
                          const struct proto_loadout *loadout)
{
    free(player->snapshot_json);
    player->snapshot_json = NULL;
    battle_snapshot side;
    struct codec_error error;
    const battle_catalog *catalog = player->home->game->catalog;
    if (!loadout_resolve(catalog, profile, loadout, &side, &error)) {
        log_event(LOG_WARNING, "loadout_unusable", LOG_TEXT("player_id", player->player_id),
                  LOG_TEXT("place", error.place), LOG_TEXT("detail", error.detail));
        return;
    }
    struct buffer json = {0};
    loadout_snapshot_json(catalog, &side, &json);
    buffer_append_character(&json, '\0');
    player->snapshot_json = json.data;
}

void player_load_profile(struct player *player, const struct player_record *record)
{
    const struct proto_profile *profile = &record->profile;
    text_copy(player->name, sizeof player->name, profile->name);
    player->level = profile->level;
    player->ratings[MODE_normal] = profile->ratings.normal;
    player->ratings[MODE_ranked] = profile->ratings.ranked;
    player->ratings[MODE_party] = profile->ratings.party;
    memcpy(player->games, record->games, sizeof player->games);
    player->season = profile->season;
    if (player->home->season < profile->season) player->home->season = profile->season;
    take_snapshot(player, profile, &profile->loadout);
}

/* ---- a question or change on its way to Redis and back --------------------------------------------
 * The profile is too big to keep with every idle player, so each of these reads it again. */

struct profile_task {
    struct player_shard *home;
    actor_address player;
    int64_t reply_to;
    bool sets_loadout, sets_name;
    struct proto_loadout loadout;
    char name[NAME_BYTES_MAX + 1];
    struct player_record record;
};

static struct profile_task *task_new(struct player *player, int64_t reply_to)
{
    struct profile_task *task = memory_new(sizeof *task);
    task->home = player->home;
    task->player = player->address;
    task->reply_to = reply_to;
    return task;
}

static void send_profile(struct session *session, const struct proto_profile *profile, int64_t reply_to)
{
    struct proto_profile_answer answer = {.reply_to = reply_to,
                                          .level = profile->level,
                                          .has_ratings = true,
                                          .ratings = profile->ratings,
                                          .has_record = true,
                                          .record = profile->record,
                                          .has_loadout = true,
                                          .loadout = profile->loadout,
                                          .has_collection = true,
                                          .collection = profile->collection,
                                          .experience = profile->experience,
                                          .next_level_at = profile->next_level_at,
                                          .stages_count = profile->stages_count,
                                          .season = profile->season};
    memcpy(answer.stages, profile->stages, sizeof answer.stages);
    text_copy(answer.player_id, sizeof answer.player_id, profile->player_id);
    text_copy(answer.name, sizeof answer.name, profile->name);
    session_send(session, SERVER_profile, &answer);
}

static void send_loadout(struct session *session, const struct proto_loadout *loadout, int64_t reply_to)
{
    struct proto_loadout_answer answer = {.reply_to = reply_to,
                                          .cards_count = loadout->cards_count,
                                          .artifacts_count = loadout->artifacts_count,
                                          .items_count = loadout->items_count,
                                          .consumables_count = loadout->consumables_count};
    memcpy(answer.cards, loadout->cards, sizeof answer.cards);
    memcpy(answer.artifacts, loadout->artifacts, sizeof answer.artifacts);
    memcpy(answer.items, loadout->items, sizeof answer.items);
    memcpy(answer.consumables, loadout->consumables, sizeof answer.consumables);
    session_send(session, SERVER_loadout, &answer);
}

/* The player behind a task that still has somebody to tell, or NULL. */
static struct player *task_player(const struct profile_task *task)
{
    struct player *player = player_find(task->home, task->player);
    return player != NULL && player->session != NULL ? player : NULL;
}

static void task_fail(struct profile_task *task, const char *problem)
{
    struct player *player = task_player(task);
    if (player != NULL) {
        log_event(LOG_ERROR, "profile_failed", LOG_TEXT("player_id", player->player_id),
                  LOG_TEXT("problem", problem));
        session_refuse(player->session, ERROR_internal, "", task->reply_to, RETRY_AFTER_MS);
    }
    free(task);
}

/* Stored: now it is true, so the actor and the client may know. */
static void on_stored(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct profile_task *task = context;
    struct player *player = task_player(task);
    if (player == NULL) {
        free(task);
        return;
    }
    if (!redis_reply_equals(redis_reply_item(reply, 0), "OK")) {
        task_fail(task, "not stored");
        return;
    }
    struct proto_profile *profile = &task->record.profile;
    if (task->sets_name) text_copy(profile->name, sizeof profile->name, task->name);
    if (task->sets_loadout) profile->loadout = task->loadout;
    player_load_profile(player, &task->record);
    if (task->sets_loadout) {
        send_loadout(player->session, &task->loadout, task->reply_to);
    } else {
        send_profile(player->session, profile, task->reply_to);
    }
    free(task);
}

static void store_loadout(struct profile_task *task, struct player *player)
{
    battle_snapshot side;
    struct codec_error error;
    if (!loadout_resolve(task->home->game->catalog, &task->record.profile, &task->loadout, &side, &error)) {
        session_refuse(player->session, ERROR_invalid_loadout, error.place, task->reply_to, 0);
        log_event(LOG_DEBUG, "loadout_refused", LOG_TEXT("player_id", player->player_id),
                  LOG_TEXT("place", error.place), LOG_TEXT("detail", error.detail));
        free(task);
        return;
    }
    struct buffer json = {0};
    codec_encode(&json, NULL, &proto_record_loadout, &task->loadout);
    if (!player_store_set(task->home->world, player->player_id, player->connection_epoch, "loadout",
                          buffer_bytes(&json), on_stored, task, 0)) {
        task_fail(task, "too many commands wait for Redis");
    }
    buffer_free(&json);
}

static void on_profile(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct profile_task *task = context;
    struct player *player = task_player(task);
    const char *problem = "Redis did not answer";
    if (player == NULL) {
        free(task);
        return;
    }
    if (reply == NULL || !player_store_profile_read(reply, player->player_id, &task->record, &problem)) {
        task_fail(task, problem);
        return;
    }
    progress_complete(task->home->game->catalog, &task->record.profile);
    if (task->sets_loadout) {
        store_loadout(task, player);
    } else if (task->sets_name) {
        if (!player_store_set(task->home->world, player->player_id, player->connection_epoch, "name",
                              bytes_of_text(task->name), on_stored, task, 0)) {
            task_fail(task, "too many commands wait for Redis");
        }
    } else {
        send_profile(player->session, &task->record.profile, task->reply_to);
        free(task);
    }
}

static void on_refreshed(void *context, uint64_t tag, const struct redis_reply *reply)
{
    const char *problem;
    struct player *player = player_find(context, tag);
    if (player == NULL || reply == NULL) return;
    struct player_record *record = memory_new(sizeof *record);
    if (player_store_profile_read(reply, player->player_id, record, &problem)) {
        progress_complete(player->home->game->catalog, &record->profile);
        player_load_profile(player, record);
    }
    free(record);
}

void player_refresh(struct player *player)
{
    player_store_profile(player->home->world, player->player_id, on_refreshed, player->home, player->address);
}

static void task_start(struct profile_task *task, struct player *player)
{
    if (!player_store_profile(task->home->world, player->player_id, on_profile, task, 0)) {
        task_fail(task, "too many commands wait for Redis");
    }
}

void player_send_profile(struct player *player, int64_t reply_to)
{
    task_start(task_new(player, reply_to), player);
}

void player_set_name(struct player *player, const char *name, int64_t reply_to)
{
    if (!loadout_name_is_valid(name)) {
        session_refuse(player->session, ERROR_invalid_field, "name", reply_to, 0);
        return;
    }
    struct profile_task *task = task_new(player, reply_to);
    task->sets_name = true;
    text_copy(task->name, sizeof task->name, name);
    task_start(task, player);
}

void player_set_loadout(struct player *player, const struct proto_set_loadout *wish, int64_t reply_to)
{
    struct profile_task *task = task_new(player, reply_to);
    task->sets_loadout = true;
    task->loadout = loadout_of_wish(wish);
    task_start(task, player);
}

void player_send_catalog(struct player *player, const struct proto_get_catalog *wish, int64_t reply_to)
{
    const struct game *game = player->home->game;
    struct proto_catalog answer = {.reply_to = reply_to,
                                   .unchanged = strcmp(wish->version, game->catalog_version) == 0};
    text_copy(answer.version, sizeof answer.version, game->catalog_version);
    if (!answer.unchanged) answer.catalog = game->catalog_json;
    session_send(player->session, SERVER_catalog, &answer);
}
