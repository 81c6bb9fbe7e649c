#include "common/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct buffer buffer;

static int setup(void **state)
{
    (void)state;
    buffer = (struct buffer){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buffer_free(&buffer);
    return 0;
}

static void expect(const char *text)
{
    assert_int_equal(buffer.length, strlen(text));
    assert_memory_equal(buffer.data, text, strlen(text));
}

static void reserved_room_is_written_in_place_and_then_counted(void **state)
{
    (void)state;
    buffer_append_text(&buffer, "head ");
    char *at = buffer_reserve(&buffer, 1000);
    assert_ptr_equal(at, buffer.data + 5);
    assert_true(buffer.capacity >= 1005);
    expect("head ");
    memcpy(at, "body", 4);
    buffer.length += 4;
    expect("head body");
    assert_ptr_equal(buffer_reserve(&buffer, 0), at + 4);
}

static void an_empty_buffer_has_no_memory(void **state)
{
    (void)state;
    buffer_append(&buffer, NULL, 0);
    buffer_append_text(&buffer, "");
    assert_null(buffer.data);
    assert_int_equal(buffer_bytes(&buffer).length, 0);
}

static void what_is_appended_stands_in_order(void **state)
{
    (void)state;
    buffer_append(&buffer, "a\0b", 3);
    buffer_append_text(&buffer, "text");
    buffer_append_character(&buffer, '!');
    assert_int_equal(buffer.length, 8);
    assert_memory_equal(buffer_bytes(&buffer).data, "a\0btext!", 8);
}

static void it_grows_over_many_sizes_and_keeps_every_byte(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++) buffer_append_character(&buffer, (char)('a' + i % 26));
    assert_int_equal(buffer.length, 100000);
    for (int i = 0; i < 100000; i++) assert_int_equal(buffer.data[i], 'a' + i % 26);
    assert_true(buffer.capacity < 2 * buffer.length);
    static char block[300000];
    memset(block, 'z', sizeof block);
    buffer_append(&buffer, block, sizeof block);
    assert_int_equal(buffer.length, 400000);
    assert_int_equal(buffer.data[0], 'a');
    assert_int_equal(buffer.data[399999], 'z');
}

static void integers_are_written_in_full(void **state)
{
    (void)state;
    static const struct {
        int64_t integer;
        const char *text;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {-1, "-1"},
                 {10, "10"},
                 {1000000000000000, "1000000000000000"},
                 {9007199254740991, "9007199254740991"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        buffer_clear(&buffer);
        buffer_append_integer(&buffer, cases[i].integer);
        expect(cases[i].text);
    }
}

static void json_texts_are_quoted_and_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *json;
    } cases[] = {{"", "\"\""},
                 {"plain", "\"plain\""},
                 {"\"", "\"\\\"\""},
                 {"a\\b", "\"a\\\\b\""},
                 {"line\nline", "\"line\\nline\""},
                 {"\t\r\x01\x1f", "\"\\u0009\\u000d\\u0001\\u001f\""},
                 {"\x7f", "\"\\u007f\""},
                 {"/é€😀", "\"/é€😀\""}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        buffer_clear(&buffer);
        buffer_append_json_text(&buffer, cases[i].plain);
        expect(cases[i].json);
    }
}

static void clearing_keeps_the_memory_and_freeing_does_not(void **state)
{
    (void)state;
    buffer_append_text(&buffer, "something");
    char *memory = buffer.data;
    buffer_clear(&buffer);
    assert_int_equal(buffer.length, 0);
    buffer_append_text(&buffer, "else");
    assert_ptr_equal(buffer.data, memory);
    expect("else");
    buffer_free(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.capacity, 0);
    buffer_free(&buffer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_buffer_has_no_memory),
        TEST(reserved_room_is_written_in_place_and_then_counted),
        TEST(what_is_appended_stands_in_order),
        TEST(it_grows_over_many_sizes_and_keeps_every_byte),
        TEST(integers_are_written_in_full),
        TEST(json_texts_are_quoted_and_escaped),
        TEST(clearing_keeps_the_memory_and_freeing_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
