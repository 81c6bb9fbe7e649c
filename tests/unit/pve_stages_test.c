/* The stages of the catalog: their difficulty grows, and each can be won by who may start it. */
#include "tests/support/pve_decks.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { DECKS = 15, SEEDS = 2, APART = 3, NOISE_PERMILLE = 60 };

static battle_catalog *catalog;
static battle_ctx *ctx;

static int open_catalog(void **state)
{
    (void)state;
    catalog = decks_load_catalog();
    ctx = battle_ctx_new();
    return ctx == NULL ? -1 : 0;
}

static int close_catalog(void **state)
{
    (void)state;
    battle_ctx_free(ctx);
    battle_catalog_free(catalog);
    return 0;
}

/* Permille won by the reference decks of all levels together. */
static int share_of_all(const battle_stage *stage)
{
    int wins = 0, battles = 0;
    for (int level = 1; level <= BATTLE_LEVELS; level++) {
        struct pve_share share = pve_measure(ctx, catalog, stage, level, DECKS, SEEDS);
        wins += share.wins;
        battles += share.battles;
    }
    return wins * 1000 / battles;
}

static void every_stage_is_harder_than_the_ones_before(void **state)
{
    (void)state;
    int shares[64] = {0};
    size_t count = battle_catalog_stage_count(catalog);
    assert_true(count >= 24 && count <= 64);
    for (size_t i = 0; i < count; i++) {
        const char *id = battle_catalog_stage(catalog, i)->id;
        shares[i] = share_of_all(battle_catalog_stage(catalog, i));
        if (i >= 1 && shares[i] > shares[i - 1] + NOISE_PERMILLE)
            fail_msg("%s is won by %d permille, the stage before by %d", id, shares[i], shares[i - 1]);
        if (i >= APART && shares[i] >= shares[i - APART])
            fail_msg("%s is won by %d permille, %d stages before by %d", id, shares[i], APART,
                     shares[i - APART]);
    }
    assert_true(shares[0] > 900);
    assert_true(shares[count - 1] < 150);
}

static void every_stage_can_be_won_at_its_level(void **state)
{
    (void)state;
    int level = 1;
    for (size_t i = 0; i < battle_catalog_stage_count(catalog); i++) {
        const battle_stage *stage = battle_catalog_stage(catalog, i);
        assert_true(stage->player_level >= level);
        level = stage->player_level;
        struct pve_share share = pve_measure(ctx, catalog, stage, level, DECKS, SEEDS);
        if (share.wins * 1000 < share.battles * 150)
            fail_msg("%s: %d of %d won at level %d", stage->id, share.wins, share.battles, level);
    }
}

static void a_new_player_can_win_the_first_stages(void **state)
{
    (void)state;
    battle_snapshot sides[2] = {*battle_catalog_starter(catalog)};
    snprintf(sides[0].player_id, sizeof sides[0].player_id, "new");
    for (size_t i = 0; i < 4; i++) {
        int wins = 0;
        sides[1] = battle_catalog_stage(catalog, i)->opponent;
        for (uint64_t number = 1; number <= 200; number++) {
            battle_seed seed = decks_seed(number * UINT64_C(0x9e3779b97f4a7c15));
            battle_result result;
            assert_int_equal(battle_run(ctx, catalog, sides, &seed, NULL, &result), 0);
            wins += result.winner == 0;
        }
        if (wins < 40) fail_msg("stage %zu: %d of 200 won with the starter deck", i + 1, wins);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_is_harder_than_the_ones_before),
        cmocka_unit_test(every_stage_can_be_won_at_its_level),
        cmocka_unit_test(a_new_player_can_win_the_first_stages),
    };
    return cmocka_run_group_tests(tests, open_catalog, close_catalog);
}
