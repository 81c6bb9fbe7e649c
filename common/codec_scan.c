#include "common/codec_scan.h"

#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t utf8_sequence_length(const unsigned char *text, size_t length)
{
    if (length == 0) return 0;
    unsigned char first = text[0];
    if (first < 0x80) return 1;
    size_t need = first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    if (need == 0 || need > length) return 0;
    for (size_t i = 1; i < need; i++) {
        if (!is_continuation(text[i])) return 0;
    }
    unsigned char second = text[1];
    bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    bool surrogate = first == 0xed && second > 0x9f;
    bool too_high = first == 0xf4 && second > 0x8f;
    return overlong || surrogate || too_high ? 0 : need;
}

struct scan {
    const unsigned char *text;
    size_t length, at, depth, depth_max;
    bool in_text;
};

static const char *scan_escape(struct scan *scan)
{
    if (scan->length - scan->at >= 6 && memcmp(scan->text + scan->at, "\\u0000", 6) == 0) {
        return "a text contains a NUL character";
    }
    scan->at += scan->length - scan->at >= 2 ? 2 : 1;
    return NULL;
}

static const char *scan_in_text(struct scan *scan)
{
    unsigned char byte = scan->text[scan->at];
    if (byte == '\\') return scan_escape(scan);
    if (byte < 0x20) return "a text contains a control character";
    if (byte == '"') scan->in_text = false;
    size_t length = utf8_sequence_length(scan->text + scan->at, scan->length - scan->at);
    if (length == 0) return "not valid UTF-8";
    scan->at += length;
    return NULL;
}

static const char *scan_outside(struct scan *scan)
{
    unsigned char byte = scan->text[scan->at];
    if (byte >= 0x80) return "a character outside of a text";
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') return "a control character";
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
    struct scan scan = {.text = (const unsigned char *)text.data, .length = text.length, .depth_max = depth_max};
    const char *problem = NULL;
    while (problem == NULL && scan.at < scan.length) {
        problem = scan.in_text ? scan_in_text(&scan) : scan_outside(&scan);
    }
    *offset = scan.at;
    return problem;
}
