#include "common/redis_backoff.h"

int redis_backoff_ms(unsigned attempt, int min_ms, int max_ms, uint64_t chance)
{
    int64_t ceiling_ms = min_ms < 1 ? 1 : min_ms;
    for (unsigned i = 0; i < attempt && ceiling_ms < max_ms; i++)
        ceiling_ms *= 2;
    if (ceiling_ms > max_ms)
        ceiling_ms = max_ms;
    if (ceiling_ms < REDIS_BACKOFF_FLOOR_MS)
        return REDIS_BACKOFF_FLOOR_MS;
    int wait_ms = (int)(chance % (uint64_t)(ceiling_ms + 1));
    return wait_ms < REDIS_BACKOFF_FLOOR_MS ? REDIS_BACKOFF_FLOOR_MS : wait_ms;
}
