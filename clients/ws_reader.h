/* ws_reader.h -- from a stream of bytes to whole WebSocket messages, without any I/O.
 *
 * Bytes come in pieces of any size. Whole frames are handed out straight from the piece; only the start of an
 * unfinished frame is copied and kept, and only fragments of one message are gathered. So a reader at rest
 * owns no memory.
 *
 * Limits: a message of WS_READER_MESSAGE_BYTES_MAX, judged from the header before anything is kept. */
#ifndef DUELPOD_WS_READER_H
#define DUELPOD_WS_READER_H

#include "clients/ws_frame.h"
#include "common/base.h"
#include "common/buffer.h"

#define WS_READER_MESSAGE_BYTES_MAX (1u << 20)

struct ws_reader {
    struct buffer input;             /* the start of a frame */
    struct buffer message;           /* the fragments so far */
    enum ws_frame_code message_code; /* WS_FRAME_CONTINUATION: no fragmented message is under way */
};

struct ws_reader_events {
    /* A whole text or binary message, or a control frame; borrowed until return. False: read no further. */
    bool (*message)(void *owner, enum ws_frame_code code, struct bytes payload);
    /* The stream broke a rule: the close code to answer with, and a few words. Nothing is read after it. */
    void (*broken)(void *owner, int close_code, const char *reason);
};

/* Reads on. False once an event said that it is over: then the reader must not be fed again. */
bool ws_reader_feed(struct ws_reader *reader, struct bytes fresh, const struct ws_reader_events *events,
                    void *owner);

/* Releases what it keeps. */
void ws_reader_free(struct ws_reader *reader);

#endif
