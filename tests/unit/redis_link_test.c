/* The link against real redis-servers of our own: commands, scripts, subscriptions, restarts. */
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/redis_link.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

enum { FLOOD = 100000, ALONE = 10000, BIG_BYTES = 5 * 1024 * 1024 };

enum { SCRIPT_add, SCRIPT_nest, SCRIPT_fail, TEST_SCRIPTS };
static struct script scripts[TEST_SCRIPTS];
static const struct script_table test_scripts = {scripts, TEST_SCRIPTS};

static struct redis_server server;

/* One link and what has been seen of it. */
struct watch {
    uv_loop_t loop;
    struct redis_link *link;
    int ready, lost, messages;
    char reason[256];
    char channel[64], payload[64];
    uint64_t replies, nulls, errors, next_tag;
    bool out_of_order, closed, close_in_reply;
    struct bytes big; /* what the next text must equal */
    char text[128];   /* of the latest reply */
    int64_t integer;
};

static void on_ready(void *context)
{
    ((struct watch *)context)->ready++;
}

static void on_lost(void *context, const char *reason)
{
    struct watch *watch = context;
    watch->lost++;
    assert_true(text_copy(watch->reason, sizeof watch->reason, reason));
}

static void copy_bytes(char *to, size_t capacity, struct bytes from)
{
    size_t length = from.length < capacity - 1 ? from.length : capacity - 1;
    memcpy(to, from.data, length);
    to[length] = '\0';
}

static void on_message(void *context, struct bytes channel, struct bytes payload)
{
    struct watch *watch = context;
    watch->messages++;
    copy_bytes(watch->channel, sizeof watch->channel, channel);
    copy_bytes(watch->payload, sizeof watch->payload, payload);
}

static const struct redis_link_events events = {.ready = on_ready, .lost = on_lost, .message = on_message};

static void on_reply(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct watch *watch = context;
    watch->out_of_order |= tag != watch->next_tag;
    watch->next_tag = tag + 1;
    watch->replies++;
    watch->nulls += reply == NULL;
    watch->errors += redis_reply_is_error(reply);
    copy_bytes(watch->text, sizeof watch->text, redis_reply_text(reply));
    redis_reply_integer(reply, &watch->integer);
    if (watch->big.length > 0) {
        assert_int_equal(reply->length, watch->big.length);
        assert_memory_equal(reply->text, watch->big.data, watch->big.length);
    }
    if (watch->close_in_reply) redis_link_close(watch->link, NULL);
}

static void on_closed(void *context)
{
    ((struct watch *)context)->closed = true;
}

static struct redis_link_config make_config(const char *url)
{
    struct redis_link_config config = {
        .client_name = "duelpod-test",
        .connect_timeout_ms = 5000,
        .command_timeout_ms = 20000,
        .backoff_min_ms = 5,
        .backoff_max_ms = 50,
    };
    const char *error;
    assert_true(redis_address_parse(url, &config.address, &error));
    return config;
}

static void watch_open(struct watch *watch, const struct redis_link_config *config)
{
    *watch = (struct watch){.integer = -1};
    assert_int_equal(uv_loop_init(&watch->loop), 0);
    watch->link = redis_link_open(&watch->loop, config, &events, watch);
}

/* Also proves that the link leaves nothing behind in the loop. */
static void watch_close(struct watch *watch)
{
    redis_link_close(watch->link, on_closed);
    redis_link_close(watch->link, on_closed);
    assert_int_equal(uv_run(&watch->loop, UV_RUN_DEFAULT), 0);
    assert_true(watch->closed);
    assert_int_equal(uv_loop_close(&watch->loop), 0);
}

static bool is_ready(void *context)
{
    return redis_link_is_ready(((struct watch *)context)->link);
}

static bool is_idle(void *context)
{
    return redis_link_counters(((struct watch *)context)->link).pending == 0;
}

static void wait_ready(struct watch *watch)
{
    if (!loop_run_until(&watch->loop, is_ready, watch)) fail_msg("not ready: %s", watch->reason);
}

static void wait_idle(struct watch *watch)
{
    assert_true(loop_run_until(&watch->loop, is_idle, watch));
}

static bool is_ready_again(void *context)
{
    return ((struct watch *)context)->ready >= 2;
}

static bool is_lost(void *context)
{
    return ((struct watch *)context)->lost >= 1;
}

/* Splits `line` at blanks into one command. */
static bool issue(struct watch *watch, const char *line, uint64_t tag)
{
    struct bytes words[16];
    size_t count = 0;
    while (*line != '\0' && count < ARRAY_LENGTH(words)) {
        size_t length = strcspn(line, " ");
        words[count++] = (struct bytes){line, length};
        line += length + (line[length] == ' ');
    }
    return redis_link_command(watch->link, words, count, on_reply, watch, tag);
}

static bool call(struct watch *watch, unsigned script, const char *key, const char *argument, uint64_t tag)
{
    struct bytes keys[] = {bytes_of_text(key)};
    struct bytes arguments[] = {bytes_of_text(argument)};
    return redis_link_script(watch->link, script, keys, 1, arguments, 1, on_reply, watch, tag);
}

static void say(const char *command)
{
    char answer[256];
    redis_server_say(&server, command, answer, sizeof answer);
    assert_int_not_equal(answer[0], '-');
}

/* ---- commands ---- */

static void commands_are_answered_in_order(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    watch_open(&watch, &config);
    assert_string_equal(redis_link_state_name(watch.link), "connecting");
    assert_true(issue(&watch, "SET order 1", 0)); /* before the link is ready */
    wait_ready(&watch);
    assert_true(issue(&watch, "INCR order", 1));
    assert_true(issue(&watch, "GET missing", 2));
    assert_true(issue(&watch, "NONSENSE", 3));
    assert_true(issue(&watch, "INCR order", 4));
    wait_idle(&watch);
    assert_int_equal(watch.replies, 5);
    assert_int_equal(watch.nulls, 0);
    assert_int_equal(watch.errors, 1);
    assert_int_equal(watch.integer, 3);
    assert_false(watch.out_of_order);
    struct redis_link_counters counters = redis_link_counters(watch.link);
    assert_int_equal(counters.commands, 5);
    assert_int_equal(counters.replies, 5);
    assert_int_equal(counters.errors, 1);
    assert_int_equal(counters.connects, 1);
    assert_int_equal(counters.losses, 0);
    watch_close(&watch);
}

static void commands_of_one_turn_leave_in_one_write(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    watch_open(&watch, &config);
    wait_ready(&watch);
    uint64_t writes = redis_link_counters(watch.link).writes;
    for (uint64_t tag = 0; tag < 1000; tag++) assert_true(issue(&watch, "PING", tag));
    wait_idle(&watch);
    assert_int_equal(redis_link_counters(watch.link).writes, writes + 1);
    watch_close(&watch);
}

static void flood(struct watch *watch, bool with_scripts, const char *what)
{
    watch->replies = watch->next_tag = 0;
    int64_t start_us = clock_monotonic_us();
    for (uint64_t tag = 0; tag < FLOOD; tag++)
        assert_true(with_scripts ? call(watch, SCRIPT_add, "flood", "1", tag)
                                 : issue(watch, "INCR flood", tag));
    wait_idle(watch);
    double seconds = (double)(clock_monotonic_us() - start_us) / 1e6;
    print_message("%s: %d in %.3f s = %.0f/s\n", what, FLOOD, seconds, FLOOD / seconds);
    assert_int_equal(watch->replies, FLOOD);
    assert_int_equal(watch->nulls, 0);
    assert_false(watch->out_of_order);
}

static void a_hundred_thousand_pipelined_commands_keep_their_order(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    char url[64];
    struct watch watch;
    config.scripts = &test_scripts;
    config.pending_max = FLOOD;
    say("DEL flood");
    watch_open(&watch, &config);
    wait_ready(&watch);
    flood(&watch, false, "INCR over a unix socket");
    assert_int_equal(watch.integer, FLOOD);
    flood(&watch, true, "EVALSHA over a unix socket");
    assert_int_equal(watch.integer, 2 * FLOOD);
    watch_close(&watch);
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", server.port);
    config = make_config(url);
    config.pending_max = FLOOD;
    watch_open(&watch, &config);
    wait_ready(&watch);
    flood(&watch, false, "INCR over TCP");
    assert_int_equal(watch.integer, 3 * FLOOD);
    watch_close(&watch);
}

struct times {
    int answers[TEST_SCRIPTS];
    uint64_t sum_us;
};

static void note_time(void *context, int script, uint64_t time_us)
{
    struct times *times = context;
    if (script >= 0) times->answers[script]++;
    times->sum_us += time_us;
}

static void one_command_at_a_time_is_answered(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    struct times times = {.sum_us = 0};
    watch_open(&watch, &config);
    wait_ready(&watch);
    redis_link_time(watch.link, note_time, &times);
    for (uint64_t tag = 0; tag < ALONE; tag++) {
        assert_true(issue(&watch, "PING", tag));
        while (watch.replies <= tag) uv_run(&watch.loop, UV_RUN_ONCE);
    }
    print_message("PING one at a time: %.1f us\n", (double)times.sum_us / ALONE);
    assert_int_equal(watch.nulls + watch.errors, 0);
    watch_close(&watch);
}

/* A bare root has no /etc/hosts; "127.1" is no address to us, and the resolver knows it everywhere. */
static const char *known_host(void)
{
    struct addrinfo *address;
    if (getaddrinfo("localhost", NULL, NULL, &address) != 0) return "127.1";
    freeaddrinfo(address);
    return "localhost";
}

static void a_host_name_is_looked_up(void **state)
{
    (void)state;
    char url[64];
    snprintf(url, sizeof url, "redis://%s:%d", known_host(), server.port);
    struct redis_link_config config = make_config(url);
    struct watch watch;
    watch_open(&watch, &config);
    wait_ready(&watch);
    assert_true(issue(&watch, "PING", 0));
    wait_idle(&watch);
    assert_string_equal(watch.text, "PONG");
    watch_close(&watch);
}

static void values_of_five_megabytes_pass_both_ways(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    char *value = malloc(BIG_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++) value[i] = (char)(i * 2654435761u >> 13);
    watch_open(&watch, &config);
    struct bytes set[] = {bytes_of_text("SET"), bytes_of_text("big"), {value, BIG_BYTES}};
    assert_true(redis_link_command(watch.link, set, 3, on_reply, &watch, 0));
    wait_idle(&watch);
    assert_string_equal(watch.text, "OK");
    watch.big = (struct bytes){value, BIG_BYTES};
    for (uint64_t tag = 1; tag <= 4; tag++) assert_true(issue(&watch, "GET big", tag));
    wait_idle(&watch);
    assert_int_equal(watch.replies, 5);
    assert_int_equal(watch.nulls + watch.errors, 0);
    say("DEL big");
    watch_close(&watch);
    free(value);
}

static void a_full_link_refuses_and_recovers(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    config.pending_max = 3;
    watch_open(&watch, &config);
    for (uint64_t tag = 0; tag < 3; tag++) assert_true(issue(&watch, "PING", tag));
    assert_false(issue(&watch, "PING", 99));
    assert_int_equal(redis_link_counters(watch.link).refused, 1);
    wait_idle(&watch);
    assert_int_equal(watch.replies, 3);
    assert_true(issue(&watch, "PING", 3));
    wait_idle(&watch);
    assert_int_equal(watch.replies, 4);
    watch_close(&watch);

    config.pending_max = 0;
    config.pending_bytes_max = 100;
    watch_open(&watch, &config);
    assert_true(issue(&watch, "ECHO 0123456789012345678901234567890123456789", 0));
    assert_true(issue(&watch, "ECHO 0123456789012345678901234567890123456789", 1));
    assert_false(issue(&watch, "PING", 99));
    wait_idle(&watch);
    assert_int_equal(watch.nulls, 0);
    watch_close(&watch);
}

static void closing_answers_everything_with_null(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    watch_open(&watch, &config);
    for (uint64_t tag = 0; tag < 10; tag++) assert_true(issue(&watch, "PING", tag));
    redis_link_close(watch.link, on_closed);
    assert_int_equal(watch.nulls, 10);
    assert_false(issue(&watch, "PING", 10));
    assert_string_equal(redis_link_state_name(watch.link), "closed");
    watch_close(&watch);
    assert_int_equal(watch.lost, 0);
}

static void a_link_may_be_closed_by_its_own_reply(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    watch_open(&watch, &config);
    wait_ready(&watch);
    watch.close_in_reply = true;
    for (uint64_t tag = 0; tag < 10; tag++) assert_true(issue(&watch, "PING", tag));
    assert_int_equal(uv_run(&watch.loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(watch.replies, 10);
    assert_int_equal(watch.nulls, 9);
    assert_int_equal(uv_loop_close(&watch.loop), 0);
}

/* ---- scripts ---- */

static void scripts_are_loaded_before_ready_and_timed(void **state)
{
    (void)state;
    struct times times = {.sum_us = 0};
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    config.scripts = &test_scripts;
    say("SCRIPT FLUSH");
    say("DEL sum");
    watch_open(&watch, &config);
    redis_link_time(watch.link, note_time, &times);
    assert_true(call(&watch, SCRIPT_add, "sum", "40", 0));
    assert_true(call(&watch, SCRIPT_add, "sum", "2", 1));
    assert_true(call(&watch, SCRIPT_fail, "sum", "x", 2));
    wait_idle(&watch);
    assert_int_equal(watch.integer, 42);
    assert_int_equal(watch.errors, 1);
    assert_string_equal(watch.text, "REFUSED x");
    assert_int_equal(times.answers[SCRIPT_add], 2);
    assert_int_equal(times.answers[SCRIPT_fail], 1);
    assert_true(times.sum_us > 0);
    assert_int_equal(redis_link_counters(watch.link).scripts, 3);
    assert_int_equal(redis_link_counters(watch.link).script_reloads, 0);
    watch_close(&watch);
}

static void on_nested(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct watch *watch = context;
    int64_t three = 0;
    (void)tag;
    assert_true(redis_reply_equals(redis_reply_item(reply, 0), "one"));
    assert_true(redis_reply_equals(redis_reply_item(redis_reply_item(reply, 1), 0), "two"));
    const struct redis_reply *deep = redis_reply_item(redis_reply_item(reply, 1), 1);
    assert_true(redis_reply_integer(redis_reply_item(deep, 0), &three));
    assert_int_equal(three, 3);
    assert_int_equal(redis_reply_item(reply, 2)->type, REDIS_NIL);
    watch->replies++;
}

static void nested_replies_arrive_whole(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    config.scripts = &test_scripts;
    watch_open(&watch, &config);
    assert_true(redis_link_script(watch.link, SCRIPT_nest, NULL, 0, NULL, 0, on_nested, &watch, 0));
    wait_idle(&watch);
    assert_int_equal(watch.replies, 1);
    watch_close(&watch);
}

static void forgotten_scripts_are_loaded_once_and_repeated(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    config.scripts = &test_scripts;
    watch_open(&watch, &config);
    wait_ready(&watch);
    for (uint64_t round = 0; round < 2; round++) {
        say("DEL sum");
        say("SCRIPT FLUSH");
        watch.next_tag = 0;
        for (uint64_t tag = 0; tag < 1000; tag++) assert_true(call(&watch, SCRIPT_add, "sum", "1", tag));
        wait_idle(&watch);
        assert_int_equal(watch.integer, 1000);
        assert_int_equal(watch.errors + watch.nulls, 0);
        assert_false(watch.out_of_order);
        assert_int_equal(redis_link_counters(watch.link).script_reloads, round + 1);
    }
    assert_int_equal(watch.replies, 2000);
    assert_int_equal(watch.lost, 0);
    watch_close(&watch);
}

static void redis_accepts_every_embedded_script(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    config.scripts = scripts_embedded();
    watch_open(&watch, &config);
    wait_ready(&watch);
    assert_int_equal(watch.lost, 0);
    watch_close(&watch);
}

static void a_script_that_does_not_compile_is_named(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct script broken = script_make("enqueue", bytes_of_text("return ("));
    const struct script_table table = {&broken, 1};
    struct watch watch;
    config.scripts = &table;
    watch_open(&watch, &config);
    assert_true(loop_run_until(&watch.loop, is_lost, &watch));
    assert_non_null(strstr(watch.reason, "enqueue refused: ERR Error compiling script"));
    assert_int_equal(watch.ready, 0);
    watch_close(&watch);
}

/* ---- login ---- */

static void the_right_password_is_needed(void **state)
{
    (void)state;
    char url[192];
    struct watch watch;
    say("ACL SETUSER game on >s3cret ~* &* +@all");
    snprintf(url, sizeof url, "unix://game:s3cret@%s", server.socket);
    struct redis_link_config config = make_config(url);
    watch_open(&watch, &config);
    assert_true(issue(&watch, "ACL WHOAMI", 0));
    wait_idle(&watch);
    assert_string_equal(watch.text, "game");
    watch_close(&watch);

    text_copy(config.address.password, sizeof config.address.password, "wr0ng");
    config.command_timeout_ms = 100;
    watch_open(&watch, &config);
    assert_true(issue(&watch, "PING", 0));
    wait_idle(&watch);
    assert_int_equal(watch.nulls, 1);
    assert_true(loop_run_until(&watch.loop, is_lost, &watch));
    assert_non_null(strstr(watch.reason, "login refused: WRONGPASS"));
    assert_null(strstr(watch.reason, "wr0ng"));
    assert_int_equal(watch.ready, 0);
    watch_close(&watch);
    say("ACL DELUSER game");
}

/* ---- subscribers ---- */

static const char *const channels[] = {"pod:a:match_result", "pod:a:battle_result", NULL};

static bool has_message(void *context)
{
    return ((struct watch *)context)->messages > 0;
}

static void subscribers_get_messages_and_refuse_commands(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    char answer[64];
    config.channels = channels;
    watch_open(&watch, &config);
    wait_ready(&watch);
    assert_false(issue(&watch, "PING", 0));
    redis_server_say(&server, "PUBLISH pod:a:battle_result hello", answer, sizeof answer);
    assert_string_equal(answer, ":1\r\n");
    assert_true(loop_run_until(&watch.loop, has_message, &watch));
    assert_string_equal(watch.channel, "pod:a:battle_result");
    assert_string_equal(watch.payload, "hello");
    watch_close(&watch);
}

static void a_killed_subscriber_subscribes_again(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    char answer[64];
    config.channels = channels;
    watch_open(&watch, &config);
    wait_ready(&watch);
    say("CLIENT KILL TYPE pubsub");
    assert_true(loop_run_until(&watch.loop, is_ready_again, &watch));
    assert_int_equal(watch.lost, 1);
    assert_string_equal(watch.reason, "connection lost: closed by the other side");
    redis_server_say(&server, "PUBLISH pod:a:match_result again", answer, sizeof answer);
    assert_string_equal(answer, ":1\r\n");
    assert_true(loop_run_until(&watch.loop, has_message, &watch));
    assert_string_equal(watch.payload, "again");
    watch_close(&watch);
}

static void liveness_messages_are_swallowed_and_silence_reconnects(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    char answer[64];
    config.channels = channels;
    config.liveness_channel = "pod:a:hb:game";
    config.liveness_timeout_ms = 150;
    watch_open(&watch, &config);
    wait_ready(&watch);
    redis_server_say(&server, "PUBLISH pod:a:hb:game nonce", answer, sizeof answer);
    assert_string_equal(answer, ":1\r\n");
    redis_server_say(&server, "PUBLISH pod:a:match_result real", answer, sizeof answer);
    assert_true(loop_run_until(&watch.loop, has_message, &watch));
    assert_int_equal(watch.messages, 1);
    assert_int_equal(redis_link_counters(watch.link).messages, 2);
    assert_string_equal(watch.payload, "real");
    assert_int_equal(watch.lost, 0);
    assert_true(loop_run_until(&watch.loop, is_ready_again, &watch));
    assert_string_equal(watch.reason, "nothing heard in time");
    watch_close(&watch);
}

/* ---- Redis goes and comes ---- */

static void a_restart_reloads_scripts_and_loses_nothing_silently(void **state)
{
    (void)state;
    struct redis_server own;
    struct redis_link_config config;
    struct watch watch;
    redis_server_start(&own, false, NULL);
    config = make_config(own.url);
    config.scripts = &test_scripts;
    watch_open(&watch, &config);
    wait_ready(&watch);
    assert_true(call(&watch, SCRIPT_add, "sum", "1", 0));
    wait_idle(&watch);
    redis_server_kill(&own);
    assert_true(loop_run_until(&watch.loop, is_lost, &watch));
    /* Issued while it is away: waits, and is answered by the new server. */
    assert_true(call(&watch, SCRIPT_add, "sum", "5", 1));
    redis_server_launch(&own, NULL);
    wait_idle(&watch);
    assert_int_equal(watch.integer, 5);
    assert_int_equal(watch.replies, 2);
    assert_int_equal(watch.nulls, 0);
    assert_int_equal(watch.ready, 2);
    assert_int_equal(redis_link_counters(watch.link).script_reloads, 0);
    watch_close(&watch);
    redis_server_stop(&own);
}

static bool is_nulled(void *context)
{
    return ((struct watch *)context)->nulls > 0;
}

static void a_frozen_server_times_out_and_a_thawed_one_serves_again(void **state)
{
    (void)state;
    static const char *const debug[] = {"--enable-debug-command", "yes", NULL};
    struct redis_server own;
    struct watch watch;
    redis_server_start(&own, false, debug);
    struct redis_link_config config = make_config(own.url);
    config.command_timeout_ms = 100;
    watch_open(&watch, &config);
    wait_ready(&watch);
    assert_true(issue(&watch, "DEBUG SLEEP 0.4", 0));
    assert_true(issue(&watch, "PING", 1));
    assert_true(loop_run_until(&watch.loop, is_nulled, &watch));
    assert_int_equal(watch.nulls, 2);
    assert_int_equal(redis_link_counters(watch.link).timeouts, 1);
    assert_string_equal(watch.reason, "a command was not answered in time");
    wait_ready(&watch);
    assert_true(issue(&watch, "PING", 2));
    wait_idle(&watch);
    assert_string_equal(watch.text, "PONG");
    watch_close(&watch);
    redis_server_stop(&own);
}

static void a_link_without_time_limit_may_block(void **state)
{
    (void)state;
    struct redis_link_config config = make_config(server.url);
    struct watch watch;
    config.command_timeout_ms = 0;
    watch_open(&watch, &config);
    assert_true(issue(&watch, "XREAD BLOCK 200 STREAMS none $", 0));
    wait_idle(&watch);
    assert_int_equal(watch.nulls + watch.errors, 0);
    assert_int_equal(watch.replies, 1);
    watch_close(&watch);
}

static void a_replica_is_left_after_the_refused_write(void **state)
{
    (void)state;
    struct redis_server own;
    struct watch watch;
    char answer[64];
    redis_server_start(&own, false, NULL);
    struct redis_link_config config = make_config(own.url);
    watch_open(&watch, &config);
    wait_ready(&watch);
    redis_server_say(&own, "REPLICAOF 127.0.0.1 1", answer, sizeof answer);
    assert_true(issue(&watch, "SET a 1", 0));
    assert_true(issue(&watch, "GET a", 1));
    assert_true(loop_run_until(&watch.loop, is_lost, &watch));
    assert_string_equal(watch.reason, "Redis is a replica");
    assert_int_equal(watch.errors, 1);
    assert_int_equal(watch.nulls, 1);
    watch_close(&watch);
    redis_server_stop(&own);
}

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    scripts[SCRIPT_add] =
        script_make("add", bytes_of_text("#!lua\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])\n"));
    scripts[SCRIPT_nest] = script_make("nest", bytes_of_text("#!lua\nreturn {'one', {'two', {3}}, false}\n"));
    scripts[SCRIPT_fail] =
        script_make("fail", bytes_of_text("#!lua\nreturn redis.error_reply('REFUSED ' .. ARGV[1])\n"));
    redis_server_start(&server, true, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    redis_server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_answered_in_order),
        cmocka_unit_test(commands_of_one_turn_leave_in_one_write),
        cmocka_unit_test(a_hundred_thousand_pipelined_commands_keep_their_order),
        cmocka_unit_test(one_command_at_a_time_is_answered),
        cmocka_unit_test(a_host_name_is_looked_up),
        cmocka_unit_test(values_of_five_megabytes_pass_both_ways),
        cmocka_unit_test(a_full_link_refuses_and_recovers),
        cmocka_unit_test(closing_answers_everything_with_null),
        cmocka_unit_test(a_link_may_be_closed_by_its_own_reply),
        cmocka_unit_test(scripts_are_loaded_before_ready_and_timed),
        cmocka_unit_test(nested_replies_arrive_whole),
        cmocka_unit_test(forgotten_scripts_are_loaded_once_and_repeated),
        cmocka_unit_test(redis_accepts_every_embedded_script),
        cmocka_unit_test(a_script_that_does_not_compile_is_named),
        cmocka_unit_test(the_right_password_is_needed),
        cmocka_unit_test(subscribers_get_messages_and_refuse_commands),
        cmocka_unit_test(a_killed_subscriber_subscribes_again),
        cmocka_unit_test(liveness_messages_are_swallowed_and_silence_reconnects),
        cmocka_unit_test(a_restart_reloads_scripts_and_loses_nothing_silently),
        cmocka_unit_test(a_frozen_server_times_out_and_a_thawed_one_serves_again),
        cmocka_unit_test(a_link_without_time_limit_may_block),
        cmocka_unit_test(a_replica_is_left_after_the_refused_write),
    };
    return cmocka_run_group_tests_name("redis_link", tests, setup, teardown);
}
