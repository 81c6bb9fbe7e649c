/* Strings of the JSON reader: escapes, UTF-8, and the alphabet of ids. */
#include <string.h>

#include "json_reader.h"

struct writer {
    char *out; /* NULL: only checked */
    size_t capacity, length;
    bool full;
};

static void put(struct writer *writer, uint8_t byte)
{
    if (writer->out == NULL) return;
    if (writer->length + 1 >= writer->capacity) {
        writer->full = true;
        return;
    }
    writer->out[writer->length++] = (char)byte;
}

static void put_code_point(struct writer *writer, uint32_t code)
{
    if (code < 0x80) {
        put(writer, (uint8_t)code);
    } else if (code < 0x800) {
        put(writer, (uint8_t)(0xc0 | code >> 6));
        put(writer, (uint8_t)(0x80 | (code & 63)));
    } else if (code < 0x10000) {
        put(writer, (uint8_t)(0xe0 | code >> 12));
        put(writer, (uint8_t)(0x80 | (code >> 6 & 63)));
        put(writer, (uint8_t)(0x80 | (code & 63)));
    } else {
        put(writer, (uint8_t)(0xf0 | code >> 18));
        put(writer, (uint8_t)(0x80 | (code >> 12 & 63)));
        put(writer, (uint8_t)(0x80 | (code >> 6 & 63)));
        put(writer, (uint8_t)(0x80 | (code & 63)));
    }
}

static bool hex4(struct json *json, uint32_t *out)
{
    *out = 0;
    if (json->end - json->at < 4) return false;
    for (int i = 0; i < 4; i++) {
        uint8_t c = *json->at++;
        uint32_t digit = c >= '0' && c <= '9'   ? c - (uint32_t)'0'
                         : c >= 'a' && c <= 'f' ? c - (uint32_t)'a' + 10
                         : c >= 'A' && c <= 'F' ? c - (uint32_t)'A' + 10
                                                : 16;
        if (digit == 16) return false;
        *out = *out << 4 | digit;
    }
    return true;
}

/* After `\u`: one code point, from two escapes when it is a surrogate pair. NUL and control are refused. */
static bool read_unicode(struct json *json, struct writer *writer)
{
    uint32_t code, low;
    if (!hex4(json, &code)) return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (json->end - json->at < 6 || json->at[0] != '\\' || json->at[1] != 'u') return false;
        json->at += 2;
        if (!hex4(json, &low) || low < 0xdc00 || low > 0xdfff) return false;
        code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
    }
    if (code < 0x20 || code == 0x7f || (code >= 0xd800 && code < 0xe000)) return false;
    put_code_point(writer, code);
    return true;
}

static bool read_escape(struct json *json, struct writer *writer)
{
    if (json->at == json->end) return false;
    uint8_t c = *json->at++;
    if (c == 'u') return read_unicode(json, writer);
    if (c != '"' && c != '\\' && c != '/') return false; /* the others stand for control characters */
    put(writer, c);
    return true;
}

/* One well-formed UTF-8 sequence: shortest form, no surrogates, at most U+10FFFF. */
static bool read_utf8(struct json *json, struct writer *writer)
{
    uint8_t lead = *json->at;
    int more = lead < 0x80                   ? 0
               : lead >= 0xc2 && lead < 0xe0 ? 1
               : lead >= 0xe0 && lead < 0xf0 ? 2
               : lead >= 0xf0 && lead < 0xf5 ? 3
                                             : -1;
    if (lead < 0x20 || lead == 0x7f || more < 0 || json->end - json->at <= more) return false;
    uint8_t second = more > 0 ? json->at[1] : 0x80;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
        return false;
    for (int i = 1; i <= more; i++)
        if ((json->at[i] & 0xc0) != 0x80) return false;
    for (int i = 0; i <= more; i++) put(writer, json->at[i]);
    json->at += more + 1;
    return true;
}

bool json_text(struct json *json, char *out, size_t capacity)
{
    struct writer writer = {out, capacity, 0, false};
    if (out != NULL) out[0] = '\0';
    if (json_peek(json) != '"') return json_fail(json, BATTLE_E_SCHEMA, "expected a string");
    json->at++;
    while (json->at < json->end && *json->at != '"') {
        bool good = *json->at == '\\' ? (json->at++, read_escape(json, &writer)) : read_utf8(json, &writer);
        if (!good)
            return json_fail(json, BATTLE_E_SCHEMA, "string holds a byte or an escape that is not allowed");
    }
    if (json->at == json->end) return json_fail(json, BATTLE_E_SCHEMA, "string does not end");
    json->at++;
    if (writer.full) return json_fail(json, BATTLE_E_SCHEMA, "string is too long");
    if (out != NULL) out[writer.length] = '\0';
    return true;
}

bool json_id(struct json *json, char out[BATTLE_ID_BYTES])
{
    if (!json_text(json, out, BATTLE_ID_BYTES)) return false;
    if (out[0] < 'a' || out[0] > 'z')
        return json_fail(json, BATTLE_E_SCHEMA, "id must start with a letter a-z");
    if (strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(out))
        return json_fail(json, BATTLE_E_SCHEMA, "id may hold only a-z, 0-9 and _");
    return true;
}

bool json_text_is_clean(const char *words)
{
    struct writer nowhere = {NULL, 0, 0, false};
    struct json json = {.at = (const uint8_t *)words, .end = (const uint8_t *)words + strlen(words)};
    while (json.at < json.end)
        if (!read_utf8(&json, &nowhere)) return false;
    return true;
}
