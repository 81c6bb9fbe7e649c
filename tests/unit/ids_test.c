#include "common/ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"

static const uint8_t zeros[IDS_UUID_RANDOM] = {0};

/* The example of RFC 9562, appendix A.6. */
static void version_7_is_the_published_example(void **state)
{
    (void)state;
    const uint8_t random[IDS_UUID_RANDOM] = {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
    char id[IDS_UUID_SIZE];
    ids_uuid_v7(id, INT64_C(0x017F22E279B0), random);
    assert_string_equal(id, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void version_and_variant_hold_for_any_random_bytes(void **state)
{
    (void)state;
    uint8_t ones[IDS_UUID_RANDOM];
    memset(ones, 0xff, sizeof ones);
    char id[IDS_UUID_SIZE];
    ids_uuid_v7(id, 0, zeros);
    assert_string_equal(id, "00000000-0000-7000-8000-000000000000");
    ids_uuid_v7(id, (INT64_C(1) << 48) - 1, ones);
    assert_string_equal(id, "ffffffff-ffff-7fff-bfff-ffffffffffff");
}

static void ids_sort_by_time(void **state)
{
    (void)state;
    uint8_t ones[IDS_UUID_RANDOM];
    memset(ones, 0xff, sizeof ones);
    for (int64_t now_ms = 1; now_ms < INT64_C(1) << 47; now_ms = now_ms * 3 + 1) {
        char earlier[IDS_UUID_SIZE], later[IDS_UUID_SIZE];
        ids_uuid_v7(earlier, now_ms, ones);
        ids_uuid_v7(later, now_ms + 1, zeros);
        assert_true(strcmp(earlier, later) < 0);
    }
}

static void match_ids_carry_the_time_and_never_repeat(void **state)
{
    (void)state;
    char a[IDS_UUID_SIZE], b[IDS_UUID_SIZE];
    uint8_t bytes[IDS_UUID_BYTES];
    int64_t before_ms = clock_wall_ms(), made_ms = 0;
    ids_match_id(a);
    ids_match_id(b);
    assert_string_not_equal(a, b);
    assert_true(ids_uuid_to_bytes(a, bytes));
    for (int i = 0; i < 6; i++) made_ms = made_ms * 256 + bytes[i];
    assert_true(before_ms <= made_ms && made_ms <= clock_wall_ms());
    assert_int_equal(ids_uuid_time_ms(a), made_ms);
}

static void only_version_7_tells_a_time(void **state)
{
    (void)state;
    assert_int_equal(ids_uuid_time_ms("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), INT64_C(0x017F22E279B0));
    assert_int_equal(ids_uuid_time_ms("017f22e2-79b0-4cc3-98c4-dc0c0c07398f"), 0);
    assert_int_equal(ids_uuid_time_ms("017f22e279b0"), 0);
    assert_int_equal(ids_uuid_time_ms(""), 0);
}

static void session_ids_are_32_hex_digits_and_never_repeat(void **state)
{
    (void)state;
    char a[IDS_SESSION_SIZE], b[IDS_SESSION_SIZE];
    ids_session_id(a);
    ids_session_id(b);
    assert_string_not_equal(a, b);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_int_equal(strlen(a), 32);
}

static void bytes_and_text_are_inverse(void **state)
{
    (void)state;
    uint8_t bytes[IDS_UUID_BYTES], again[IDS_UUID_BYTES];
    char text[IDS_UUID_SIZE];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 16 + 1);
    ids_uuid_from_bytes(bytes, text);
    assert_string_equal(text, "01112131-4151-6171-8191-a1b1c1d1e1f1");
    assert_true(ids_uuid_to_bytes(text, again));
    assert_memory_equal(bytes, again, sizeof bytes);
    assert_true(ids_uuid_to_bytes("01112131-4151-6171-8191-A1B1C1D1E1F1", again));
}

static void what_is_no_uuid_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    const char *bad[] = {"",
                         "01112131-4151-6171-8191-a1b1c1d1e1f",
                         "01112131-4151-6171-8191-a1b1c1d1e1f11",
                         "011121314-151-6171-8191-a1b1c1d1e1f1",
                         "01112131-4151-6171-8191-a1b1c1d1e1fg",
                         "{1112131-4151-6171-8191-a1b1c1d1e1f}",
                         " 1112131-4151-6171-8191-a1b1c1d1e1f1",
                         "01112131415161718191a1b1c1d1e1f1"};
    uint8_t bytes[IDS_UUID_BYTES] = {42};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(ids_uuid_to_bytes(bad[i], bytes));
        assert_int_equal(bytes[0], 42);
    }
}

static void player_ids_have_a_narrow_alphabet_and_length(void **state)
{
    (void)state;
    char text[66];
    memset(text, 'a', sizeof text);
    assert_false(ids_is_player_id((struct bytes){text, 0}));
    assert_true(ids_is_player_id((struct bytes){text, 1}));
    assert_true(ids_is_player_id((struct bytes){text, 64}));
    assert_false(ids_is_player_id((struct bytes){text, 65}));
    const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    for (int c = 0; c < 256; c++) {
        text[1] = (char)c;
        bool expected = c != 0 && strchr(allowed, c) != NULL;
        assert_int_equal(ids_is_player_id((struct bytes){text, 3}), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_7_is_the_published_example),
        cmocka_unit_test(version_and_variant_hold_for_any_random_bytes),
        cmocka_unit_test(ids_sort_by_time),
        cmocka_unit_test(match_ids_carry_the_time_and_never_repeat),
        cmocka_unit_test(only_version_7_tells_a_time),
        cmocka_unit_test(session_ids_are_32_hex_digits_and_never_repeat),
        cmocka_unit_test(bytes_and_text_are_inverse),
        cmocka_unit_test(what_is_no_uuid_is_refused_and_changes_nothing),
        cmocka_unit_test(player_ids_have_a_narrow_alphabet_and_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
