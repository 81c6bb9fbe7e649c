#include "digits.h"

/* Hundreds, tens and ones; zeros in front are left out and the rest moves up. */
#define ONE(h, t, o)                \
    {{(h) != '0'   ? (h)            \
      : (t) != '0' ? (t)            \
                   : (o),           \
      (h) != '0' ? (t) : (o), (o)}, \
     (h) != '0'   ? 3               \
     : (t) != '0' ? 2               \
                  : 1},
#define TEN(h, t)  \
    ONE(h, t, '0') \
    ONE(h, t, '1') \
    ONE(h, t, '2') \
    ONE(h, t, '3') ONE(h, t, '4') ONE(h, t, '5') ONE(h, t, '6') ONE(h, t, '7') ONE(h, t, '8') ONE(h, t, '9')
#define HUNDRED(h) \
    TEN(h, '0')    \
    TEN(h, '1')    \
    TEN(h, '2') TEN(h, '3') TEN(h, '4') TEN(h, '5') TEN(h, '6') TEN(h, '7') TEN(h, '8') TEN(h, '9')

const struct digits_short digits_short[1000] = {HUNDRED('0') HUNDRED('1') HUNDRED('2') HUNDRED('3') HUNDRED(
    '4') HUNDRED('5') HUNDRED('6') HUNDRED('7') HUNDRED('8') HUNDRED('9')};

#define PAIR(t) \
    {t, '0'}, {t, '1'}, {t, '2'}, {t, '3'}, {t, '4'}, {t, '5'}, {t, '6'}, {t, '7'}, {t, '8'}, {t, '9'},

static const char digits_pairs[100][2] = {PAIR('0') PAIR('1') PAIR('2') PAIR('3') PAIR('4') PAIR('5')
                                              PAIR('6') PAIR('7') PAIR('8') PAIR('9')};

char *digits_long(char *at, uint32_t value)
{
    uint32_t thousands = value / 1000, rest = value % 1000;
    at = thousands < 1000 ? digits_below_1000(at, thousands) : digits_long(at, thousands);
    *at = (char)('0' + rest / 100);
    memcpy(at + 1, digits_pairs[rest % 100], 2);
    return at + 3;
}
