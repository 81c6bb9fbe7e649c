/* No allocation during a battle. This program's own malloc counts, and passes on to the C library's. */
#include "tests/support/battle_decks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

static int allocations;

#ifndef SANITIZED /* a sanitizer has an allocator of its own */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations++;
    return __libc_realloc(memory, size);
}
#endif

static void fight_fifty(void)
{
    static char timeline[BATTLE_TIMELINE_BYTES];
    battle_catalog *catalog = decks_load_catalog();
    battle_ctx *ctx = battle_ctx_new();
    battle_sink sink = {"memory"};
    battle_result result;
    battle_state final;
    battle_err err;
    uint64_t dice = 1;
    assert_true(allocations >= 2); /* the counter counts: a catalog and a context */
    int before = allocations;
    for (int i = 0; i < 50; i++) {
        battle_snapshot sides[2] = {decks_random_side(catalog, &dice, "ana", 1 + i % BATTLE_SLOTS),
                                    decks_random_side(catalog, &dice, "bo", 8 - i % BATTLE_SLOTS)};
        battle_seed seed = decks_seed((uint64_t)i);
        if (battle_run(ctx, catalog, sides, &seed, i % 2 == 0 ? &sink : NULL, &result) != BATTLE_OK) fail();
        if (i % 2 != 0) continue;
        size_t size = battle_timeline_json(ctx, timeline, sizeof timeline);
        if (battle_reduce(catalog, timeline, size, &final, &err) != BATTLE_OK) fail();
        if (battle_verify(catalog, timeline, size, &err) != BATTLE_OK) fail();
    }
    assert_int_equal(allocations, before);
    battle_ctx_free(ctx);
    battle_catalog_free(catalog);
}

static void a_battle_allocates_nothing(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    fight_fifty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_battle_allocates_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
