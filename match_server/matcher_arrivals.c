#include "match_server/matcher_arrivals.h"

enum { ONE = 1 << 16, KEPT_PER_SECOND = 64783 }; /* 2^16 * 2^(-1/60) */

static uint64_t decayed(uint64_t level, int64_t seconds)
{
    uint64_t kept = KEPT_PER_SECOND;
    if (seconds >= 4096) return 0;
    for (; seconds > 0; seconds >>= 1) {
        if (seconds & 1) level = (level * kept) >> 16;
        kept = (kept * kept) >> 16;
    }
    return level;
}

void matcher_arrivals_note(struct matcher_arrivals *arrivals, int32_t rating, int64_t now_ms)
{
    struct matcher_range *range = &arrivals->ranges[rating / MATCHER_RANGE_POINTS];
    int64_t second = now_ms / 1000;
    if (second > range->second) {
        range->level = decayed(range->level, second - range->second);
        range->second = second;
    }
    range->level += ONE;
}

int64_t matcher_arrivals_per_1000_s(const struct matcher_arrivals *arrivals, int64_t low, int64_t high,
                                    int64_t now_ms)
{
    uint64_t sum = 0;
    if (low < 0) low = 0;
    if (high > MATCHER_RATING_MAX) high = MATCHER_RATING_MAX;
    for (int64_t i = low / MATCHER_RANGE_POINTS; i <= high / MATCHER_RANGE_POINTS && low <= high; i++) {
        const struct matcher_range *range = &arrivals->ranges[i];
        int64_t first = i * MATCHER_RANGE_POINTS, last = first + MATCHER_RANGE_POINTS - 1;
        int64_t covered = (high < last ? high : last) - (low > first ? low : first) + 1;
        int64_t seconds = now_ms / 1000 - range->second;
        sum += decayed(range->level, seconds < 0 ? 0 : seconds) * (uint64_t)covered / MATCHER_RANGE_POINTS;
    }
    return (int64_t)(sum * 1000 / ONE * (ONE - KEPT_PER_SECOND) / ONE);
}
