/* redis_pipeline.h -- commands on their way to Redis: one run of bytes and one row of pending commands.
 *
 *     bytes:     [ sent, waiting for the reply | not sent yet ]      the bytes of a command stay here until
 * it is commands:  [ c1   c2   c3                | c4   c5      ]      answered, so that it can be sent once
 * more front                          back
 *
 * Replies come in order, so the front is always the command that is answered next. Deadlines rise from front
 * to back. The pipeline knows no limit; the link asks for the level and refuses in time. Pure data, no I/O:
 * owned and used by one thread. */
#ifndef DUELPOD_REDIS_PIPELINE_H
#define DUELPOD_REDIS_PIPELINE_H

#include "common/base.h"

/* What a command is for. The link itself sends all but the first. */
enum redis_purpose {
    REDIS_FOR_OWNER,
    REDIS_FOR_LOGIN,
    REDIS_FOR_NAME,
    REDIS_FOR_ROLE,
    REDIS_FOR_SCRIPT_LOAD,
    REDIS_FOR_SUBSCRIPTION,
    REDIS_FOR_WAIT,
};

enum { REDIS_NO_SCRIPT = -1 };

struct redis_pending {
    enum redis_purpose purpose;
    int script;    /* which one is called or loaded, or REDIS_NO_SCRIPT */
    bool repeated; /* already sent a second time */
    void *reply;   /* the owner's, as are these two */
    void *context;
    uint64_t tag;
    int64_t issued_us;
    int64_t deadline_ms;
    size_t bytes; /* set by the pipeline */
};

struct redis_pipeline {
    char *bytes;
    size_t bytes_begin, bytes_end, bytes_capacity;
    size_t known_bytes;      /* of whole commands; more is there only between begin and end */
    size_t sent_bytes;       /* behind bytes_begin */
    size_t sent_bytes_whole; /* length of the sent commands, the one that is partly sent included */
    struct redis_pending *ring;
    size_t ring_begin, ring_capacity; /* a power of two */
    size_t count, sent_count;         /* a command is sent as soon as its first byte is */
};

void redis_pipeline_init(struct redis_pipeline *pipeline);
void redis_pipeline_free(struct redis_pipeline *pipeline);

/* Appends one command: begin with the number of arguments, then each of them, then end. */
void redis_pipeline_begin(struct redis_pipeline *pipeline, size_t argument_count);
void redis_pipeline_argument(struct redis_pipeline *pipeline, struct bytes argument);
void redis_pipeline_end(struct redis_pipeline *pipeline, struct redis_pending pending);

/* Bytes not handed to the socket yet; valid until the next append. */
struct bytes redis_pipeline_unsent(const struct redis_pipeline *pipeline);
void redis_pipeline_mark_sent(struct redis_pipeline *pipeline, size_t count);

/* The bytes of all commands here, and the front, which must exist. */
size_t redis_pipeline_bytes(const struct redis_pipeline *pipeline);
const struct redis_pending *redis_pipeline_front(const struct redis_pipeline *pipeline);

/* Takes the front out, answered or given up. */
struct redis_pending redis_pipeline_pop(struct redis_pipeline *pipeline);

/* Takes the front out and appends it again, marked as repeated. */
void redis_pipeline_repeat(struct redis_pipeline *pipeline, int64_t deadline_ms);

#endif
