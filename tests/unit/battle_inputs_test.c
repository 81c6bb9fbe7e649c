/* What is read from match:<id>, and who is to blame when it cannot be fought. */
#include "game_server/battle_inputs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/battle_decks.h"

enum { FIELDS_MAX = 16 };

struct match {
    battle_catalog *catalog;
    struct redis_reply items[2 * FIELDS_MAX], hash;
    char snapshots[4][BATTLE_SNAPSHOT_BYTES];
    struct battle_inputs inputs;
    struct battle_problem problem;
};

static const char *const names[] = {"ana", "ben", "cid", "dan"};

static int open_match(void **state)
{
    struct match *match = memory_new(sizeof *match);
    match->catalog = decks_load_catalog();
    *state = match;
    return 0;
}

static int close_match(void **state)
{
    struct match *match = *state;
    battle_catalog_free(match->catalog);
    free(match);
    return 0;
}

static struct redis_reply text(const char *words)
{
    return (struct redis_reply){.type = REDIS_TEXT, .text = words, .length = strlen(words)};
}

static void set(struct match *match, const char *field, const char *value)
{
    size_t at = 0;
    while (at < match->hash.count && !redis_reply_equals(&match->items[at], field)) at += 2;
    assert_true(at + 1 < ARRAY_LENGTH(match->items));
    match->items[at] = text(field);
    match->items[at + 1] = text(value);
    if (at == match->hash.count) match->hash.count += 2;
}

/* A good match of `count` players. */
static void fill(struct match *match, size_t count)
{
    static const char *const fields[] = {"s:ana", "s:ben", "s:cid", "s:dan"};
    match->hash = (struct redis_reply){.type = REDIS_ARRAY, .items = match->items};
    set(match, "status", "battling");
    set(match, "mode", count == 2 ? "normal" : "party");
    set(match, "players", count == 2 ? "ana,ben" : "ana,ben,cid,dan");
    set(match, "seed", "0123456789abcdef");
    for (size_t i = 0; i < count; i++) {
        battle_snapshot side = *battle_catalog_starter(match->catalog);
        memcpy(side.player_id, names[i], strlen(names[i]) + 1);
        size_t size = battle_snapshot_json(match->catalog, &side, match->snapshots[i], BATTLE_SNAPSHOT_BYTES);
        match->snapshots[i][size] = '\0';
        set(match, fields[i], match->snapshots[i]);
    }
}

static bool reads(struct match *match)
{
    return battle_inputs_read(match->catalog, &match->hash, &match->inputs, &match->problem);
}

static void matches_of_two_and_of_four_are_read(void **state)
{
    struct match *match = *state;
    for (size_t count = 2; count <= 4; count += 2) {
        fill(match, count);
        assert_true(reads(match));
        assert_int_equal(match->inputs.player_count, count);
        assert_string_equal(match->inputs.mode, count == 2 ? "normal" : "party");
        assert_string_equal(match->inputs.player_list, count == 2 ? "ana,ben" : "ana,ben,cid,dan");
        assert_int_equal(match->inputs.seed.bytes[0], 0x01);
        assert_int_equal(match->inputs.seed.bytes[7], 0xef);
        for (size_t i = 0; i < count; i++) assert_string_equal(match->inputs.players[i].player_id, names[i]);
    }
}

static void a_match_that_says_nonsense_is_nobodys_fault(void **state)
{
    struct match *match = *state;
    static const struct {
        const char *field, *value;
    } rows[] = {
        {"seed", ""},
        {"seed", "0123456789abcde"},
        {"seed", "0123456789abcdeg"},
        {"seed", "0123456789ABCDEF"},
        {"mode", ""},
        {"mode", "a-mode-with-a-name-that-is-too-long"},
        {"players", ""},
        {"players", "ana"},
        {"players", "ana,"},
        {"players", ",ana"},
        {"players", "ana,ben,cid"},
        {"players", "ana,ben,cid,dan,eve"},
        {"players", "ana,,ben,cid"},
        {"players", "ana,ben,cid,dan,"},
        {"players",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,ben"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        fill(match, 4);
        set(match, rows[i].field, rows[i].value);
        if (reads(match)) fail_msg("%s = \"%s\"", rows[i].field, rows[i].value);
        assert_string_equal(match->problem.what, "seed, players or mode");
        assert_string_equal(match->problem.poisoned, "");
    }
    match->hash.count = 0;
    assert_false(reads(match));
    assert_string_equal(match->problem.what, "no such match");
    assert_false(battle_inputs_read(match->catalog, NULL, &match->inputs, &match->problem));
}

static void the_player_of_an_unreadable_snapshot_is_named(void **state)
{
    struct match *match = *state;
    static const char *const fields[] = {"s:ana", "s:ben", "s:cid", "s:dan"};
    static const char *const damaged[] = {"", "{", "{}", "[]", "x"};
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < ARRAY_LENGTH(damaged); k++) {
            fill(match, 4);
            set(match, fields[i], damaged[k]);
            assert_false(reads(match));
            assert_string_equal(match->problem.poisoned, names[i]);
            assert_int_not_equal(match->problem.error.code, BATTLE_OK);
        }
        fill(match, 4);
        set(match, fields[i], match->snapshots[(i + 1) % 4]); /* somebody else's */
        assert_false(reads(match));
        assert_string_equal(match->problem.poisoned, names[i]);
        assert_int_equal(match->problem.error.code, BATTLE_E_PLAYER);
    }
}

static void a_snapshot_of_another_catalog_is_nobodys_fault(void **state)
{
    struct match *match = *state;
    fill(match, 2);
    char *version = strstr(match->snapshots[1], "\"ver\":");
    assert_non_null(version);
    version[6] = '9';
    assert_false(reads(match));
    assert_string_equal(match->problem.poisoned, "");
    assert_int_equal(match->problem.error.code, BATTLE_E_CATALOG);
}

static void a_deck_that_breaks_a_rule_is_refused_before_the_fight(void **state)
{
    struct match *match = *state;
    fill(match, 2);
    battle_snapshot side = *battle_catalog_starter(match->catalog);
    memcpy(side.player_id, "ben", 4);
    side.level = 1;
    side.cards[0].level = 5;
    size_t size = battle_snapshot_json(match->catalog, &side, match->snapshots[1], BATTLE_SNAPSHOT_BYTES);
    match->snapshots[1][size] = '\0';
    set(match, "s:ben", match->snapshots[1]);
    assert_false(reads(match));
    assert_string_equal(match->problem.poisoned, "ben");
    assert_int_equal(match->problem.error.code, BATTLE_E_LEVEL);
    assert_string_equal(match->problem.error.place, "cards[0].level");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_of_two_and_of_four_are_read),
        cmocka_unit_test(a_match_that_says_nonsense_is_nobodys_fault),
        cmocka_unit_test(the_player_of_an_unreadable_snapshot_is_named),
        cmocka_unit_test(a_snapshot_of_another_catalog_is_nobodys_fault),
        cmocka_unit_test(a_deck_that_breaks_a_rule_is_refused_before_the_fight),
    };
    return cmocka_run_group_tests(tests, open_match, close_match);
}
