/* Where libwebsockets' own warnings go. Its emit function is process-wide and called from every shard
 * thread; a client can provoke some of its lines, so they are counted and rationed here. */
#include "game_server/ws_internal.h"

#include <libwebsockets.h>
#include <string.h>
#include <time.h>

#define WS_LOG_LINES_PER_SECOND 10
#define WS_LOG_LINE_BYTES 256

static void (*ws_log_line)(const char *line);
static _Atomic uint64_t ws_log_seen;
static _Atomic uint64_t ws_log_window; /* second << 8 | lines in it */

static bool ws_log_allowed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    uint64_t second = (uint64_t)now.tv_sec << 8;
    uint64_t window = atomic_load(&ws_log_window);
    uint64_t next;
    do {
        if ((window & ~UINT64_C(0xff)) != second) next = second + 1;
        else if ((window & 0xff) >= WS_LOG_LINES_PER_SECOND) return false;
        else next = window + 1;
    } while (!atomic_compare_exchange_weak(&ws_log_window, &window, next));
    return true;
}

static void ws_log_emit(int level, const char *text)
{
    (void)level;
    atomic_fetch_add(&ws_log_seen, 1);
    if (ws_log_line == NULL || !ws_log_allowed()) return;
    /* The library formats into one buffer for all threads: copy with a bound before looking at it. */
    char line[WS_LOG_LINE_BYTES];
    size_t length = strnlen(text, sizeof(line) - 1);
    memcpy(line, text, length);
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
    line[length] = '\0';
    ws_log_line(line);
}

void ws_front_set_log(void (*log)(const char *line))
{
    ws_log_line = log;
    lws_set_log_level(LLL_ERR | LLL_WARN, ws_log_emit);
}

uint64_t ws_front_warnings(void)
{
    return atomic_load(&ws_log_seen);
}
