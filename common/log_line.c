#include "common/log_line.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/utf8.h"

enum { LOG_RESERVE_BYTES = 16 }; /* Enough for the mark of a cut line and its end. */

/* A line being written. Once something did not fit, `full` stays and nothing more is added. */
struct writer {
    char *line;
    size_t length;
    size_t limit;
    bool full;
};

static void put(struct writer *writer, const char *data, size_t length)
{
    if (length > writer->limit - writer->length) writer->full = true;
    if (writer->full) return;
    memcpy(writer->line + writer->length, data, length);
    writer->length += length;
}

static void put_text(struct writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_escape(struct writer *writer, unsigned code)
{
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04x", code & 0xffff);
    put(writer, escape, 6);
}

/* Bytes of the valid UTF-8 character at the start of `rest`, or 0. */
static size_t character_length(struct bytes rest)
{
    unsigned char lead = (unsigned char)rest.data[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    bool valid = length <= rest.length && utf8_valid((struct bytes){rest.data, length});
    return valid ? length : 0;
}

static void put_character(struct writer *writer, struct bytes character)
{
    unsigned char lead = (unsigned char)character.data[0];
    if (lead == '"' || lead == '\\') {
        put(writer, "\\", 1);
        put(writer, character.data, 1);
    } else if (lead < 0x20 || lead == 0x7f) {
        put_escape(writer, lead);
    } else if (lead == 0xc2 && (unsigned char)character.data[1] < 0xa0) {
        put_escape(writer, (unsigned char)character.data[1]);
    } else {
        put(writer, character.data, character.length);
    }
}

static void put_quoted(struct writer *writer, struct bytes text)
{
    put(writer, "\"", 1);
    while (text.length > 0 && !writer->full) {
        size_t length = character_length(text);
        if (length == 0) put_escape(writer, 0xfffd);
        if (length != 0) put_character(writer, (struct bytes){text.data, length});
        size_t step = length == 0 ? 1 : length;
        text = (struct bytes){text.data + step, text.length - step};
    }
    put(writer, "\"", 1);
}

/* Text that needs no quotes for a person to see where it ends. */
static bool is_plain_word(struct bytes text)
{
    if (text.length == 0) return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c != '\0' && strchr("-_.:/@+,", c) != NULL);
        if (!plain) return false;
    }
    return true;
}

static void put_value(struct writer *writer, const struct log_field *field, enum log_format format)
{
    char number[24];
    switch (field->kind) {
    case LOG_FIELD_BYTES:
        if (format == LOG_AS_TEXT && is_plain_word(field->bytes)) {
            put(writer, field->bytes.data, field->bytes.length);
        } else {
            put_quoted(writer, field->bytes);
        }
        break;
    case LOG_FIELD_INT:
        snprintf(number, sizeof number, "%lld", (long long)field->integer);
        put_text(writer, number);
        break;
    case LOG_FIELD_BOOL: put_text(writer, field->integer != 0 ? "true" : "false"); break;
    }
}

/* A field is written whole or not at all. */
static void put_field(struct writer *writer, const struct log_field *field, enum log_format format)
{
    size_t before = writer->length;
    put_text(writer, format == LOG_AS_JSON ? ",\"" : " ");
    put_text(writer, field->name);
    put_text(writer, format == LOG_AS_JSON ? "\":" : "=");
    put_value(writer, field, format);
    if (writer->full) writer->length = before;
}

static void put_time(struct writer *writer, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    char text[48];
    gmtime_r(&seconds, &utc);
    size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    put(writer, text, length);
    snprintf(text, sizeof text, ".%03uZ", (unsigned)(wall_ms % 1000));
    put_text(writer, text);
}

static void put_head_json(struct writer *writer, const struct log_event *event)
{
    put_text(writer, "{\"ts\":\"");
    put_time(writer, event->wall_ms);
    put_text(writer, "\",\"level\":\"");
    put_text(writer, log_level_name(event->level));
    put_text(writer, "\",\"event\":\"");
    put_text(writer, event->name);
    put_text(writer, "\",\"component\":\"");
    put_text(writer, event->component);
    put_text(writer, "\"");
}

static void put_head_text(struct writer *writer, const struct log_event *event)
{
    put_time(writer, event->wall_ms);
    put_text(writer, " ");
    put_text(writer, log_level_name(event->level));
    put_text(writer, " ");
    put_text(writer, event->component);
    put_text(writer, " ");
    put_text(writer, event->name);
}

struct bytes log_bytes_of_text(const char *text)
{
    return bytes_of_text(text == NULL ? "(none)" : text);
}

const char *log_level_name(enum log_level level)
{
    static const char *const names[LOG_LEVEL_COUNT] = {"debug", "info", "warning", "error"};
    check(level < LOG_LEVEL_COUNT);
    return names[level];
}

size_t log_line_format(const struct log_event *event, enum log_format format, char line[LOG_LINE_BYTES_MAX])
{
    struct writer writer = {.line = line, .limit = LOG_LINE_BYTES_MAX - LOG_RESERVE_BYTES};
    if (format == LOG_AS_JSON) put_head_json(&writer, event);
    if (format == LOG_AS_TEXT) put_head_text(&writer, event);
    struct log_field suppressed = LOG_INT("suppressed", event->suppressed);
    if (event->suppressed > 0) put_field(&writer, &suppressed, format);
    for (size_t i = 0; i < event->field_count; i++) put_field(&writer, &event->fields[i], format);

    struct log_field cut = LOG_BOOL("cut", true);
    bool was_cut = writer.full;
    writer.limit = LOG_LINE_BYTES_MAX;
    writer.full = false;
    if (was_cut) put_field(&writer, &cut, format);
    put_text(&writer, format == LOG_AS_JSON ? "}\n" : "\n");
    check(!writer.full);
    return writer.length;
}
