/* A shard and its links: scripts, news and waits over a Redis of its own that is killed, and comes back empty. */
#include <signal.h>

#include "tests/support/redis_server.h"
#include "tests/support/shard_stage.h"

static void on_ready(void *context)
{
    atomic_fetch_add(&((struct stage *)context)->ready, 1);
    sem_post(&((struct stage *)context)->event);
}

static void on_lost(void *context, const char *reason)
{
    check(reason != NULL);
    atomic_fetch_add(&((struct stage *)context)->lost, 1);
    sem_post(&((struct stage *)context)->event);
}

static void keep_text(struct stage *stage, struct bytes text)
{
    size_t length = text.length < sizeof stage->text - 1 ? text.length : sizeof stage->text - 1;
    memcpy(stage->text, text.data, length);
    stage->text[length] = '\0';
    sem_post(&stage->event);
}

static void on_message(void *context, struct bytes channel, struct bytes payload)
{
    check(bytes_equal_text(channel, "t:match:result:request"));
    keep_text(context, payload);
}

static void on_reply(void *context, uint64_t tag, const struct redis_reply *reply)
{
    struct stage *stage = context;
    check(tag == 77);
    atomic_fetch_add(reply == NULL ? &stage->nulls : &stage->replies, 1);
    keep_text(stage, redis_reply_text(reply != NULL && reply->type == REDIS_ARRAY ? redis_reply_item(reply, 0)
                                                                                  : reply));
}

/* Runs on the shard's thread for every letter: one request to Redis by the letter's kind. */
enum { ASK_SCRIPT, ASK_SCRIPT_AND_TELL, ASK_PUBLISH, ASK_BLOCKING };

static void ask_redis(void *self, const struct message *message)
{
    struct stage *stage = self;
    struct world *world = shard_world(stage->shard);
    if (message->kind == ASK_SCRIPT || message->kind == ASK_SCRIPT_AND_TELL) {
        struct redis_name key = proto_key_name(KEY_matchmaker_lock, "t:", "ranked");
        struct bytes keys[] = {{key.text, key.length}};
        struct bytes arguments[] = {bytes_of_text(""), bytes_of_text("me"), bytes_of_text("1000"),
                                    bytes_of_text("")};
        check(world_script(world, SCRIPT_lease_acquire, keys, 1, arguments, 4, on_reply, stage, 77));
        if (message->kind == ASK_SCRIPT_AND_TELL) sem_post(&stage->event);
    } else if (message->kind == ASK_PUBLISH) {
        struct proto_result_request request = {.connection_epoch = 5, .request = 6, .attempt = 1};
        text_copy(request.player_id, sizeof request.player_id, "ann");
        text_copy(request.pod_id, sizeof request.pod_id, "pod-a");
        text_copy(request.match_id, sizeof request.match_id, "m1");
        check(world_publish(world, CHANNEL_result_request, "", &request));
    } else {
        struct bytes words[] = {bytes_of_text("BLPOP"), bytes_of_text("t:list"), bytes_of_text("0.01")};
        check(world_blocking_command(world, words, 3, on_reply, stage, 77));
    }
}

static void start_asking(void *context)
{
    struct stage *stage = context;
    stage->own = actors_add(shard_actors(stage->shard), ask_redis, stage);
}

/* A second shard without Redis carries the test's questions to the first one. */
static void ask(uint32_t kind)
{
    struct message *letter = memory_new(sizeof *letter);
    letter->kind = kind;
    check(world_send(shard_world(stages[1].shard), stages[0].own, letter));
}

static const char *const channels[] = {"t:match:result:request", NULL};

static void open_with_redis(const struct redis_server *server, struct redis_link_config *redis)
{
    *redis = (struct redis_link_config){
        .connect_timeout_ms = 5000, .command_timeout_ms = 5000, .backoff_min_ms = 5, .backoff_max_ms = 50};
    const char *error;
    assert_true(redis_address_parse(server->url, &redis->address, &error));
    struct shard_config config = config_of(&stages[0], start_asking), silent = config_of(&stages[1], NULL);
    config.redis = redis;
    config.channels = channels;
    config.instance_id = "test-1";
    config.blocking_link = true;
    config.events.redis_ready = on_ready;
    config.events.redis_lost = on_lost;
    config.events.message = on_message;
    stages[0].shard = shard_open(&config);
    stages[1].shard = shard_open(&silent); /* only its mailbox is needed */
    shard_start(stages[0].shard);
    wait_for_event(&stages[0]);
}

static void expect_redis_works(struct stage *stage)
{
    ask(ASK_SCRIPT);
    wait_for_event(stage);
    assert_string_equal(stage->text, "OK");
    ask(ASK_PUBLISH);
    wait_for_event(stage);
    assert_string_equal(stage->text, "{\"player_id\":\"ann\",\"pod_id\":\"pod-a\",\"connection_epoch\":5,"
                                     "\"request\":6,\"attempt\":1,\"match_id\":\"m1\"}");
    ask(ASK_BLOCKING);
    wait_for_event(stage);
    assert_string_equal(stage->text, ""); /* nothing came in time */
}

static void links_carry_scripts_news_and_waits_and_come_back(void **state)
{
    (void)state;
    struct redis_server server;
    struct redis_link_config redis;
    struct stage *stage = &stages[0];
    redis_server_start(&server, false, NULL);
    open_with_redis(&server, &redis);
    assert_true(shard_redis_is_ready(stage->shard));
    expect_redis_works(stage);
    redis_server_kill(&server);
    wait_for_event(stage);
    assert_int_equal(atomic_load(&stage->lost), 1);
    assert_false(shard_redis_is_ready(stage->shard));
    redis_server_launch(&server, NULL); /* empty: it has forgotten every script */
    wait_for_event(stage);
    assert_int_equal(atomic_load(&stage->ready), 2);
    expect_redis_works(stage);
    assert_int_equal(atomic_load(&stage->nulls), 0);
    stop_and_join(stage);
    shard_start(stages[1].shard);
    stop_and_join(&stages[1]);
    for (int i = 0; i < 2; i++) shard_close(stages[i].shard);
    redis_server_stop(&server);
}

static void stopping_answers_what_is_pending_with_unknown(void **state)
{
    (void)state;
    struct redis_server server;
    struct redis_link_config redis;
    redis_server_start(&server, false, NULL);
    open_with_redis(&server, &redis);
    kill(server.pid, SIGSTOP); /* answers nothing any more */
    ask(ASK_SCRIPT_AND_TELL);
    wait_for_event(&stages[0]);
    shard_start(stages[1].shard);
    for (int i = 0; i < 2; i++) stop_and_join(&stages[i]);
    assert_int_equal(atomic_load(&stages[0].nulls), 1);
    assert_int_equal(atomic_load(&stages[0].replies), 0);
    assert_false(shard_redis_is_ready(stages[0].shard));
    for (int i = 0; i < 2; i++) shard_close(stages[i].shard);
    redis_server_stop(&server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(links_carry_scripts_news_and_waits_and_come_back),
        TEST(stopping_answers_what_is_pending_with_unknown),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
