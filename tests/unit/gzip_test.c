#include "common/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"

enum { LONG_BYTES = 300000, BOMB_BYTES = 50 * 1000 * 1000 };

static struct gzip *gzip;
static struct buffer packed, again, plain;
static char *text;

static int setup(void **state)
{
    (void)state;
    packed = again = plain = (struct buffer){0};
    gzip = gzip_open();
    text = memory_new(LONG_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gzip_close(gzip);
    buffer_free(&packed);
    buffer_free(&again);
    buffer_free(&plain);
    free(text);
    return 0;
}

static void expect_round_trip(struct bytes bytes)
{
    buffer_clear(&packed);
    buffer_clear(&plain);
    gzip_compress(gzip, bytes, &packed);
    assert_true(gzip_expand(buffer_bytes(&packed), bytes.length, &plain));
    assert_int_equal(plain.length, bytes.length);
    if (bytes.length > 0) assert_memory_equal(plain.data, bytes.data, bytes.length);
}

static void everything_comes_back(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    expect_round_trip((struct bytes){NULL, 0});
    expect_round_trip(bytes_of_text("x"));
    expect_round_trip((struct bytes){text, LONG_BYTES}); /* zeros */
    for (size_t i = 0; i < LONG_BYTES; i++) text[i] = (char)rng_next(&rng);
    for (size_t length = 1; length <= LONG_BYTES; length *= 7)
        expect_round_trip((struct bytes){text, length});
    expect_round_trip((struct bytes){text, LONG_BYTES}); /* does not shrink */
    for (size_t i = 0; i < LONG_BYTES; i++) text[i] = "{\"t\":123,[]}"[i % 12];
    expect_round_trip((struct bytes){text, LONG_BYTES});
    assert_true(packed.length < LONG_BYTES / 50);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LONG_BYTES; i++) text[i] = (char)(i * i >> 7);
    gzip_compress(gzip, (struct bytes){text, LONG_BYTES}, &packed);
    gzip_compress(gzip, (struct bytes){text, LONG_BYTES}, &again);
    assert_int_equal(packed.length, again.length);
    assert_memory_equal(packed.data, again.data, packed.length);
    /* 1f 8b, deflate, no flags, and no time of day: RFC 1952. */
    assert_memory_equal(packed.data, "\x1f\x8b\x08\x00\x00\x00\x00\x00", 8);
}

static void it_appends_behind_what_is_there(void **state)
{
    (void)state;
    buffer_append_text(&packed, "head");
    gzip_compress(gzip, bytes_of_text("body"), &packed);
    buffer_append_text(&plain, "kept ");
    assert_true(gzip_expand((struct bytes){packed.data + 4, packed.length - 4}, 4, &plain));
    assert_true(bytes_equal_text(buffer_bytes(&plain), "kept body"));
}

static void a_stream_cut_anywhere_is_refused(void **state)
{
    (void)state;
    gzip_compress(gzip, bytes_of_text("a text that is long enough to be cut in many places"), &packed);
    for (size_t length = 0; length < packed.length; length++) {
        char *exact = memory_new(length);
        memcpy(exact, packed.data, length);
        assert_false(gzip_expand((struct bytes){exact, length}, 1000, &plain));
        free(exact);
    }
    assert_true(gzip_expand(buffer_bytes(&packed), 1000, &plain));
}

static void damaged_doubled_and_foreign_streams_are_refused(void **state)
{
    (void)state;
    gzip_compress(gzip, bytes_of_text("a text"), &packed);
    size_t one = packed.length;
    packed.data[one - 5] ^= 1; /* in the checksum */
    assert_false(gzip_expand(buffer_bytes(&packed), 1000, &plain));
    packed.data[one - 5] ^= 1;
    assert_true(gzip_expand(buffer_bytes(&packed), 1000, &plain));
    gzip_compress(gzip, bytes_of_text("another"), &packed);
    assert_false(gzip_expand(buffer_bytes(&packed), 1000, &plain));
    assert_false(gzip_expand((struct bytes){packed.data, one + 1}, 1000, &plain));
    assert_false(gzip_expand(bytes_of_text("not gzip at all"), 1000, &plain));
    /* zlib framing of "a" */
    assert_false(gzip_expand((struct bytes){"\x78\x9c\x4b\x04\x00\x00\x62\x00\x62", 9}, 1000, &plain));
}

static void the_limit_is_exact(void **state)
{
    (void)state;
    gzip_compress(gzip, (struct bytes){text, LONG_BYTES}, &packed);
    assert_true(gzip_expand(buffer_bytes(&packed), LONG_BYTES, &plain));
    assert_false(gzip_expand(buffer_bytes(&packed), LONG_BYTES - 1, &plain));
    assert_false(gzip_expand(buffer_bytes(&packed), 0, &plain));
}

static void a_bomb_stops_at_the_limit(void **state)
{
    (void)state;
    char *zeros = memory_new(BOMB_BYTES);
    gzip_compress(gzip, (struct bytes){zeros, BOMB_BYTES}, &packed);
    free(zeros);
    assert_true(packed.length < BOMB_BYTES / 100);
    assert_false(gzip_expand(buffer_bytes(&packed), 1000, &plain));
    assert_int_equal(plain.length, 0);
    assert_int_equal(plain.capacity, 0);
}

/* The trailer says how much memory to take; a stream that holds more or less than it says is none. */
static void a_trailer_that_lies_is_refused(void **state)
{
    (void)state;
    gzip_compress(gzip, (struct bytes){text, LONG_BYTES}, &packed);
    unsigned char *length = (unsigned char *)packed.data + packed.length - 4;
    assert_int_equal(length[0] | length[1] << 8 | length[2] << 16, LONG_BYTES);
    length[0] ^= 1; /* one more */
    assert_false(gzip_expand(buffer_bytes(&packed), 2 * LONG_BYTES, &plain));
    length[0] ^= 1;
    length[2] = 0; /* fewer */
    assert_false(gzip_expand(buffer_bytes(&packed), 2 * LONG_BYTES, &plain));
    length[3] = 0x7f; /* two gigabytes */
    assert_false(gzip_expand(buffer_bytes(&packed), 2 * LONG_BYTES, &plain));
    assert_int_equal(plain.length, 0);
    assert_true(plain.capacity <= 4 * LONG_BYTES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_comes_back),
        TEST(the_same_input_gives_the_same_bytes),
        TEST(it_appends_behind_what_is_there),
        TEST(a_stream_cut_anywhere_is_refused),
        TEST(damaged_doubled_and_foreign_streams_are_refused),
        TEST(the_limit_is_exact),
        TEST(a_bomb_stops_at_the_limit),
        TEST(a_trailer_that_lies_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
