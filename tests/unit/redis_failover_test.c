/* The link and the places Redis may be at: lists, replicas, sentinels (fake ones), and the circuit breaker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>

#include "common/redis_endpoints.h"
#include "common/redis_link.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

enum { BREAKERS_MAX = 64 };

struct watch {
    uv_loop_t loop;
    struct redis_link *link;
    struct redis_link_config config;
    int ready, lost, wanted;
    char reason[256], text[64];
    int replies;
    enum redis_breaker breakers[BREAKERS_MAX];
    size_t breaker_count;
    bool closed;
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

static void on_breaker(void *context, enum redis_breaker breaker)
{
    struct watch *watch = context;
    assert_int_equal(redis_link_breaker(watch->link), breaker);
    if (watch->breaker_count < BREAKERS_MAX) watch->breakers[watch->breaker_count++] = breaker;
}

static void on_reply(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct watch *watch = context;
    struct bytes text = redis_reply_text(reply);
    (void)tag;
    watch->replies++;
    snprintf(watch->text, sizeof watch->text, "%.*s", (int)text.length, text.data);
}

static void on_closed(void *context)
{
    ((struct watch *)context)->closed = true;
}

static const struct redis_link_events events = {.ready = on_ready, .lost = on_lost, .breaker = on_breaker};

static struct watch *watch_new(const char *url)
{
    struct watch *watch = memory_new(sizeof *watch);
    const char *error;
    watch->config = (struct redis_link_config){
        .connect_timeout_ms = 10000,
        .command_timeout_ms = 20000,
        .backoff_min_ms = 5,
        .backoff_max_ms = 20,
        .sentinel_master = "duelpod",
    };
    assert_true(redis_address_parse(url, &watch->config.address, &error));
    assert_int_equal(uv_loop_init(&watch->loop), 0);
    return watch;
}

static void watch_open(struct watch *watch)
{
    watch->link = redis_link_open(&watch->loop, &watch->config, &events, watch);
}

static void watch_free(struct watch *watch)
{
    redis_link_close(watch->link, on_closed);
    assert_int_equal(uv_run(&watch->loop, UV_RUN_DEFAULT), 0);
    assert_true(watch->closed);
    assert_int_equal(uv_loop_close(&watch->loop), 0);
    free(watch);
}

static bool enough_ready(void *context)
{
    return ((struct watch *)context)->ready >= ((struct watch *)context)->wanted;
}

static void wait_ready(struct watch *watch, int times)
{
    watch->wanted = times;
    if (!loop_run_until(&watch->loop, enough_ready, watch)) fail_msg("not ready: %s", watch->reason);
}

static bool enough_lost(void *context)
{
    return ((struct watch *)context)->lost >= ((struct watch *)context)->wanted;
}

static void wait_lost(struct watch *watch, int times)
{
    watch->wanted = times;
    assert_true(loop_run_until(&watch->loop, enough_lost, watch));
}

static bool has_reply(void *context)
{
    return ((struct watch *)context)->replies > 0;
}

static bool issue(struct watch *watch, const char *word)
{
    struct bytes words[] = {bytes_of_text(word)};
    return redis_link_command(watch->link, words, 1, on_reply, watch, 0);
}

/* ---- lists ---- */

static void lists_of_places_are_taken_apart(void **state)
{
    (void)state;
    struct redis_endpoints list;
    const char *error = NULL;
    assert_true(redis_endpoints_parse("redis://a:1, unix:///run/r.sock ,redis://[::1]", &list, &error));
    assert_int_equal(list.count, 3);
    assert_string_equal(list.list[0].host, "a");
    assert_int_equal(list.list[0].port, 1);
    assert_string_equal(list.list[1].path, "/run/r.sock");
    assert_string_equal(list.list[2].host, "::1");
    assert_true(redis_endpoints_parse("", &list, &error));
    assert_int_equal(list.count, 0);
    assert_true(redis_endpoints_parse("  ", &list, &error));
    assert_int_equal(list.count, 0);
}

static void bad_lists_are_refused_and_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"redis://a,", "redis endpoints: an entry is empty"},
        {",redis://a", "redis endpoints: an entry is empty"},
        {"redis://a,,redis://b", "redis endpoints: an entry is empty"},
        {"redis://u:p@a", "redis endpoints: no place for a user or password"},
        {"a:1", "redis url: must start with redis:// or unix://"},
        {"redis://a:99999", "redis url: the port is outside 1..65535"},
        {"redis://1,redis://2,redis://3,redis://4,redis://5,redis://6,redis://7,redis://8,redis://9",
         "redis endpoints: more than 8"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct redis_endpoints list = {.count = 77};
        const char *error = NULL;
        assert_false(redis_endpoints_parse(cases[i].text, &list, &error));
        assert_string_equal(error, cases[i].error);
        assert_int_equal(list.count, 77);
    }
    char text[600] = "redis://";
    struct redis_endpoints list;
    const char *error = NULL;
    memset(text + 8, 'a', sizeof text - 9);
    assert_false(redis_endpoints_parse(text, &list, &error));
    assert_string_equal(error, "redis endpoints: an entry is too long");
}

/* ---- several places ---- */

static void add_place(struct watch *watch, const char *url)
{
    const char *error;
    assert_true(
        redis_address_parse(url, &watch->config.endpoints.list[watch->config.endpoints.count++], &error));
}

static void the_next_place_is_tried_and_kept(void **state)
{
    (void)state;
    struct redis_server server;
    char answer[64];
    redis_server_start(&server, false, NULL);
    struct watch *watch = watch_new("unix:///nonexistent/redis.sock");
    add_place(watch, "unix:///nonexistent/either.sock");
    add_place(watch, server.url);
    watch_open(watch);
    wait_ready(watch, 1);
    assert_int_equal(watch->lost, 2);
    redis_server_say(&server, "CLIENT KILL TYPE normal SKIPME yes", answer, sizeof answer);
    wait_ready(watch, 2);
    assert_int_equal(watch->lost, 3); /* straight back, not around the list */
    watch_free(watch);
    redis_server_stop(&server);
}

static void a_replica_is_passed_over_until_it_is_promoted(void **state)
{
    (void)state;
    struct redis_server first, second;
    char answer[64];
    redis_server_start(&first, false, NULL);
    redis_server_start(&second, false, NULL);
    redis_server_say(&first, "REPLICAOF 127.0.0.1 1", answer, sizeof answer);
    struct watch *watch = watch_new(first.url);
    add_place(watch, second.url);
    watch_open(watch);
    wait_ready(watch, 1);
    assert_int_equal(watch->lost, 1);
    assert_string_equal(watch->reason, "Redis is a replica");

    redis_server_kill(&second);
    redis_server_say(&first, "REPLICAOF NO ONE", answer, sizeof answer);
    wait_ready(watch, 2);
    assert_true(issue(watch, "PING"));
    assert_true(loop_run_until(&watch->loop, has_reply, watch));
    assert_string_equal(watch->text, "PONG");
    watch_free(watch);
    redis_server_stop(&first);
    redis_server_stop(&second);
}

/* ---- the breaker ---- */

static bool breaker_is_open(void *context)
{
    return redis_link_breaker(((struct watch *)context)->link) == REDIS_BREAKER_OPEN;
}

static void the_breaker_opens_refuses_and_closes(void **state)
{
    (void)state;
    struct redis_server server;
    redis_server_start(&server, false, NULL);
    redis_server_kill(&server);
    struct watch *watch = watch_new(server.url);
    watch->config.breaker_losses = 3;
    watch_open(watch);
    wait_lost(watch, 2);
    assert_int_equal(redis_link_breaker(watch->link), REDIS_BREAKER_CLOSED);
    assert_true(issue(watch, "PING")); /* a hiccup: it waits */
    assert_true(loop_run_until(&watch->loop, breaker_is_open, watch));
    assert_true(watch->lost >= 3);
    assert_false(issue(watch, "PING"));
    assert_int_equal(redis_link_counters(watch->link).refused, 1);
    assert_int_equal(watch->replies, 0); /* what was accepted before keeps its promise */

    redis_server_launch(&server, NULL);
    wait_ready(watch, 1);
    assert_int_equal(redis_link_breaker(watch->link), REDIS_BREAKER_CLOSED);
    assert_true(loop_run_until(&watch->loop, has_reply, watch));
    assert_string_equal(watch->text, "PONG");
    assert_true(issue(watch, "PING"));
    assert_int_equal(watch->breakers[0], REDIS_BREAKER_OPEN);
    assert_int_equal(watch->breakers[1], REDIS_BREAKER_HALF_OPEN);
    assert_int_equal(watch->breakers[watch->breaker_count - 1], REDIS_BREAKER_CLOSED);
    watch_free(watch);
    redis_server_stop(&server);
}

static void a_link_without_breaker_never_refuses(void **state)
{
    (void)state;
    struct watch *watch = watch_new("unix:///nonexistent/redis.sock");
    watch_open(watch);
    wait_lost(watch, 20);
    assert_true(issue(watch, "PING"));
    assert_int_equal(watch->breaker_count, 0);
    watch_free(watch);
}

/* ---- replicas that are waited for ---- */

enum { SCRIPT_add_one, SCRIPT_nested, OWN_SCRIPTS };
static struct script scripts[OWN_SCRIPTS];
static const struct script_table table = {scripts, OWN_SCRIPTS};

struct calls {
    uint64_t order[128];
    size_t count, nulls;
    char nested[64];
};

static struct calls calls;

static void on_called(void *context, uint64_t tag, const struct redis_reply *reply)
{
    (void)context;
    assert_true(calls.count < ARRAY_LENGTH(calls.order));
    calls.order[calls.count++] = tag;
    calls.nulls += reply == NULL;
    const struct redis_reply *inner = redis_reply_item(redis_reply_item(reply, 1), 1);
    struct bytes first = redis_reply_text(redis_reply_item(reply, 0));
    struct bytes second = redis_reply_text(redis_reply_item(redis_reply_item(reply, 1), 0));
    int64_t number = 0;
    if (redis_reply_integer(redis_reply_item(inner, 0), &number))
        snprintf(calls.nested, sizeof calls.nested, "%.*s %.*s %d", (int)first.length, first.data,
                 (int)second.length, second.data, (int)number);
}

static void call(struct watch *watch, unsigned script, uint64_t tag)
{
    struct bytes keys[] = {bytes_of_text("counter")};
    assert_true(redis_link_script(watch->link, script, keys, 1, NULL, 0, on_called, watch, tag));
}

static bool enough_calls(void *context)
{
    return calls.count >= (size_t)((struct watch *)context)->wanted;
}

static void wait_calls(struct watch *watch, int times)
{
    watch->wanted = times;
    assert_true(loop_run_until(&watch->loop, enough_calls, watch));
}

static struct watch *watch_with_replicas(const char *url, int wait_ms)
{
    struct watch *watch = watch_new(url);
    calls = (struct calls){.count = 0};
    watch->config.scripts = &table;
    watch->config.replicas_min = 1;
    watch->config.wait_ms = wait_ms;
    watch_open(watch);
    wait_ready(watch, 1);
    return watch;
}

/* Returns when the replica follows. */
static void replica_start(struct redis_server *replica, const struct redis_server *primary)
{
    char answer[1024], port[16];
    snprintf(port, sizeof port, "%d", primary->port);
    const char *const options[] = {"--replicaof", "127.0.0.1", port, NULL};
    redis_server_start(replica, true, options);
    for (int tries = 0; tries < 2000; tries++) {
        redis_server_say(replica, "INFO replication", answer, sizeof answer);
        if (strstr(answer, "master_link_status:up") != NULL) return;
        usleep(10000);
    }
    fail_msg("the replica does not follow");
}

static void answers_are_told_when_a_replica_has_them(void **state)
{
    (void)state;
    struct redis_server primary, replica;
    char answer[64];
    redis_server_start(&primary, true, NULL);
    replica_start(&replica, &primary);
    struct watch *watch = watch_with_replicas(primary.url, 10000);
    for (uint64_t tag = 0; tag < 50; tag++) {
        struct bytes get[] = {bytes_of_text("GET"), bytes_of_text("counter")};
        call(watch, SCRIPT_add_one, 2 * tag);
        assert_true(redis_link_command(watch->link, get, 2, on_called, watch, 2 * tag + 1));
    }
    call(watch, SCRIPT_nested, 100);
    wait_calls(watch, 101);
    redis_server_say(&replica, "GET counter", answer, sizeof answer);
    assert_string_equal(answer, "$2\r\n50\r\n"); /* at this moment, without waiting */
    for (uint64_t tag = 0; tag < 101; tag++) assert_int_equal(calls.order[tag], tag);
    assert_int_equal(calls.nulls, 0);
    assert_string_equal(calls.nested, "one two 3");
    struct redis_link_counters counters = redis_link_counters(watch->link);
    assert_int_equal(counters.waits, 1); /* one for all of the turn */
    assert_int_equal(counters.waits_short, 0);
    assert_int_equal(counters.pending, 0);
    watch_free(watch);
    redis_server_stop(&replica);
    redis_server_stop(&primary);
}

static void without_replicas_the_outcome_is_unknown(void **state)
{
    (void)state;
    struct redis_server primary;
    char answer[64];
    redis_server_start(&primary, false, NULL);
    struct watch *watch = watch_with_replicas(primary.url, 20);
    call(watch, SCRIPT_add_one, 0);
    wait_calls(watch, 1);
    assert_int_equal(calls.nulls, 1);
    assert_int_equal(redis_link_counters(watch->link).waits_short, 1);
    assert_true(redis_link_is_ready(watch->link));
    redis_server_say(&primary, "GET counter", answer, sizeof answer);
    assert_string_equal(answer, "$1\r\n1\r\n"); /* unknown is not undone */
    watch_free(watch);
    redis_server_stop(&primary);
}

static bool answer_is_held(void *context)
{
    return redis_link_counters(((struct watch *)context)->link).replies > 0;
}

static void what_is_held_gets_null_when_the_connection_ends(void **state)
{
    (void)state;
    struct redis_server primary;
    char answer[64];
    redis_server_start(&primary, false, NULL);
    struct watch *watch = watch_with_replicas(primary.url, 10000);
    call(watch, SCRIPT_add_one, 0);
    assert_true(loop_run_until(&watch->loop, answer_is_held, watch));
    assert_int_equal(calls.count, 0);
    redis_server_say(&primary, "CLIENT KILL TYPE normal SKIPME yes", answer, sizeof answer);
    wait_calls(watch, 1);
    assert_int_equal(calls.nulls, 1);
    wait_ready(watch, 2);

    call(watch, SCRIPT_add_one, 1); /* and when the owner ends it */
    assert_false(redis_link_counters(watch->link).pending == 0);
    watch_free(watch);
    assert_int_equal(calls.count, 2);
    assert_int_equal(calls.nulls, 2);
    redis_server_stop(&primary);
}

/* ---- sentinels ---- */

/* One that listens on a unix socket of its own and is driven between turns of the loop. */
struct fake {
    char folder[64], path[96], url[128], question[256];
    size_t length;
    const char *answer;
    int listener, peer;
    bool asked;
};

static void fake_start(struct fake *fake, const char *answer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *fake = (struct fake){.answer = answer, .peer = -1};
    strcpy(fake->folder, "/tmp/duelpod-sentinel-XXXXXX");
    assert_non_null(mkdtemp(fake->folder));
    snprintf(fake->path, sizeof fake->path, "%s/s.sock", fake->folder);
    snprintf(fake->url, sizeof fake->url, "unix://%s", fake->path);
    assert_true(text_copy(address.sun_path, sizeof address.sun_path, fake->path));
    fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fake->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fake->listener, 8), 0);
}

static void fake_stop(struct fake *fake)
{
    if (fake->peer >= 0) close(fake->peer);
    close(fake->listener);
    unlink(fake->path);
    rmdir(fake->folder);
}

static bool readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

/* True once a whole question has come and, if there is an answer, has been answered. */
static bool fake_was_asked(void *context)
{
    struct fake *fake = context;
    if (fake->asked) return true;
    if (fake->peer < 0 && readable(fake->listener))
        fake->peer = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fake->peer < 0 || !readable(fake->peer)) return false;
    ssize_t count = read(fake->peer, fake->question + fake->length, sizeof fake->question - 1 - fake->length);
    assert_true(count > 0);
    fake->length += (size_t)count;
    if (strstr(fake->question, "duelpod\r\n") == NULL) return false;
    fake->asked = true;
    if (fake->answer == NULL) return true;
    assert_int_equal(write(fake->peer, fake->answer, strlen(fake->answer)), strlen(fake->answer));
    close(fake->peer);
    fake->peer = -1;
    return true;
}

static void fake_next(struct fake *fake, const char *answer)
{
    fake->answer = answer;
    fake->asked = false;
    fake->length = 0;
    memset(fake->question, 0, sizeof fake->question);
}

static void on_reply_port(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct watch *watch = context;
    struct bytes port = redis_reply_text(redis_reply_item(reply, 1));
    (void)tag;
    watch->replies++;
    snprintf(watch->text, sizeof watch->text, "%.*s", (int)port.length, port.data);
}

static void add_sentinel(struct watch *watch, const char *url)
{
    const char *error;
    assert_true(
        redis_address_parse(url, &watch->config.sentinels.list[watch->config.sentinels.count++], &error));
}

static void the_sentinel_says_where_the_primary_is(void **state)
{
    (void)state;
    struct redis_server server;
    struct fake fake;
    char answer[128], port[16];
    redis_server_start(&server, true, NULL);
    int digits = snprintf(port, sizeof port, "%d", server.port);
    snprintf(answer, sizeof answer, "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n", digits, port);
    fake_start(&fake, answer);
    struct watch *watch = watch_new("redis://127.0.0.1:1");
    add_sentinel(watch, "unix:///nonexistent/sentinel.sock");
    add_sentinel(watch, fake.url);
    watch_open(watch);
    assert_true(loop_run_until(&watch->loop, fake_was_asked, &fake));
    assert_string_equal(fake.question,
                        "*3\r\n$8\r\nSENTINEL\r\n$23\r\nget-master-addr-by-name\r\n$7\r\nduelpod\r\n");
    wait_ready(watch, 1);
    assert_int_equal(watch->lost, 1);
    assert_string_equal(watch->reason, "sentinel: no such file or directory");
    watch_free(watch);
    fake_stop(&fake);
    redis_server_stop(&server);
}

/* The old primary still calls itself one; only the sentinel knows better. */
static void a_deposed_primary_is_left(void **state)
{
    (void)state;
    struct redis_server servers[2];
    struct fake fake;
    char answers[2][128];
    for (size_t i = 0; i < 2; i++) {
        char port[16];
        redis_server_start(&servers[i], true, NULL);
        int digits = snprintf(port, sizeof port, "%d", servers[i].port);
        snprintf(answers[i], sizeof answers[i], "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n", digits, port);
    }
    fake_start(&fake, answers[0]);
    struct watch *watch = watch_new("redis://127.0.0.1:1");
    add_sentinel(watch, fake.url);
    watch_open(watch);
    const char *const told[] = {answers[0], answers[0], answers[1], answers[0], answers[1], answers[1]};
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
        assert_int_equal(watch->lost, 0); /* one answer alone, the third, changes nothing */
        fake_next(&fake, told[i]);
        assert_true(loop_run_until(&watch->loop, fake_was_asked, &fake));
    }
    wait_lost(watch, 1);
    assert_string_equal(watch->reason, "the sentinels name another primary");
    fake_next(&fake, answers[1]);
    assert_true(loop_run_until(&watch->loop, fake_was_asked, &fake));
    wait_ready(watch, 2);
    struct bytes get[] = {bytes_of_text("CONFIG"), bytes_of_text("GET"), bytes_of_text("port")};
    assert_true(redis_link_command(watch->link, get, 3, on_reply_port, watch, 0));
    assert_true(loop_run_until(&watch->loop, has_reply, watch));
    assert_int_equal(atoi(watch->text), servers[1].port);
    watch_free(watch);
    fake_stop(&fake);
    for (size_t i = 0; i < 2; i++) redis_server_stop(&servers[i]);
}

static void a_sentinel_that_does_not_know_is_reported(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *reason;
    } cases[] = {
        {"*-1\r\n", "sentinel: knows no primary called duelpod"},
        {"-NOAUTH Authentication required.\r\n", "sentinel: refused: NOAUTH Authentication required."},
        {"*2\r\n$1\r\nh\r\n$5\r\n99999\r\n", "sentinel: knows no primary called duelpod"},
        {"*1\r\n$1\r\nh\r\n", "sentinel: knows no primary called duelpod"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake fake;
        fake_start(&fake, cases[i].answer);
        struct watch *watch = watch_new("redis://127.0.0.1:1");
        add_sentinel(watch, fake.url);
        watch_open(watch);
        assert_true(loop_run_until(&watch->loop, fake_was_asked, &fake));
        wait_lost(watch, 1);
        assert_string_equal(watch->reason, cases[i].reason);
        watch_free(watch);
        fake_stop(&fake);
    }
}

static void a_silent_sentinel_is_given_up(void **state)
{
    (void)state;
    struct fake fake;
    fake_start(&fake, NULL);
    struct watch *watch = watch_new("redis://127.0.0.1:1");
    watch->config.connect_timeout_ms = 50;
    add_sentinel(watch, fake.url);
    watch_open(watch);
    wait_lost(watch, 2);
    assert_string_equal(watch->reason, "the sentinel did not answer in time");
    watch_free(watch);
    fake_stop(&fake);
}

static void a_link_may_be_closed_while_it_asks(void **state)
{
    (void)state;
    struct fake fake;
    fake_start(&fake, NULL);
    struct watch *watch = watch_new("redis://127.0.0.1:1");
    add_sentinel(watch, fake.url);
    watch_open(watch);
    assert_true(loop_run_until(&watch->loop, fake_was_asked, &fake));
    assert_string_equal(redis_link_state_name(watch->link), "asking");
    watch_free(watch);
    fake_stop(&fake);
}

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    scripts[SCRIPT_add_one] =
        script_make("add_one", bytes_of_text("#!lua\nreturn redis.call('INCR', KEYS[1])\n"));
    scripts[SCRIPT_nested] =
        script_make("nested", bytes_of_text("#!lua\nreturn {'one', {'two', {3}}, false}\n"));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_places_are_taken_apart),
        cmocka_unit_test(bad_lists_are_refused_and_change_nothing),
        cmocka_unit_test(the_next_place_is_tried_and_kept),
        cmocka_unit_test(a_replica_is_passed_over_until_it_is_promoted),
        cmocka_unit_test(the_breaker_opens_refuses_and_closes),
        cmocka_unit_test(a_link_without_breaker_never_refuses),
        cmocka_unit_test(answers_are_told_when_a_replica_has_them),
        cmocka_unit_test(without_replicas_the_outcome_is_unknown),
        cmocka_unit_test(what_is_held_gets_null_when_the_connection_ends),
        cmocka_unit_test(the_sentinel_says_where_the_primary_is),
        cmocka_unit_test(a_deposed_primary_is_left),
        cmocka_unit_test(a_sentinel_that_does_not_know_is_reported),
        cmocka_unit_test(a_silent_sentinel_is_given_up),
        cmocka_unit_test(a_link_may_be_closed_while_it_asks),
    };
    return cmocka_run_group_tests_name("redis_failover", tests, setup, NULL);
}
