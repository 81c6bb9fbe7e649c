/* base.h: copies that say when they were cut, and comma lists. */
#include "common/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_copy_ends_with_a_terminator_and_says_when_it_was_cut(void **state)
{
    (void)state;
    char four[4];
    assert_true(text_copy(four, sizeof four, "abc"));
    assert_string_equal(four, "abc");
    assert_false(text_copy(four, sizeof four, "wxyz"));
    assert_string_equal(four, "wxy");
    assert_true(bytes_copy(four, sizeof four, (struct bytes){"abcdef", 2}));
    assert_string_equal(four, "ab");
    assert_false(bytes_copy(four, sizeof four, (struct bytes){"abcdef", 4}));
    assert_string_equal(four, "abc");
    assert_true(bytes_copy(four, sizeof four, (struct bytes){NULL, 0}));
    assert_string_equal(four, "");
}

static void every_item_of_a_list_comes_once_and_empty_ones_do_not(void **state)
{
    (void)state;
    static const char *const lists[] = {"a,bc,def", ",a,,bc,def", "a,bc,def,,"};
    static const char *const items[] = {"a", "bc", "def"};
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        const char *rest = lists[i];
        struct bytes item;
        for (size_t k = 0; k < ARRAY_LENGTH(items); k++) {
            assert_true(text_next_item(&rest, &item));
            assert_true(bytes_equal_text(item, items[k]));
        }
        assert_false(text_next_item(&rest, &item));
        assert_false(text_next_item(&rest, &item));
    }
    const char *nothing = "";
    struct bytes item;
    assert_false(text_next_item(&nothing, &item));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_ends_with_a_terminator_and_says_when_it_was_cut),
        cmocka_unit_test(every_item_of_a_list_comes_once_and_empty_ones_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
