/* listener_watch.h -- does any game_server listen? A detector, pure: the clock is an argument.
 *
 * Something is published to all game_servers every few seconds, and Redis says how many heard it. They are gone
 * when all of this is so:
 *
 *     the last WATCH_ZEROS_MIN publications or more reached nobody, in a row,
 *     the first of these was at least `silence_ms` ago,
 *     and nothing was heard from a game_server since.
 *
 * A publication whose outcome is unknown breaks the row: then it was Redis that could not be reached, and pods
 * that come back with it need time to subscribe. Anything heard, or one listener, ends the silence at once. */
#ifndef DUELPOD_LISTENER_WATCH_H
#define DUELPOD_LISTENER_WATCH_H

#include "common/base.h"

enum { WATCH_ZEROS_MIN = 5 };

/* All zero: nothing is known yet, so nobody is gone. */
struct listener_watch {
    int zeros; /* publications in a row that reached nobody */
    int64_t first_zero_ms;
    bool listened; /* the last one that is known reached somebody */
};

/* A publication reached so many. */
void listener_watch_counted(struct listener_watch *watch, int64_t listeners, int64_t now_ms);

/* Nobody knows how many one reached. */
void listener_watch_unknown(struct listener_watch *watch);

/* A game_server said something. */
void listener_watch_heard(struct listener_watch *watch);

bool listener_watch_gone(const struct listener_watch *watch, int64_t silence_ms, int64_t now_ms);

#endif
