/* Once its context and buffers are there, a battle takes no memory: counted at malloc itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/gzip.h"
#include "tests/support/battle_decks.h"

enum { BATTLES = 200 };

static size_t allocations;

/* glibc's own names; a sanitizer has its own malloc instead, and then nothing is counted. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(SANITIZED)
enum { COUNTED = 0 };
#else
enum { COUNTED = 1 };
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

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

static battle_catalog *catalog;
static battle_ctx *ctx;
static char *json;

static int setup(void **state)
{
    (void)state;
    catalog = decks_load_catalog();
    ctx = battle_ctx_new();
    json = malloc(BATTLE_TIMELINE_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    battle_catalog_free(catalog);
    battle_ctx_free(ctx);
    free(json);
    return 0;
}

static void counting_works(void **state)
{
    (void)state;
    size_t before = allocations;
    void *volatile memory = malloc(1);
    free(memory);
    assert_int_equal(allocations - before, COUNTED);
}

static void a_battle_its_timeline_and_its_proof_take_no_memory(void **state)
{
    (void)state;
    char digest[65];
    battle_state final;
    battle_err err;
    size_t before = allocations;
    for (uint64_t number = 1; number <= BATTLES; number++) {
        size_t size = decks_golden(ctx, catalog, number, json, digest);
        assert_true(size > 0);
        assert_int_equal(battle_reduce(catalog, json, size, &final, &err), BATTLE_OK);
        assert_int_equal(battle_verify(catalog, json, size, &err), BATTLE_OK);
    }
    assert_int_equal(allocations - before, 0);
}

static void compressing_takes_none_once_the_buffer_has_grown(void **state)
{
    (void)state;
    char digest[65];
    struct gzip *gzip = gzip_open();
    struct buffer packed = {0};
    buffer_reserve(&packed, BATTLE_TIMELINE_BYTES);
    size_t before = allocations;
    for (uint64_t number = 1; number <= BATTLES; number++) {
        size_t size = decks_golden(ctx, catalog, number, json, digest);
        buffer_clear(&packed);
        gzip_compress(gzip, (struct bytes){json, size}, &packed);
    }
    assert_int_equal(allocations - before, 0);
    gzip_close(gzip);
    buffer_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting_works),
        cmocka_unit_test(a_battle_its_timeline_and_its_proof_take_no_memory),
        cmocka_unit_test(compressing_takes_none_once_the_buffer_has_grown),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
