/* outbox.h -- tells players again what their pods have not acknowledged.
 *
 * Whoever changes a player publishes at once; the outbox is for the message that got lost, or whose sender
 * died. Several times a second the due players are read from the sorted set and their snapshots published, at
 * most OUTBOX_BATCH_MAX at a time; outbox.lua plans the next time, later and later. Players that another
 * match_server looks after are left to it for a second. One thread. */
#ifndef DUELPOD_OUTBOX_H
#define DUELPOD_OUTBOX_H

#include "common/timers.h"

struct match_server;

enum { OUTBOX_BATCH_MAX = 256 };

struct outbox {
    struct match_server *server;
    struct timer timer;
};

void outbox_init(struct outbox *outbox, struct match_server *server);
void outbox_start(struct outbox *outbox); /* more than once is harmless */
void outbox_stop(struct outbox *outbox);

#endif
