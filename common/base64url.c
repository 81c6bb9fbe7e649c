#include "common/base64url.h"

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    if (c == '_') return 63;
    return -1;
}

bool base64url_decode(struct bytes text, uint8_t *out, size_t capacity, size_t *length)
{
    size_t needed = text.length / 4 * 3 + text.length % 4 * 3 / 4;
    if (text.length % 4 == 1 || needed > capacity) return false;
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        int value = sextet(text.data[i]);
        if (value < 0) return false;
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out[count++] = (uint8_t)(bits >> held);
    }
    *length = count;
    return (bits & ((1U << held) - 1)) == 0;
}
