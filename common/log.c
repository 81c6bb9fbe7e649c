#include "common/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log_limit.h"

static struct {
    atomic_int level;
    enum log_format format;
    int fd;
    int per_second_max;
    atomic_uint_fast64_t lines[LOG_LEVEL_COUNT];
    atomic_uint_fast64_t suppressed;
    atomic_uint_fast64_t lost;
    pthread_mutex_t limit_lock;
    struct log_limit limit;
} state = {
    .level = LOG_INFO,
    .format = LOG_AS_TEXT,
    .fd = STDERR_FILENO,
    .per_second_max = 20,
    .limit_lock = PTHREAD_MUTEX_INITIALIZER,
};

static _Thread_local const char *log_component = "main";

void log_start(const struct log_config *config)
{
    log_set_level(config->level);
    state.format = config->format;
    state.fd = config->fd;
    state.per_second_max = config->per_second_max;
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&state.level, (int)level, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&state.level, memory_order_relaxed);
}

void log_set_component(const char *component)
{
    log_component = component;
}

static uint64_t count_read(atomic_uint_fast64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

struct log_counters log_counters(void)
{
    struct log_counters counters = {.suppressed = count_read(&state.suppressed),
                                    .lost = count_read(&state.lost)};
    for (size_t i = 0; i < LOG_LEVEL_COUNT; i++) counters.lines[i] = count_read(&state.lines[i]);
    return counters;
}

static bool log_allows(const char *event, uint64_t *suppressed)
{
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&state.limit_lock);
    bool allowed = log_limit_allows(&state.limit, event, now_ms, state.per_second_max, suppressed);
    pthread_mutex_unlock(&state.limit_lock);
    return allowed;
}

/* A reader that is gone or full costs the line, never the process. */
static bool write_whole(const char *line, size_t length)
{
    while (length > 0) {
        ssize_t written = write(state.fd, line, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        line += written;
        length -= (size_t)written;
    }
    return true;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t field_count)
{
    int errno_before = errno;
    uint64_t suppressed;
    if (!log_allows(event, &suppressed)) {
        atomic_fetch_add_explicit(&state.suppressed, 1, memory_order_relaxed);
        return;
    }
    char line[LOG_LINE_BYTES_MAX];
    struct log_event whole = {clock_wall_ms(), level, event, log_component, fields, field_count, suppressed};
    size_t length = log_line_format(&whole, state.format, line);
    bool written = write_whole(line, length);
    atomic_fetch_add_explicit(written ? &state.lines[level] : &state.lost, 1, memory_order_relaxed);
    errno = errno_before;
}
