#include "game_server/ws_internal.h"

const char *ws_counter_name(enum ws_counter counter)
{
    static const char *const names[WS_COUNTER_COUNT] = {
#define WS_COUNTER_NAME(name, meaning) [WS_COUNTER_##name] = #name,
        WS_COUNTERS(WS_COUNTER_NAME)
#undef WS_COUNTER_NAME
    };
    check((int)counter >= 0 && counter < WS_COUNTER_COUNT);
    return names[counter];
}

void ws_front_counters_read(const struct ws_front *front, uint64_t values[WS_COUNTER_COUNT])
{
    for (int i = 0; i < WS_COUNTER_COUNT; i++) {
        values[i] = atomic_load_explicit(&front->counters[i], memory_order_relaxed);
    }
}
