#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/ids.h"
#include "common/log.h"
#include "match_server/matchmaker_internal.h"

static void chunk_read(struct matchmaker *matchmaker);

/* ---- following the log --------------------------------------------------------------------------- */

const char *matchmaker_log_position(const struct matchmaker *matchmaker)
{
    return matchmaker->log_id[0] == '\0' ? NULL : matchmaker->log_id;
}

static void compare_counts(struct matchmaker *matchmaker)
{
    if (matchmaker->mark_id[0] == '\0' || strcmp(matchmaker->mark_id, matchmaker->log_id) != 0) return;
    matchmaker->mark_id[0] = '\0';
    bool same = (int64_t)mirror_count(matchmaker->mirror) == matchmaker->mark_count;
    matchmaker->differences = same ? 0 : matchmaker->differences + 1;
    if (matchmaker->differences < 2) return;
    log_event(LOG_WARNING, "mirror_differs", LOG_TEXT("mode", matchmaker->mode->name),
              LOG_INT("mirror", mirror_count(matchmaker->mirror)), LOG_INT("queue", matchmaker->mark_count));
    matchmaker_rebuild(matchmaker);
}

static bool read_player_id(struct bytes text, char out[PLAYER_ID_MAX + 1])
{
    if (text.length == 0 || text.length > PLAYER_ID_MAX) return false;
    bytes_copy(out, PLAYER_ID_MAX + 1, text);
    return true;
}

/* Is entry `id` behind entry `other` in the log? Ids are "<ms>-<number>". */
static bool is_after(const char *id, const char *other)
{
    char *id_rest, *other_rest;
    unsigned long long id_ms = strtoull(id, &id_rest, 10), other_ms = strtoull(other, &other_rest, 10);
    if (id_ms != other_ms) return id_ms > other_ms;
    unsigned long long id_number = *id_rest == '-' ? strtoull(id_rest + 1, NULL, 10) : 0;
    unsigned long long other_number = *other_rest == '-' ? strtoull(other_rest + 1, NULL, 10) : 0;
    return id_number > other_number;
}

/* An entry is a list of changes: "+" and a waiter's line, or "-" and a player id. One that a read from before
 * a rebuild brings again has been in the sorted set when that was read. */
void matchmaker_log_entry(struct matchmaker *matchmaker, struct bytes id, const struct redis_reply *fields)
{
    char entry_id[STREAM_ID_SIZE];
    bytes_copy(entry_id, sizeof entry_id, id);
    if (matchmaker->log_id[0] == '\0' || !is_after(entry_id, matchmaker->log_id)) return;
    if (fields == NULL || fields->type != REDIS_ARRAY) return;
    for (size_t i = 0; i + 1 < fields->count; i += 2) {
        struct ticket ticket;
        char player_id[PLAYER_ID_MAX + 1];
        struct bytes value = redis_reply_text(&fields->items[i + 1]);
        if (redis_reply_equals(&fields->items[i], "+") && ticket_parse(value, &ticket)) {
            mirror_put(matchmaker->mirror, &ticket);
        } else if (redis_reply_equals(&fields->items[i], "-") && read_player_id(value, player_id)) {
            mirror_remove(matchmaker->mirror, player_id);
        } else {
            server_bad_reply(matchmaker->server, "queue log", &fields->items[i + 1]);
        }
    }
    text_copy(matchmaker->log_id, sizeof matchmaker->log_id, entry_id);
    compare_counts(matchmaker);
}

void matchmaker_log_caught_up(struct matchmaker *matchmaker)
{
    matchmaker_pass(matchmaker);
}

/* ---- comparing with the queue -------------------------------------------------------------------- */

static void recount_later(struct matchmaker *matchmaker)
{
    struct world *world = matchmaker->server->world;
    world_timer_set(world, &matchmaker->recount_timer, world_now_ms(world) + RECOUNT_MS);
}

static void on_recounted(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct matchmaker *matchmaker = context;
    struct answer answer;
    FAULT_POINT(after_queue_mark);
    if (tag != matchmaker->generation) return;
    if (!server_answer(matchmaker->server, SCRIPT_queue_mark, reply, &answer)) return;
    if (!redis_reply_integer(redis_reply_item(reply, 1), &matchmaker->mark_count)) return;
    bytes_copy(matchmaker->mark_id, sizeof matchmaker->mark_id, answer.second);
    int metric = matchmaker->mode->metric;
    if (metric >= 0) {
        metrics_set(matchmaker->server->metrics, METRIC_queue_players_normal + (size_t)metric,
                    matchmaker->mark_count);
    }
    compare_counts(matchmaker);
}

static bool ask_mark(struct matchmaker *matchmaker, world_reply_fn *reply)
{
    struct script_call *call = &matchmaker->server->call;
    script_call_start(call, matchmaker->server->world);
    script_call_key(call, KEY_queue, matchmaker->mode->name);
    script_call_key(call, KEY_queue_log, matchmaker->mode->name);
    script_call_text(call, "");
    FAULT_POINT(before_queue_mark);
    return script_call_send(call, SCRIPT_queue_mark, reply, matchmaker, matchmaker->generation);
}

void matchmaker_recount_timer(struct timer *timer)
{
    struct matchmaker *matchmaker = container_of(timer, struct matchmaker, recount_timer);
    recount_later(matchmaker);
    if (matchmaker->log_id[0] == '\0') {
        matchmaker_rebuild(matchmaker); /* the last attempt failed */
        return;
    }
    if (!matchmaker->rebuilding) {
        ask_mark(matchmaker, on_recounted);
        matchmaker_put_strays_out(matchmaker);
    }
    matchmaker_pass(matchmaker);
}

/* ---- one waiter ---------------------------------------------------------------------------------- */

/* A question about one waiter: what its metadata says. */
struct lookup {
    struct matchmaker *matchmaker;
    uint64_t generation;
    bool of_chunk;
    char player_id[PLAYER_ID_MAX + 1];
    int64_t q_ms;
};

static const char *const lookup_fields[] = {"st", "mode", "ver", "mmr", "sh", "pod", "opp", "device", "mate"};

/* A waiter that cannot be read is kept with version 0: the commit finds it out and puts it out. */
static struct ticket ticket_of(const struct lookup *lookup, const struct redis_reply *reply)
{
    struct ticket ticket = {.q_ms = lookup->q_ms, .state = TICKET_FREE};
    text_copy(ticket.player_id, sizeof ticket.player_id, lookup->player_id);
    ticket.player = ticket_hash(bytes_of_text(ticket.player_id));
    redis_reply_integer(redis_reply_item(reply, 2), &ticket.version);
    redis_reply_integer(redis_reply_item(reply, 3), &ticket.rating);
    bytes_copy(ticket.snapshot_sha256, sizeof ticket.snapshot_sha256,
               redis_reply_text(redis_reply_item(reply, 4)));
    bytes_copy(ticket.pod_id, sizeof ticket.pod_id, redis_reply_text(redis_reply_item(reply, 5)));
    ticket_set_opponents(&ticket, redis_reply_text(redis_reply_item(reply, 6)));
    ticket.device = ticket_hash(redis_reply_text(redis_reply_item(reply, 7)));
    struct bytes mate = redis_reply_text(redis_reply_item(reply, 8));
    if (ids_is_player_id(mate)) read_player_id(mate, ticket.mate_id);
    if (ticket.version < 0) ticket.version = 0;
    return ticket;
}

static void chunk_done(struct matchmaker *matchmaker);

static void on_looked_up(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)tag;
    struct lookup *lookup = context;
    struct matchmaker *matchmaker = lookup->matchmaker;
    bool current = lookup->generation == matchmaker->generation;
    if (current && reply != NULL) {
        struct ticket ticket = ticket_of(lookup, reply);
        bool moved_on = !redis_reply_equals(redis_reply_item(reply, 0), "queued") && ticket.version > 0;
        if (!moved_on) mirror_put(matchmaker->mirror, &ticket);
    }
    if (current && lookup->of_chunk) {
        if (reply == NULL) {
            matchmaker_unfollow(matchmaker); /* the recount timer starts it again */
        } else if (--matchmaker->chunk_unread == 0) {
            chunk_done(matchmaker);
        }
    } else if (current) {
        matchmaker_pass(matchmaker);
    }
    free(lookup);
}

static bool look_up(struct matchmaker *matchmaker, const char *player_id, int64_t q_ms, bool of_chunk)
{
    struct world *world = matchmaker->server->world;
    struct lookup *lookup = memory_new(sizeof *lookup);
    *lookup = (struct lookup){
        .matchmaker = matchmaker, .generation = matchmaker->generation, .of_chunk = of_chunk, .q_ms = q_ms};
    text_copy(lookup->player_id, sizeof lookup->player_id, player_id);
    struct redis_name key = proto_key_name(KEY_metadata, world->key_prefix, player_id);
    struct bytes command[2 + ARRAY_LENGTH(lookup_fields)] = {bytes_of_text("HMGET"), {key.text, key.length}};
    for (size_t i = 0; i < ARRAY_LENGTH(lookup_fields); i++) command[2 + i] = bytes_of_text(lookup_fields[i]);
    bool sent = world_command(world, command, ARRAY_LENGTH(command), on_looked_up, lookup, 0);
    if (!sent) free(lookup);
    return sent;
}

void matchmaker_refresh(struct matchmaker *matchmaker, const struct ticket *ticket)
{
    if (ticket->version > 0) look_up(matchmaker, ticket->player_id, ticket->q_ms, false);
}

/* ---- rebuilding ---------------------------------------------------------------------------------- */

void matchmaker_unfollow(struct matchmaker *matchmaker)
{
    matchmaker->generation++;
    matchmaker->log_id[0] = matchmaker->mark_id[0] = '\0';
    matchmaker->rebuilding = false;
    matchmaker->differences = 0;
    mirror_clear(matchmaker->mirror);
    if (matchmaker->lock[0] == '\0') {
        world_timer_cancel(matchmaker->server->world, &matchmaker->recount_timer);
    }
}

static void rebuild_done(struct matchmaker *matchmaker)
{
    matchmaker->rebuilding = false;
    matchmaker->rebuilt_until_ms = INT64_MAX;
    log_event(LOG_INFO, "mirror_built", LOG_TEXT("mode", matchmaker->mode->name),
              LOG_INT("players", mirror_count(matchmaker->mirror)));
    matchmaker_pass(matchmaker);
}

static void chunk_done(struct matchmaker *matchmaker)
{
    FAULT_POINT(during_rebuild);
    if (matchmaker->chunk_is_last) {
        rebuild_done(matchmaker);
        return;
    }
    matchmaker->rebuilt_until_ms = matchmaker->chunk_from_ms - 1;
    matchmaker_pass(matchmaker);
    chunk_read(matchmaker);
}

/* The next chunk starts at the time of the last waiter of this one, who is then read twice: a position by
 * rank would skip waiters when others leave meanwhile. A chunk of one single time grows until it has two. */
static void on_chunk(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct matchmaker *matchmaker = context;
    if (tag != matchmaker->generation) return;
    if (reply == NULL || reply->type != REDIS_ARRAY) {
        if (reply != NULL) server_bad_reply(matchmaker->server, "rebuild", reply);
        matchmaker_unfollow(matchmaker);
        return;
    }
    int64_t last_ms = matchmaker->chunk_from_ms;
    size_t count = reply->count / 2;
    matchmaker->chunk_is_last = count < matchmaker->chunk_max;
    matchmaker->chunk_unread = 1; /* ours, until all questions are on their way */
    for (size_t i = 0; i < count; i++) {
        char player_id[PLAYER_ID_MAX + 1];
        if (!read_player_id(redis_reply_text(&reply->items[2 * i]), player_id)) continue;
        if (!redis_reply_integer(&reply->items[2 * i + 1], &last_ms)) continue;
        if (mirror_find(matchmaker->mirror, player_id) != NULL) continue;
        if (!look_up(matchmaker, player_id, last_ms, true)) {
            matchmaker_unfollow(matchmaker);
            return;
        }
        matchmaker->chunk_unread++;
    }
    matchmaker->chunk_max = last_ms == matchmaker->chunk_from_ms ? 2 * matchmaker->chunk_max : CHUNK_MIN;
    matchmaker->chunk_from_ms = last_ms;
    if (--matchmaker->chunk_unread == 0) chunk_done(matchmaker);
}

static void chunk_read(struct matchmaker *matchmaker)
{
    struct world *world = matchmaker->server->world;
    char from[24], limit[24];
    snprintf(from, sizeof from, "%lld", (long long)matchmaker->chunk_from_ms);
    snprintf(limit, sizeof limit, "%zu", matchmaker->chunk_max);
    struct redis_name key = proto_key_name(KEY_queue, world->key_prefix, matchmaker->mode->name);
    struct bytes command[] = {
        bytes_of_text("ZRANGEBYSCORE"), {key.text, key.length}, bytes_of_text(from), bytes_of_text("+inf"),
        bytes_of_text("WITHSCORES"),    bytes_of_text("LIMIT"), bytes_of_text("0"),  bytes_of_text(limit)};
    if (!world_command(world, command, ARRAY_LENGTH(command), on_chunk, matchmaker, matchmaker->generation)) {
        matchmaker_unfollow(matchmaker);
    }
}

/* From here on the log is followed, so that nothing is missed while the chunks are read. */
static void on_marked(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct matchmaker *matchmaker = context;
    struct answer answer;
    FAULT_POINT(after_queue_mark);
    if (tag != matchmaker->generation) return;
    if (!server_answer(matchmaker->server, SCRIPT_queue_mark, reply, &answer)) return;
    bytes_copy(matchmaker->log_id, sizeof matchmaker->log_id, answer.second);
    matchmaker->rebuilding = true;
    matchmaker->rebuilt_until_ms = -1;
    matchmaker->chunk_from_ms = 0;
    matchmaker->chunk_max = CHUNK_MIN;
    follower_wake(&matchmaker->server->follower);
    chunk_read(matchmaker);
}

void matchmaker_rebuild(struct matchmaker *matchmaker)
{
    matchmaker_unfollow(matchmaker);
    metrics_add(matchmaker->server->metrics, METRIC_mirror_rebuilds, 1);
    recount_later(matchmaker);
    ask_mark(matchmaker, on_marked);
}
