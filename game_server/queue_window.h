/* queue_window.h -- which ratings fit a player who waits in a rated queue, and when that widens.
 *
 * match_server sends the curve with the player's snapshot (window_point), so window and next widening can be
 * told on any pod, at any time, without asking. Straight between the points, rounded down, level after the
 * last. Pure. */
#ifndef DUELPOD_QUEUE_WINDOW_H
#define DUELPOD_QUEUE_WINDOW_H

#include "proto/proto.h"

struct queue_window {
    struct proto_rating_range range;
    int64_t widens_at_ms; /* when it is a point wider; 0: it does not widen any more */
};

/* `count` points, at least one, with rising ages; both times of one clock. */
struct queue_window queue_window_at(const struct proto_window_point *points, size_t count, int64_t rating,
                                    int64_t since_ms, int64_t now_ms);

#endif
