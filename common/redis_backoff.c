#include "common/redis_backoff.h"

static int64_t ceiling_ms(unsigned losses, int min_ms, int max_ms)
{
    int64_t ceiling = min_ms < 1 ? 1 : min_ms;
    for (unsigned i = 0; i < losses && ceiling < max_ms; i++) ceiling *= 2;
    return ceiling < max_ms ? ceiling : max_ms;
}

int redis_backoff_lost(struct redis_backoff *backoff, int64_t ready_ms, int min_ms, int max_ms,
                       uint64_t chance)
{
    if (ready_ms >= REDIS_BACKOFF_STABLE_MS) backoff->losses = 0;
    int64_t ceiling = ceiling_ms(backoff->losses, min_ms, max_ms);
    backoff->losses++;
    int wait_ms = ceiling > 0 ? (int)(chance % (uint64_t)(ceiling + 1)) : 0;
    return wait_ms < REDIS_BACKOFF_FLOOR_MS ? REDIS_BACKOFF_FLOOR_MS : wait_ms;
}

void redis_backoff_shorten(struct redis_backoff *backoff)
{
    if (backoff->losses > 1) backoff->losses = 1;
}
