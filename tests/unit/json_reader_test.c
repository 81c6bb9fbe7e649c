#include "common/json_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base64url.h"

/* Copies the text to memory of exactly its size, so that a sanitizer sees every step too far. */
static bool accepts_bytes(const char *text, size_t length)
{
    struct json_reader reader;
    char *copy = malloc(length == 0 ? 1 : length);
    memcpy(copy, text, length);
    json_open(&reader, (struct bytes){copy, length});
    json_skip(&reader);
    bool good = json_close(&reader);
    free(copy);
    return good;
}

static bool accepts(const char *text)
{
    return accepts_bytes(text, strlen(text));
}

static void everything_json_is_accepted(void **state)
{
    (void)state;
    const char *good[] = {"{}",
                          "[]",
                          " [ ] ",
                          "0",
                          "-0",
                          "-12.5e+3",
                          "1E9",
                          "0.0001",
                          "true",
                          "false",
                          "null",
                          "\"\"",
                          "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
                          "\"\xc3\xa9\xf0\x9f\x98\x80\"",
                          "{\"a\":{\"a\":[1,{\"a\":2}]},\"b\":[[],{}]}",
                          "\r\n\t{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }\n",
                          "[[[[[[[[]]]]]]]]"};
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        if (!accepts(good[i])) fail_msg("refused: %s", good[i]);
    }
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"",
                         " ",
                         "{",
                         "}",
                         "[",
                         "]",
                         "{]",
                         "{\"a\"}",
                         "{\"a\":}",
                         "{a:1}",
                         "{\"a\":1,}",
                         "{,\"a\":1}",
                         "[1,]",
                         "[,1]",
                         "[1 2]",
                         "[1,,2]",
                         "{\"a\" 1}",
                         "{\"a\":1 2}",
                         "{} {}",
                         "{}x",
                         "01",
                         "-",
                         "+1",
                         "1.",
                         ".5",
                         "1e",
                         "1e+",
                         "0x1",
                         "--1",
                         "NaN",
                         "Infinity",
                         "True",
                         "truex",
                         "tru",
                         "'a'",
                         "\"",
                         "\"\\",
                         "\"\\x\"",
                         "\"\\u12\"",
                         "\"\\u12g4\"",
                         "\"\n\"",
                         "\"\t\"",
                         "\"\\u0000\"",
                         "\"\\ud800\"",
                         "\"\\ud800x\"",
                         "\"\\ud800\\u0041\"",
                         "\"\\udc00\"",
                         "\"\xff\"",
                         "\"\xc0\xaf\"",
                         "\xEF\xBB\xBF{}",
                         "// a\n1",
                         "[[[[[[[[[]]]]]]]]]",
                         "{\"a\":1,\"a\":2}",
                         "{\"a\":1,\"\\u0061\":2}",
                         "{\"\":1,\"\":2}"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (accepts(bad[i])) fail_msg("accepted: %s", bad[i]);
    }
    assert_false(accepts_bytes("1\0", 2));
    assert_false(accepts_bytes("{}\0", 3));
}

static void every_cut_of_a_text_is_refused(void **state)
{
    (void)state;
    const char text[] = "{\"a\":[1.5e2,\"\\u00e9\\n\",true,null,{\"b\":-1}],\"\xc3\xa9\":false}";
    assert_true(accepts(text));
    for (size_t length = 0; length < sizeof text - 1; length++) assert_false(accepts_bytes(text, length));
}

static void members_have_a_limit(void **state)
{
    (void)state;
    char text[1024] = "{", *at = text + 1;
    for (int i = 0; i < JSON_MEMBERS_MAX; i++) at += sprintf(at, "%s\"m%d\":0", i == 0 ? "" : ",", i);
    strcpy(at, "}");
    assert_true(accepts(text));
    strcpy(at, ",\"more\":0}");
    assert_false(accepts(text));
}

static bool integer_of(const char *text, int64_t *out)
{
    struct json_reader reader;
    json_open(&reader, bytes_of_text(text));
    json_read_integer(&reader, out);
    return json_close(&reader);
}

static void integers_are_exact_or_refused(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(integer_of("9007199254740991", &value) && value == INT64_C(9007199254740991));
    assert_true(integer_of("-9007199254740991", &value) && value == -INT64_C(9007199254740991));
    assert_true(integer_of("0", &value) && value == 0);
    assert_true(integer_of(" 42 ", &value) && value == 42);
    const char *bad[] = {"9007199254740992",
                         "-9007199254740992",
                         "99999999999999999999999",
                         "1.0",
                         "1e3",
                         "1E3",
                         "01",
                         "-",
                         "\"1\"",
                         "true",
                         "null",
                         "[1]",
                         ""};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        value = 7;
        assert_false(integer_of(bad[i], &value));
    }
}

static bool text_of(const char *json, char *out, size_t capacity)
{
    struct json_reader reader;
    json_open(&reader, bytes_of_text(json));
    json_read_text(&reader, out, capacity);
    return json_close(&reader);
}

static void texts_are_decoded_whole_or_refused(void **state)
{
    (void)state;
    char out[16];
    assert_true(text_of("\"a\\u00e9\\u20ac\\ud83d\\ude00\\n\"", out, sizeof out));
    assert_string_equal(out, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n");
    assert_true(text_of("\"abc\"", out, 4));
    assert_string_equal(out, "abc");
    assert_false(text_of("\"abcd\"", out, 4));
    assert_false(text_of("1", out, sizeof out));
}

static void members_come_one_by_one(void **state)
{
    (void)state;
    struct json_reader reader;
    struct json_nest object, array;
    char name[4], value[8];
    int64_t number;
    json_open(&reader, bytes_of_text("{\"a\":\"x\",\"much too long\":[{}],\"b\":[1,2]}"));
    assert_true(json_enter_object(&reader, &object));
    assert_true(json_next_member(&reader, &object, name, sizeof name));
    assert_string_equal(name, "a");
    assert_true(json_read_text(&reader, value, sizeof value));
    assert_true(json_next_member(&reader, &object, name, sizeof name));
    assert_string_equal(name, "");
    assert_int_equal(json_peek(&reader), JSON_ARRAY);
    assert_true(json_skip(&reader));
    assert_true(json_next_member(&reader, &object, name, sizeof name));
    assert_true(json_enter_array(&reader, &array));
    for (int64_t i = 1; i <= 2; i++) {
        assert_true(json_next_item(&reader, &array));
        assert_true(json_read_integer(&reader, &number) && number == i);
    }
    assert_false(json_next_item(&reader, &array));
    assert_false(json_close(&reader));
    assert_false(json_next_member(&reader, &object, name, sizeof name));
    assert_true(json_close(&reader));
}

static void after_a_fault_everything_is_refused(void **state)
{
    (void)state;
    struct json_reader reader;
    struct json_nest object;
    char name[8];
    int64_t number;
    json_open(&reader, bytes_of_text("{\"a\":\"x\",\"b\":1}"));
    json_enter_object(&reader, &object);
    json_next_member(&reader, &object, name, sizeof name);
    assert_false(json_read_integer(&reader, &number));
    assert_int_equal(json_peek(&reader), JSON_NONE);
    assert_false(json_next_member(&reader, &object, name, sizeof name));
    assert_false(json_skip(&reader));
    assert_false(json_close(&reader));
}

static bool decodes_to(const char *text, const char *expected)
{
    uint8_t out[8];
    size_t length = 99;
    return base64url_decode(bytes_of_text(text), out, sizeof out, &length) && length == strlen(expected) &&
           memcmp(out, expected, length) == 0;
}

static void base64url_is_strict(void **state)
{
    (void)state;
    assert_true(decodes_to("", ""));
    assert_true(decodes_to("Zg", "f"));
    assert_true(decodes_to("Zm8", "fo"));
    assert_true(decodes_to("Zm9v", "foo"));
    assert_true(decodes_to("Zm9vYmFy", "foobar"));
    assert_true(decodes_to("-_-_", "\xfb\xff\xbf"));
    const char *bad[] = {"Z",      "Zm9vY", "Zg==", "Zh",           "Zm9",       "Zm 9",
                         "Zm9v\n", "Zm+v",  "Zm/v", "Zm9vYmFyYmFy", "Zm\xc3\xa9"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        uint8_t out[8];
        size_t length;
        if (base64url_decode(bytes_of_text(bad[i]), out, sizeof out, &length))
            fail_msg("accepted: %s", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_json_is_accepted),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(every_cut_of_a_text_is_refused),
        cmocka_unit_test(members_have_a_limit),
        cmocka_unit_test(integers_are_exact_or_refused),
        cmocka_unit_test(texts_are_decoded_whole_or_refused),
        cmocka_unit_test(members_come_one_by_one),
        cmocka_unit_test(after_a_fault_everything_is_refused),
        cmocka_unit_test(base64url_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
