#include "common/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64], error[256];
static struct bytes text;

static void write_file(const char *content, size_t length)
{
    strcpy(path, "/tmp/duelpod-files-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, length), length);
    close(fd);
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    free((void *)(uintptr_t)text.data);
    text = (struct bytes){NULL, 0};
    return 0;
}

static void a_file_is_read_whole_with_its_zero_bytes(void **state)
{
    (void)state;
    write_file("a\0b", 3);
    assert_true(file_read(path, 3, &text, error, sizeof error));
    assert_int_equal(text.length, 3);
    assert_memory_equal(text.data, "a\0b", 4); /* with the terminator */
}

static void an_empty_file_is_an_empty_text(void **state)
{
    (void)state;
    write_file("", 0);
    assert_true(file_read(path, 0, &text, error, sizeof error));
    assert_int_equal(text.length, 0);
    assert_string_equal(text.data, "");
}

static void the_first_line_comes_without_its_end_and_is_cut_to_what_fits(void **state)
{
    (void)state;
    char line[8];
    write_file("secret\r\nmore", 12);
    assert_true(file_read_line(path, line, sizeof line));
    assert_string_equal(line, "secret");
    assert_true(file_read_line(path, line, 4));
    assert_string_equal(line, "sec");
    assert_false(file_read_line("/tmp", line, sizeof line)); /* a folder */
    assert_string_equal(line, "");
    assert_false(file_read_line("/nowhere", line, sizeof line));
}

static void expect_refusal(const char *name, size_t bytes_max, const char *reason)
{
    assert_false(file_read(name, bytes_max, &text, error, sizeof error));
    assert_null(text.data);
    assert_int_equal(text.length, 0);
    assert_non_null(strstr(error, name));
    assert_non_null(strstr(error, reason));
}

static void what_cannot_be_read_is_named_with_the_reason(void **state)
{
    (void)state;
    write_file("four", 4);
    expect_refusal(path, 3, "too big");
    expect_refusal("/nowhere/at/all", 10, "No such file");
    expect_refusal("/tmp", 10, "Is a directory");
}

static void a_file_is_found_relative_to_the_program(void **state)
{
    (void)state;
    char found[512];
    assert_true(file_of_catalog("base.json", found, sizeof found));
    assert_true(file_read(found, 1 << 20, &text, error, sizeof error));
    assert_false(file_of_catalog("no_such.json", found, sizeof found));
    assert_non_null(strstr(found, "/no_such.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_file_is_read_whole_with_its_zero_bytes, teardown),
        cmocka_unit_test_teardown(an_empty_file_is_an_empty_text, teardown),
        cmocka_unit_test_teardown(the_first_line_comes_without_its_end_and_is_cut_to_what_fits, teardown),
        cmocka_unit_test_teardown(what_cannot_be_read_is_named_with_the_reason, teardown),
        cmocka_unit_test_teardown(a_file_is_found_relative_to_the_program, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
