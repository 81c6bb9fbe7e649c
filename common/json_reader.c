#include "common/json_reader.h"

#include <string.h>

#include "common/utf8.h"

static const int64_t integer_limit = INT64_C(1) << 53;

static bool fail(struct json_reader *reader)
{
    reader->bad = true;
    return false;
}

static void skip_space(struct json_reader *reader)
{
    while (reader->at < reader->end && memchr(" \t\r\n", *reader->at, 4) != NULL) reader->at++;
}

/* Takes `c` when it is the next character. */
static bool take(struct json_reader *reader, char c)
{
    if (reader->bad || reader->at == reader->end || *reader->at != (unsigned char)c) return false;
    reader->at++;
    return true;
}

static bool expect(struct json_reader *reader, char c)
{
    return take(reader, c) || fail(reader);
}

bool json_open(struct json_reader *reader, struct bytes text)
{
    const unsigned char *start = (const unsigned char *)text.data;
    *reader = (struct json_reader){.at = start, .end = start + text.length};
    return utf8_valid(text) || fail(reader);
}

bool json_close(struct json_reader *reader)
{
    skip_space(reader);
    return !reader->bad && reader->depth == 0 && reader->at == reader->end;
}

enum json_kind json_peek(struct json_reader *reader)
{
    skip_space(reader);
    if (reader->bad || reader->at == reader->end) return JSON_NONE;
    switch (*reader->at) {
    case '{': return JSON_OBJECT;
    case '[': return JSON_ARRAY;
    case '"': return JSON_TEXT;
    case 't':
    case 'f':
    case 'n': return JSON_WORD;
    default:
        return *reader->at == '-' || (*reader->at >= '0' && *reader->at <= '9') ? JSON_NUMBER : JSON_NONE;
    }
}

/* ---- texts */

/* A text on its way out: into a buffer as far as it fits, and into a hash. */
struct text_sink {
    char *out;
    size_t capacity;
    size_t length;
    uint64_t hash;
};

static void sink_put(struct text_sink *sink, unsigned byte)
{
    if (sink->length + 1 < sink->capacity) sink->out[sink->length] = (char)byte;
    sink->length++;
    sink->hash = (sink->hash ^ byte) * UINT64_C(1099511628211);
}

static void sink_put_point(struct text_sink *sink, unsigned point)
{
    if (point < 0x80) {
        sink_put(sink, point);
    } else if (point < 0x800) {
        sink_put(sink, 0xc0 | point >> 6);
        sink_put(sink, 0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        sink_put(sink, 0xe0 | point >> 12);
        sink_put(sink, 0x80 | (point >> 6 & 0x3f));
        sink_put(sink, 0x80 | (point & 0x3f));
    } else {
        sink_put(sink, 0xf0 | point >> 18);
        sink_put(sink, 0x80 | (point >> 12 & 0x3f));
        sink_put(sink, 0x80 | (point >> 6 & 0x3f));
        sink_put(sink, 0x80 | (point & 0x3f));
    }
}

static bool read_hex4(struct json_reader *reader, unsigned *out)
{
    static const char digits[] = "0123456789abcdef";
    *out = 0;
    for (int i = 0; i < 4; i++) {
        if (reader->at == reader->end) return fail(reader);
        char c = (char)*reader->at++;
        if (c >= 'A' && c <= 'F') c = (char)(c - 'A' + 'a');
        const char *digit = memchr(digits, c, 16);
        if (digit == NULL) return fail(reader);
        *out = *out * 16 + (unsigned)(digit - digits);
    }
    return true;
}

static bool read_unicode_escape(struct json_reader *reader, struct text_sink *sink)
{
    unsigned point, low;
    if (!read_hex4(reader, &point)) return false;
    if (point == 0 || (point >= 0xdc00 && point <= 0xdfff)) return fail(reader);
    if (point >= 0xd800 && point <= 0xdbff) {
        bool has_low = expect(reader, '\\') && expect(reader, 'u') && read_hex4(reader, &low);
        if (!has_low || low < 0xdc00 || low > 0xdfff) return fail(reader);
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    sink_put_point(sink, point);
    return true;
}

static bool read_escape(struct json_reader *reader, struct text_sink *sink)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (reader->at == reader->end) return fail(reader);
    char c = (char)*reader->at++;
    if (c == 'u') return read_unicode_escape(reader, sink);
    const char *name = memchr(names, c, sizeof names - 1);
    if (name == NULL) return fail(reader);
    sink_put(sink, (unsigned char)values[name - names]);
    return true;
}

static bool read_text(struct json_reader *reader, struct text_sink *sink)
{
    sink->hash = UINT64_C(14695981039346656037);
    if (json_peek(reader) != JSON_TEXT) return fail(reader);
    reader->at++;
    while (reader->at < reader->end && *reader->at != '"') {
        unsigned char c = *reader->at++;
        if (c < 0x20) return fail(reader);
        if (c != '\\') sink_put(sink, c);
        if (c == '\\' && !read_escape(reader, sink)) return false;
    }
    if (!expect(reader, '"')) return false;
    if (sink->capacity > 0) sink->out[sink->length < sink->capacity ? sink->length : 0] = '\0';
    return true;
}

bool json_read_text(struct json_reader *reader, char *out, size_t capacity)
{
    struct text_sink sink = {.out = out, .capacity = capacity};
    return read_text(reader, &sink) && (sink.length < capacity || fail(reader));
}

/* ---- numbers and words */

static size_t take_digits(struct json_reader *reader)
{
    size_t count = 0;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; count++) reader->at++;
    return count;
}

/* The part before fraction and exponent: 0, or digits without a leading 0. */
static bool skip_whole(struct json_reader *reader)
{
    take(reader, '-');
    return take(reader, '0') || take_digits(reader) > 0 || fail(reader);
}

static bool skip_number(struct json_reader *reader)
{
    if (!skip_whole(reader)) return false;
    if (take(reader, '.') && take_digits(reader) == 0) return fail(reader);
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '+')) take(reader, '-');
        if (take_digits(reader) == 0) return fail(reader);
    }
    return true;
}

bool json_read_integer(struct json_reader *reader, int64_t *out)
{
    if (json_peek(reader) != JSON_NUMBER) return fail(reader);
    const unsigned char *start = reader->at;
    if (!skip_whole(reader)) return false;
    int64_t value = 0;
    for (const unsigned char *at = start + (*start == '-'); at < reader->at; at++) {
        value = value * 10 + (*at - '0');
        if (value >= integer_limit) return fail(reader);
    }
    bool goes_on =
        reader->at < reader->end && strchr("0123456789.eE", *reader->at) != NULL && *reader->at != '\0';
    if (goes_on) return fail(reader);
    *out = *start == '-' ? -value : value;
    return true;
}

static bool skip_word(struct json_reader *reader)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, words[i], length) != 0)
            continue;
        reader->at += length;
        return true;
    }
    return fail(reader);
}

/* ---- objects and arrays */

static bool enter(struct json_reader *reader, struct json_nest *nest, enum json_kind kind)
{
    nest->started = false;
    nest->count = 0;
    if (json_peek(reader) != kind || reader->depth == JSON_DEPTH_MAX) return fail(reader);
    reader->depth++;
    reader->at++;
    return true;
}

/* Steps to the next member or item: false at the closing bracket, which it takes, or at a fault. */
static bool next(struct json_reader *reader, struct json_nest *nest, char closing)
{
    if (reader->bad) return false;
    skip_space(reader);
    if (take(reader, closing)) {
        reader->depth--;
        return false;
    }
    if (nest->started && !expect(reader, ',')) return false;
    nest->started = true;
    return true;
}

bool json_enter_object(struct json_reader *reader, struct json_nest *nest)
{
    return enter(reader, nest, JSON_OBJECT);
}

static bool remember_name(struct json_reader *reader, struct json_nest *nest, uint64_t hash)
{
    if (nest->count == JSON_MEMBERS_MAX) return fail(reader);
    for (size_t i = 0; i < nest->count; i++) {
        if (nest->names[i] == hash) return fail(reader);
    }
    nest->names[nest->count++] = hash;
    return true;
}

bool json_next_member(struct json_reader *reader, struct json_nest *nest, char *name, size_t capacity)
{
    struct text_sink sink = {.out = name, .capacity = capacity};
    if (!next(reader, nest, '}') || !read_text(reader, &sink)) return false;
    if (!remember_name(reader, nest, sink.hash)) return false;
    skip_space(reader);
    return expect(reader, ':');
}

bool json_enter_array(struct json_reader *reader, struct json_nest *nest)
{
    return enter(reader, nest, JSON_ARRAY);
}

bool json_next_item(struct json_reader *reader, struct json_nest *nest)
{
    return next(reader, nest, ']') && (json_peek(reader) != JSON_NONE || fail(reader));
}

static bool skip_nest(struct json_reader *reader, enum json_kind kind)
{
    struct json_nest nest;
    if (!enter(reader, &nest, kind)) return false;
    if (kind == JSON_OBJECT) {
        while (json_next_member(reader, &nest, NULL, 0)) json_skip(reader);
    } else {
        while (json_next_item(reader, &nest)) json_skip(reader);
    }
    return !reader->bad;
}

bool json_skip(struct json_reader *reader)
{
    struct text_sink nowhere = {.out = NULL};
    enum json_kind kind = json_peek(reader);
    switch (kind) {
    case JSON_TEXT: return read_text(reader, &nowhere);
    case JSON_NUMBER: return skip_number(reader);
    case JSON_WORD: return skip_word(reader);
    case JSON_OBJECT:
    case JSON_ARRAY: return skip_nest(reader, kind);
    case JSON_NONE: break;
    }
    return fail(reader);
}
