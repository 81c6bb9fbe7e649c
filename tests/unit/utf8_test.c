#include "common/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

/* The definition, character by character, to compare the fast function with. */
static bool utf8_valid_slowly(const uint8_t *at, size_t left)
{
    while (left > 0) {
        size_t size = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : 0;
        if (at[0] >> 3 == 30) size = 4;
        if (size == 0 || size > left) return false;
        uint32_t code = size == 1 ? at[0] : at[0] & (0x7fu >> size);
        for (size_t i = 1; i < size; i++) {
            if (at[i] >> 6 != 2) return false;
            code = code << 6 | (at[i] & 0x3fu);
        }
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
        at += size;
        left -= size;
    }
    return true;
}

static void check_same(const uint8_t *bytes, size_t length)
{
    struct bytes text = {(const char *)bytes, length};
    assert_int_equal(utf8_valid(text), utf8_valid_slowly(bytes, length));
}

static void every_run_of_three_bytes_is_judged_as_defined(void **state)
{
    (void)state;
    for (uint32_t run = 0; run < 1u << 24; run++) {
        uint8_t bytes[3] = {(uint8_t)(run >> 16), (uint8_t)(run >> 8), (uint8_t)run};
        struct bytes text = {(const char *)bytes, sizeof(bytes)};
        if (utf8_valid(text) != utf8_valid_slowly(bytes, sizeof(bytes))) check_same(bytes, sizeof(bytes));
    }
}

static void every_four_byte_character_is_judged_as_defined(void **state)
{
    (void)state;
    for (unsigned first = 0xf0; first <= 0xff; first++) {
        for (unsigned second = 0; second <= 0xff; second++) {
            for (unsigned third = 0x7f; third <= 0xc0; third++) {
                uint8_t bytes[4] = {(uint8_t)first, (uint8_t)second, (uint8_t)third, 0x80};
                check_same(bytes, 4);
            }
        }
    }
}

static void a_bad_byte_is_found_at_every_place_of_a_long_text(void **state)
{
    (void)state;
    uint8_t text[41];
    for (size_t length = 1; length <= sizeof(text); length++) {
        for (size_t place = 0; place < length; place++) {
            memset(text, 'a', sizeof(text));
            assert_true(utf8_valid((struct bytes){(const char *)text, length}));
            text[place] = 0xc3;
            check_same(text, length);
            if (place + 1 < length) text[place + 1] = 0xa9;
            check_same(text, length);
        }
    }
}

static void nothing_is_valid(void **state)
{
    (void)state;
    assert_true(utf8_valid((struct bytes){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_run_of_three_bytes_is_judged_as_defined),
        cmocka_unit_test(every_four_byte_character_is_judged_as_defined),
        cmocka_unit_test(a_bad_byte_is_found_at_every_place_of_a_long_text),
        cmocka_unit_test(nothing_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
