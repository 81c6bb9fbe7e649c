/* Leaderboards. The best places of a mode are read once in season.leaderboard_cache_ms for all players of a shard;
 * a player's own place, and those around him, are read when he asks. One question of a player at a time, so what
 * Redis is asked is bounded by the players and by their rate of messages. */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "game_server/player_internal.h"
#include "game_server/season_store.h"

enum { PLACES_DEFAULT = 10, RETRY_AFTER_MS = 1000, ENTRIES_FIRST = 4 };

/* The best places of a mode as they were read last. */
struct board {
    int64_t season; /* 0: never read */
    int64_t read_at_ms;
    size_t count;
    struct proto_standing places[LEADERBOARD_MAX];
};

struct boards {
    struct board modes[MODE_COUNT];
};

/* A question between its replies. */
struct board_task {
    struct player_shard *home;
    actor_address player;
    enum mode mode;
    bool around, cached; /* the places come from the cache; only the player's own is asked for */
    size_t limit;
    struct proto_leaderboard answer;
};

void boards_close(struct boards *boards)
{
    free(boards);
}

static struct board *board_of(struct player_shard *home, enum mode mode)
{
    if (home->boards == NULL) home->boards = memory_new(sizeof *home->boards);
    return &home->boards->modes[mode];
}

static struct player *task_player(const struct board_task *task)
{
    struct player *player = player_find(task->home, task->player);
    return player != NULL && player->session != NULL ? player : NULL;
}

static void task_end(struct board_task *task)
{
    struct player *player = player_find(task->home, task->player);
    if (player != NULL) player->asked_for_board = false;
    free(task);
}

static void task_fail(struct board_task *task)
{
    struct player *player = task_player(task);
    if (player != NULL)
        session_refuse(player->session, ERROR_internal, "", task->answer.reply_to, RETRY_AFTER_MS);
    task_end(task);
}

static void task_send(struct board_task *task)
{
    struct player *player = task_player(task);
    if (player != NULL) session_send(player->session, SERVER_leaderboard, &task->answer);
    task_end(task);
}

/* ---- names --------------------------------------------------------------------------------------- */

static void board_keep(const struct board_task *task)
{
    struct board *board = board_of(task->home, task->mode);
    board->season = task->answer.season;
    board->read_at_ms = world_now_ms(task->home->world);
    board->count = task->answer.entries_count;
    memcpy(board->places, task->answer.entries, sizeof board->places);
}

static void task_complete(struct board_task *task)
{
    if (!task->around) board_keep(task);
    if (task->answer.entries_count > task->limit) task->answer.entries_count = task->limit;
    task_send(task);
}

/* Whoever has no name that can be read is called by his id. */
static void on_names(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct board_task *task = context;
    if (reply == NULL || reply->type != REDIS_ARRAY) {
        task_fail(task);
        return;
    }
    for (size_t i = 0; i < task->answer.entries_count; i++) {
        struct proto_standing *place = &task->answer.entries[i];
        struct bytes name = redis_reply_text(redis_reply_item(reply, i));
        if (name.length == 0 || name.length >= sizeof place->name) {
            text_copy(place->name, sizeof place->name, place->player_id);
        } else {
            memcpy(place->name, name.data, name.length);
            place->name[name.length] = '\0';
        }
    }
    task_complete(task);
}

/* ---- places -------------------------------------------------------------------------------------- */

static bool read_own(struct board_task *task, const struct redis_reply *reply)
{
    struct proto_leaderboard *answer = &task->answer;
    if (!redis_reply_integer(redis_reply_item(reply, 0), &answer->players) ||
        !redis_reply_integer(redis_reply_item(reply, 1), &answer->you.rank) ||
        !redis_reply_integer(redis_reply_item(reply, 2), &answer->you.rating)) {
        return false;
    }
    const struct player *player = task_player(task);
    answer->has_you = answer->you.rank > 0 && player != NULL;
    if (!answer->has_you) return true;
    text_copy(answer->you.player_id, sizeof answer->you.player_id, player->player_id);
    text_copy(answer->you.name, sizeof answer->you.name, player->name);
    return true;
}

static bool read_places(struct proto_leaderboard *answer, const struct redis_reply *reply)
{
    int64_t first;
    if (!redis_reply_integer(redis_reply_item(reply, 3), &first)) return false;
    for (size_t i = ENTRIES_FIRST; i + 1 < reply->count && answer->entries_count < LEADERBOARD_MAX; i += 2) {
        struct proto_standing *place = &answer->entries[answer->entries_count];
        struct bytes id = redis_reply_text(&reply->items[i]);
        if (id.length == 0 || id.length >= sizeof place->player_id ||
            !redis_reply_integer(&reply->items[i + 1], &place->rating)) {
            return false;
        }
        memcpy(place->player_id, id.data, id.length);
        place->player_id[id.length] = '\0';
        place->rank = first + (int64_t)answer->entries_count++;
    }
    return true;
}

static void on_board(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct board_task *task = context;
    struct proto_leaderboard *answer = &task->answer;
    if (reply == NULL || reply->type != REDIS_ARRAY || !read_own(task, reply) ||
        (!task->cached && !read_places(answer, reply))) {
        task_fail(task);
    } else if (task->cached) {
        task_send(task);
    } else if (answer->entries_count == 0) {
        task_complete(task);
    } else if (!season_store_names(task->home->world, answer->entries, answer->entries_count, on_names, task,
                                   0)) {
        task_fail(task);
    }
}

/* ---- asking -------------------------------------------------------------------------------------- */

static enum mode rated_mode_named(const char *name)
{
    if (strcmp(name, "ranked") == 0) return MODE_ranked;
    return strcmp(name, "party") == 0 ? MODE_party : MODE_COUNT;
}

static void take_cached(struct board_task *task)
{
    const struct board *board = board_of(task->home, task->mode);
    int64_t age_ms = world_now_ms(task->home->world) - board->read_at_ms;
    bool fresh = board->season == task->answer.season &&
                 age_ms < task->home->game->config->season_leaderboard_cache_ms;
    task->cached = fresh && !task->around;
    if (!task->cached) return;
    task->answer.entries_count = board->count < task->limit ? board->count : task->limit;
    memcpy(task->answer.entries, board->places, task->answer.entries_count * sizeof board->places[0]);
}

void player_send_board(struct player *player, const struct proto_get_leaderboard *wish, int64_t reply_to)
{
    struct player_shard *home = player->home;
    enum mode mode = rated_mode_named(wish->mode);
    if (mode == MODE_COUNT) {
        session_refuse(player->session, ERROR_unknown_mode, "mode", reply_to, 0);
        return;
    }
    if (player->asked_for_board) {
        session_refuse(player->session, ERROR_rate_limited, "", reply_to, RETRY_AFTER_MS);
        return;
    }
    struct board_task *task = memory_new(sizeof *task);
    *task =
        (struct board_task){.home = home, .player = player->address, .mode = mode, .around = wish->around};
    task->limit = wish->limit > 0 ? (size_t)wish->limit : PLACES_DEFAULT;
    task->answer.reply_to = reply_to;
    task->answer.season = home->season;
    text_copy(task->answer.mode, sizeof task->answer.mode, wish->mode);
    take_cached(task);
    player->asked_for_board = true;
    int64_t places = task->cached ? 0 : task->around ? (int64_t)task->limit : LEADERBOARD_MAX;
    if (!season_store_board(home->world, home->season, wish->mode, player->player_id, wish->around, places,
                            on_board, task, 0)) {
        task_fail(task);
    }
}
