/* What must hold for every battle, tried on random decks: determinism, symmetry of the seats, an event for
 * every change of state, verifiability, and the order of time and causes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "game_server/battle/vocabulary.h"
#include "tests/support/battle_decks.h"

enum { BATTLES = 600 };

struct world {
    battle_catalog *catalog;
    battle_ctx *ctx, *other;
    char *bytes, *other_bytes;
};

static int open_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    world->catalog = decks_load_catalog();
    world->ctx = battle_ctx_new();
    world->other = battle_ctx_new();
    world->bytes = malloc(BATTLE_TIMELINE_BYTES);
    world->other_bytes = malloc(BATTLE_TIMELINE_BYTES);
    *state = world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;
    battle_catalog_free(world->catalog);
    battle_ctx_free(world->ctx);
    battle_ctx_free(world->other);
    free(world->bytes);
    free(world->other_bytes);
    free(world);
    return 0;
}

static void random_sides(struct world *world, uint64_t number, battle_snapshot sides[2])
{
    uint64_t dice = number;
    sides[0] = decks_random_side(world->catalog, &dice, "ana", 1 + (int)decks_random(&dice, BATTLE_SLOTS));
    sides[1] = decks_random_side(world->catalog, &dice, "bo", 1 + (int)decks_random(&dice, BATTLE_SLOTS));
}

static battle_result fight(struct world *world, battle_ctx *ctx, const battle_snapshot sides[2],
                           uint64_t number, bool logged)
{
    battle_seed seed = decks_seed(number * UINT64_C(0x9e3779b97f4a7c15));
    battle_sink sink = {"match-1"};
    battle_result result;
    memset(&result, 0, sizeof result);
    assert_int_equal(battle_run(ctx, world->catalog, sides, &seed, logged ? &sink : NULL, &result),
                     BATTLE_OK);
    return result;
}

static void same_inputs_give_same_bytes_even_in_a_used_context(void **state)
{
    struct world *world = *state;
    memset(world->other, 0xa5, battle_ctx_size());
    battle_ctx_init(world->other);
    for (uint64_t i = 1; i <= BATTLES; i++) {
        battle_snapshot sides[2];
        random_sides(world, i, sides);
        fight(world, world->ctx, sides, i, true);
        size_t size = battle_timeline_json(world->ctx, world->bytes, BATTLE_TIMELINE_BYTES);
        fight(world, world->other, sides, i, true);
        assert_int_equal(battle_timeline_json(world->other, world->other_bytes, BATTLE_TIMELINE_BYTES), size);
        assert_memory_equal(world->bytes, world->other_bytes, size);
    }
}

static void the_log_does_not_change_the_battle(void **state)
{
    struct world *world = *state;
    for (uint64_t i = 1; i <= BATTLES; i++) {
        battle_snapshot sides[2];
        random_sides(world, i, sides);
        battle_result with = fight(world, world->ctx, sides, i, true),
                      without = fight(world, world->ctx, sides, i, false);
        assert_memory_equal(&with, &without, sizeof with);
    }
}

static void swapping_the_seats_gives_the_mirror_image(void **state)
{
    struct world *world = *state;
    for (uint64_t i = 1; i <= BATTLES; i++) {
        battle_snapshot sides[2];
        random_sides(world, i, sides);
        battle_snapshot swapped[2] = {sides[1], sides[0]};
        battle_result one = fight(world, world->ctx, sides, i, false),
                      two = fight(world, world->ctx, swapped, i, false);
        assert_int_equal(one.winner, two.winner < 0 ? -1 : 1 - two.winner);
        assert_int_equal(one.events, two.events);
        assert_int_equal(one.t_ms, two.t_ms);
        assert_int_equal(one.hp[0], two.hp[1]);
        assert_int_equal(one.hp[1], two.hp[0]);
        assert_int_equal(one.draws[0], two.draws[0]);
        assert_int_equal(one.draws[1], two.draws[2]);
        assert_true(one.damage[0] == two.damage[1] && one.damage[1] == two.damage[0]);
    }
}

static void the_events_alone_rebuild_the_final_state(void **state)
{
    struct world *world = *state;
    for (uint64_t i = 1; i <= BATTLES; i++) {
        battle_snapshot sides[2];
        battle_state engine, reduced;
        battle_err err;
        random_sides(world, i, sides);
        fight(world, world->ctx, sides, i, true);
        size_t size = battle_timeline_json(world->ctx, world->bytes, BATTLE_TIMELINE_BYTES);
        int code = battle_reduce(world->catalog, world->bytes, size, &reduced, &err);
        if (code != BATTLE_OK) fail_msg("battle %d: %s at %s", (int)i, err.message, err.place);
        battle_ctx_state(world->ctx, &engine);
        assert_memory_equal(&engine, &reduced, sizeof engine);
        for (int side = 0; side < 2; side++) {
            assert_true(engine.sides[side].hp <= engine.sides[side].hp_max);
            assert_true(engine.sides[side].shield >= 0 && engine.sides[side].burn >= 0);
        }
        assert_true(engine.t_ms <= BATTLE_END_MS);
    }
}

static void a_timeline_verifies(void **state)
{
    struct world *world = *state;
    for (uint64_t i = 1; i <= 300; i++) {
        battle_snapshot sides[2];
        battle_err err;
        random_sides(world, i, sides);
        fight(world, world->ctx, sides, i, true);
        size_t size = battle_timeline_json(world->ctx, world->bytes, BATTLE_TIMELINE_BYTES);
        assert_int_equal(battle_verify(world->catalog, world->bytes, size, &err), BATTLE_OK);
    }
}

static void changing_any_byte_is_noticed(void **state)
{
    struct world *world = *state;
    battle_snapshot sides[2];
    battle_err err;
    random_sides(world, 12, sides);
    fight(world, world->ctx, sides, 12, true);
    size_t size = battle_timeline_json(world->ctx, world->bytes, BATTLE_TIMELINE_BYTES);
    for (size_t at = 0; at < size; at++) {
        char before = world->bytes[at];
        world->bytes[at] = (char)(before ^ (1 << at % 7));
        assert_int_not_equal(battle_verify(world->catalog, world->bytes, size, &err), BATTLE_OK);
        battle_state final;
        battle_reduce(world->catalog, world->bytes, size, &final,
                      &err); /* may or may not notice; must not crash */
        world->bytes[at] = before;
    }
    for (size_t cut = 0; cut < size; cut += 7)
        assert_int_not_equal(battle_verify(world->catalog, world->bytes, cut, &err), BATTLE_OK);
    assert_int_equal(battle_verify(world->catalog, world->bytes, size, &err), BATTLE_OK);
}

static void the_golden_battles_have_not_changed(void **state)
{
    struct world *world = *state;
    FILE *file = fopen("tests/golden/battle.txt", "r");
    int number, lines = 0;
    char expected[65], text[65];
    assert_non_null(file);
    while (fscanf(file, "%d %64s", &number, expected) == 2) {
        assert_true(decks_golden(world->ctx, world->catalog, (uint64_t)number, world->bytes, text) > 0);
        assert_string_equal(text, expected);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 200);
}

static void note_kinds(const char *timeline, bool seen[EVENT_KINDS])
{
#define QUOTED_KIND(name, word) "\"k\":\"" word "\"",
    static const char *const words[EVENT_KINDS] = {NULL, BATTLE_EVENT_KINDS(QUOTED_KIND)};
    for (int kind = 1; kind < EVENT_KINDS; kind++)
        seen[kind] = seen[kind] || strstr(timeline, words[kind]) != NULL;
}

static void the_catalog_makes_every_kind_of_event(void **state)
{
    struct world *world = *state;
    bool seen[EVENT_KINDS] = {false};
    for (uint64_t i = 1; i <= BATTLES; i++) {
        battle_snapshot sides[2];
        random_sides(world, i, sides);
        fight(world, world->ctx, sides, i, true);
        size_t size = battle_timeline_json(world->ctx, world->bytes, BATTLE_TIMELINE_BYTES - 1);
        world->bytes[size] = '\0';
        note_kinds(world->bytes, seen);
    }
    for (int kind = 1; kind < EVENT_KINDS; kind++)
        if (!seen[kind] && kind != EVENT_OVERLOAD) fail_msg("no event of kind %d", kind);
    assert_false(seen[EVENT_OVERLOAD]); /* reserved for catalogs that are out of hand */
}

static void the_digest_is_that_of_the_bytes(void **state)
{
    struct world *world = *state;
    for (uint64_t i = 1; i <= 50; i++) {
        battle_snapshot sides[2];
        uint8_t given[32], computed[32];
        random_sides(world, i, sides);
        fight(world, world->ctx, sides, i, true);
        size_t size = battle_timeline_json_sha256(world->ctx, world->bytes, BATTLE_TIMELINE_BYTES, given);
        assert_true(size > 0);
        battle_sha256(world->bytes, size, computed);
        assert_memory_equal(given, computed, sizeof given);
        memset(given, 0, sizeof given);
        assert_int_equal(battle_timeline_json_sha256(world->ctx, world->other_bytes, size - 1, given), 0);
        assert_int_equal(given[0] | given[15] | given[31], 0);
    }
}

static void fights_take_their_time_and_end(void **state)
{
    struct world *world = *state;
    int lasting[BATTLES], storms = 0, draws = 0;
    for (int i = 0; i < BATTLES; i++) {
        battle_snapshot sides[2];
        uint64_t dice = (uint64_t)i + 1;
        int cards = 4 + i % 5;
        sides[0] = decks_fair_side(world->catalog, &dice, "ana", cards);
        sides[1] = decks_fair_side(world->catalog, &dice, "bo", cards);
        battle_result result = fight(world, world->ctx, sides, (uint64_t)i, false);
        int at = i;
        for (; at > 0 && lasting[at - 1] > result.t_ms; at--) lasting[at] = lasting[at - 1];
        lasting[at] = result.t_ms;
        storms += result.why == BATTLE_STORM;
        draws += result.winner < 0;
        assert_int_not_equal(result.why, BATTLE_TIMEOUT);
    }
    assert_in_range(lasting[BATTLES / 2], 15000, 25000);
    assert_true(storms < BATTLES / 3 && draws < BATTLES / 100);
}

static void mirror_matches_are_fair(void **state)
{
    struct world *world = *state;
    int wins[2] = {0, 0};
    for (uint64_t i = 1; i <= 4000; i++) {
        battle_snapshot sides[2];
        uint64_t dice = i / 20 + 1;
        sides[0] = sides[1] = decks_random_side(world->catalog, &dice, "ana", 6);
        strcpy(sides[1].player_id, "bo");
        int winner = fight(world, world->ctx, sides, i, false).winner;
        if (winner >= 0) wins[winner]++;
    }
    double all = wins[0] + wins[1], share = wins[0] / all;
    assert_true(all > 2500);
    assert_true(share > 0.47 && share < 0.53);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_inputs_give_same_bytes_even_in_a_used_context),
        cmocka_unit_test(the_log_does_not_change_the_battle),
        cmocka_unit_test(swapping_the_seats_gives_the_mirror_image),
        cmocka_unit_test(the_events_alone_rebuild_the_final_state),
        cmocka_unit_test(a_timeline_verifies),
        cmocka_unit_test(changing_any_byte_is_noticed),
        cmocka_unit_test(the_golden_battles_have_not_changed),
        cmocka_unit_test(the_digest_is_that_of_the_bytes),
        cmocka_unit_test(the_catalog_makes_every_kind_of_event),
        cmocka_unit_test(fights_take_their_time_and_end),
        cmocka_unit_test(mirror_matches_are_fair),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
