#include "common/actor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHARD = 3, MANY = 1000 };

static struct actors *actors;

struct witness {
    actor_address own;
    int received;
    uint32_t last_kind;
    bool remove_self;
    int spawn;             /* actors to add while receiving */
    struct witness *heirs; /* `self` of those */
};

static int setup(void **state)
{
    (void)state;
    actors = actors_open(SHARD);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    actors_close(actors);
    return 0;
}

static void receive(void *self, const struct message *message)
{
    struct witness *witness = self;
    witness->received++;
    witness->last_kind = message->kind;
    if (witness->remove_self) actors_remove(actors, witness->own);
    for (int i = 0; i < witness->spawn; i++)
        witness->heirs[i].own = actors_add(actors, receive, &witness->heirs[i]);
}

static void deliver(actor_address to, uint32_t kind)
{
    struct message *message = memory_new(sizeof *message);
    *message = (struct message){.to = to, .kind = kind, .size = sizeof *message};
    actors_deliver(actors, message);
}

static void an_address_names_its_shard_and_is_never_nobody(void **state)
{
    (void)state;
    struct witness witness = {0};
    actor_address address = actors_add(actors, receive, &witness);
    assert_true(address != ACTOR_NOBODY);
    assert_int_equal(actor_shard(address), SHARD);
    assert_ptr_equal(actors_find(actors, address), &witness);
    assert_int_equal(actors_count(actors), 1);
    struct actors *first = actors_open(0), *last = actors_open(SHARDS_MAX - 1);
    assert_int_equal(actor_shard(actors_add(first, receive, &witness)), 0);
    assert_int_equal(actor_shard(actors_add(last, receive, &witness)), SHARDS_MAX - 1);
    actors_close(first);
    actors_close(last);
}

static void mail_reaches_its_actor_and_no_other(void **state)
{
    (void)state;
    struct witness a = {0}, b = {0};
    actor_address to_a = actors_add(actors, receive, &a);
    actor_address to_b = actors_add(actors, receive, &b);
    deliver(to_a, 1);
    deliver(to_b, 2);
    deliver(to_b, 3);
    assert_int_equal(a.received, 1);
    assert_int_equal(a.last_kind, 1);
    assert_int_equal(b.received, 2);
    assert_int_equal(b.last_kind, 3);
    assert_int_equal(actors_dead_letters(actors), 0);
}

static void mail_to_the_dead_is_counted_and_dropped(void **state)
{
    (void)state;
    struct witness witness = {0};
    actor_address address = actors_add(actors, receive, &witness);
    actors_remove(actors, address);
    deliver(address, 1);
    deliver(ACTOR_NOBODY, 1);
    deliver(address + ((uint64_t)1 << 32), 1); /* a slot that never was */
    address = actors_add(actors, receive, &witness);
    deliver(address + ((uint64_t)1 << 56), 1); /* another shard */
    assert_int_equal(witness.received, 0);
    actors_remove(actors, address);
    assert_int_equal(actors_dead_letters(actors), 4);
    assert_null(actors_find(actors, address));
    assert_int_equal(actors_count(actors), 0);
}

static void a_slot_used_again_has_another_generation(void **state)
{
    (void)state;
    struct witness old = {0}, young = {0};
    actor_address to_old = actors_add(actors, receive, &old);
    actors_remove(actors, to_old);
    actor_address to_young = actors_add(actors, receive, &young);
    assert_int_equal(to_old >> 32, to_young >> 32);
    assert_true(to_old != to_young);
    deliver(to_old, 1);
    assert_int_equal(young.received, 0);
    actors_remove(actors, to_old);
    assert_ptr_equal(actors_find(actors, to_young), &young);
    deliver(to_young, 1);
    assert_int_equal(young.received, 1);
    assert_int_equal(actors_dead_letters(actors), 1);
}

static void removing_twice_frees_one_slot_once(void **state)
{
    (void)state;
    struct witness witness = {0};
    actor_address address = actors_add(actors, receive, &witness);
    actors_remove(actors, address);
    actors_remove(actors, address);
    actors_remove(actors, ACTOR_NOBODY);
    assert_int_equal(actors_count(actors), 0);
    actor_address a = actors_add(actors, receive, &witness), b = actors_add(actors, receive, &witness);
    assert_true(a >> 32 != b >> 32);
    assert_int_equal(actors_count(actors), 2);
}

static void slots_are_reused_before_the_table_grows(void **state)
{
    (void)state;
    static struct witness many[MANY];
    uint64_t slot_max = 0;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < MANY; i++) {
            many[i] = (struct witness){.own = actors_add(actors, receive, &many[i])};
            uint64_t slot = many[i].own >> 32 & (ACTORS_MAX - 1);
            if (slot > slot_max) slot_max = slot;
        }
        assert_int_equal(actors_count(actors), MANY);
        for (int i = 0; i < MANY; i++) deliver(many[i].own, 1);
        for (int i = 0; i < MANY; i++) assert_int_equal(many[i].received, 1);
        for (int i = 0; i < MANY; i++) actors_remove(actors, many[(i * 7) % MANY].own);
        assert_int_equal(actors_count(actors), 0);
    }
    assert_int_equal(slot_max, MANY - 1);
}

static void an_actor_may_remove_itself_and_leave_its_slot_to_another(void **state)
{
    (void)state;
    struct witness heirs[2] = {{0}, {0}};
    struct witness witness = {.remove_self = true, .spawn = 2, .heirs = heirs};
    witness.own = actors_add(actors, receive, &witness);
    actor_address own = witness.own;
    deliver(own, 1);
    assert_null(actors_find(actors, own));
    deliver(heirs[0].own, 1);
    deliver(heirs[0].own, 1);
    deliver(heirs[1].own, 1);
    assert_int_equal(heirs[0].received, 2);
    assert_int_equal(heirs[1].received, 1);
    assert_int_equal(actors_count(actors), 2);
}

static void the_table_may_move_while_an_actor_receives(void **state)
{
    (void)state;
    static struct witness heirs[MANY];
    struct witness witness = {.spawn = MANY, .heirs = heirs};
    witness.own = actors_add(actors, receive, &witness);
    deliver(witness.own, 1);
    witness.spawn = 0;
    deliver(witness.own, 2);
    assert_int_equal(witness.received, 2);
    for (int i = 0; i < MANY; i++) assert_ptr_equal(actors_find(actors, heirs[i].own), &heirs[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_address_names_its_shard_and_is_never_nobody),
        TEST(mail_reaches_its_actor_and_no_other),
        TEST(mail_to_the_dead_is_counted_and_dropped),
        TEST(a_slot_used_again_has_another_generation),
        TEST(removing_twice_frees_one_slot_once),
        TEST(slots_are_reused_before_the_table_grows),
        TEST(an_actor_may_remove_itself_and_leave_its_slot_to_another),
        TEST(the_table_may_move_while_an_actor_receives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
