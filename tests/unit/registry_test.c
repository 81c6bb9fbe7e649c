#include "common/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 20000 };

static struct registry *registry;

static int setup(void **state)
{
    (void)state;
    registry = registry_open();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    registry_close(registry);
    return 0;
}

static void a_new_entry_is_zeroed_and_found_again(void **state)
{
    (void)state;
    assert_null(registry_find(registry, "ann"));
    struct registry_entry *entry = registry_put(registry, "ann");
    assert_int_equal(entry->address, 0);
    assert_int_equal(entry->epoch, 0);
    entry->address = 7;
    entry->epoch = -1;
    assert_ptr_equal(registry_put(registry, "ann"), entry);
    assert_ptr_equal(registry_find(registry, "ann"), entry);
    assert_int_equal(registry_find(registry, "ann")->address, 7);
    assert_int_equal(registry_count(registry), 1);
}

static void the_id_is_copied_and_compared_whole(void **state)
{
    (void)state;
    char id[] = "ann";
    registry_put(registry, id)->address = 1;
    id[2] = 'a';
    assert_null(registry_find(registry, id));
    assert_non_null(registry_find(registry, "ann"));
    assert_null(registry_find(registry, "an"));
    assert_null(registry_find(registry, "anna"));
    assert_null(registry_find(registry, "Ann"));
    assert_null(registry_find(registry, ""));
}

static void a_removed_entry_is_gone_and_comes_back_zeroed(void **state)
{
    (void)state;
    registry_put(registry, "ann")->address = 1;
    registry_put(registry, "bob")->address = 2;
    registry_remove(registry, "ann");
    registry_remove(registry, "ann");
    registry_remove(registry, "never");
    assert_null(registry_find(registry, "ann"));
    assert_int_equal(registry_find(registry, "bob")->address, 2);
    assert_int_equal(registry_count(registry), 1);
    assert_int_equal(registry_put(registry, "ann")->address, 0);
}

static void very_many_entries_stay_where_they_are(void **state)
{
    (void)state;
    static struct registry_entry *entries[MANY];
    char id[32];
    for (size_t i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "player-%zu", i);
        entries[i] = registry_put(registry, id);
        entries[i]->address = i;
    }
    assert_int_equal(registry_count(registry), MANY);
    for (size_t i = 0; i < MANY; i += 2) {
        snprintf(id, sizeof id, "player-%zu", i);
        registry_remove(registry, id);
    }
    assert_int_equal(registry_count(registry), MANY / 2);
    for (size_t i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "player-%zu", i);
        struct registry_entry *entry = registry_find(registry, id);
        assert_ptr_equal(entry, i % 2 == 0 ? NULL : entries[i]);
        if (entry != NULL) assert_int_equal(entry->address, i);
    }
}

static void registries_do_not_share_entries(void **state)
{
    (void)state;
    struct registry *other = registry_open();
    registry_put(registry, "ann")->address = 1;
    assert_null(registry_find(other, "ann"));
    assert_int_equal(registry_count(other), 0);
    registry_close(other);
    assert_int_equal(registry_find(registry, "ann")->address, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_entry_is_zeroed_and_found_again),
        TEST(the_id_is_copied_and_compared_whole),
        TEST(a_removed_entry_is_gone_and_comes_back_zeroed),
        TEST(very_many_entries_stay_where_they_are),
        TEST(registries_do_not_share_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
