#include "match_server/listener_watch.h"

void listener_watch_counted(struct listener_watch *watch, int64_t listeners, int64_t now_ms)
{
    watch->listened = listeners > 0;
    if (watch->listened) {
        watch->zeros = 0;
        return;
    }
    if (watch->zeros == 0) watch->first_zero_ms = now_ms;
    if (watch->zeros < WATCH_ZEROS_MIN) watch->zeros++;
}

void listener_watch_unknown(struct listener_watch *watch)
{
    watch->zeros = 0;
    watch->listened = false;
}

void listener_watch_heard(struct listener_watch *watch)
{
    watch->zeros = 0;
}

bool listener_watch_gone(const struct listener_watch *watch, int64_t silence_ms, int64_t now_ms)
{
    return watch->zeros >= WATCH_ZEROS_MIN && now_ms - watch->first_zero_ms >= silence_ms;
}
