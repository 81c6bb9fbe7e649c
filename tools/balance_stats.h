/* balance_stats.h -- what a share of wins is worth. Pure. */
#ifndef DUELPOD_BALANCE_STATS_H
#define DUELPOD_BALANCE_STATS_H

#include <stdint.h>

struct interval {
    double low, high;
};

/* The 95 % interval of a share that was `hits` of `count` (E. B. Wilson 1927): right for small counts and for
 * shares near 0 and 1, where the plain one leaves 0..1. 0..1 without counts. */
struct interval stats_wilson(double hits, uint64_t count);

/* How many standard deviations `hits` of `count` lie from one half. */
double stats_sigmas_from_half(uint64_t hits, uint64_t count);

#endif
