#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/log.h"
#include "game_server/player_internal.h"

/* ---- an entry, stored with the result ------------------------------------------------------------ */

void player_history_entry(const struct player *player, struct result_effect *effect)
{
    struct proto_match_found others = {.mode = ""};
    if (player->card != NULL) player_fill_contestants(player, player->card, &others);
    struct proto_history_entry entry = {.at_ms = effect->match_made_ms,
                                        .opponents_count = others.opponents_count,
                                        .teammates_count = others.teammates_count};
    text_copy(entry.match_id, sizeof entry.match_id, player->match_id);
    text_copy(entry.mode, sizeof entry.mode, player->mode);
    text_copy(entry.outcome, sizeof entry.outcome, effect->outcome);
    memcpy(entry.opponents, others.opponents, sizeof entry.opponents);
    memcpy(entry.teammates, others.teammates, sizeof entry.teammates);
    codec_encode(&effect->history, NULL, &proto_record_history_entry, &entry);
    for (size_t i = 0; i < others.opponents_count; i++) {
        if (i > 0) buffer_append_character(&effect->opponents, ',');
        buffer_append_text(&effect->opponents, others.opponents[i].player_id);
    }
}

/* ---- the list, for the client -------------------------------------------------------------------- */

struct history_task {
    struct player_shard *home;
    actor_address player;
    int64_t reply_to;
};

static bool entry_read(const struct redis_reply *reply, struct proto_history_entry *out)
{
    struct codec_error error;
    struct codec_document *document = codec_open(redis_reply_text(reply), &codec_limits_internal, &error);
    bool read = document != NULL && codec_decode(document, &proto_record_history_entry, out, &error);
    codec_close(document);
    return read;
}

static void send_history(struct player *player, const struct redis_reply *reply, int64_t reply_to)
{
    struct proto_history *history = memory_new(sizeof *history);
    history->reply_to = reply_to;
    for (size_t i = 0; i < reply->count && history->matches_count < HISTORY_MAX; i++) {
        struct proto_history_entry *entry = &history->matches[history->matches_count];
        if (entry_read(&reply->items[i], entry)) {
            history->matches_count++;
            continue;
        }
        memset(entry, 0, sizeof *entry);
        log_event(LOG_ERROR, "history_unreadable", LOG_TEXT("player_id", player->player_id),
                  LOG_INT("entry", (int64_t)i));
    }
    session_send(player->session, SERVER_history, history);
    free(history);
}

static void on_history(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct history_task *task = context;
    struct player *player = player_find(task->home, task->player);
    if (player == NULL || player->session == NULL) {
        /* nobody is left to tell */
    } else if (reply == NULL || reply->type != REDIS_ARRAY) {
        session_refuse(player->session, ERROR_internal, "", task->reply_to, 1000);
    } else {
        send_history(player, reply, task->reply_to);
    }
    free(task);
}

void player_send_history(struct player *player, int64_t limit, int64_t reply_to)
{
    struct history_task *task = memory_new(sizeof *task);
    *task = (struct history_task){player->home, player->address, reply_to};
    if (limit == 0) limit = HISTORY_MAX;
    if (player_store_history(player->home->world, player->player_id, limit, on_history, task, 0)) return;
    session_refuse(player->session, ERROR_internal, "", reply_to, 1000);
    free(task);
}
