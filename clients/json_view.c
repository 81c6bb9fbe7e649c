#include "clients/json_view.h"

#include "common/json_reader.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at)) at++;
    return at;
}

/* Past the closing quote, or NULL. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        if (*at == '\\') at++;
    }
    return at < end ? at + 1 : NULL;
}

/* Past the closing bracket, or NULL. Brackets are counted, not matched. */
static const char *skip_container(const char *at, const char *end)
{
    int depth = 0;
    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
            if (at == NULL) return NULL;
            continue;
        }
        if (*at == '{' || *at == '[') depth++;
        if (*at == '}' || *at == ']') depth--;
        at++;
        if (depth == 0) return at;
    }
    return NULL;
}

static const char *skip_value(const char *at, const char *end)
{
    if (at >= end) return NULL;
    if (*at == '"') return skip_string(at, end);
    if (*at == '{' || *at == '[') return skip_container(at, end);
    const char *from = at;
    while (at < end && !is_blank(*at) && strchr(",:{}[]\"", *at) == NULL) at++;
    return at > from ? at : NULL;
}

static struct bytes trim(struct bytes text)
{
    if (text.length == 0) return text;
    const char *end = text.data + text.length;
    const char *from = skip_blanks(text.data, end);
    while (end > from && is_blank(end[-1])) end--;
    return (struct bytes){from, (size_t)(end - from)};
}

static bool is_container(struct bytes value)
{
    return value.length >= 2 && (value.data[0] == '{' || value.data[0] == '[');
}

/* `rest` starts with '{', '[' or the ',' of the next member; it shrinks to what comes behind the member. An
 * object is told from an array by its last byte, which a view always carries along. */
bool json_view_next(struct bytes *rest, struct bytes *key, struct bytes *value)
{
    static const struct bytes absent = {NULL, 0};
    *rest = trim(*rest);
    if (key != NULL) *key = absent;
    *value = absent;
    if (rest->length < 2 || (rest->data[0] != ',' && !is_container(*rest))) return false;
    const char *end = rest->data + rest->length - 1;
    bool object = *end == '}';
    const char *at = skip_blanks(rest->data + 1, end);
    if (object && at < end) {
        const char *name_end = *at == '"' ? skip_string(at, end) : NULL;
        if (name_end == NULL) return false;
        if (key != NULL) *key = (struct bytes){at + 1, (size_t)(name_end - at) - 2};
        at = skip_blanks(name_end, end);
        if (at == end || *at != ':') return false;
        at = skip_blanks(at + 1, end);
    }
    const char *behind = skip_value(at, end);
    if (behind == NULL) return false;
    *value = (struct bytes){at, (size_t)(behind - at)};
    behind = skip_blanks(behind, end);
    *rest = (struct bytes){behind, (size_t)(end + 1 - behind)};
    return true;
}

struct bytes json_view_field(struct bytes object, const char *key)
{
    struct bytes name, value;
    while (json_view_next(&object, &name, &value)) {
        if (name.data != NULL && bytes_equal_text(name, key)) return value;
    }
    return (struct bytes){NULL, 0};
}

bool json_view_integer(struct bytes value, int64_t *number)
{
    size_t at = value.length > 0 && value.data[0] == '-' ? 1 : 0;
    if (at == value.length || (value.data[at] == '0' && value.length > at + 1)) return false;
    int64_t result = 0;
    for (; at < value.length; at++) {
        int digit = value.data[at] - '0';
        if (digit < 0 || digit > 9) return false;
        if (__builtin_mul_overflow(result, 10, &result) || __builtin_sub_overflow(result, digit, &result))
            return false;
    }
    if (value.data[0] != '-' && result == INT64_MIN) return false;
    *number = value.data[0] == '-' ? result : -result;
    return true;
}

int64_t json_view_integer_or(struct bytes value, int64_t fallback)
{
    int64_t number;
    return json_view_integer(value, &number) ? number : fallback;
}

static bool read_hex4(const char *at, const char *end, uint32_t *point)
{
    if (end - at < 4) return false;
    *point = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return false;
        *point = *point << 4 | (uint32_t)digit;
    }
    return true;
}

static size_t encode_utf8(uint32_t point, char out[4])
{
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) point = '?';
    if (point < 0x80) return out[0] = (char)point, 1;
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, point >>= 6) out[i] = (char)(0x80 | (point & 0x3f));
    out[0] = (char)((0xf00u >> length) | point);
    return length;
}

/* Reads what stands behind a backslash; false when it is no escape. */
static bool read_escape(const char **at, const char *end, uint32_t *point)
{
    char c = *(*at)++;
    *point = (uint32_t)(unsigned char)c;
    if (c == '"' || c == '\\' || c == '/') return true;
    if (strchr("bfnrt", c) != NULL && c != '\0') return *point = '?', true;
    if (c != 'u' || !read_hex4(*at, end, point)) return false;
    *at += 4;
    uint32_t low;
    if (*point >= 0xd800 && *point < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' &&
        read_hex4(*at + 2, end, &low) && low >= 0xdc00 && low < 0xe000) {
        *point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
        *at += 6;
    } else if (*point >= 0xd800 && *point < 0xe000) {
        *point = '?';
    }
    return true;
}

/* One character; '?' for a byte that starts none. */
static uint32_t read_utf8(const char **at, const char *end)
{
    uint8_t first = (uint8_t) * (*at)++;
    if (first < 0x80) return first;
    int behind = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
    if (behind == 0 || first > 0xf4 || end - *at < behind) return '?';
    uint32_t point = first & (0x3fu >> behind);
    for (int i = 0; i < behind; i++) point = point << 6 | ((uint8_t) * (*at)++ & 0x3f);
    return point;
}

bool json_view_text(struct bytes value, char *text, size_t capacity)
{
    text[0] = '\0';
    if (value.length < 2 || value.data[0] != '"') return false;
    const char *at = value.data + 1;
    const char *end = value.data + value.length - 1;
    size_t length = 0;
    while (at < end) {
        char bytes[4];
        uint32_t point;
        if (*at == '\\') {
            at++;
            if (at == end || !read_escape(&at, end, &point)) break;
        } else {
            point = read_utf8(&at, end);
        }
        size_t count = encode_utf8(point, bytes);
        if (length + count >= capacity) break;
        memcpy(text + length, bytes, count);
        length += count;
    }
    text[length] = '\0';
    return true;
}

bool json_view_equals(struct bytes value, const char *text)
{
    size_t length = strlen(text);
    return value.length == length + 2 && value.data[0] == '"' && memcmp(value.data + 1, text, length) == 0;
}

bool json_view_is_true(struct bytes value)
{
    return bytes_equal_text(value, "true");
}

bool json_view_is_object(struct bytes value)
{
    return value.length >= 2 && value.data[0] == '{';
}

bool json_view_is_whole(struct bytes text)
{
    struct json_reader reader;
    return text.length > 0 && json_open(&reader, text) && json_skip(&reader) && json_close(&reader);
}
