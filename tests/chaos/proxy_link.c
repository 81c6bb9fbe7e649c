#include "tests/chaos/proxy_link.h"

#include <stdlib.h>
#include <string.h>

/* Bytes on their way; a write request once it is their time. */
struct proxy_piece {
    uv_write_t request;
    struct proxy_direction *direction;
    struct proxy_piece *next;
    uint64_t due_ms;
    size_t length;
    char data[];
};

static void flush(struct proxy_direction *direction);

/* ---- the end ------------------------------------------------------------------------------------- */

static void free_pieces(struct proxy_direction *direction)
{
    while (direction->first != NULL) {
        struct proxy_piece *piece = direction->first;
        direction->first = piece->next;
        free(piece);
    }
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct proxy_link *link = handle->data;
    if (--link->open_handles > 0) return;
    free_pieces(&link->up);
    free_pieces(&link->down);
    link->closed(link);
    free(link);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) uv_close(handle, on_handle_closed);
}

static void on_shut_down(uv_shutdown_t *request, int status)
{
    (void)status;
    close_handle((uv_handle_t *)request->handle);
}

void proxy_link_close(struct proxy_link *link, bool reset)
{
    if (link->closing) return;
    link->closing = true;
    close_handle((uv_handle_t *)&link->server);
    close_handle((uv_handle_t *)&link->up.timer);
    close_handle((uv_handle_t *)&link->down.timer);
    close_handle((uv_handle_t *)&link->end);
    uv_read_stop((uv_stream_t *)&link->client);
    int failed = reset ? uv_tcp_close_reset(&link->client, on_handle_closed)
                       : uv_shutdown(&link->shutdown, (uv_stream_t *)&link->client, on_shut_down);
    if (failed) close_handle((uv_handle_t *)&link->client);
}

/* ---- bytes on their way -------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char bytes[PROXY_READ_BYTES_MAX]; /* one loop, and every read is copied before the next */
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(bytes, sizeof bytes);
}

static void append(struct proxy_direction *direction, const char *data, size_t length, uint64_t due_ms)
{
    struct proxy_piece *piece = memory_new(sizeof *piece + length);
    memcpy(piece->data, data, length);
    piece->length = length;
    piece->direction = direction;
    piece->due_ms = direction->last_due_ms = due_ms;
    if (direction->first == NULL) direction->first = piece;
    else direction->last->next = piece;
    direction->last = piece;
    direction->held_bytes += length;
}

/* Pieces of one read keep their order, because none is due before the last. */
static void take(struct proxy_direction *direction, const char *data, size_t length)
{
    struct proxy_rules *rules = direction->link->rules;
    uint64_t now = uv_now(direction->timer.loop);
    while (length > 0) {
        uint64_t span = rules->delay_max_ms - rules->delay_min_ms;
        uint64_t due = now + rules->delay_min_ms + rng_below(&rules->rng, span + 1);
        uint64_t most =
            rules->piece_bytes_max == 0 ? length : 1 + rng_below(&rules->rng, rules->piece_bytes_max);
        size_t part = most < length ? most : length;
        append(direction, data, part, due > direction->last_due_ms ? due : direction->last_due_ms);
        data += part;
        length -= part;
    }
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    struct proxy_link *link = stream->data;
    struct proxy_direction *direction = stream == link->up.from ? &link->up : &link->down;
    if (length == 0) return;
    if (length < 0 && length != UV_EOF) {
        proxy_link_close(link, true);
        return;
    }
    if (length == UV_EOF) direction->ended = true;
    else if (!direction->dropping) take(direction, buffer->base, (size_t)length);
    flush(direction);
}

static void read_when_there_is_room(struct proxy_direction *direction)
{
    bool room = direction->held_bytes < PROXY_QUEUE_BYTES_MAX;
    if (direction->link->closing || direction->ended || room == direction->reading) return;
    direction->reading = room;
    if (room) uv_read_start(direction->from, on_alloc, on_read);
    else uv_read_stop(direction->from);
}

static void on_written(uv_write_t *request, int status)
{
    struct proxy_piece *piece = container_of(request, struct proxy_piece, request);
    struct proxy_direction *direction = piece->direction;
    direction->held_bytes -= piece->length;
    free(piece);
    if (status != 0) proxy_link_close(direction->link, true);
    else flush(direction);
}

static void write_first(struct proxy_direction *direction)
{
    struct proxy_piece *piece = direction->first;
    uv_buf_t buffer = uv_buf_init(piece->data, (unsigned)piece->length);
    direction->first = piece->next;
    if (uv_write(&piece->request, direction->to, &buffer, 1, on_written) == 0) return;
    free(piece);
    proxy_link_close(direction->link, true);
}

static void on_timer(uv_timer_t *timer)
{
    flush(container_of(timer, struct proxy_direction, timer));
}

/* Writes what is due, waits for what is not, and ends the link after the last byte. */
static void flush(struct proxy_direction *direction)
{
    struct proxy_link *link = direction->link;
    while (!link->closing && direction->first != NULL) {
        uint64_t now = uv_now(direction->timer.loop), due = direction->first->due_ms;
        if (due < link->stalled_until_ms) due = link->stalled_until_ms;
        if (due > now) {
            uv_timer_start(&direction->timer, on_timer, due - now, 0);
            break;
        }
        write_first(direction);
    }
    if (direction->ended && direction->held_bytes == 0) proxy_link_close(link, false);
    read_when_there_is_room(direction);
}

/* ---- faults --------------------------------------------------------------------------------------- */

void proxy_link_stall(struct proxy_link *link, uint64_t ms)
{
    link->stalled_until_ms = uv_now(link->client.loop) + ms;
}

static void on_end(uv_timer_t *timer)
{
    proxy_link_close(container_of(timer, struct proxy_link, end), false);
}

void proxy_link_drop(struct proxy_link *link, bool up, uint64_t ms)
{
    struct proxy_direction *direction = up ? &link->up : &link->down;
    if (link->closing) return;
    direction->dropping = true;
    uv_timer_start(&link->end, on_end, ms, 0);
}

/* ---- the beginning -------------------------------------------------------------------------------- */

static void direction_init(struct proxy_link *link, struct proxy_direction *direction, void *from, void *to)
{
    direction->link = link;
    direction->from = from;
    direction->to = to;
    uv_timer_init(link->client.loop, &direction->timer);
    direction->timer.data = link;
}

static void on_connected(uv_connect_t *request, int status)
{
    struct proxy_link *link = container_of(request, struct proxy_link, connect);
    if (link->closing) return;
    if (status != 0) {
        proxy_link_close(link, true);
        return;
    }
    flush(&link->up);
    flush(&link->down);
}

struct proxy_link *proxy_link_accept(uv_stream_t *listener, const char *path, struct proxy_rules *rules,
                                     void (*closed)(struct proxy_link *link))
{
    struct proxy_link *link = memory_new(sizeof *link);
    link->rules = rules;
    link->closed = closed;
    uv_tcp_init(listener->loop, &link->client);
    uv_pipe_init(listener->loop, &link->server, 0);
    uv_timer_init(listener->loop, &link->end);
    link->client.data = link->server.data = link->end.data = link;
    direction_init(link, &link->up, &link->client, &link->server);
    direction_init(link, &link->down, &link->server, &link->client);
    link->open_handles = 5;
    bool accepted = uv_accept(listener, (uv_stream_t *)&link->client) == 0;
    uv_tcp_nodelay(&link->client, 1);
    uv_pipe_connect(&link->connect, &link->server, path, on_connected);
    if (!accepted) proxy_link_close(link, false);
    return link;
}
