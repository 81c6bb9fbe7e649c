#include <stdlib.h>
#include <string.h>

#include "common/gzip.h"
#include "common/ids.h"
#include "common/log.h"
#include "game_server/player_internal.h"

struct shared_bytes *timeline_frame(const char *match_id, struct bytes compressed)
{
    struct shared_bytes *frame = shared_bytes_new(TIMELINE_HEADER_BYTES + compressed.length);
    char *at = shared_bytes_write(frame);
    ids_uuid_to_bytes(match_id, (uint8_t *)at);
    memcpy(at + TIMELINE_HEADER_BYTES, compressed.data, compressed.length);
    return frame;
}

static void send_expanded(struct session *session, enum server_message message, const void *record,
                          struct bytes *timeline, struct shared_bytes *frame)
{
    struct bytes compressed = shared_bytes_read(frame);
    compressed.data += TIMELINE_HEADER_BYTES;
    compressed.length -= TIMELINE_HEADER_BYTES;
    struct buffer plain = {0};
    if (gzip_expand(compressed, TIMELINE_BYTES_MAX, &plain)) {
        *timeline = buffer_bytes(&plain);
    } else {
        log_event(LOG_ERROR, "timeline_unreadable", LOG_TEXT("session_id", session->session_id));
    }
    session_send(session, message, record);
    buffer_free(&plain);
}

void session_send_timeline(struct session *session, enum server_message message, const void *record,
                           char *encoding, struct bytes *timeline, struct shared_bytes *frame)
{
    if (!session->gzip) {
        send_expanded(session, message, record, timeline, frame);
        return;
    }
    strcpy(encoding, "gzip");
    session_send(session, message, record);
    ws_conn_send_shared(session->conn, frame);
}

/* ---- replays ------------------------------------------------------------------------------------- */

struct replay_task {
    struct player_shard *home;
    actor_address player;
    struct proto_replay replay;
};

static void on_replay(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct replay_task *task = context;
    struct player *player = player_find(task->home, task->player);
    struct proto_replay *replay = &task->replay;
    struct stored_result stored;
    if (player == NULL || player->session == NULL) {
        /* nobody is left to tell */
    } else if (reply == NULL) {
        session_refuse(player->session, ERROR_internal, "", replay->reply_to, 1000);
    } else if (!player_store_result_read(reply, &stored)) {
        session_refuse(player->session, ERROR_not_found, "match_id", replay->reply_to, 0);
    } else {
        struct shared_bytes *frame = timeline_frame(replay->match_id, stored.timeline);
        session_send_timeline(player->session, SERVER_replay, replay, replay->timeline_encoding,
                              &replay->timeline, frame);
        shared_bytes_release(frame);
    }
    free(task);
}

void player_send_replay(struct player *player, const char *match_id, int64_t reply_to)
{
    uint8_t bytes[IDS_UUID_BYTES];
    if (!ids_uuid_to_bytes(match_id, bytes)) {
        session_refuse(player->session, ERROR_not_found, "match_id", reply_to, 0);
        return;
    }
    struct replay_task *task = memory_new(sizeof *task);
    task->home = player->home;
    task->player = player->address;
    task->replay.reply_to = reply_to;
    text_copy(task->replay.match_id, sizeof task->replay.match_id, match_id);
    if (player_store_result(player->home->world, match_id, on_replay, task, 0)) return;
    session_refuse(player->session, ERROR_internal, "", reply_to, 1000);
    free(task);
}
