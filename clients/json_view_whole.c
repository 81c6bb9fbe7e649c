#include "clients/json_view.h"

#include <string.h>

/* The grammar of RFC 8259, walked once from left to right. */
struct walk {
    const char *at;
    const char *end;
};

static bool walk_value(struct walk *walk, int depth);

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    return at;
}

static bool walk_character(struct walk *walk, char wanted)
{
    walk->at = skip_blanks(walk->at, walk->end);
    if (walk->at == walk->end || *walk->at != wanted) return false;
    walk->at++;
    return true;
}

static bool walk_escape(struct walk *walk)
{
    if (walk->at == walk->end) return false;
    char c = *walk->at++;
    if (c != 'u') return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
    if (walk->end - walk->at < 4) return false;
    for (int i = 0; i < 4; i++) {
        char digit = *walk->at++;
        if (digit == '\0' || strchr("0123456789abcdefABCDEF", digit) == NULL) return false;
    }
    return true;
}

static bool walk_string(struct walk *walk)
{
    if (!walk_character(walk, '"')) return false;
    while (walk->at < walk->end && *walk->at != '"') {
        char c = *walk->at++;
        if ((unsigned char)c < 0x20) return false;
        if (c == '\\' && !walk_escape(walk)) return false;
    }
    if (walk->at == walk->end) return false;
    walk->at++;
    return true;
}

static size_t walk_digits(struct walk *walk)
{
    const char *from = walk->at;
    while (walk->at < walk->end && *walk->at >= '0' && *walk->at <= '9') walk->at++;
    return (size_t)(walk->at - from);
}

static bool walk_number(struct walk *walk)
{
    if (*walk->at == '-') walk->at++;
    bool zero = walk->at < walk->end && *walk->at == '0';
    size_t digits = walk_digits(walk);
    if (digits == 0 || (zero && digits > 1)) return false;
    if (walk->at < walk->end && *walk->at == '.') {
        walk->at++;
        if (walk_digits(walk) == 0) return false;
    }
    if (walk->at < walk->end && (*walk->at == 'e' || *walk->at == 'E')) {
        walk->at++;
        if (walk->at < walk->end && (*walk->at == '+' || *walk->at == '-')) walk->at++;
        if (walk_digits(walk) == 0) return false;
    }
    return true;
}

static bool walk_word(struct walk *walk)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(walk->end - walk->at) < length || memcmp(walk->at, words[i], length) != 0) continue;
        walk->at += length;
        return true;
    }
    return false;
}

static bool walk_container(struct walk *walk, char close, int depth)
{
    walk->at++;
    if (walk_character(walk, close)) return true;
    do {
        if (close == '}' && (!walk_string(walk) || !walk_character(walk, ':'))) return false;
        if (!walk_value(walk, depth + 1)) return false;
    } while (walk_character(walk, ','));
    return walk_character(walk, close);
}

static bool walk_value(struct walk *walk, int depth)
{
    walk->at = skip_blanks(walk->at, walk->end);
    if (walk->at == walk->end || depth > JSON_VIEW_DEPTH_MAX) return false;
    switch (*walk->at) {
    case '{': return walk_container(walk, '}', depth);
    case '[': return walk_container(walk, ']', depth);
    case '"': return walk_string(walk);
    case 't':
    case 'f':
    case 'n': return walk_word(walk);
    default: return walk_number(walk);
    }
}

bool json_view_is_whole(struct bytes text)
{
    if (text.length == 0) return false;
    struct walk walk = {text.data, text.data + text.length};
    return walk_value(&walk, 1) && skip_blanks(walk.at, walk.end) == walk.end;
}
