#include "match_server/matcher_clock.h"

#include <string.h>

void matcher_clock_freeze(struct matcher_clock *clock, int64_t now_ms)
{
    if (clock->frozen) return;
    clock->frozen = true;
    clock->frozen_from_ms = now_ms;
}

static void forget_oldest(struct matcher_clock *clock)
{
    clock->forgotten_ms += clock->freezes[0].to_ms - clock->freezes[0].from_ms;
    clock->freeze_count--;
    memmove(&clock->freezes[0], &clock->freezes[1], clock->freeze_count * sizeof clock->freezes[0]);
}

void matcher_clock_thaw(struct matcher_clock *clock, int64_t now_ms)
{
    if (!clock->frozen) return;
    clock->frozen = false;
    if (now_ms <= clock->frozen_from_ms) return;
    if (clock->freeze_count == MATCHER_FREEZES_MAX) forget_oldest(clock);
    clock->freezes[clock->freeze_count++] = (struct matcher_freeze){clock->frozen_from_ms, now_ms};
}

int64_t matcher_clock_own_ms(const struct matcher_clock *clock, int64_t caller_ms)
{
    int64_t own_ms = caller_ms - clock->forgotten_ms;
    for (uint32_t i = 0; i < clock->freeze_count && clock->freezes[i].from_ms < caller_ms; i++) {
        int64_t to_ms = clock->freezes[i].to_ms;
        own_ms -= (to_ms < caller_ms ? to_ms : caller_ms) - clock->freezes[i].from_ms;
    }
    if (clock->frozen && clock->frozen_from_ms < caller_ms) own_ms -= caller_ms - clock->frozen_from_ms;
    return own_ms;
}

int64_t matcher_clock_caller_ms(const struct matcher_clock *clock, int64_t own_ms)
{
    if (own_ms == INT64_MAX) return INT64_MAX;
    int64_t caller_ms = own_ms + clock->forgotten_ms;
    for (uint32_t i = 0; i < clock->freeze_count; i++) {
        caller_ms += clock->freezes[i].to_ms - clock->freezes[i].from_ms;
    }
    return clock->frozen && caller_ms > clock->frozen_from_ms ? INT64_MAX : caller_ms;
}
