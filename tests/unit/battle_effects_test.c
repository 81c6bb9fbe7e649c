/* Ops on heroes and cards: damage and everything that bends it, healing, piles, stats and marks. */
#include "tests/support/battle_rig.h"

#define READY(effects) RIG_DO("ready", ",'do':[" effects "]")
#define HIT "{'op':'damage','to':'front','n':10}"

static void damage_falls_on_guards_then_the_leftmost_unit_then_the_hero(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("wall", 10, "unit", "'hp':15", ",'kw':['guard']"), "");
    rig_fight(rig, "hitter", "dummy wall");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':10,'d':21,'n':10,'v':5,'c':2}");
    rig_expect(rig, "{'t':2000,'k':'dmg','s':10,'d':21,'n':10,'v':-5,'f':2,");
    rig_expect(rig, "{'t':3000,'k':'dmg','s':10,'d':20,'n':10,'v':40,");
    rig_fight(rig, "hitter", "");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':10,'d':2,'n':10,'v':90,'c':2}");
    assert_int_equal(rig->result.winner, 0);
    assert_int_equal(rig->result.why, BATTLE_KO);
    assert_int_equal(rig->result.t_ms, 10000);
}

static void flat_then_permille_then_crit_make_the_amount(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("brute", 10, "device", "'cd':1000,'damage':5,'damage_permille':500,'crit':1000", READY(HIT)),
        "");
    rig_fight(rig, "brute", "");
    rig_expect(rig, "'k':'dmg','s':10,'d':2,'n':44,'v':56,'f':1,"); /* (10 + 5) * 1.5 = 22, twice */
    assert_int_equal(rig->result.draws[1], 0);                      /* certain crits are not rolled */
}

static void a_ward_takes_one_blow_whole(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("warded", 10, "unit", "'hp':15", ",'kw':['ward']"), "");
    rig_fight(rig, "hitter", "warded");
    rig_expect(rig, "{'t':1000,'k':'wardbreak','s':10,'d':20,'n':10,'c':2}");
    rig_expect(rig, "{'t':2000,'k':'dmg','s':10,'d':20,'n':10,'v':5,");
}

static void shield_absorbs_blows_and_burn_but_not_poison(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD(
            "mage", 10, "rite", "",
            RIG_DO(
                "battle_start",
                ",'do':[{'op':'shield','to':'enemy_hero','n':15},{'op':'burn','to':'enemy_hero','n':4},{'op':'poison','to':'enemy_hero','n':3}]")),
        "");
    rig_fight(rig, "mage hitter", "");
    rig_expect(rig, "{'t':500,'k':'tick','d':2,'n':4,'v':100,'w':11,'f':1,'x':3}");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':11,'d':2,'n':10,'v':100,'w':1,");
    rig_expect(rig, "{'t':1000,'k':'tick','d':2,'n':3,'v':98,'f':1,'x':2}");
    rig_expect(rig, "{'t':1000,'k':'tick','d':2,'n':3,'v':95,'f':2,'x':3}");
    rig_expect(rig, "'k':'spent','d':10,'f':1,");
}

static void burn_cools_by_a_sixteenth_but_at_least_one(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("mage", 10, "rite", "",
                      RIG_DO("battle_start", ",'do':[{'op':'burn','to':'enemy_hero','n':40}]")),
             "");
    rig_fight(rig, "mage", "");
    rig_expect(rig, "{'t':500,'k':'tick','d':2,'n':40,'v':60,'f':1,'x':38}");
    rig_expect(rig, "{'t':1000,'k':'tick','d':2,'n':38,'v':22,'f':1,'x':36}");
}

static void regeneration_heals_each_second_up_to_the_maximum(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("font", 10, "rite", "",
                 RIG_DO("battle_start",
                        ",'do':[{'op':'damage','to':'my_hero','n':7},{'op':'regen','to':'my_hero','n':4}]")),
        "");
    rig_fight(rig, "font", "");
    rig_expect(rig, "{'t':1000,'k':'tick','d':1,'n':4,'v':97,'f':4,'x':4}");
    rig_expect(rig, "{'t':2000,'k':'tick','d':1,'n':3,'v':100,'f':4,'x':4}");
    rig_expect_times(rig, 0, "{'t':3000,");
    assert_true(rig->result.damage[0] == 0 &&
                rig->result.damage[1] == 0); /* harm to oneself is nobody's merit */
}

static void lifesteal_pays_for_what_was_really_removed(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("bat", 10, "unit", "'hp':50,'cd':1000,'lifesteal':500",
                      READY("{'op':'damage','to':'front','n':10}"))
                 RIG_CARD("cut", 11, "rite", "",
                          RIG_DO("battle_start", ",'do':[{'op':'damage','to':'my_hero','n':50}]")),
             "");
    rig_fight(rig, "bat cut", "bone");
    rig_expect(rig, "{'t':1000,'k':'heal','s':10,'d':1,'n':2,'v':52,'f':2,"); /* 5 of 10 hit flesh */
    rig_expect(rig, "{'t':2000,'k':'heal','s':10,'d':1,'n':5,'v':57,'f':2,");
}

static void thorns_answer_a_unit_once_and_never_each_other(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("hedge", 10, "unit", "'hp':50,'thorns':4", "")
                 RIG_CARD("spiked", 11, "unit", "'hp':50,'cd':1000,'thorns':3", READY(HIT))
                     RIG_CARD("bow", 12, "device", "'cd':1000", READY(HIT)),
             "");
    rig_fight(rig, "spiked", "hedge");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':20,'d':10,'n':4,'v':46,'f':8,'c':3}");
    rig_expect_times(rig, 0, "{'t':1000,'k':'dmg','s':10,'d':20,'n':3,");
    rig_fight(rig, "bow", "hedge");
    rig_expect_times(rig, 0, "'f':8"); /* a device is out of reach */
}

static void cleaving_hits_the_neighbours_with_a_share(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("sweeper", 10, "unit", "'hp':50,'cd':1000,'cleave':500",
                      READY("{'op':'damage','to':{'pick':'enemy_unit','n':1,'by':'hp_high'},'n':10}"))
                 RIG_CARD("big", 11, "unit", "'hp':90", ""),
             "");
    rig_fight(rig, "sweeper", "dummy big dummy dummy");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':10,'d':21,'n':10,'v':80,'c':2}");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':10,'d':20,'n':5,'v':45,'f':4,'c':2}");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':10,'d':22,'n':5,'v':45,'f':4,'c':2}");
    rig_expect_times(rig, 0, "{'t':1000,'k':'dmg','s':10,'d':23");
}

static void healing_stops_at_the_maximum_and_halves_in_the_storm(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("priest", 10, "device", "'cd':1000", READY("{'op':'heal','to':'my_hero','n':3}")),
             "");
    rig_fight(rig, "priest", "dummy");
    rig_expect_times(rig, 0, "{'t':1000,'k':'heal'");
    rig_expect(rig, "{'t':31000,'k':'heal','s':10,'d':1,'n':1,");
}

static void stats_move_by_points_and_permille_and_health_follows(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD(
            "smith", 10, "rite", "",
            RIG_DO(
                "battle_start",
                ",'do':[{'op':'stat','to':'right','stat':'atk','n':5},{'op':'stat','to':'right','stat':'atk','mode':'permille','n':200},"
                "{'op':'stat','to':'right','stat':'hp','n':20},{'op':'stat','to':'right','stat':'hp','n':-60},{'op':'stat','to':'right','stat':'cd','n':-5000}]")),
        "");
    rig_fight(rig, "smith hitter", "");
    rig_expect(rig, "'k':'stat','s':10,'d':11,'n':5,'v':15,'c':2,'p':2}");
    rig_expect(rig, "'k':'stat','s':10,'d':11,'n':3,'v':18,'c':2,'p':2}");
    rig_expect(rig, "'k':'stat','s':10,'d':11,'n':20,'v':70,'w':70,'c':2,'p':1}");
    rig_expect(rig, "'k':'stat','s':10,'d':11,'n':-60,'v':10,'w':10,'c':2,'p':1}");
    rig_expect(rig, "'k':'stat','s':10,'d':11,'n':-500,'v':500,'c':2,'p':3,'r':500}"); /* never under 500 */
    rig_expect(rig, "{'t':500,'k':'act','s':11,'v':1000}");
}

static void a_thief_gains_what_its_victim_loses(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD(
            "thief", 10, "unit", "'hp':50,'atk':1,'cd':4000",
            RIG_DO(
                "battle_start",
                ",'do':[{'op':'steal_stat','to':{'pick':'enemy_unit','n':1,'by':'atk_high'},'stat':'atk','n':12}]")),
        "");
    rig_fight(rig, "thief", "dummy hitter");
    rig_expect(rig, "'k':'stat','s':10,'d':21,'n':-10,'c':2,'p':2}");
    rig_expect(rig, "'k':'stat','s':10,'d':10,'n':10,'v':11,'c':2,'p':2}");
}

static void a_disabled_card_is_silent_until_cleansed(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("gag", 10, "rite", "",
                      RIG_DO("battle_start", ",'do':[{'op':'disable','to':'all_enemy_cards'}]"))
                 RIG_CARD("medic", 11, "device", "",
                          RIG_DO("every", ",'ms':3000,'do':[{'op':'cleanse','to':'all_ally_cards'}]")),
             "");
    rig_fight(rig, "gag", "hitter");
    rig_expect(rig, "'k':'disable','s':10,'d':20,'v':1,");
    rig_expect_times(rig, 0, "'k':'act'");
    rig_fight(rig, "gag", "hitter medic"); /* the medic is disabled itself */
    rig_expect_times(rig, 0, "'k':'cleanse'");
    rig_load(rig,
             RIG_CARD("gag", 10, "rite", "",
                      RIG_DO("battle_start", ",'do':[{'op':'disable','to':{'pick':'enemy_unit'}}]"))
                 RIG_CARD("medic", 11, "device", "",
                          RIG_DO("every", ",'ms':3000,'do':[{'op':'cleanse','to':'all_ally_cards'}]")),
             "");
    rig_fight(rig, "gag", "hitter medic");
    rig_expect(rig, "{'t':3000,'k':'cleanse','s':21,'d':20,'v':4000,");
    rig_expect(rig, "{'t':4000,'k':'act','s':20,'v':5000}");
}

static void dispelling_takes_haste_wards_guard_and_gains(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD(
            "boon", 10, "rite", "",
            RIG_DO(
                "battle_start",
                ",'do':[{'op':'ward','to':'right','n':2},{'op':'guard','to':'right'},{'op':'haste','to':'right','ms':5000},{'op':'stat','to':'right','stat':'atk','n':4},{'op':'shield','to':'my_hero','n':9}]"))
            RIG_CARD(
                "null", 11, "device", "",
                RIG_DO(
                    "every",
                    ",'ms':500,'max':1,'do':[{'op':'dispel','to':'all_enemy_units'},{'op':'dispel','to':'enemy_hero'}]")),
        "");
    rig_fight(rig, "boon hitter", "null");
    rig_expect(rig, "'k':'ward','s':10,'d':11,'v':2,");
    rig_expect(rig, "'k':'guard','s':10,'d':11,'v':1,");
    rig_expect(rig, "{'t':500,'k':'dispel','s':20,'d':11,");
    rig_expect(rig, "{'t':500,'k':'stat','s':20,'d':11,'n':-4,'v':10,");
    rig_expect(rig, "{'t':500,'k':'dispel','s':20,'d':1,");
}

static void amounts_read_stats_counts_and_the_event(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD(
            "drummer", 10, "device", "'cd':1000",
            READY(
                "{'op':'damage','to':'enemy_hero','n':{'count':{'pick':'ally_card','where':[{'tag':'band'}]},'each':3,'plus':[1,2,3,4,5]}},"
                "{'op':'shield','to':'my_hero','n':{'stat':'hp_now','of':'enemy_hero','permille':100}}") ",'tags':['band']")
            RIG_CARD(
                "piper", 11, "device", "",
                RIG_DO(
                    "shielded",
                    ",'do':[{'op':'heal','to':'my_hero','n':{'event':'amount','permille':500}}]") ",'tags':['band']"),
        "");
    rig_fight(rig, "drummer piper", "");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':10,'d':2,'n':7,'v':93,");   /* 2 x 3 + 1 */
    rig_expect(rig, "{'t':1000,'k':'shield','s':10,'d':1,'n':9,'v':9,"); /* a tenth of 93 */
}

static void levels_choose_from_their_rows(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("grower", 10, "device", "'cd':[1000,900,800,700,600]",
                      READY("{'op':'damage','to':'front','n':[1,2,3,4,5]}")),
             "");
    battle_snapshot sides[2] = {rig_side(rig, "ana", "grower"), rig_side(rig, "bo", "")};
    sides[0].cards[0].level = 4;
    battle_sink sink = {"levels"};
    battle_seed seed = {{0}};
    assert_int_equal(battle_run(rig->ctx, rig->catalog, sides, &seed, &sink, &rig->result), BATTLE_OK);
    rig->timeline[battle_timeline_json(rig->ctx, rig->timeline, BATTLE_TIMELINE_BYTES)] = '\0';
    rig_expect(rig, "{'t':700,'k':'dmg','s':10,'d':2,'n':4,'v':96,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_falls_on_guards_then_the_leftmost_unit_then_the_hero),
        cmocka_unit_test(flat_then_permille_then_crit_make_the_amount),
        cmocka_unit_test(a_ward_takes_one_blow_whole),
        cmocka_unit_test(shield_absorbs_blows_and_burn_but_not_poison),
        cmocka_unit_test(burn_cools_by_a_sixteenth_but_at_least_one),
        cmocka_unit_test(regeneration_heals_each_second_up_to_the_maximum),
        cmocka_unit_test(lifesteal_pays_for_what_was_really_removed),
        cmocka_unit_test(thorns_answer_a_unit_once_and_never_each_other),
        cmocka_unit_test(cleaving_hits_the_neighbours_with_a_share),
        cmocka_unit_test(healing_stops_at_the_maximum_and_halves_in_the_storm),
        cmocka_unit_test(stats_move_by_points_and_permille_and_health_follows),
        cmocka_unit_test(a_thief_gains_what_its_victim_loses),
        cmocka_unit_test(a_disabled_card_is_silent_until_cleansed),
        cmocka_unit_test(dispelling_takes_haste_wards_guard_and_gains),
        cmocka_unit_test(amounts_read_stats_counts_and_the_event),
        cmocka_unit_test(levels_choose_from_their_rows),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
