#include "common/shared_bytes.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static void the_last_holder_frees(void **state)
{
    (void)state;
    struct shared_bytes *shared = shared_bytes_copy(bytes_of_text("timeline"));
    assert_ptr_equal(shared_bytes_hold(shared), shared);
    shared_bytes_release(shared);
    assert_true(bytes_equal_text(shared_bytes_read(shared), "timeline"));
    shared_bytes_release(shared); /* a leak or an early free is the sanitizer's to find */
}

static void a_new_buffer_is_zero_and_can_be_filled(void **state)
{
    (void)state;
    struct shared_bytes *shared = shared_bytes_new(3);
    assert_memory_equal(shared_bytes_read(shared).data, "\0\0\0", 3);
    memcpy(shared_bytes_write(shared), "abc", 3);
    assert_true(bytes_equal_text(shared_bytes_read(shared), "abc"));
    shared_bytes_release(shared);
    shared_bytes_release(NULL);
    shared = shared_bytes_copy((struct bytes){NULL, 0});
    assert_int_equal(shared_bytes_read(shared).length, 0);
    shared_bytes_release(shared);
}

static void *hold_and_release(void *argument)
{
    struct shared_bytes *shared = argument;
    for (int i = 0; i < 100000; i++) {
        shared_bytes_hold(shared);
        if (!bytes_equal_text(shared_bytes_read(shared), "both players")) return NULL;
        shared_bytes_release(shared);
    }
    shared_bytes_release(shared);
    return argument;
}

static void threads_hold_and_release_together(void **state)
{
    (void)state;
    pthread_t threads[4];
    struct shared_bytes *shared = shared_bytes_copy(bytes_of_text("both players"));
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hold_and_release, shared_bytes_hold(shared)), 0);
    }
    shared_bytes_release(shared);
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        assert_non_null(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_holder_frees),
        cmocka_unit_test(a_new_buffer_is_zero_and_can_be_filled),
        cmocka_unit_test(threads_hold_and_release_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
