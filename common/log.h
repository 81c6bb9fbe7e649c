/* log.h -- one event, one line, one write to stderr.
 *
 *     log_event(LOG_INFO, "match_committed", LOG_TEXT("match_id", id), LOG_INT("wait_ms", wait_ms));
 *
 * An event has a fixed name and typed fields, so that lines can be searched and counted; there are no
 * format strings. As JSON a line is {"ts","level","event","component",...fields}; as text it is for people.
 * Whatever a player wrote comes out escaped: no field can break a line, forge one or move a terminal's
 * cursor.
 *
 * Limits: LOG_LINE_BYTES_MAX a line, which one write(2) to a pipe keeps whole (a longer one loses fields and
 * says "cut"); per_second_max lines per event name and second, then silence and a "suppressed" count on the
 * name's next line. Never give a token or a secret to a field.
 *
 * Any thread. log_start() comes before the threads; without it: text, from info, to stderr. */
#ifndef DUELPOD_LOG_H
#define DUELPOD_LOG_H

#include "common/log_line.h"

struct log_config {
    enum log_level level;
    enum log_format format;
    int fd;             /* Where lines go; stays the caller's. */
    int per_second_max; /* 0: no limit. */
};

/* Totals since the start of the process. */
struct log_counters {
    uint64_t lines[LOG_LEVEL_COUNT];
    uint64_t suppressed;
    uint64_t lost; /* The write failed. */
};

/* Main thread, before other threads log. */
void log_start(const struct log_config *config);

/* Any thread, at any time. */
void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);

/* Names the calling thread in its lines: "main" until then. Borrowed: must live as long as the thread. */
void log_set_component(const char *component);

struct log_counters log_counters(void);

/* `event` is a string literal in snake_case. Fields are only evaluated when the level is on. */
#define log_event(level, event, ...)                                                                      \
    do {                                                                                                  \
        if (log_is_on(level)) {                                                                           \
            const struct log_field log_fields_[] = {{.name = NULL}, __VA_ARGS__};                         \
            log_write((level), (event), log_fields_ + 1, sizeof log_fields_ / sizeof log_fields_[0] - 1); \
        }                                                                                                 \
    } while (0)

/* For log_event(). */
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t field_count);

#endif
