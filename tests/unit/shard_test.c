/* Shards as whole threads: mail between them, timers, their way through life, and their links to a Redis. */
#include "common/shard.h"

#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/redis_server.h"

enum { PATIENCE_S = 20, LETTERS = 10000, TIMERS = 5, CAPACITY = 64 };

/* What a shard of these tests shares with the test. cmocka's asserts stay on the test's own thread. */
struct stage {
    struct shard *shard;
    sem_t event;               /* posted by the callbacks */
    atomic_uint_fast64_t peer; /* where letters go */
    actor_address own;
    atomic_int received, refused, lost, ready;
    atomic_int last_kind;
    struct message *kept; /* a letter that was refused */
    struct timer timers[TIMERS];
    char order[TIMERS + 1];
    atomic_int nulls, replies;
    char text[256];
    const struct shard_directory *directory;
};

static struct stage stages[2];
static struct shard_directory directory;

static int setup(void **state)
{
    (void)state;
    memset(stages, 0, sizeof stages);
    memset(&directory, 0, sizeof directory);
    for (int i = 0; i < 2; i++) sem_init(&stages[i].event, 0, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) sem_destroy(&stages[i].event);
    return 0;
}

static void wait_for_event(struct stage *stage)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    if (sem_timedwait(&stage->event, &until) != 0) fail_msg("nothing happened");
}

static struct shard_config config_of(struct stage *stage, void (*started)(void *context))
{
    return (struct shard_config){.directory = &directory,
                                 .name = "test",
                                 .mailbox_capacity = CAPACITY,
                                 .key_prefix = "t:",
                                 .events = {.started = started},
                                 .context = stage};
}

static void open_and_start(struct stage *stage, const struct shard_config *config)
{
    stage->shard = shard_open(config);
    shard_start(stage->shard);
}

static void stop_and_join(struct stage *stage)
{
    shard_stop(stage->shard);
    shard_join(stage->shard);
}

static bool send_letter(struct stage *stage, actor_address to, uint32_t kind)
{
    struct message *letter = memory_new(sizeof *letter);
    letter->kind = kind;
    if (world_send(shard_world(stage->shard), to, letter)) return true;
    free(letter);
    atomic_fetch_add(&stage->refused, 1);
    return false;
}

/* ---- mail ----------------------------------------------------------------------------------------- */

static void answer_letter(void *self, const struct message *message)
{
    struct stage *stage = self;
    atomic_fetch_add(&stage->received, 1);
    if (message->kind == 0) {
        sem_post(&stage->event);
    } else {
        check(send_letter(stage, atomic_load(&stage->peer), message->kind - 1));
    }
}

static void start_actor(void *context)
{
    struct stage *stage = context;
    stage->own = actors_add(shard_actors(stage->shard), answer_letter, stage);
    sem_post(&stage->event);
}

static void start_actor_and_write_first(void *context)
{
    struct stage *stage = context;
    stage->own = actors_add(shard_actors(stage->shard), answer_letter, stage);
    atomic_store(&stages[0].peer, stage->own);
    atomic_store(&stage->peer, stages[0].own);
    check(send_letter(stage, stages[0].own, LETTERS));
}

static void two_shards_send_mail_to_each_other(void **state)
{
    (void)state;
    struct shard_config first = config_of(&stages[0], start_actor);
    struct shard_config second = config_of(&stages[1], start_actor_and_write_first);
    stages[0].shard = shard_open(&first);
    stages[1].shard = shard_open(&second);
    assert_int_equal(shard_index(stages[0].shard), 0);
    assert_int_equal(shard_index(stages[1].shard), 1);
    shard_start(stages[0].shard);
    wait_for_event(&stages[0]);
    shard_start(stages[1].shard);
    wait_for_event(&stages[0]); /* the letter of kind 0 */
    assert_int_equal(atomic_load(&stages[0].received), LETTERS / 2 + 1);
    assert_int_equal(atomic_load(&stages[1].received), LETTERS / 2);
    assert_int_equal(actor_shard(stages[1].own), 1);
    for (int i = 0; i < 2; i++) stop_and_join(&stages[i]);
    for (int i = 0; i < 2; i++) shard_close(stages[i].shard);
}

static void flood_itself(void *context)
{
    struct stage *stage = context;
    stage->own = actors_add(shard_actors(stage->shard), answer_letter, stage);
    for (int i = 0; i < 3 * CAPACITY; i++) send_letter(stage, stage->own, 0);
}

static void a_full_mailbox_refuses_and_the_rest_arrives(void **state)
{
    (void)state;
    struct shard_config config = config_of(&stages[0], flood_itself);
    open_and_start(&stages[0], &config);
    for (int i = 0; i < CAPACITY; i++) wait_for_event(&stages[0]);
    stop_and_join(&stages[0]);
    assert_int_equal(atomic_load(&stages[0].received), CAPACITY);
    assert_int_equal(atomic_load(&stages[0].refused), 2 * CAPACITY);
    shard_close(stages[0].shard);
}

static void write_to_strangers(void *context)
{
    struct stage *stage = context;
    send_letter(stage, ACTOR_NOBODY, 0);
    send_letter(stage, (uint64_t)9 << 56 | 1, 0);        /* a shard that is not there */
    check(send_letter(stage, (uint64_t)1 << 56 | 1, 0)); /* a dead actor of this shard */
    stage->own = actors_add(shard_actors(stage->shard), answer_letter, stage);
    actors_remove(shard_actors(stage->shard), stage->own);
    stage->own = actors_add(shard_actors(stage->shard), answer_letter, stage);
    check(send_letter(stage, stage->own, 0)); /* arrives behind the dead letter */
}

static void mail_to_nobody_is_refused_and_to_the_dead_dropped(void **state)
{
    (void)state;
    struct shard_config config = config_of(&stages[0], write_to_strangers);
    open_and_start(&stages[0], &config);
    wait_for_event(&stages[0]);
    stop_and_join(&stages[0]);
    assert_int_equal(atomic_load(&stages[0].refused), 2);
    assert_int_equal(actors_dead_letters(shard_actors(stages[0].shard)), 1);
    shard_close(stages[0].shard);
}

static void flood_itself_and_finish(void *context)
{
    struct stage *stage = context;
    flood_itself(stage);
    shard_finish(stage->shard);
    shard_finish(stage->shard);
    send_letter(stage, stage->own, 0);
}

static void unread_mail_is_freed_and_a_finished_shard_takes_none(void **state)
{
    (void)state;
    struct shard_config config = config_of(&stages[0], NULL);
    config.events.stopping = flood_itself_and_finish;
    open_and_start(&stages[0], &config);
    stop_and_join(&stages[0]);
    assert_int_equal(atomic_load(&stages[0].received), 0);
    assert_int_equal(atomic_load(&stages[0].refused), 2 * CAPACITY + 1);
    shard_close(stages[0].shard);
}

/* ---- life ------------------------------------------------------------------------------------------ */

static void a_shard_can_be_stopped_at_any_moment_and_twice(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        memset(&directory, 0, sizeof directory);
        struct shard_config config = config_of(&stages[0], start_actor);
        open_and_start(&stages[0], &config);
        if (round % 2 == 0) wait_for_event(&stages[0]);
        shard_stop(stages[0].shard);
        shard_stop(stages[0].shard);
        shard_join(stages[0].shard);
        assert_false(shard_redis_is_ready(stages[0].shard));
        shard_close(stages[0].shard);
    }
}

static void a_shard_without_redis_refuses_commands(void **state)
{
    (void)state;
    struct shard_config config = config_of(&stages[0], NULL);
    struct shard *shard = shard_open(&config);
    struct world *world = shard_world(shard);
    struct bytes ping = bytes_of_text("PING");
    struct proto_alive alive = {.sequence = 1};
    assert_false(world_command(world, &ping, 1, NULL, NULL, 0));
    assert_false(world_blocking_command(world, &ping, 1, NULL, NULL, 0));
    assert_false(world_script(world, SCRIPT_lease_release, &ping, 1, &ping, 1, NULL, NULL, 0));
    assert_false(world_publish(world, CHANNEL_alive, "x", &alive));
    shard_start(shard);
    shard_stop(shard);
    shard_join(shard);
    shard_close(shard);
}

/* ---- time ------------------------------------------------------------------------------------------ */

static void note_timer(struct timer *timer)
{
    struct stage *stage = &stages[0];
    size_t index = (size_t)(timer - stage->timers);
    size_t count = strlen(stage->order);
    stage->order[count] = (char)('a' + index);
    if (count + 1 == TIMERS - 1) sem_post(&stage->event);
}

static void set_timers(void *context)
{
    struct stage *stage = context;
    struct world *world = shard_world(stage->shard);
    static const int64_t after_ms[TIMERS] = {30, 0, 30, -5, 10};
    int64_t now_ms = world_now_ms(world);
    for (size_t i = 0; i < TIMERS; i++) {
        stage->timers[i].fire = note_timer;
        world_timer_set(world, &stage->timers[i], now_ms + after_ms[i]);
    }
    world_timer_cancel(world, &stage->timers[4]);
}

static void timers_fire_in_their_order_and_cancelled_ones_never(void **state)
{
    (void)state;
    struct shard_config config = config_of(&stages[0], set_timers);
    open_and_start(&stages[0], &config);
    wait_for_event(&stages[0]);
    stop_and_join(&stages[0]);
    assert_string_equal(stages[0].order, "dbac");
    shard_close(stages[0].shard);
}

static void tell_after_a_beat(void *context)
{
    struct stage *stage = context;
    write_to_strangers(stage);
    stage->timers[0].fire = note_timer;
    strcpy(stage->order, "---"); /* the next timer is the one that posts */
    world_timer_set(shard_world(stage->shard), &stage->timers[0],
                    world_now_ms(shard_world(stage->shard)) + 1100);
}

static void figures_are_taken_with_every_beat(void **state)
{
    (void)state;
    struct shard_config config = config_of(&stages[0], tell_after_a_beat);
    open_and_start(&stages[0], &config);
    int64_t first_beat_ms = shard_beat_ms(stages[0].shard);
    wait_for_event(&stages[0]); /* the letter */
    wait_for_event(&stages[0]); /* the timer */
    struct shard_figures figures = shard_figures(stages[0].shard);
    assert_true(shard_beat_ms(stages[0].shard) > first_beat_ms);
    assert_int_equal(figures.mail_received, 2);
    assert_int_equal(figures.dead_letters, 1);
    assert_int_equal(figures.actors, 1);
    assert_int_equal(figures.redis_commands, 0);
    stop_and_join(&stages[0]);
    shard_close(stages[0].shard);
}

/* ---- Redis ----------------------------------------------------------------------------------------- */

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
        TEST(two_shards_send_mail_to_each_other),
        TEST(a_full_mailbox_refuses_and_the_rest_arrives),
        TEST(mail_to_nobody_is_refused_and_to_the_dead_dropped),
        TEST(unread_mail_is_freed_and_a_finished_shard_takes_none),
        TEST(a_shard_can_be_stopped_at_any_moment_and_twice),
        TEST(a_shard_without_redis_refuses_commands),
        TEST(timers_fire_in_their_order_and_cancelled_ones_never),
        TEST(figures_are_taken_with_every_beat),
        TEST(links_carry_scripts_news_and_waits_and_come_back),
        TEST(stopping_answers_what_is_pending_with_unknown),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
