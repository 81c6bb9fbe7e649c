/* digits.h -- whole numbers as decimal text. Most numbers of a timeline are below 1000: they come out of a
 * table of 4 KB in one step, without a division and without a loop. */
#ifndef DUELPOD_BATTLE_DIGITS_H
#define DUELPOD_BATTLE_DIGITS_H

#include <stdint.h>
#include <string.h>

enum { DIGITS_ROOM = 16 }; /* bytes that must be writable; at most 11 of them become the number */

struct digits_short {
    char text[3]; /* without zeros in front */
    uint8_t length;
};

extern const struct digits_short digits_short[1000];

/* All of these give the end of what they wrote. */
char *digits_long(char *at, uint32_t value); /* 1000 or more */

static inline char *digits_below_1000(char *at, uint32_t value)
{
    memcpy(at, &digits_short[value], sizeof digits_short[value]);
    return at + digits_short[value].length;
}

static inline char *digits_write(char *at, int32_t value)
{
    uint32_t left = (uint32_t)value;
    if (value < 0) {
        *at++ = '-';
        left = 0u - left;
    }
    return left < 1000 ? digits_below_1000(at, left) : digits_long(at, left);
}

#endif
