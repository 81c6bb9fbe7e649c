#include "common/utf8.h"

#include <string.h>

/* Bytes of the character that starts with `lead`, and the range its second byte must be in. 0: no such
 * lead. */
static size_t utf8_shape(uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) {
        if (lead == 0xe0) *low = 0xa0;
        if (lead == 0xed) *high = 0x9f;
        return 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        if (lead == 0xf0) *low = 0x90;
        if (lead == 0xf4) *high = 0x8f;
        return 4;
    }
    return 0;
}

size_t utf8_character_bytes(struct bytes text)
{
    const uint8_t *at = (const uint8_t *)text.data;
    uint8_t low, high;
    if (text.length == 0) return 0;
    if (at[0] < 0x80) return 1;
    size_t size = utf8_shape(at[0], &low, &high);
    if (size == 0 || size > text.length || at[1] < low || at[1] > high) return 0;
    for (size_t i = 2; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0;
    }
    return size;
}

bool utf8_valid(struct bytes text)
{
    size_t i = 0;
    while (i < text.length) {
        uint64_t eight;
        if (text.length - i >= sizeof(eight)) {
            memcpy(&eight, text.data + i, sizeof(eight));
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof(eight);
                continue;
            }
        }
        size_t size = utf8_character_bytes((struct bytes){text.data + i, text.length - i});
        if (size == 0) return false;
        i += size;
    }
    return true;
}
