/* Looking fields up in JSON text, and checking a whole one. */
#include "clients/json_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bytes field(const char *object, const char *key)
{
    return json_view_field(bytes_of_text(object), key);
}

static void fields_are_found_behind_values_of_every_kind(void **state)
{
    (void)state;
    static const char object[] =
        " { \"s\" : \"a\\\"}]\" , \"o\":{\"x\":[1,{\"wanted\":0}]},\"n\":-1.5e3,\"t\":true,\n"
        "\"l\":[ ], \"e\":{},\"wanted\" : 42 } \n";
    int64_t number;
    assert_true(json_view_integer(field(object, "wanted"), &number));
    assert_int_equal(number, 42);
    assert_true(bytes_equal_text(field(object, "s"), "\"a\\\"}]\""));
    assert_true(bytes_equal_text(field(object, "l"), "[ ]"));
    assert_true(json_view_is_object(field(object, "o")));
    assert_true(json_view_is_true(field(object, "t")));
    assert_null(field(object, "x").data);
    assert_null(field("[1,2]", "x").data);
    assert_null(field("", "x").data);
    assert_null(field("12", "x").data);
}

static void arrays_and_objects_are_walked(void **state)
{
    (void)state;
    struct bytes rest = bytes_of_text("[1, \"two\" ,[3],{\"f\":4}]"), key, value;
    static const char *const items[] = {"1", "\"two\"", "[3]", "{\"f\":4}"};
    for (size_t i = 0; i < ARRAY_LENGTH(items); i++) {
        assert_true(json_view_next(&rest, NULL, &value));
        assert_true(bytes_equal_text(value, items[i]));
    }
    assert_false(json_view_next(&rest, NULL, &value));
    rest = bytes_of_text("{\"a\":1,\"b\":2}");
    assert_true(json_view_next(&rest, &key, &value));
    assert_true(bytes_equal_text(key, "a"));
    assert_true(json_view_next(&rest, &key, &value));
    assert_true(bytes_equal_text(key, "b") && bytes_equal_text(value, "2"));
    assert_false(json_view_next(&rest, &key, &value));
    rest = bytes_of_text("[]");
    assert_false(json_view_next(&rest, NULL, &value));
}

static void integers_are_exact_or_refused(void **state)
{
    (void)state;
    int64_t number = 7;
    assert_true(json_view_integer(bytes_of_text("9223372036854775807"), &number));
    assert_true(number == INT64_MAX);
    assert_true(json_view_integer(bytes_of_text("-9223372036854775808"), &number));
    assert_true(number == INT64_MIN);
    assert_true(json_view_integer(bytes_of_text("0"), &number));
    static const char *const bad[] = {"",
                                      "-",
                                      "1.0",
                                      "1e3",
                                      "01",
                                      "+1",
                                      "\"1\"",
                                      "null",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (json_view_integer(bytes_of_text(bad[i]), &number)) fail_msg("accepted: %s", bad[i]);
    }
    assert_int_equal(json_view_integer_or(bytes_of_text("x"), -3), -3);
}

static void texts_are_decoded_cut_and_made_printable(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text;
    } rows[] = {
        {"\"plain\"", "plain"},
        {"\"a\\u00e9\\ud83d\\ude00\\/\\\"\\\\\"", "a\xc3\xa9\xf0\x9f\x98\x80/\"\\"},
        {"\"\xc3\xa9\"", "\xc3\xa9"},
        {"\"\\u001b[31m\\n\x7f\"", "?[31m??"},
        {"\"\xc2\x9b\"", "?"},  /* a control character that starts an escape on some terminals */
        {"\"\\ud800x\"", "?x"}, /* half a pair */
        {"\"\xff\xc3\"", "??"}, /* no UTF-8 */
        {"\"0123456789012345678901234567890\"", "0123456789012345678"},
        {"\"012345678901234567\xc3\xa9\"", "012345678901234567"}, /* never half a character */
    };
    char text[20];
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_true(json_view_text(bytes_of_text(rows[i].json), text, sizeof text));
        assert_string_equal(text, rows[i].text);
    }
    assert_false(json_view_text(bytes_of_text("12"), text, sizeof text));
    assert_string_equal(text, "");
    assert_true(json_view_equals(bytes_of_text("\"ab\""), "ab"));
    assert_false(json_view_equals(bytes_of_text("\"abc\""), "ab"));
}

/* Every cut of a text in a block of its own: nothing may be read behind its end. */
static void cut_texts_never_read_outside(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1,\"\\u12\\\\\",{\"b\":-1.5e+7}],\"c\":\"\\ud83d\\ude00\xc3\xa9\",\"d\":true}";
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char *copy = memory_new(length);
        memcpy(copy, text, length);
        struct bytes cut = {copy, length};
        struct bytes value;
        char decoded[64];
        assert_false(json_view_is_whole(cut));
        json_view_text(json_view_field(cut, "c"), decoded, sizeof decoded);
        value = json_view_field(cut, "a");
        while (json_view_next(&value, NULL, &cut)) json_view_text(cut, decoded, sizeof decoded);
        free(copy);
    }
}

static void whole_texts_are_told_from_broken_ones(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{}", "[]", " [1, -0.5e-3 ,null,true,false,\"\\u00e9\\n\"] ", "{\"a\":{\"b\":[{}]}}", "0", "\"x\""};
    static const char *const bad[] = {"",         "{",         "[1,]",          "{\"a\"}",    "{\"a\":}",
                                      "{a:1}",    "[01]",      "[1.]",          "[1e]",       "[-]",
                                      "[\"\n\"]", "[\"\\x\"]", "[\"\\u12g4\"]", "[1]]",       "{} x",
                                      "[tru]",    "[1 2]",     "[,1]",          "{\"a\":1,}", "\"open"};
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        if (!json_view_is_whole(bytes_of_text(good[i]))) fail_msg("refused: %s", good[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (json_view_is_whole(bytes_of_text(bad[i]))) fail_msg("accepted: %s", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_behind_values_of_every_kind),
        cmocka_unit_test(arrays_and_objects_are_walked),
        cmocka_unit_test(integers_are_exact_or_refused),
        cmocka_unit_test(texts_are_decoded_cut_and_made_printable),
        cmocka_unit_test(cut_texts_never_read_outside),
        cmocka_unit_test(whole_texts_are_told_from_broken_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
