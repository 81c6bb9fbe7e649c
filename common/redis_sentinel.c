#include "common/redis_sentinel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/redis_pipeline.h"
#include "common/redis_reader.h"
#include "common/redis_stream.h"

struct redis_sentinel {
    const char *master;
    redis_sentinel_fn *answer; /* NULL: answered or closed */
    void (*closed)(void *context);
    void *context;
    struct redis_stream *stream;
    struct redis_reader *reader;
    struct redis_pipeline question;
};

/* Ends the connection and then tells, once. */
static void finish(struct redis_sentinel *sentinel, const struct redis_address *primary, const char *error)
{
    redis_sentinel_fn *answer = sentinel->answer;
    if (answer == NULL) return;
    sentinel->answer = NULL;
    redis_stream_close(sentinel->stream);
    answer(sentinel->context, primary, error);
}

static void write_question(void *context)
{
    struct redis_sentinel *sentinel = context;
    struct bytes unsent = redis_pipeline_unsent(&sentinel->question);
    if (unsent.length > 0)
        redis_pipeline_mark_sent(&sentinel->question, redis_stream_write(sentinel->stream, unsent));
}

static void on_connected(void *context)
{
    struct redis_sentinel *sentinel = context;
    redis_pipeline_begin(&sentinel->question, 3);
    redis_pipeline_argument(&sentinel->question, bytes_of_text("SENTINEL"));
    redis_pipeline_argument(&sentinel->question, bytes_of_text("get-master-addr-by-name"));
    redis_pipeline_argument(&sentinel->question, bytes_of_text(sentinel->master));
    redis_pipeline_end(&sentinel->question, (struct redis_pending){.script = REDIS_NO_SCRIPT});
    write_question(sentinel);
}

/* A host and a port; nil when the sentinel knows no such primary. */
static void take_answer(struct redis_sentinel *sentinel, const struct redis_reply *reply)
{
    struct redis_address primary = {.port = 0};
    char error[160];
    struct bytes host = redis_reply_text(redis_reply_item(reply, 0));
    struct bytes text = redis_reply_text(reply);
    int64_t port = 0;
    bool good = host.length > 0 && bytes_copy(primary.host, sizeof primary.host, host) &&
                redis_reply_integer(redis_reply_item(reply, 1), &port) && port >= 1 && port <= UINT16_MAX;
    if (good) {
        primary.port = (uint16_t)port;
        finish(sentinel, &primary, NULL);
        return;
    }
    if (redis_reply_is_error(reply))
        snprintf(error, sizeof error, "refused: %.*s", (int)(text.length < 120 ? text.length : 120),
                 text.data);
    else snprintf(error, sizeof error, "knows no primary called %s", sentinel->master);
    finish(sentinel, NULL, error);
}

static void on_received(void *context, struct bytes bytes)
{
    struct redis_sentinel *sentinel = context;
    const struct redis_reply *reply = NULL;
    redis_reader_feed(sentinel->reader, bytes);
    enum redis_read read = redis_reader_next(sentinel->reader, &reply);
    if (read == REDIS_READ_REPLY) take_answer(sentinel, reply);
    if (read == REDIS_READ_BROKEN) finish(sentinel, NULL, redis_reader_error(sentinel->reader));
}

static void on_lost(void *context, const char *reason)
{
    finish(context, NULL, reason);
}

static void on_closed(void *context)
{
    struct redis_sentinel *sentinel = context;
    void (*closed)(void *) = sentinel->closed;
    void *owner = sentinel->context;
    redis_reader_close(sentinel->reader);
    redis_pipeline_free(&sentinel->question);
    free(sentinel);
    closed(owner);
}

struct redis_sentinel *redis_sentinel_ask(uv_loop_t *loop, const struct redis_address *address,
                                          const char *master, redis_sentinel_fn *answer,
                                          void (*closed)(void *context), void *context)
{
    static const struct redis_stream_events events = {on_connected, on_received, write_question, on_lost,
                                                      on_closed};
    struct redis_sentinel *sentinel = memory_new(sizeof *sentinel);
    *sentinel =
        (struct redis_sentinel){.master = master, .answer = answer, .closed = closed, .context = context};
    sentinel->reader = redis_reader_open();
    redis_pipeline_init(&sentinel->question);
    sentinel->stream = redis_stream_open(loop, address, 0, &events, sentinel);
    return sentinel;
}

void redis_sentinel_close(struct redis_sentinel *sentinel)
{
    sentinel->answer = NULL;
    redis_stream_close(sentinel->stream);
}
