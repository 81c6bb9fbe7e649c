#include "match_server/matcher_normal.h"

#include <string.h>

/* The partner of waiting[first], or `count`. */
static size_t find_partner(struct ticket *const *waiting, size_t count, const bool *taken, size_t first,
                           bool rematches)
{
    size_t seen = 0;
    for (size_t i = first + 1; i < count && seen < MATCHER_LOOK_AHEAD; i++) {
        if (taken[i]) continue;
        seen++;
        if (ticket_same_device(waiting[first], waiting[i])) continue;
        if (!rematches && ticket_is_rematch(waiting[first], waiting[i])) continue;
        return i;
    }
    return count;
}

static size_t sweep(struct ticket *const *waiting, size_t count, bool *taken, struct pairing *out,
                    size_t out_count, size_t out_max, bool rematches)
{
    for (size_t i = 0; i < count && out_count < out_max; i++) {
        if (taken[i]) continue;
        size_t partner = find_partner(waiting, count, taken, i, rematches);
        if (partner == count) continue;
        taken[i] = taken[partner] = true;
        out[out_count++] = (struct pairing){{i, partner}};
    }
    return out_count;
}

size_t matcher_normal(struct ticket *const *waiting, size_t count, bool complete, bool *taken,
                      struct pairing *out, size_t out_max)
{
    memset(taken, 0, count * sizeof taken[0]);
    size_t pairs = sweep(waiting, count, taken, out, 0, out_max, false);
    if (complete) pairs = sweep(waiting, count, taken, out, pairs, out_max, true);
    return pairs;
}
