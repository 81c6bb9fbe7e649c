/* The parts of the Redis link that do no I/O: addresses, back-off, digests, the bytes of commands and
 * replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/redis_address.h"
#include "common/redis_backoff.h"
#include "common/redis_pipeline.h"
#include "common/redis_reader.h"
#include "common/scripts.h"
#include "common/sha1.h"

/* ---- addresses ---- */

static void address_is_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *path, *username, *password;
        uint16_t port;
    } cases[] = {
        {"redis://127.0.0.1:6379", "127.0.0.1", "", "", "", 6379},
        {"redis://redis.example-host_1", "redis.example-host_1", "", "", "", 6379},
        {"redis://h:1/", "h", "", "", "", 1},
        {"redis://[::1]:7000", "::1", "", "", "", 7000},
        {"redis://[fe80::1%eth0]", "fe80::1%eth0", "", "", "", 6379},
        {"redis://game:s3cret@h:65535", "h", "", "game", "s3cret", 65535},
        {"redis://:s3c@ret@h", "h", "", "", "s3c@ret", 6379},
        {"redis://a%3Ab:p%40%2F%25@h", "h", "", "a:b", "p@/%", 6379},
        {"unix:///run/redis.sock", "", "/run/redis.sock", "", "", 0},
        {"unix://game:pw@/run/r.sock", "", "/run/r.sock", "game", "pw", 0},
        {"unix:///run/a@b.sock", "", "/run/a@b.sock", "", "", 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct redis_address address;
        const char *error = "";
        if (!redis_address_parse(cases[i].text, &address, &error)) fail_msg("%s: %s", cases[i].text, error);
        assert_string_equal(address.host, cases[i].host);
        assert_string_equal(address.path, cases[i].path);
        assert_string_equal(address.username, cases[i].username);
        assert_string_equal(address.password, cases[i].password);
        assert_int_equal(address.port, cases[i].port);
    }
}

static void bad_address_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "127.0.0.1:6379",
        "http://h",
        "redis://",
        "redis://:6379",
        "redis://h:",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:-1",
        "redis://h:6379x",
        "redis://h:6379/1",
        "redis://h//",
        "redis://[::1",
        "redis://[]:1",
        "redis://[::1]1",
        "redis://::1",
        "redis://a b",
        "redis://h\r\nx",
        "redis://user@h",
        "redis://user:@h",
        "redis://u:p%@h",
        "redis://u:p%4@h",
        "redis://u:p%zz@h",
        "redis://u:p%00@h",
        "redis://u%zz:p@h",
        "unix://",
        "unix:///",
        "unix://run/redis.sock",
        "unix://user@/run/redis.sock",
        ("unix:///123456789/123456789/123456789/123456789/123456789/123456789/123456789/123456789/"
         "123456789/123456789/1234567"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct redis_address address, before;
        memset(&address, 0x5a, sizeof address);
        before = address;
        const char *error = NULL;
        if (redis_address_parse(cases[i], &address, &error)) fail_msg("accepted: %s", cases[i]);
        assert_non_null(error);
        assert_memory_equal(&address, &before, sizeof address);
    }
}

static void long_parts_of_an_address_are_refused(void **state)
{
    (void)state;
    char text[2048];
    struct redis_address address;
    const char *error;
    char name[1024];
    memset(name, 'a', sizeof name);
    snprintf(text, sizeof text, "redis://%.255s", name);
    assert_true(redis_address_parse(text, &address, &error));
    snprintf(text, sizeof text, "redis://%.256s", name);
    assert_false(redis_address_parse(text, &address, &error));
    snprintf(text, sizeof text, "redis://u:%.511s@h", name);
    assert_true(redis_address_parse(text, &address, &error));
    snprintf(text, sizeof text, "redis://u:%.512s@h", name);
    assert_false(redis_address_parse(text, &address, &error));
    snprintf(text, sizeof text, "redis://%.128s:p@h", name);
    assert_false(redis_address_parse(text, &address, &error));
}

/* ---- back-off ---- */

static int wait_after(unsigned losses, int64_t ready_ms, int min_ms, int max_ms, uint64_t chance)
{
    struct redis_backoff backoff = {.losses = losses};
    return redis_backoff_lost(&backoff, ready_ms, min_ms, max_ms, chance);
}

static void backoff_doubles_up_to_its_maximum(void **state)
{
    (void)state;
    static const int ceilings_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
    struct redis_backoff backoff = {0};
    for (unsigned losses = 0; losses < ARRAY_LENGTH(ceilings_ms); losses++) {
        uint64_t ceiling = (uint64_t)ceilings_ms[losses];
        assert_int_equal(wait_after(losses, 0, 100, 5000, ceiling + 1), REDIS_BACKOFF_FLOOR_MS);
        assert_int_equal(wait_after(losses, 0, 100, 5000, ceiling + 1 + 77), 77);
        assert_int_equal(redis_backoff_lost(&backoff, 0, 100, 5000, ceiling), ceiling);
    }
    assert_int_equal(wait_after(UINT32_MAX, 0, 1, INT32_MAX, INT32_MAX), INT32_MAX);
    assert_int_equal(wait_after(0, 0, 0, 0, UINT64_MAX), REDIS_BACKOFF_FLOOR_MS);
}

static void backoff_starts_again_after_a_stable_second(void **state)
{
    (void)state;
    struct redis_backoff backoff = {.losses = 7};
    assert_int_equal(redis_backoff_lost(&backoff, REDIS_BACKOFF_STABLE_MS - 1, 100, 5000, 5000), 5000);
    assert_int_equal(redis_backoff_lost(&backoff, REDIS_BACKOFF_STABLE_MS, 100, 5000, 100), 100);
    assert_int_equal(redis_backoff_lost(&backoff, 0, 100, 5000, 200), 200);
}

static void backoff_is_short_while_the_other_side_gets_ready(void **state)
{
    (void)state;
    struct redis_backoff backoff = {.losses = 7};
    redis_backoff_shorten(&backoff);
    assert_int_equal(redis_backoff_lost(&backoff, 0, 100, 5000, 200), 200);
    assert_int_equal(redis_backoff_lost(&backoff, 0, 100, 5000, 400), 400);
    backoff.losses = 0;
    redis_backoff_shorten(&backoff);
    assert_int_equal(redis_backoff_lost(&backoff, 0, 100, 5000, 100), 100);
}

/* ---- SHA-1 and scripts ---- */

static void sha1_agrees_with_its_standard(void **state)
{
    (void)state;
    char out[SHA1_TEXT_BYTES];
    sha1_text(bytes_of_text("abc"), out);
    assert_string_equal(out, "a9993e364706816aba3e25717850c26c9cd0d89d");
    sha1_text(bytes_of_text(""), out);
    assert_string_equal(out, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    sha1_text(bytes_of_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), out);
    assert_string_equal(out, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    char *million = malloc(1000000);
    memset(million, 'a', 1000000);
    sha1_text((struct bytes){million, 1000000}, out);
    assert_string_equal(out, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    free(million);
}

static void every_embedded_script_is_whole(void **state)
{
    (void)state;
    const struct script_table *table = scripts_embedded();
    assert_int_equal(table->count, SCRIPT_COUNT);
    for (size_t i = 0; i < table->count; i++) {
        const struct script *script = &table->scripts[i];
        char digest[SHA1_TEXT_BYTES];
        sha1_text(script->body, digest);
        assert_string_equal(script->sha1, digest);
        assert_string_equal(script_name((enum script_id)i), script->name);
        assert_string_equal(script_sha1((enum script_id)i), digest);
        /* Begins with the line that the build puts there and goes on behind the prelude. */
        assert_true(script->body.length > 10);
        assert_memory_equal(script->body.data, "#!lua", 5);
        assert_null(memchr(script->body.data, '\0', script->body.length));
        assert_int_equal(script->body.data[script->body.length - 1], '\n');
    }
}

/* ---- replies ---- */

static enum redis_read read_text(struct redis_reader *reader, const char *text,
                                 const struct redis_reply **out)
{
    redis_reader_feed(reader, bytes_of_text(text));
    return redis_reader_next(reader, out);
}

static void every_type_of_reply_is_read(void **state)
{
    (void)state;
    struct redis_reader *reader = redis_reader_open();
    const struct redis_reply *reply;
    int64_t integer = 0;
    assert_int_equal(read_text(reader, "+OK\r\n", &reply), REDIS_READ_REPLY);
    assert_int_equal(reply->type, REDIS_STATUS);
    assert_true(redis_reply_equals(reply, "OK"));
    assert_int_equal(read_text(reader, "-ERR no\r\n", &reply), REDIS_READ_REPLY);
    assert_true(redis_reply_is_error(reply));
    assert_false(redis_reply_equals(reply, "ERR no"));
    assert_true(bytes_equal_text(redis_reply_text(reply), "ERR no"));
    assert_int_equal(read_text(reader, ":-9223372036854775808\r\n", &reply), REDIS_READ_REPLY);
    assert_true(redis_reply_integer(reply, &integer));
    assert_true(integer == INT64_MIN);
    assert_int_equal(read_text(reader, "$3\r\n123\r\n", &reply), REDIS_READ_REPLY);
    assert_true(redis_reply_integer(reply, &integer));
    assert_int_equal(integer, 123);
    assert_int_equal(read_text(reader, "$0\r\n\r\n", &reply), REDIS_READ_REPLY);
    assert_int_equal(reply->type, REDIS_TEXT);
    assert_int_equal(reply->length, 0);
    assert_int_equal(read_text(reader, "$-1\r\n", &reply), REDIS_READ_REPLY);
    assert_int_equal(reply->type, REDIS_NIL);
    assert_int_equal(read_text(reader, "*-1\r\n", &reply), REDIS_READ_REPLY);
    assert_int_equal(reply->type, REDIS_NIL);
    assert_int_equal(read_text(reader, "*0\r\n", &reply), REDIS_READ_REPLY);
    assert_int_equal(reply->type, REDIS_ARRAY);
    assert_int_equal(reply->count, 0);
    redis_reader_close(reader);
}

static const char nested[] = "*4\r\n$1\r\na\r\n*2\r\n:1\r\n*1\r\n$-1\r\n*0\r\n+end\r\n:7\r\n";

static void check_nested(const struct redis_reply *reply)
{
    int64_t one = 0;
    assert_int_equal(reply->count, 4);
    assert_true(redis_reply_equals(redis_reply_item(reply, 0), "a"));
    assert_true(redis_reply_integer(redis_reply_item(redis_reply_item(reply, 1), 0), &one));
    assert_int_equal(one, 1);
    assert_int_equal(redis_reply_item(redis_reply_item(redis_reply_item(reply, 1), 1), 0)->type, REDIS_NIL);
    assert_int_equal(redis_reply_item(reply, 2)->count, 0);
    assert_true(redis_reply_equals(redis_reply_item(reply, 3), "end"));
    assert_null(redis_reply_item(reply, 4));
}

static void replies_may_arrive_byte_by_byte(void **state)
{
    (void)state;
    struct redis_reader *reader = redis_reader_open();
    const struct redis_reply *reply = NULL;
    size_t replies = 0;
    for (size_t i = 0; i < sizeof nested - 1; i++) {
        redis_reader_feed(reader, (struct bytes){nested + i, 1});
        enum redis_read read = redis_reader_next(reader, &reply);
        assert_int_not_equal(read, REDIS_READ_BROKEN);
        if (read == REDIS_READ_REPLY && replies++ == 0) check_nested(reply);
    }
    assert_int_equal(replies, 2);
    assert_int_equal(reply->integer, 7);
    redis_reader_close(reader);
}

static void one_read_may_hold_many_replies(void **state)
{
    (void)state;
    struct redis_reader *reader = redis_reader_open();
    const struct redis_reply *reply;
    for (int i = 0; i < 1000; i++) redis_reader_feed(reader, bytes_of_text(nested));
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(redis_reader_next(reader, &reply), REDIS_READ_REPLY);
        check_nested(reply);
        assert_int_equal(redis_reader_next(reader, &reply), REDIS_READ_REPLY);
    }
    assert_int_equal(redis_reader_next(reader, &reply), REDIS_READ_MORE);
    redis_reader_close(reader);
}

static void bad_bytes_break_the_reader_until_reset(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "HTTP/1.1 400 Bad Request\r\n",
        "?3\r\n",
        ":12x\r\n",
        "$-2\r\nab\r\n",
        "$99999999999999999999\r\n",
        "*-2\r\n",
        "*2147483648\r\n",
        "*1048577\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
        "*2\r\n$1\r\na\r\nnonsense\r\n",
        ">3\r\n",
    };
    struct redis_reader *reader = redis_reader_open();
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct redis_reply *reply = NULL;
        if (read_text(reader, cases[i], &reply) != REDIS_READ_BROKEN) fail_msg("not refused: %s", cases[i]);
        assert_int_equal(read_text(reader, "+OK\r\n", &reply), REDIS_READ_BROKEN);
        assert_null(reply);
        assert_true(strlen(redis_reader_error(reader)) > 0);
        redis_reader_reset(reader);
        assert_int_equal(read_text(reader, "+OK\r\n", &reply), REDIS_READ_REPLY);
    }
    redis_reader_close(reader);
}

static void a_reply_larger_than_the_limit_is_refused(void **state)
{
    (void)state;
    struct redis_reader *reader = redis_reader_open();
    const struct redis_reply *reply;
    size_t chunk_bytes = 1024 * 1024;
    char *chunk = memory_new(chunk_bytes);
    /* One text that never ends. */
    redis_reader_feed(reader, bytes_of_text("$2000000000\r\n"));
    size_t fed = 0;
    while (redis_reader_next(reader, &reply) == REDIS_READ_MORE) {
        redis_reader_feed(reader, (struct bytes){chunk, chunk_bytes});
        fed += chunk_bytes;
        assert_true(fed <= REDIS_REPLY_BYTES_MAX + 2 * chunk_bytes);
    }
    /* Many texts, each of them harmless. */
    redis_reader_reset(reader);
    redis_reader_feed(reader, bytes_of_text("*1000\r\n"));
    fed = 0;
    while (redis_reader_next(reader, &reply) == REDIS_READ_MORE) {
        redis_reader_feed(reader, bytes_of_text("$1048576\r\n"));
        redis_reader_feed(reader, (struct bytes){chunk, chunk_bytes});
        redis_reader_feed(reader, bytes_of_text("\r\n"));
        fed += chunk_bytes;
        assert_true(fed <= REDIS_REPLY_BYTES_MAX + 2 * chunk_bytes);
    }
    /* Arrays of arrays that promise more than there is. */
    redis_reader_reset(reader);
    assert_int_equal(read_text(reader, "*1048576\r\n*1048576\r\n*1048576\r\n", &reply), REDIS_READ_BROKEN);
    free(chunk);
    redis_reader_close(reader);
}

/* Deterministic garbage: random edits of a good stream must end in replies, waiting or refusal, never
 * worse. */
static void edited_streams_do_no_harm(void **state)
{
    (void)state;
    uint64_t seed = 20240607;
    struct redis_reader *reader = redis_reader_open();
    size_t broken = 0;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof nested];
        const struct redis_reply *reply;
        memcpy(text, nested, sizeof nested);
        for (int edits = 0; edits < 1 + round % 4; edits++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[(seed >> 33) % (sizeof nested - 1)] = (char)(seed >> 56);
        }
        redis_reader_feed(reader, (struct bytes){text, sizeof nested - 1});
        enum redis_read read;
        while ((read = redis_reader_next(reader, &reply)) == REDIS_READ_REPLY) continue;
        broken += read == REDIS_READ_BROKEN;
        redis_reader_reset(reader);
    }
    assert_true(broken > 1000);
    redis_reader_close(reader);
}

static void questions_to_a_missing_reply_are_harmless(void **state)
{
    (void)state;
    int64_t value = 5;
    assert_false(redis_reply_is_error(NULL));
    assert_false(redis_reply_equals(NULL, ""));
    assert_int_equal(redis_reply_text(NULL).length, 0);
    assert_null(redis_reply_item(NULL, 0));
    assert_false(redis_reply_integer(NULL, &value));
    static const char *const bad[] = {
        "", "1x", " 1", "+1", "9223372036854775808", "-", "0x10", "111111111111111111111111111"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct redis_reply reply = {.type = REDIS_TEXT, .text = bad[i], .length = strlen(bad[i])};
        assert_false(redis_reply_integer(&reply, &value));
    }
    assert_int_equal(value, 5);
}

/* ---- commands ---- */

static void push(struct redis_pipeline *pipeline, const char *word, uint64_t tag)
{
    redis_pipeline_begin(pipeline, 2);
    redis_pipeline_argument(pipeline, bytes_of_text("ECHO"));
    redis_pipeline_argument(pipeline, bytes_of_text(word));
    redis_pipeline_end(pipeline, (struct redis_pending){.tag = tag});
}

static void assert_unsent(const struct redis_pipeline *pipeline, const char *text)
{
    struct bytes unsent = redis_pipeline_unsent(pipeline);
    assert_int_equal(unsent.length, strlen(text));
    assert_memory_equal(unsent.data, text, unsent.length);
}

static void commands_are_arrays_of_texts(void **state)
{
    (void)state;
    struct redis_pipeline pipeline;
    redis_pipeline_init(&pipeline);
    push(&pipeline, "0123456789", 1);
    push(&pipeline, "", 2);
    assert_unsent(&pipeline, "*2\r\n$4\r\nECHO\r\n$10\r\n0123456789\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n");
    redis_pipeline_free(&pipeline);
}

static void a_command_is_sent_when_its_first_byte_is(void **state)
{
    (void)state;
    struct redis_pipeline pipeline;
    redis_pipeline_init(&pipeline);
    for (uint64_t tag = 1; tag <= 3; tag++) push(&pipeline, "x", tag);
    size_t one = redis_pipeline_bytes(&pipeline) / 3;
    redis_pipeline_mark_sent(&pipeline, one);
    assert_int_equal(pipeline.sent_count, 1);
    redis_pipeline_mark_sent(&pipeline, 1);
    assert_int_equal(pipeline.sent_count, 2);
    assert_int_equal(redis_pipeline_pop(&pipeline).tag, 1);
    assert_int_equal(pipeline.sent_count, 1);
    /* The second was sent in part only: given up, its other bytes must not leave. */
    assert_int_equal(redis_pipeline_pop(&pipeline).tag, 2);
    assert_int_equal(pipeline.sent_count, 0);
    assert_unsent(&pipeline, "*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n");
    assert_int_equal(redis_pipeline_pop(&pipeline).tag, 3);
    assert_int_equal(redis_pipeline_bytes(&pipeline), 0);
    redis_pipeline_free(&pipeline);
}

static void a_repeated_command_goes_to_the_end_with_the_same_bytes(void **state)
{
    (void)state;
    struct redis_pipeline pipeline;
    redis_pipeline_init(&pipeline);
    push(&pipeline, "first", 1);
    push(&pipeline, "second", 2);
    redis_pipeline_mark_sent(&pipeline, redis_pipeline_bytes(&pipeline));
    redis_pipeline_repeat(&pipeline, 99);
    assert_unsent(&pipeline, "*2\r\n$4\r\nECHO\r\n$5\r\nfirst\r\n");
    assert_int_equal(redis_pipeline_pop(&pipeline).tag, 2);
    struct redis_pending again = redis_pipeline_pop(&pipeline);
    assert_int_equal(again.tag, 1);
    assert_true(again.repeated);
    assert_int_equal(again.deadline_ms, 99);
    redis_pipeline_free(&pipeline);
}

/* A model of three numbers against the pipeline, through growth and moves. */
static void long_pipelines_keep_order_and_bytes(void **state)
{
    (void)state;
    struct redis_pipeline pipeline;
    redis_pipeline_init(&pipeline);
    uint64_t seed = 7, pushed = 0, popped = 0;
    size_t bytes = 0;
    for (int round = 0; round < 200000; round++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        if ((seed >> 60) < (round < 100000 ? 10u : 5u)) {
            char word[32];
            snprintf(word, sizeof word, "%llu", (unsigned long long)pushed);
            size_t before = redis_pipeline_bytes(&pipeline);
            push(&pipeline, word, pushed++);
            bytes += redis_pipeline_bytes(&pipeline) - before;
        } else if (pipeline.count > 0) {
            redis_pipeline_mark_sent(&pipeline, redis_pipeline_unsent(&pipeline).length / 2);
            char expected[64];
            int length =
                snprintf(expected, sizeof expected, "ECHO\r\n$%d\r\n%llu\r\n",
                         snprintf(NULL, 0, "%llu", (unsigned long long)popped), (unsigned long long)popped);
            const char *front = pipeline.bytes + pipeline.bytes_begin;
            assert_memory_equal(front + 8, expected, (size_t)length);
            struct redis_pending pending = redis_pipeline_pop(&pipeline);
            assert_int_equal(pending.tag, popped++);
            bytes -= pending.bytes;
        }
        assert_int_equal(pipeline.count, pushed - popped);
        assert_int_equal(redis_pipeline_bytes(&pipeline), bytes);
    }
    redis_pipeline_free(&pipeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_is_taken_apart),
        cmocka_unit_test(bad_address_is_refused_and_changes_nothing),
        cmocka_unit_test(long_parts_of_an_address_are_refused),
        cmocka_unit_test(backoff_doubles_up_to_its_maximum),
        cmocka_unit_test(backoff_starts_again_after_a_stable_second),
        cmocka_unit_test(backoff_is_short_while_the_other_side_gets_ready),
        cmocka_unit_test(sha1_agrees_with_its_standard),
        cmocka_unit_test(every_embedded_script_is_whole),
        cmocka_unit_test(every_type_of_reply_is_read),
        cmocka_unit_test(replies_may_arrive_byte_by_byte),
        cmocka_unit_test(one_read_may_hold_many_replies),
        cmocka_unit_test(bad_bytes_break_the_reader_until_reset),
        cmocka_unit_test(a_reply_larger_than_the_limit_is_refused),
        cmocka_unit_test(edited_streams_do_no_harm),
        cmocka_unit_test(questions_to_a_missing_reply_are_harmless),
        cmocka_unit_test(commands_are_arrays_of_texts),
        cmocka_unit_test(a_command_is_sent_when_its_first_byte_is),
        cmocka_unit_test(a_repeated_command_goes_to_the_end_with_the_same_bytes),
        cmocka_unit_test(long_pipelines_keep_order_and_bytes),
    };
    return cmocka_run_group_tests_name("redis_wire", tests, NULL, NULL);
}
