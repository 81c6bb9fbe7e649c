/* Shards as whole threads: mail between them, timers, and their way through life. */
#include <signal.h>

#include "tests/support/shard_stage.h"

enum { LETTERS = 10000 };

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

static void finish_later(struct timer *timer)
{
    (void)timer;
    shard_finish(stages[0].shard);
}

static void wind_up_slowly(void *context)
{
    struct stage *stage = context;
    stage->received++;
    shard_stop(stage->shard); /* impatience */
    stage->timers[0].fire = finish_later;
    world_timer_set(shard_world(stage->shard), &stage->timers[0],
                    world_now_ms(shard_world(stage->shard)) + 20);
}

static void winding_up_is_asked_for_once_and_may_take_its_time(void **state)
{
    (void)state;
    struct shard_config config = config_of(&stages[0], NULL);
    config.events.stopping = wind_up_slowly;
    open_and_start(&stages[0], &config);
    stop_and_join(&stages[0]);
    assert_int_equal(atomic_load(&stages[0].received), 1);
    shard_close(stages[0].shard);
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
    assert_int_equal(figures.mail.received, 2);
    assert_int_equal(figures.dead_letters, 1);
    assert_int_equal(figures.actors, 1);
    assert_int_equal(figures.redis.commands, 0);
    stop_and_join(&stages[0]);
    shard_close(stages[0].shard);
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
        TEST(winding_up_is_asked_for_once_and_may_take_its_time),
        TEST(a_shard_without_redis_refuses_commands),
        TEST(timers_fire_in_their_order_and_cancelled_ones_never),
        TEST(figures_are_taken_with_every_beat),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
