/* The trace id of a traceparent, after the W3C recommendation. */
#include "common/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"

static void a_traceparent_gives_its_trace_id(void **state)
{
    (void)state;
    static const char *const good[] = {
        "00-" ID "-" PARENT "-01",
        "00-" ID "-" PARENT "-00",
        "00-" ID "-" PARENT "-ff",
        "01-" ID "-" PARENT "-01",
        "cc-" ID "-" PARENT "-01-what-the-future-will-be-like",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        char id[TRACE_ID_SIZE] = "";
        if (!trace_id_read(good[i], id)) fail_msg("refused %s", good[i]);
        assert_string_equal(id, ID);
    }
}

static void what_is_none_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "00",
        ID,
        "00-" ID "-" PARENT,
        "00-" ID "-" PARENT "-0",
        "00-" ID "-" PARENT "-011",
        "00-" ID "-" PARENT "-01-more",
        "cc-" ID "-" PARENT "-01.what-the-future-will-be-like",
        "ff-" ID "-" PARENT "-01",
        "0x-" ID "-" PARENT "-01",
        "00-00000000000000000000000000000000-" PARENT "-01",
        "00-" ID "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01",
        "00_" ID "-" PARENT "-01",
        "00-" ID "_" PARENT "-01",
        "00-" ID "-" PARENT "_01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-0" PARENT "-01",
        " 00-" ID "-" PARENT "-01",
        "00-" ID "-" PARENT "-0\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        char id[TRACE_ID_SIZE] = "as before";
        if (trace_id_read(bad[i], id)) fail_msg("accepted %s", bad[i]);
        assert_string_equal(id, "as before");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_traceparent_gives_its_trace_id),
        cmocka_unit_test(what_is_none_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
