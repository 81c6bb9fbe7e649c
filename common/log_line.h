/* log_line.h -- the line of one event, as JSON or as text. Pure: the time is an argument, nothing is written.
 *
 * Text values are escaped the same way in both formats: control characters, also the 8-bit ones that
 * terminals obey, become \u00XX, bytes that are not UTF-8 become \ufffd. */
#ifndef DUELPOD_LOG_LINE_H
#define DUELPOD_LOG_LINE_H

#include "common/base.h"

enum { LOG_LINE_BYTES_MAX = 4096 }; /* The line's end included; PIPE_BUF. */

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_LEVEL_COUNT };
enum log_format { LOG_AS_JSON, LOG_AS_TEXT };
enum log_field_kind { LOG_FIELD_BYTES, LOG_FIELD_INT, LOG_FIELD_BOOL };

struct log_field {
    const char *name; /* snake_case literal, not escaped. */
    enum log_field_kind kind;
    struct bytes bytes;
    int64_t integer;
};

#define LOG_TEXT(name_, text_) ((struct log_field){(name_), LOG_FIELD_BYTES, log_bytes_of_text(text_), 0})
#define LOG_BYTES(name_, bytes_) ((struct log_field){(name_), LOG_FIELD_BYTES, (bytes_), 0})
#define LOG_INT(name_, integer_) ((struct log_field){(name_), LOG_FIELD_INT, {NULL, 0}, (int64_t)(integer_)})
#define LOG_BOOL(name_, flag_) ((struct log_field){(name_), LOG_FIELD_BOOL, {NULL, 0}, (flag_) ? 1 : 0})

/* NULL becomes "(none)", for a log line must never be the crash. */
struct bytes log_bytes_of_text(const char *text);

struct log_event {
    int64_t wall_ms;
    enum log_level level;
    const char *name;
    const char *component;
    const struct log_field *fields;
    size_t field_count;
    uint64_t suppressed; /* Lines of this name left out before this one. */
};

const char *log_level_name(enum log_level level);

/* Fills `line` with the event and a newline, not terminated; returns the length. Fields that no longer fit
 * are left out and the line says so. */
size_t log_line_format(const struct log_event *event, enum log_format format, char line[LOG_LINE_BYTES_MAX]);

#endif
