/* matcher_clock.h -- a clock that stands still during maintenance, so that nobody ages by our downtime.
 *
 *     caller's   0---------10====20---------30      ==== frozen
 *     own        0---------10----10---------20
 *
 * The last MATCHER_FREEZES_MAX pauses are remembered one by one, because a ticket's original time may lie
 * before any of them; what is older counts as one pause before all times. All zero is a running
 * clock. Pure. */
#ifndef DUELPOD_MATCHER_CLOCK_H
#define DUELPOD_MATCHER_CLOCK_H

#include "common/base.h"

enum { MATCHER_FREEZES_MAX = 16 };

struct matcher_freeze {
    int64_t from_ms, to_ms; /* the caller's time */
};

struct matcher_clock {
    struct matcher_freeze freezes[MATCHER_FREEZES_MAX]; /* oldest first */
    uint32_t freeze_count;
    int64_t forgotten_ms; /* sum of the pauses no longer remembered */
    int64_t frozen_from_ms;
    bool frozen;
};

void matcher_clock_freeze(struct matcher_clock *clock, int64_t now_ms);
void matcher_clock_thaw(struct matcher_clock *clock, int64_t now_ms);

/* The caller's time on the own clock, also for times long past. */
int64_t matcher_clock_own_ms(const struct matcher_clock *clock, int64_t caller_ms);

/* When the own clock will show `own_ms`, a time after the last thaw; INT64_MAX when that is after a freeze
 * that has not ended. */
int64_t matcher_clock_caller_ms(const struct matcher_clock *clock, int64_t own_ms);

#endif
