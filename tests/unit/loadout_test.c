/* A new player's loadout is good, and every rule that is broken is named with its place. */
#include "game_server/loadout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/battle_decks.h"

static battle_catalog *catalog;
static struct proto_profile profile;
static battle_snapshot snapshot;
static struct codec_error error;

static int load_catalog(void **state)
{
    (void)state;
    catalog = decks_load_catalog();
    return 0;
}

static int free_catalog(void **state)
{
    (void)state;
    battle_catalog_free(catalog);
    return 0;
}

static int new_player(void **state)
{
    (void)state;
    profile = (struct proto_profile){.level = 1};
    text_copy(profile.player_id, sizeof profile.player_id, "ann");
    text_copy(profile.name, sizeof profile.name, "Ann");
    loadout_starter(catalog, &profile.loadout, &profile.collection);
    return 0;
}

/* Everything the catalog has, cards at level 1, so that no rule but the tested one is in the way. */
static int owner_of_everything(void **state)
{
    struct proto_collection *owned = &profile.collection;
    battle_entry entry;
    new_player(state);
    *owned = (struct proto_collection){.cards_count = 0};
    for (size_t i = 0; battle_catalog_entry(catalog, i, &entry); i++) {
        if (entry.kind == BATTLE_ARTIFACT) {
            text_copy(owned->artifacts[owned->artifacts_count++], sizeof owned->artifacts[0], entry.id);
        } else if (entry.kind == BATTLE_ITEM || entry.kind == BATTLE_CONSUMABLE) {
            text_copy(owned->items[owned->items_count++], sizeof owned->items[0], entry.id);
        } else if (!entry.token) {
            owned->cards[owned->cards_count].level = 1;
            text_copy(owned->cards[owned->cards_count++].id, sizeof owned->cards[0].id, entry.id);
        }
    }
    return 0;
}

/* ---- helpers ---------------------------------------------------------------------------------------- */

static void set_cards(const char *ids)
{
    struct proto_loadout *loadout = &profile.loadout;
    char copy[256], *rest = copy;
    loadout->cards_count = loadout->items_count = 0;
    assert_true(text_copy(copy, sizeof copy, ids));
    for (char *id = strtok_r(copy, " ", &rest); id != NULL; id = strtok_r(NULL, " ", &rest)) {
        struct proto_card *card = &loadout->cards[loadout->cards_count];
        *card = (struct proto_card){.level = 1, .slot = (int64_t)loadout->cards_count++};
        text_copy(card->id, sizeof card->id, id);
    }
}

static void add_item(const char *id, int64_t slot)
{
    struct proto_item *item = &profile.loadout.items[profile.loadout.items_count++];
    item->slot = slot;
    text_copy(item->id, sizeof item->id, id);
}

static void set_artifacts(const char *first, const char *second)
{
    profile.loadout.artifacts_count = second == NULL ? 1 : 2;
    text_copy(profile.loadout.artifacts[0], sizeof profile.loadout.artifacts[0], first);
    if (second != NULL) text_copy(profile.loadout.artifacts[1], sizeof profile.loadout.artifacts[1], second);
}

static void expect_good(void)
{
    if (!loadout_resolve(catalog, &profile, &profile.loadout, &snapshot, &error)) {
        fail_msg("%s: %s", error.place, error.detail);
    }
}

static void expect_refusal(const char *place, const char *rule)
{
    if (loadout_resolve(catalog, &profile, &profile.loadout, &snapshot, &error))
        fail_msg("accepted, not %s", rule);
    assert_int_equal(error.code, ERROR_invalid_loadout);
    size_t length = strlen(rule);
    if (strcmp(error.place, place) != 0 || strncmp(error.detail, rule, length) != 0 ||
        error.detail[length] != ':') {
        fail_msg("got \"%s\": %s, not \"%s\": %s", error.place, error.detail, place, rule);
    }
}

/* ---- the starter ------------------------------------------------------------------------------------ */

static void the_starter_is_good_at_every_level(void **state)
{
    (void)state;
    assert_true(profile.loadout.cards_count > 0);
    for (profile.level = 1; profile.level <= BATTLE_LEVELS; profile.level++) expect_good();
}

static void the_starter_is_owned(void **state)
{
    (void)state;
    const struct proto_loadout *loadout = &profile.loadout;
    for (size_t i = 0; i < loadout->cards_count; i++) {
        size_t k = 0;
        while (k < profile.collection.cards_count &&
               strcmp(profile.collection.cards[k].id, loadout->cards[i].id) != 0)
            k++;
        assert_true(k < profile.collection.cards_count);
        assert_true(profile.collection.cards[k].level >= loadout->cards[i].level);
    }
}

static void a_loadout_comes_back_from_its_snapshot(void **state)
{
    (void)state;
    struct proto_loadout back;
    struct buffer before = {0}, after = {0};
    set_cards("bog_toad militia ember_imp");
    add_item("whetstone", 2);
    set_artifacts("old_bulwark", NULL);
    expect_good();
    assert_string_equal(snapshot.player_id, "ann");
    assert_string_equal(snapshot.name, "Ann");
    loadout_of_snapshot(catalog, &snapshot, &back);
    codec_encode(&before, NULL, &proto_record_loadout, &profile.loadout);
    codec_encode(&after, NULL, &proto_record_loadout, &back);
    assert_int_equal(before.length, after.length);
    assert_memory_equal(before.data, after.data, before.length);
    buffer_free(&before);
    buffer_free(&after);
}

static void the_canonical_snapshot_reads_back_the_same(void **state)
{
    (void)state;
    battle_snapshot back;
    battle_err reason;
    struct buffer json = {0}, again = {0};
    expect_good();
    loadout_snapshot_json(catalog, &snapshot, &json);
    assert_true(json.length <= SNAPSHOT_BYTES_MAX);
    assert_int_equal(battle_snapshot_parse(catalog, json.data, json.length, &back, &reason), 0);
    loadout_snapshot_json(catalog, &back, &again);
    assert_int_equal(json.length, again.length);
    assert_memory_equal(json.data, again.data, json.length);
    buffer_free(&json);
    buffer_free(&again);
}

/* ---- the rules --------------------------------------------------------------------------------------- */

static void unknown_and_foreign_ids_are_refused(void **state)
{
    (void)state;
    set_cards("militia no_such_card");
    expect_refusal("cards[1].id", "E_ID");
    set_cards("militia ash_crown");
    expect_refusal("cards[1].id", "E_ID");
    set_cards("bone militia"); /* a token is only summoned */
    expect_refusal("cards[0].id", "E_ID");
    set_cards("militia");
    add_item("militia", 0);
    expect_refusal("items[0].id", "E_ID");
    set_cards("militia");
    set_artifacts("whetstone", NULL);
    expect_refusal("artifacts[0]", "E_ID");
    set_artifacts("ash_crown", NULL);
    text_copy(profile.loadout.consumables[0], sizeof profile.loadout.consumables[0], "ash_crown");
    expect_refusal("consumables[0]", "E_ID");
}

static void only_what_is_owned_may_be_used(void **state)
{
    (void)state;
    struct proto_collection all = profile.collection;
    set_cards("militia ember_imp");
    add_item("whetstone", 1);
    expect_good();
    profile.collection.cards_count = 0;
    expect_refusal("cards[0].id", "E_OWN");
    profile.collection = all;
    profile.collection.items_count = 0;
    expect_refusal("items[0]", "E_OWN");
    profile.collection = all;
    profile.collection.artifacts_count = 0;
    expect_refusal("artifacts[0]", "E_OWN");
}

static void a_card_is_used_at_most_at_the_level_owned(void **state)
{
    (void)state;
    profile.level = 3;
    set_cards("militia ember_imp");
    profile.loadout.cards[1].level = 2;
    expect_refusal("cards[1].id", "E_OWN");
    for (size_t i = 0; i < profile.collection.cards_count; i++) profile.collection.cards[i].level = 2;
    expect_good();
}

static void a_deck_has_as_many_cards_as_the_level_has_slots(void **state)
{
    (void)state;
    set_cards("");
    expect_refusal("cards", "E_SIZE");
    set_cards("militia ember_imp duelist kindling_pot bog_toad");
    expect_refusal("cards", "E_SIZE");
    profile.level = 3;
    expect_good();
}

static void slots_are_filled_from_the_left_and_once(void **state)
{
    (void)state;
    set_cards("militia ember_imp duelist");
    profile.loadout.cards[2].slot = 1;
    expect_refusal("cards[2].slot", "E_SLOT");
    profile.loadout.cards[2].slot = 3;
    expect_refusal("cards[2].slot", "E_SLOT");
    profile.loadout.cards[0].slot = 2;
    profile.loadout.cards[1].slot = 0;
    profile.loadout.cards[2].slot = 1;
    expect_good();
}

static void a_common_card_may_be_there_three_times(void **state)
{
    (void)state;
    set_cards("militia militia militia");
    expect_good();
    set_cards("militia militia militia militia");
    expect_refusal("cards[3].id", "E_DUP");
}

static void card_levels_follow_the_player_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < profile.collection.cards_count; i++) profile.collection.cards[i].level = 5;
    set_cards("militia ember_imp");
    profile.loadout.cards[1].level = 2;
    profile.level = 2;
    expect_refusal("cards[1].level", "E_LEVEL");
    profile.level = 3;
    expect_good();
    profile.loadout.cards[0].level = 5;
    profile.level = 8;
    expect_refusal("cards[0].level", "E_LEVEL");
    profile.level = 9;
    expect_good();
}

static void artifacts_are_few_and_different(void **state)
{
    (void)state;
    set_artifacts("ash_crown", "old_bulwark");
    expect_refusal("artifacts", "E_ART");
    profile.level = 4;
    expect_good();
    set_artifacts("ash_crown", "ash_crown");
    expect_refusal("artifacts[1]", "E_ART");
}

static void items_sit_on_cards_one_each_and_few_in_all(void **state)
{
    (void)state;
    set_cards("militia ember_imp");
    add_item("whetstone", 2);
    expect_refusal("items[0].slot", "E_SLOT");
    set_cards("militia ember_imp");
    add_item("whetstone", 0);
    add_item("plating", 0);
    expect_refusal("cards[0].items", "E_ITEM");
    set_cards("militia ember_imp");
    add_item("whetstone", 0);
    add_item("plating", 1);
    expect_refusal("cards", "E_ITEM");
    profile.level = 2;
    expect_good();
    set_cards("kindling_pot militia"); /* a whetstone fits units only */
    add_item("whetstone", 0);
    expect_refusal("cards[0].items", "E_ITEM");
}

static void consumables_are_different(void **state)
{
    (void)state;
    profile.loadout.consumables_count = 2;
    for (size_t i = 0; i < 2; i++) {
        text_copy(profile.loadout.consumables[i], sizeof profile.loadout.consumables[i], "healing_draught");
    }
    expect_refusal("consumables[1]", "E_CONS");
}

static void a_deck_without_damage_is_refused(void **state)
{
    (void)state;
    set_cards("shield_smith");
    expect_refusal("cards", "E_NODMG");
    set_cards("shield_smith militia");
    expect_good();
}

static void the_fullest_loadout_the_wire_allows_is_answered_not_overrun(void **state)
{
    (void)state;
    profile.level = 10;
    set_cards("militia militia militia ember_imp ember_imp ember_imp duelist duelist");
    for (int64_t slot = 0; slot < ITEMS_MAX; slot++) add_item(slot % 2 == 0 ? "whetstone" : "plating", slot);
    expect_refusal("cards", "E_ITEM");
    profile.loadout.items_count = 6;
    expect_good();
    for (size_t i = 0; i < ITEMS_MAX; i++) profile.loadout.items[i].slot = 0;
    profile.loadout.items_count = ITEMS_MAX;
    assert_false(loadout_resolve(catalog, &profile, &profile.loadout, &snapshot, &error));
    assert_int_equal(error.code, ERROR_invalid_loadout);
}

/* ---- names ------------------------------------------------------------------------------------------- */

static void names_have_a_length_and_no_spaces_around(void **state)
{
    (void)state;
    static const char *const good[] = {"A", "Ann Lee", "123456789012345678901234", "üüüüüüüüüüüüüüüüüüüüüüüü",
                                       "語語語語語語語語語語語語語語語語語語語語語"};
    static const char *const bad[] = {"",
                                      " ",
                                      " Ann",
                                      "Ann ",
                                      "1234567890123456789012345",
                                      "üüüüüüüüüüüüüüüüüüüüüüüüü",
                                      "語語語語語語語語語語語語語語語語語語語語語語"};
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        if (!loadout_name_is_valid(good[i])) fail_msg("refused: \"%s\"", good[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (loadout_name_is_valid(bad[i])) fail_msg("accepted: \"%s\"", bad[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, owner_of_everything)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_starter_is_good_at_every_level, new_player),
        cmocka_unit_test_setup(the_starter_is_owned, new_player),
        TEST(a_loadout_comes_back_from_its_snapshot),
        TEST(the_canonical_snapshot_reads_back_the_same),
        TEST(unknown_and_foreign_ids_are_refused),
        TEST(only_what_is_owned_may_be_used),
        TEST(a_card_is_used_at_most_at_the_level_owned),
        TEST(a_deck_has_as_many_cards_as_the_level_has_slots),
        TEST(slots_are_filled_from_the_left_and_once),
        TEST(a_common_card_may_be_there_three_times),
        TEST(card_levels_follow_the_player_level),
        TEST(artifacts_are_few_and_different),
        TEST(items_sit_on_cards_one_each_and_few_in_all),
        TEST(consumables_are_different),
        TEST(a_deck_without_damage_is_refused),
        TEST(the_fullest_loadout_the_wire_allows_is_answered_not_overrun),
        TEST(names_have_a_length_and_no_spaces_around),
    };
    return cmocka_run_group_tests(tests, load_catalog, free_catalog);
}
