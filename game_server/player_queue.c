#include "game_server/player_internal.h"
#include "game_server/queue_window.h"

/* Place and size are read from the sorted set itself, one call per waiting player and period: game_server may
 * read matchmaking keys, and a count kept anywhere else would drift. The script also tells the time, that of
 * enqueued_at_ms, from which the window is computed. */

/* How long of the time since then nobody aged. */
static int64_t paused_ms(const struct proto_maintenance_news *news, int64_t since_ms, int64_t now_ms)
{
    int64_t sum_ms = 0;
    for (size_t i = 0; i < news->pauses_count; i++) {
        int64_t from_ms = news->pauses[i].from_ms > since_ms ? news->pauses[i].from_ms : since_ms;
        if (news->pauses[i].to_ms > from_ms) sum_ms += news->pauses[i].to_ms - from_ms;
    }
    int64_t from_ms = news->since_ms > since_ms ? news->since_ms : since_ms;
    return news->active && now_ms > from_ms ? sum_ms + now_ms - from_ms : sum_ms;
}

/* As the matcher does it: a maintenance counts for nobody, and while it lasts no window widens. */
static void add_window(const struct player *player, int64_t now_ms, struct proto_queue_status *status)
{
    if (player->window_count == 0) return;
    const struct proto_maintenance_news *news = &player->home->maintenance;
    int64_t pause_ms = paused_ms(news, player->enqueued_at_ms, now_ms);
    struct queue_window window = queue_window_at(player->windows, player->window_count, player_rating(player),
                                                 player->enqueued_at_ms + pause_ms, now_ms);
    status->window = window.range;
    status->has_window = true;
    status->next_window_at_ms = news->active ? 0 : window.widens_at_ms;
}

static void on_place(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct player *player = player_find(context, tag);
    int64_t rank, size, now_ms;
    if (player == NULL || player->session == NULL || player->state != STATE_queued) return;
    if (!redis_reply_integer(redis_reply_item(reply, 0), &rank)) return;
    if (!redis_reply_integer(redis_reply_item(reply, 1), &size)) return;
    if (!redis_reply_integer(redis_reply_item(reply, 2), &now_ms)) return;
    struct proto_queue_status status = {.position = rank + 1,
                                        .queue_size = size,
                                        .estimated_wait_ms = player->estimated_wait_ms,
                                        .enqueued_at_ms = player->enqueued_at_ms};
    add_window(player, now_ms, &status);
    text_copy(status.mode, sizeof status.mode, player->mode);
    session_send(player->session, SERVER_queue_status, &status);
}

void player_queue_status(struct player *player)
{
    struct world *world = player->home->world;
    player->status_at_ms = world_now_ms(world) + player->home->game->config->session_queue_status_ms;
    struct redis_name queue = proto_key_name(KEY_queue, world->key_prefix, player->mode);
    struct bytes keys[] = {{queue.text, queue.length}};
    struct bytes arguments[] = {bytes_of_text(""), bytes_of_text(player->player_id)};
    world_script(world, SCRIPT_queue_place, keys, 1, arguments, ARRAY_LENGTH(arguments), on_place,
                 player->home, player->address);
}
