#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/redis_handshake.h"
#include "common/redis_link_private.h"

static bool error_starts_with(const struct redis_reply *reply, const char *code)
{
    size_t length = strlen(code);
    return redis_reply_is_error(reply) && reply->length >= length && memcmp(reply->text, code, length) == 0;
}

/* The one place where a command ends. It has left the pipeline already, so the owner may issue new ones. */
static void tell(struct redis_link *link, const struct redis_pending *pending,
                 const struct redis_reply *reply, int64_t now_us)
{
    if (reply == NULL) {
        link->counters.unknown++;
    } else {
        uint64_t time_us = now_us > pending->issued_us ? (uint64_t)(now_us - pending->issued_us) : 0;
        if (link->timed != NULL) link->timed(link->timed_context, pending->script, time_us);
    }
    redis_reply_fn *callback = (redis_reply_fn *)pending->reply;
    callback(pending->context, pending->tag, reply);
}

/* Tells what was held back, or that nobody knows. A callback may close the link, which empties the row. */
static void release_held(struct redis_link *link, bool safe, int64_t now_us)
{
    struct redis_held_answer answer;
    while (redis_held_pop(&link->held, &answer)) {
        tell(link, &answer.pending, safe ? answer.reply : NULL, now_us);
        free(answer.reply);
    }
}

static void end_wait(struct redis_link *link, const struct redis_reply *reply, int64_t now_us)
{
    int64_t replicas = 0;
    bool safe = redis_reply_integer(reply, &replicas) && replicas >= (int64_t)link->config.replicas_min;
    link->waits--;
    link->counters.waits_short += !safe;
    release_held(link, safe, now_us);
}

static void finish(struct redis_link *link, const struct redis_pending *pending,
                   const struct redis_reply *reply, int64_t now_us)
{
    switch (pending->purpose) {
    case REDIS_FOR_SCRIPT_LOAD: link->script_reloading[pending->script] = false; return;
    case REDIS_FOR_WAIT: end_wait(link, reply, now_us); return;
    case REDIS_FOR_OWNER: break;
    default: return;
    }
    if (reply != NULL && link->waits > 0) redis_held_push(&link->held, *pending, reply);
    else tell(link, pending, reply, now_us);
}

void redis_link_give_up(struct redis_link *link, size_t count)
{
    release_held(link, false, 0);
    for (; count > 0 && link->work.count > 0; count--) {
        struct redis_pending pending = redis_pipeline_pop(&link->work);
        finish(link, &pending, NULL, 0);
    }
}

static int64_t deadline_ms(const struct redis_link *link, int64_t now_us)
{
    int timeout_ms = link->config.command_timeout_ms;
    return timeout_ms > 0 ? now_us / 1000 + timeout_ms : INT64_MAX;
}

/* ---- time limits ---- */

static void on_command_timer(uv_timer_t *timer);

/* The timer is armed for the front and looked at again only when it fires: replies never touch it. */
static void arm_command_timer(struct redis_link *link, int64_t now_ms)
{
    bool armed = uv_is_active((uv_handle_t *)&link->command_timer);
    if (link->state == LINK_CLOSED || armed || link->config.command_timeout_ms <= 0 || link->work.count == 0)
        return;
    int64_t left_ms = redis_pipeline_front(&link->work)->deadline_ms - now_ms;
    uv_update_time(link->loop);
    uv_timer_start(&link->command_timer, on_command_timer, left_ms > 0 ? (uint64_t)left_ms : 0, 0);
}

static void on_command_timer(uv_timer_t *timer)
{
    struct redis_link *link = timer->data;
    int64_t now_ms = clock_monotonic_ms();
    while (link->work.count > 0 && redis_pipeline_front(&link->work)->deadline_ms <= now_ms) {
        link->counters.timeouts++;
        if (link->work.sent_count > 0)
            /* The reply may still come and would be taken for the next command's: the stream is useless. */
            redis_link_lose(link, "a command was not answered in time", NULL);
        else redis_link_give_up(link, 1);
    }
    arm_command_timer(link, now_ms);
}

/* ---- commands out ---- */

static bool has_room(struct redis_link *link)
{
    bool room = link->state != LINK_CLOSED && !redis_link_is_subscriber(link) &&
                link->breaker == REDIS_BREAKER_CLOSED && link->work.count < link->config.pending_max &&
                redis_pipeline_bytes(&link->work) < link->config.pending_bytes_max;
    link->counters.refused += !room;
    return room;
}

static void issue(struct redis_link *link, struct redis_pending pending, redis_reply_fn *reply)
{
    pending.purpose = REDIS_FOR_OWNER;
    pending.reply = (void *)reply;
    pending.issued_us = clock_monotonic_us();
    pending.deadline_ms = deadline_ms(link, pending.issued_us);
    redis_pipeline_end(&link->work, pending);
    link->counters.commands++;
    arm_command_timer(link, pending.issued_us / 1000);
}

bool redis_link_command(struct redis_link *link, const struct bytes *arguments, size_t count,
                        redis_reply_fn *reply, void *context, uint64_t tag)
{
    check(count > 0 && reply != NULL);
    if (!has_room(link)) return false;
    redis_pipeline_begin(&link->work, count);
    for (size_t i = 0; i < count; i++) redis_pipeline_argument(&link->work, arguments[i]);
    issue(link, (struct redis_pending){.script = REDIS_NO_SCRIPT, .context = context, .tag = tag}, reply);
    return true;
}

bool redis_link_script(struct redis_link *link, unsigned script, const struct bytes *keys, size_t key_count,
                       const struct bytes *arguments, size_t argument_count, redis_reply_fn *reply,
                       void *context, uint64_t tag)
{
    check(link->config.scripts != NULL && script < link->config.scripts->count && reply != NULL);
    if (!has_room(link)) return false;
    char count_text[24];
    snprintf(count_text, sizeof count_text, "%zu", key_count);
    redis_pipeline_begin(&link->work, 3 + key_count + argument_count);
    redis_pipeline_argument(&link->work, bytes_of_text("EVALSHA"));
    redis_pipeline_argument(&link->work, bytes_of_text(link->config.scripts->scripts[script].sha1));
    redis_pipeline_argument(&link->work, bytes_of_text(count_text));
    for (size_t i = 0; i < key_count; i++) redis_pipeline_argument(&link->work, keys[i]);
    for (size_t i = 0; i < argument_count; i++) redis_pipeline_argument(&link->work, arguments[i]);
    link->counters.scripts++;
    link->wait_due = true;
    issue(link, (struct redis_pending){.script = (int)script, .context = context, .tag = tag}, reply);
    return true;
}

/* One WAIT behind all scripts of this turn. */
static void append_wait(struct redis_link *link)
{
    char replicas[16], wait_ms[16];
    int64_t now_us = clock_monotonic_us();
    if (!link->wait_due || link->config.replicas_min == 0) return;
    snprintf(replicas, sizeof replicas, "%u", link->config.replicas_min);
    snprintf(wait_ms, sizeof wait_ms, "%d", link->config.wait_ms);
    redis_pipeline_begin(&link->work, 3);
    redis_pipeline_argument(&link->work, bytes_of_text("WAIT"));
    redis_pipeline_argument(&link->work, bytes_of_text(replicas));
    redis_pipeline_argument(&link->work, bytes_of_text(wait_ms));
    redis_pipeline_end(&link->work, (struct redis_pending){.purpose = REDIS_FOR_WAIT,
                                                           .script = REDIS_NO_SCRIPT,
                                                           .issued_us = now_us,
                                                           .deadline_ms = deadline_ms(link, now_us)});
    link->wait_due = false;
    link->waits++;
    link->counters.waits++;
}

void redis_link_write_pending(struct redis_link *link)
{
    if (link->state == LINK_READY) append_wait(link);
    struct redis_pipeline *pipeline = link->state == LINK_READY ? &link->work : &link->handshake;
    if (link->state != LINK_READY && link->state != LINK_PREPARING) return;
    for (;;) {
        struct bytes unsent = redis_pipeline_unsent(pipeline);
        size_t taken = unsent.length == 0 ? 0 : redis_stream_write(link->stream, unsent);
        if (taken == 0) return;
        redis_pipeline_mark_sent(pipeline, taken);
        link->counters.writes++;
        link->counters.bytes_out += taken;
    }
}

/* ---- replies in ---- */

/* Redis lost its scripts while we were connected (SCRIPT FLUSH). Everything sent before the SCRIPT LOAD fails
 * the same way and is answered before it, so one load per script is enough. */
static void repeat_script(struct redis_link *link, int64_t now_us)
{
    const struct redis_pending *front = redis_pipeline_front(&link->work);
    unsigned script = (unsigned)front->script;
    if (!link->script_reloading[script]) {
        struct redis_pending load = {.issued_us = now_us, .deadline_ms = deadline_ms(link, now_us)};
        redis_handshake_load_script(&link->work, link->config.scripts, script, load);
        link->script_reloading[script] = true;
        link->counters.script_reloads++;
    }
    redis_pipeline_repeat(&link->work, deadline_ms(link, now_us));
    link->wait_due = true;
}

static void take_work_reply(struct redis_link *link, const struct redis_reply *reply, int64_t now_us)
{
    if (link->work.sent_count == 0) {
        redis_link_lose(link, "an answer nobody asked for", NULL);
        return;
    }
    link->counters.replies++;
    link->counters.errors += redis_reply_is_error(reply);
    const struct redis_pending *front = redis_pipeline_front(&link->work);
    bool is_call = front->purpose == REDIS_FOR_OWNER && front->script != REDIS_NO_SCRIPT;
    if (is_call && !front->repeated && error_starts_with(reply, "NOSCRIPT")) {
        repeat_script(link, now_us);
        return;
    }
    struct redis_pending pending = redis_pipeline_pop(&link->work);
    finish(link, &pending, reply, now_us);
    /* The primary became a replica: nothing can be written here any more, and a new connect may find it. */
    if (error_starts_with(reply, "READONLY") && link->state == LINK_READY)
        redis_link_lose(link, "Redis is a replica", NULL);
}

static void take_handshake_reply(struct redis_link *link, const struct redis_reply *reply)
{
    char reason[sizeof link->reason];
    if (link->handshake.sent_count == 0) {
        redis_link_lose(link, "an answer nobody asked for", NULL);
        return;
    }
    struct redis_pending step = redis_pipeline_pop(&link->handshake);
    /* Redis is back and reads its file: whoever waited long for it to come need not wait long once more. */
    if (error_starts_with(reply, "LOADING")) redis_backoff_shorten(&link->backoff);
    if (!redis_handshake_accept(&link->config, &step, reply, reason, sizeof reason))
        redis_link_lose(link, reason, NULL);
    else if (link->handshake.count == 0) redis_link_become_ready(link);
}

/* True when the reply was a published message. Messages may come between the confirmations of a handshake. */
static bool take_message(struct redis_link *link, const struct redis_reply *reply)
{
    if (!redis_reply_equals(redis_reply_item(reply, 0), "message") || reply->count != 3) return false;
    struct bytes channel = redis_reply_text(&reply->items[1]);
    struct bytes payload = redis_reply_text(&reply->items[2]);
    const char *liveness = link->config.liveness_channel;
    link->counters.messages++;
    if ((liveness == NULL || !bytes_equal_text(channel, liveness)) && link->events.message != NULL)
        link->events.message(link->context, channel, payload);
    return true;
}

static void take_reply(struct redis_link *link, const struct redis_reply *reply, int64_t now_us)
{
    if (redis_link_is_subscriber(link) && take_message(link, reply)) return;
    if (link->state == LINK_PREPARING) take_handshake_reply(link, reply);
    else take_work_reply(link, reply, now_us);
}

void redis_link_take_bytes(struct redis_link *link, struct bytes bytes)
{
    const struct redis_stream *stream = link->stream;
    const struct redis_reply *reply = NULL;
    int64_t now_us = clock_monotonic_us();
    enum redis_read read = REDIS_READ_MORE;
    link->heard_ms = now_us / 1000;
    link->counters.bytes_in += bytes.length;
    redis_reader_feed(link->reader, bytes);
    /* A callback may end the connection or the link; the reader stays until the next connect all the same. */
    while (link->stream == stream && (read = redis_reader_next(link->reader, &reply)) == REDIS_READ_REPLY)
        take_reply(link, reply, now_us);
    if (link->stream == stream && read == REDIS_READ_BROKEN)
        redis_link_lose(link, "bad bytes from Redis", redis_reader_error(link->reader));
}
