#include "common/codec_scan.h"

#include <string.h>

#include "common/utf8.h"

struct scan {
    const char *text;
    size_t length, at, depth, depth_max;
    bool in_text;
};

/* The byte at `at`, 0 behind the end: no byte that matters here is 0. */
static char byte_at(const struct scan *scan, size_t at)
{
    return at < scan->length ? scan->text[at] : '\0';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static const char *scan_escape(struct scan *scan)
{
    if (scan->length - scan->at >= 6 && memcmp(scan->text + scan->at, "\\u0000", 6) == 0) {
        return "a text contains a NUL character";
    }
    scan->at += scan->length - scan->at >= 2 ? 2 : 1;
    return NULL;
}

/* Most of a text is ASCII that needs no closer look. */
static void skip_plain(struct scan *scan)
{
    for (; scan->at < scan->length; scan->at++) {
        unsigned char byte = (unsigned char)scan->text[scan->at];
        if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
    }
}

static const char *scan_in_text(struct scan *scan)
{
    skip_plain(scan);
    if (scan->at == scan->length) return NULL;
    unsigned char byte = (unsigned char)scan->text[scan->at];
    if (byte == '\\') return scan_escape(scan);
    if (byte < 0x20) return "a text contains a control character";
    if (byte == '"') scan->in_text = false;
    size_t size = utf8_character_bytes((struct bytes){scan->text + scan->at, scan->length - scan->at});
    if (size == 0) return "not valid UTF-8";
    scan->at += size;
    return NULL;
}

/* The first place at or behind `at` that is no digit; `at` itself when there is none. */
static size_t digits_end(const struct scan *scan, size_t at)
{
    while (is_digit(byte_at(scan, at))) at++;
    return at;
}

/* -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? */
static const char *scan_number(struct scan *scan)
{
    static const char problem[] = "not a number of JSON";
    size_t first = scan->at + (byte_at(scan, scan->at) == '-');
    size_t end = digits_end(scan, first);
    if (end == first || (end - first > 1 && byte_at(scan, first) == '0')) return problem;
    if (byte_at(scan, end) == '.') {
        first = end + 1;
        end = digits_end(scan, first);
        if (end == first) return problem;
    }
    if (byte_at(scan, end) == 'e' || byte_at(scan, end) == 'E') {
        first = end + 1;
        if (byte_at(scan, first) == '+' || byte_at(scan, first) == '-') first++;
        end = digits_end(scan, first);
        if (end == first) return problem;
    }
    scan->at = end;
    return NULL;
}

static const char *scan_outside(struct scan *scan)
{
    unsigned char byte = (unsigned char)scan->text[scan->at];
    if (byte >= 0x80) return "a character outside of a text";
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') return "a control character";
    if (byte == '-' || is_digit((char)byte)) return scan_number(scan);
    if (byte == '"') scan->in_text = true;
    if (byte == '{' || byte == '[') {
        if (++scan->depth > scan->depth_max) return "nested too deep";
    }
    if ((byte == '}' || byte == ']') && scan->depth > 0) scan->depth--;
    scan->at++;
    return NULL;
}

const char *codec_scan(struct bytes text, size_t depth_max, size_t *offset)
{
    struct scan scan = {.text = text.data, .length = text.length, .depth_max = depth_max};
    const char *problem = NULL;
    while (problem == NULL && scan.at < scan.length) {
        problem = scan.in_text ? scan_in_text(&scan) : scan_outside(&scan);
    }
    *offset = scan.at;
    return problem;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct bytes without_spaces_around(const char *from, const char *to)
{
    while (from < to && is_space(*from)) from++;
    while (from < to && is_space(to[-1])) to--;
    return (struct bytes){from, (size_t)(to - from)};
}

/* Only members of the outermost object have their colon at depth 1. */
struct bytes codec_scan_member(struct bytes object, size_t index)
{
    size_t depth = 0, colons = 0, start = 0;
    bool in_text = false;
    for (size_t at = 0; at < object.length; at++) {
        char byte = object.data[at];
        if (in_text) {
            if (byte == '\\') at++;
            if (byte == '"') in_text = false;
            continue;
        }
        if (byte == '"') in_text = true;
        if (byte == '{' || byte == '[') depth++;
        if (depth == 1 && byte == ':' && colons++ == index) start = at + 1;
        if (depth == 1 && start > 0 && (byte == ',' || byte == '}')) {
            return without_spaces_around(object.data + start, object.data + at);
        }
        if (byte == '}' || byte == ']') depth--;
    }
    check(false);
    return (struct bytes){NULL, 0};
}
