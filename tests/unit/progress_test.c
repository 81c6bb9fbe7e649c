/* How players grow: which stages are open, what levels and stages give, and what a catalog may say about it. */
#include "game_server/loadout.h"
#include "game_server/progress.h"
#include "tests/support/battle_decks.h"
#include "tests/support/battle_rig.h"

static battle_catalog *catalog;
static struct proto_profile profile;

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
    loadout_starter(catalog, &profile.loadout, &profile.collection);
    return 0;
}

static const battle_stage *stage_at(size_t index)
{
    return battle_catalog_stage(catalog, index);
}

static void win(size_t stage, int64_t stars)
{
    struct proto_stage_progress *progress = &profile.stages[profile.stages_count++];
    text_copy(progress->id, sizeof progress->id, stage_at(stage)->id);
    progress->stars = stars;
}

static bool owns(const char *id)
{
    const struct proto_collection *owned = &profile.collection;
    for (size_t i = 0; i < owned->cards_count; i++) {
        if (strcmp(owned->cards[i].id, id) == 0) return true;
    }
    for (size_t i = 0; i < owned->artifacts_count; i++) {
        if (strcmp(owned->artifacts[i], id) == 0) return true;
    }
    for (size_t i = 0; i < owned->items_count; i++) {
        if (strcmp(owned->items[i], id) == 0) return true;
    }
    return false;
}

/* ---- stages ---------------------------------------------------------------------------------------- */

static void stages_open_in_their_order_and_from_their_level_on(void **state)
{
    (void)state;
    size_t last = battle_catalog_stage_count(catalog) - 1;
    assert_true(progress_stage_is_open(catalog, stage_at(0), &profile));
    assert_false(progress_stage_is_open(catalog, stage_at(1), &profile));
    win(0, 1);
    assert_true(progress_stage_is_open(catalog, stage_at(1), &profile));
    assert_false(progress_stage_is_open(catalog, stage_at(2), &profile));
    win(last - 1, 3);
    assert_false(progress_stage_is_open(catalog, stage_at(last), &profile));
    profile.level = stage_at(last)->player_level;
    assert_true(progress_stage_is_open(catalog, stage_at(last), &profile));
}

static void stars_are_what_is_left_of_the_health(void **state)
{
    (void)state;
    const battle_progression *progression = battle_catalog_progression(catalog);
    int second = progression->stars[0], third = progression->stars[1];
    const struct {
        int winner, hp, stars;
    } cases[] = {{0, 1, 1},    {0, second - 1, 1}, {0, second, 2}, {0, third - 1, 2}, {0, third, 3},
                 {0, 1000, 3}, {0, -5, 1},         {1, 1000, 0},   {-1, 1000, 0}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        battle_result result = {.winner = cases[i].winner, .hp = {cases[i].hp, 0}, .hp_max = {1000, 1000}};
        assert_int_equal(progress_stars(progression, &result), cases[i].stars);
    }
}

/* ---- what is owned ---------------------------------------------------------------------------------- */

static void levels_and_won_stages_give_what_the_catalog_says(void **state)
{
    (void)state;
    const battle_progression *progression = battle_catalog_progression(catalog);
    const char *of_level_2 = battle_catalog_name(catalog, progression->unlocks[1][0]);
    const char *of_stage = battle_catalog_name(catalog, stage_at(0)->reward);
    progress_complete(catalog, &profile);
    assert_false(owns(of_level_2) || owns(of_stage));
    assert_int_equal(profile.next_level_at, progression->experience[1]);
    profile.level = 2;
    win(0, 1);
    progress_complete(catalog, &profile);
    assert_true(owns(of_level_2) && owns(of_stage));
    struct proto_profile once = profile;
    progress_complete(catalog, &profile);
    assert_memory_equal(&once, &profile, sizeof once);
}

static void cards_rise_with_their_player(void **state)
{
    (void)state;
    profile.collection.cards[0].level = 5; /* given by somebody: kept */
    for (profile.level = 1; profile.level <= BATTLE_LEVELS; profile.level++) {
        progress_complete(catalog, &profile);
        assert_int_equal(profile.collection.cards[0].level, 5);
        assert_int_equal(profile.collection.cards[1].level, (profile.level + 1) / 2);
    }
    assert_int_equal(profile.next_level_at, 0);
}

/* Nothing twice, and nothing that nobody can ever get. */
static void everything_can_be_won(void **state)
{
    (void)state;
    const battle_progression *progression = battle_catalog_progression(catalog);
    size_t given =
        profile.collection.cards_count + profile.collection.artifacts_count + profile.collection.items_count;
    for (size_t i = 0; i < battle_catalog_stage_count(catalog); i++) {
        assert_int_not_equal(stage_at(i)->reward, 0);
        assert_true(stage_at(i)->experience > 0);
        win(i, 1);
        given++;
    }
    for (int i = 0; i < BATTLE_LEVELS; i++) given += progression->unlock_count[i];
    profile.level = BATTLE_LEVELS;
    progress_complete(catalog, &profile);
    battle_entry entry;
    size_t count = 0;
    for (size_t i = 0; battle_catalog_entry(catalog, i, &entry); i++) {
        if (entry.token) continue;
        count++;
        if (!owns(entry.id)) fail_msg("nobody can win %s", entry.id);
    }
    assert_int_equal(given, count);
}

static void a_full_collection_takes_no_more(void **state)
{
    (void)state;
    struct proto_collection *owned = &profile.collection;
    for (owned->cards_count = 0; owned->cards_count < OWNED_MAX; owned->cards_count++) {
        struct proto_owned_card *card = &owned->cards[owned->cards_count];
        snprintf(card->id, sizeof card->id, "old_%zu", owned->cards_count);
        card->level = 1;
    }
    profile.level = BATTLE_LEVELS;
    progress_complete(catalog, &profile);
    assert_int_equal(owned->cards_count, OWNED_MAX);
}

/* ---- rewards ---------------------------------------------------------------------------------------- */

static void a_summary_is_read_as_the_script_writes_it(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "win",
                                      "win 1200 1220",
                                      "pve",
                                      "pve meadow win 3 60 60 1 1",
                                      "pve meadow win 3 60 60 1 1 0 9",
                                      "pve meadow win x 60 60 1 1 0",
                                      "pve meadow winning_all 3 60 60 1 1 0"};
    struct progress_summary summary;
    assert_true(progress_summary_read("pve old_mill loss 0 12 345 1 3 2", &summary));
    assert_string_equal(summary.stage, "old_mill");
    assert_string_equal(summary.outcome, "loss");
    assert_int_equal(summary.gained, 12);
    assert_int_equal(summary.experience, 345);
    assert_int_equal(summary.level_before, 1);
    assert_int_equal(summary.level, 3);
    assert_int_equal(summary.stars_before, 2);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) assert_false(progress_summary_read(bad[i], &summary));
}

static struct proto_rewards rewards_of(const char *text)
{
    struct progress_summary summary;
    struct proto_rewards rewards;
    assert_true(progress_summary_read(text, &summary));
    progress_rewards(catalog, &summary, &rewards);
    return rewards;
}

static void rewards_name_what_is_new(void **state)
{
    (void)state;
    const battle_progression *progression = battle_catalog_progression(catalog);
    char text[96];
    snprintf(text, sizeof text, "pve %s win 2 40 240 1 3 0", stage_at(0)->id);
    struct proto_rewards rewards = rewards_of(text);
    assert_int_equal(rewards.unlocked_count, 1 + progression->unlock_count[1] + progression->unlock_count[2]);
    assert_string_equal(rewards.unlocked[0], battle_catalog_name(catalog, stage_at(0)->reward));
    assert_true(rewards.level_up && rewards.level == 3 && rewards.best_stars == 2 &&
                rewards.experience == 40);
    snprintf(text, sizeof text, "pve %s win 1 4 240 3 3 2", stage_at(0)->id);
    rewards = rewards_of(text);
    assert_true(rewards.unlocked_count == 0 && !rewards.level_up && rewards.best_stars == 2 &&
                rewards.stars == 1);
    snprintf(text, sizeof text, "pve %s loss 0 0 240 3 3 0", stage_at(0)->id);
    assert_int_equal(rewards_of(text).unlocked_count, 0);
    assert_int_equal(rewards_of("pve torn_down win 3 0 240 3 3 0").unlocked_count, 0);
    snprintf(text, sizeof text, "pve %s win 3 90 99999 1 10 0", stage_at(0)->id);
    assert_true(rewards_of(text).unlocked_count <= REWARDS_MAX);
}

/* ---- catalogs ---------------------------------------------------------------------------------------- */

#define ROW "'experience':[0,1,2,3,4,5,6,7,8,9]"
#define REST ",'stars':[400,700],'unlocks':[[],['bone']]"

static int refused(const char *progression, char place[96])
{
    static char text[64 << 10];
    char extras[512];
    battle_err err;
    snprintf(extras, sizeof extras, ",'progression':{%s}", progression);
    size_t size = rig_catalog_text(text, sizeof text, "", extras);
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\'') text[i] = '"';
    battle_catalog *loaded = battle_catalog_load(text, size, &err);
    battle_catalog_free(loaded);
    text_copy(place, 96, err.place);
    return loaded != NULL ? BATTLE_OK : err.code;
}

static void a_progression_that_makes_no_sense_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
        int code;
    } cases[] = {
        {ROW REST, "", BATTLE_OK},
        {"", "progression.experience", BATTLE_E_SCHEMA},
        {ROW, "progression.stars", BATTLE_E_SCHEMA},
        {"'experience':[0,1,2]" REST, "progression.experience", BATTLE_E_LINT},
        {"'experience':[1,2,3,4,5,6,7,8,9,10]" REST, "progression.experience", BATTLE_E_LINT},
        {"'experience':[0,2,2,3,4,5,6,7,8,9]" REST, "progression.experience", BATTLE_E_LINT},
        {"'experience':[0,1,2,3,4,5,6,7,8,-9]" REST, "progression.experience[9]", BATTLE_E_SCHEMA},
        {ROW ",'stars':[700,400],'unlocks':[]", "progression.stars", BATTLE_E_LINT},
        {ROW ",'stars':[400,1001],'unlocks':[]", "progression.stars[1]", BATTLE_E_SCHEMA},
        {ROW ",'stars':[400,700],'unlocks':[['ghost']]", "progression.unlocks[0][0]", BATTLE_E_ID},
        {ROW ",'stars':[400,700],'unlocks':[[],[],[],[],[],[],[],[],[],[],[]]", "progression.unlocks[10]",
         BATTLE_E_LINT},
        {ROW ",'gold':1" REST, "progression.gold", BATTLE_E_SCHEMA},
    };
    char place[96];
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int code = refused(cases[i].text, place);
        if (code != cases[i].code || strcmp(place, cases[i].place) != 0)
            fail_msg("case %zu: %s at \"%s\"", i, battle_error_name(code), place);
    }
}

static void without_a_progression_nobody_leaves_level_1(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, "", "");
    const battle_progression *progression = battle_catalog_progression(rig->catalog);
    for (int i = 1; i < BATTLE_LEVELS; i++) assert_int_equal(progression->experience[i], INT32_MAX);
    profile = (struct proto_profile){.level = 1};
    progress_complete(rig->catalog, &profile);
    assert_int_equal(profile.next_level_at, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(stages_open_in_their_order_and_from_their_level_on, new_player),
        cmocka_unit_test(stars_are_what_is_left_of_the_health),
        cmocka_unit_test_setup(levels_and_won_stages_give_what_the_catalog_says, new_player),
        cmocka_unit_test_setup(cards_rise_with_their_player, new_player),
        cmocka_unit_test_setup(everything_can_be_won, new_player),
        cmocka_unit_test_setup(a_full_collection_takes_no_more, new_player),
        cmocka_unit_test(a_summary_is_read_as_the_script_writes_it),
        cmocka_unit_test(rewards_name_what_is_new),
        cmocka_unit_test(a_progression_that_makes_no_sense_is_refused_at_its_place),
        cmocka_unit_test_setup_teardown(without_a_progression_nobody_leaves_level_1, rig_open, rig_close),
    };
    return cmocka_run_group_tests(tests, load_catalog, free_catalog);
}
