#include "common/codec_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"

enum { PIECES = 500, RESERVED_BYTES = 10000 };

static void pieces_are_apart_and_aligned(void **state)
{
    (void)state;
    struct codec_memory memory = {NULL};
    char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = codec_memory_new(&memory, i);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i & 0xff), i);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t k = 0; k < i; k++) assert_int_equal((unsigned char)pieces[i][k], i & 0xff);
    }
    codec_memory_free(&memory);
    assert_null(memory.chunks);
}

static void what_was_reserved_is_one_chunk(void **state)
{
    (void)state;
    struct codec_memory memory = {NULL};
    codec_memory_reserve(&memory, RESERVED_BYTES);
    const struct codec_chunk *chunk = memory.chunks;
    for (size_t used = 0; used < RESERVED_BYTES; used += 16) codec_memory_new(&memory, 16);
    assert_ptr_equal(memory.chunks, chunk);
    codec_memory_new(&memory, 1);
    assert_ptr_not_equal(memory.chunks, chunk);
    codec_memory_new(&memory, 10 * RESERVED_BYTES); /* bigger than any chunk so far */
    codec_memory_free(&memory);
}

static void a_parser_takes_from_the_message_it_is_told(void **state)
{
    (void)state;
    struct codec_memory one = {NULL}, two = {NULL};
    codec_memory_begin(&one);
    char *piece = codec_memory_take(8);
    codec_memory_give(piece);
    memcpy(piece, "kept on", 8);
    codec_memory_end();
    codec_memory_begin(&two);
    memcpy(codec_memory_take(8), "another", 8);
    codec_memory_end();
    codec_memory_free(&two);
    assert_string_equal(piece, "kept on");
    codec_memory_free(&one);
}

/* Many small values take far more memory than their text. */
static void a_message_of_many_small_values_is_read_whole(void **state)
{
    (void)state;
    static char text[CLIENT_MESSAGE_BYTES_MAX];
    struct codec_error error;
    char *at = text + sizeof "{\"list\":[1" - 1;
    strcpy(text, "{\"list\":[1");
    while (at < text + sizeof text - 32) at += strlen(strcpy(at, ",1"));
    strcpy(at, "],\"name\":\"last\"}");
    struct codec_document *many = codec_open(bytes_of_text(text), &codec_limits_client, &error);
    struct codec_document *other =
        codec_open(bytes_of_text("{\"name\":\"other\"}"), &codec_limits_client, &error);
    char name[16];
    assert_true(codec_text(many, "name", name, sizeof name));
    assert_string_equal(name, "last");
    codec_close(many);
    assert_true(codec_text(other, "name", name, sizeof name));
    assert_string_equal(name, "other");
    codec_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_apart_and_aligned),
        cmocka_unit_test(what_was_reserved_is_one_chunk),
        cmocka_unit_test(a_parser_takes_from_the_message_it_is_told),
        cmocka_unit_test(a_message_of_many_small_values_is_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
