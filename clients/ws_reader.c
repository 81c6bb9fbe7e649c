#include "clients/ws_reader.h"

#include "common/utf8.h"

#include <string.h>

struct feed {
    struct ws_reader *reader;
    const struct ws_reader_events *events;
    void *owner;
};

static bool broken(const struct feed *feed, int close_code, const char *reason)
{
    feed->events->broken(feed->owner, close_code, reason);
    return false;
}

static bool deliver(const struct feed *feed, enum ws_frame_code code, struct bytes payload)
{
    if (code == WS_FRAME_TEXT && !utf8_valid(payload)) return broken(feed, 1007, "text that is not UTF-8");
    return feed->events->message(feed->owner, code, payload);
}

static bool take_fragment(const struct feed *feed, const struct ws_frame *frame, struct bytes payload)
{
    struct ws_reader *reader = feed->reader;
    if (reader->message.length + payload.length > WS_READER_MESSAGE_BYTES_MAX) {
        return broken(feed, 1009, "a message over 1 MB");
    }
    if (frame->code != WS_FRAME_CONTINUATION) reader->message_code = frame->code;
    buffer_append(&reader->message, payload.data, payload.length);
    if (!frame->final) return true;
    bool go_on = deliver(feed, reader->message_code, buffer_bytes(&reader->message));
    reader->message_code = WS_FRAME_CONTINUATION;
    buffer_free(&reader->message);
    return go_on;
}

static bool take_frame(const struct feed *feed, const struct ws_frame *frame, struct bytes payload)
{
    if (frame->code >= WS_FRAME_CLOSE) return deliver(feed, frame->code, payload);
    bool continues = frame->code == WS_FRAME_CONTINUATION;
    bool gathering = feed->reader->message_code != WS_FRAME_CONTINUATION;
    if (continues && !gathering) return broken(feed, 1002, "a continuation of nothing");
    if (!continues && gathering) return broken(feed, 1002, "a new message inside another");
    if (!continues && frame->final) return deliver(feed, frame->code, payload);
    return take_fragment(feed, frame, payload);
}

/* Takes one frame from the start of `input`. `*taken` is its size, 0 when it is not complete yet. */
static bool take_first(const struct feed *feed, struct bytes input, size_t *taken)
{
    struct ws_frame frame;
    *taken = 0;
    enum ws_frame_result result = ws_frame_read_header(input, &frame);
    if (result == WS_FRAME_BAD) return broken(feed, 1002, "a malformed frame");
    if (result == WS_FRAME_NEED_MORE) return true;
    if (frame.payload_bytes > WS_READER_MESSAGE_BYTES_MAX) return broken(feed, 1009, "a message over 1 MB");
    size_t payload_bytes = (size_t)frame.payload_bytes;
    if (frame.header_bytes + payload_bytes > input.length) return true;
    *taken = frame.header_bytes + payload_bytes;
    return take_frame(feed, &frame, (struct bytes){input.data + frame.header_bytes, payload_bytes});
}

/* Forgets the first `used` kept bytes, and the memory too when none are left. */
static void drop_front(struct buffer *input, size_t used)
{
    input->length -= used;
    if (input->length == 0) buffer_free(input);
    else if (used > 0) memmove(input->data, input->data + used, input->length);
}

bool ws_reader_feed(struct ws_reader *reader, struct bytes fresh, const struct ws_reader_events *events,
                    void *owner)
{
    struct feed feed = {reader, events, owner};
    bool kept = reader->input.length > 0;
    if (kept) buffer_append(&reader->input, fresh.data, fresh.length);
    struct bytes all = kept ? buffer_bytes(&reader->input) : fresh;
    size_t used = 0;
    size_t taken;
    do {
        if (!take_first(&feed, (struct bytes){all.data + used, all.length - used}, &taken)) return false;
        used += taken;
    } while (taken > 0);
    if (kept) drop_front(&reader->input, used);
    else buffer_append(&reader->input, all.data + used, all.length - used);
    return true;
}

void ws_reader_free(struct ws_reader *reader)
{
    buffer_free(&reader->input);
    buffer_free(&reader->message);
}
