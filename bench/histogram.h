/* histogram.h -- counts durations so that any quantile can be asked for afterwards.
 *
 * Log-linear, as HDR histograms are: below 64 every value has a bucket of its own, above it each power of two
 * is cut into 64 equal buckets, so that a quantile is at most 1.6 % too high at any size. Recording is a
 * shift and an addition; memory is fixed (about 18 KB); two histograms of the same thing add up exactly.
 *
 *      value   0 1 2 .. 63 | 64 65 .. 127 | 128 130 .. 254 | 256 260 .. | ... | 2^40
 *      bucket  0 1 2 .. 63 | 64 65 .. 127 | 128 129 .. 191 | 192 193 .. | ...
 *
 * Values are integers of any unit; negative ones count as 0, larger ones than HISTOGRAM_VALUE_MAX as that.
 * A zeroed struct is empty. Pure; one thread at a time. */
#ifndef DUELPOD_HISTOGRAM_H
#define DUELPOD_HISTOGRAM_H

#include "common/base.h"

#define HISTOGRAM_STEP_BITS 6
#define HISTOGRAM_POWER_MAX 40
#define HISTOGRAM_VALUE_MAX ((INT64_C(1) << (HISTOGRAM_POWER_MAX + 1)) - 1)
#define HISTOGRAM_BUCKETS ((HISTOGRAM_POWER_MAX - HISTOGRAM_STEP_BITS + 2) << HISTOGRAM_STEP_BITS)

struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t count;
    int64_t max;
};

void histogram_record(struct histogram *histogram, int64_t value);

/* Adds what `from` has counted. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The value that the share `quantile` (0 to 1) of all values does not exceed: the highest value of its
 * bucket, but never more than the largest recorded one. 0 when nothing was recorded. */
int64_t histogram_quantile(const struct histogram *histogram, double quantile);

#endif
