/* matcher_arrivals.h -- how many tickets come per second at a rating, to estimate waits.
 *
 * One decaying counter per range of 64 rating points: an arrival adds 2^16, every second takes 753/65536
 * away, so half is forgotten after a minute and, at an even rate, 753 * counter / 2^32 arrivals come per
 * second. The decay is applied in whole seconds and by powers, so it does not matter how often a counter is
 * looked at. Pure. */
#ifndef DUELPOD_MATCHER_ARRIVALS_H
#define DUELPOD_MATCHER_ARRIVALS_H

#include "match_server/matcher_rules.h"

enum {
    MATCHER_RANGE_POINTS = 64,
    MATCHER_RANGES = (MATCHER_RATING_MAX + 1) / MATCHER_RANGE_POINTS,
};

struct matcher_range {
    uint64_t level;
    int64_t second; /* up to which the level has decayed */
};

struct matcher_arrivals {
    struct matcher_range ranges[MATCHER_RANGES];
};

/* `rating` is 0..MATCHER_RATING_MAX. */
void matcher_arrivals_note(struct matcher_arrivals *arrivals, int32_t rating, int64_t now_ms);

/* Arrivals in a thousand seconds with a rating in low..high; ends outside the ratings are cut off. */
int64_t matcher_arrivals_per_1000_s(const struct matcher_arrivals *arrivals, int64_t low, int64_t high,
                                    int64_t now_ms);

#endif
