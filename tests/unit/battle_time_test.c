/* The clock: cooldowns at every pace, order within a tick, the storm, the end and who wins. */
#include "tests/support/battle_rig.h"

#define READY(effects) RIG_DO("ready", ",'do':[" effects "]")
#define START(effects) RIG_DO("battle_start", ",'do':[" effects "]")

static void haste_doubles_slow_halves_and_both_cancel(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("wind", 10, "rite", "", START("{'op':'haste','to':'right','ms':600}"))
                 RIG_CARD("mud", 11, "rite", "", START("{'op':'slow','to':'left','ms':600}")),
             "");
    rig_fight(rig, "wind hitter", "");
    rig_expect(rig, "{'t':0,'k':'haste','s':10,'d':11,'n':600,'v':600,'w':500,'c':2}");
    rig_expect(rig, "{'t':500,'k':'act','s':11,'v':1000}");
    rig_expect(rig, "{'t':600,'k':'rate','d':11,'v':1400}"); /* 200 ms done of 1000 */
    rig_expect(rig, "{'t':1400,'k':'act','s':11,'v':2400}");
    rig_fight(rig, "hitter mud", "");
    rig_expect(rig, "{'t':0,'k':'slow','s':11,'d':10,'n':600,'v':600,'w':2000,'c':2}");
    rig_expect(rig, "{'t':600,'k':'rate','d':10,'v':1300}");
    rig_expect(rig, "{'t':1300,'k':'act','s':10,'v':2300}");
    rig_fight(rig, "wind hitter mud", "");
    rig_expect(rig, "{'t':1000,'k':'act','s':11,'v':2000}");
}

static void freezing_stops_the_timer_and_adds_up_to_six_seconds(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("ice", 10, "rite", "", START("{'op':'freeze','to':'all_enemy_cards','ms':4000}")),
             "");
    rig_fight(rig, "ice ice dummy", "hitter dummy");
    rig_expect(rig, "'k':'freeze','s':10,'d':20,'n':4000,'v':4000,'w':5000,");
    rig_expect(rig, "'k':'freeze','s':11,'d':20,'n':2000,'v':6000,'w':7000,");
    rig_expect_times(rig, 2, "'k':'freeze'"); /* a card without a timer cannot freeze */
    rig_expect(rig, "{'t':6000,'k':'rate','d':20,'v':7000}");
    rig_expect(rig, "{'t':7000,'k':'act','s':20,'v':8000}");
}

static void a_charge_never_banks_more_than_one_activation(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("coil", 10, "rite", "", START("{'op':'charge','to':'right','ms':5000}")), "");
    rig_fight(rig, "coil hitter", "");
    rig_expect(rig, "'k':'charge','s':10,'d':11,'n':1000,'v':50,"); /* no sooner than the next tick, */
    rig_expect(rig, "{'t':50,'k':'act','s':11,'v':1000}"); /* and that tick counts for the next turn */
}

static void swift_cards_start_half_way(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("fox", 10, "unit", "'hp':9,'cd':1000",
                      READY("{'op':'damage','to':'front','n':1}") ",'kw':['swift']"),
             "");
    rig_fight(rig, "fox", "");
    rig_expect(rig, "'cd':1000,'kw':4,'r':500");
    rig_expect(rig, "{'t':500,'k':'act','s':10,'v':1500}");
}

static void multi_repeats_and_uses_run_out(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("keg", 10, "device", "'cd':1000,'multi':1,'uses':2",
                      READY("{'op':'damage','to':'enemy_hero','n':1}"))
                 RIG_CARD("loader", 11, "device", "",
                          RIG_DO("every", ",'ms':5000,'max':1,'do':[{'op':'gain_use','to':'left'}]")),
             "");
    rig_fight(rig, "keg loader", "");
    rig_expect(rig, "{'t':1000,'k':'act','s':10,'v':2000,'x':1}");
    rig_expect(rig, "{'t':1000,'k':'act','s':10,'n':1,'v':2000,'x':1}");
    rig_expect(rig, "{'t':2000,'k':'act','s':10,'n':1}");
    rig_expect(rig, "{'t':2000,'k':'spent','d':10}");
    rig_expect(rig, "{'t':5000,'k':'stat','s':11,'d':10,'v':2,'w':1,'c':11,'p':6,'r':6000}");
    rig_expect(rig, "{'t':6000,'k':'act','s':10}");
    rig_expect_times(rig, 6, "'k':'act'");
}

static void every_rings_by_the_clock_whatever_the_pace(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("glass", 10, "device", "'cd':9000",
                      RIG_DO("every", ",'ms':2000,'do':[{'op':'shield','to':'my_hero','n':1}]"))
                 RIG_CARD("ice", 11, "rite", "", START("{'op':'freeze','to':'left','ms':6000}")),
             "");
    rig_fight(rig, "glass ice", "");
    rig_expect(rig, "{'t':2000,'k':'trig','s':10,'a':1}");
    rig_expect(rig, "{'t':4000,'k':'trig','s':10,'a':1}");
}

static void a_coin_decides_only_contested_ticks(void **state)
{
    struct rig *rig = *state;
    int first[2] = {0, 0};
    rig_load(rig, "", "");
    for (rig->seed = 1; rig->seed <= 40; rig->seed++) {
        rig_fight(rig, "hitter", "hitter");
        first[rig_before(rig, "'k':'act','s':10", "'k':'act','s':20") ? 0 : 1]++;
        assert_int_equal(rig->result.draws[0],
                         1 + 5); /* the opening coin, and one a second until one is dead */
    }
    assert_true(first[0] > 8 && first[1] > 8);
    rig_fight(rig, "hitter", "dummy");
    assert_int_equal(rig->result.draws[0], 1);
    rig->seed = 0;
}

static void a_card_that_died_before_its_turn_does_not_act(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("glass_man", 10, "unit", "'hp':1,'cd':1000", READY("{'op':'damage','to':'front','n':1}")),
        "");
    rig_fight(rig, "glass_man", "glass_man");
    rig_expect_times(rig, 1, "{'t':1000,'k':'act'");
    rig_expect_times(rig, 1, "'k':'death'");
}

static void a_card_frozen_before_its_turn_waits(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("chiller", 10, "device", "'cd':1000",
                      READY("{'op':'freeze','to':'all_enemy_cards','ms':300}")),
             "");
    rig_fight(rig, "chiller", "chiller");
    rig_expect_times(rig, 1, "{'t':1000,'k':'act'");
    rig_expect(rig, "'n':300,'v':1300,'w':1300");
    rig_expect_times(rig, 1, "{'t':1300,'k':'act'");
}

static void the_storm_hurts_both_and_grows(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("shelter", 10, "device", "",
                      RIG_DO("storm_start", ",'do':[{'op':'shield','to':'my_hero','n':50}]")),
             "");
    rig_fight(rig, "shelter", "");
    rig_expect(rig, "{'t':30000,'k':'stormstart','n':5}");
    rig_expect(rig, "{'t':30000,'k':'tick','d':1,'n':5,'v':95,'w':50,'f':3}"); /* past the shield */
    rig_expect(rig, "{'t':30500,'k':'tick','d':2,'n':7,'v':88,'f':3}");
    rig_expect(rig, "{'t':31000,'k':'tick','d':2,'n':9,'v':79,'f':3}");
    assert_int_equal(rig->result.why, BATTLE_DOUBLE_KO);
    assert_int_equal(rig->result.winner, -1); /* nobody did anything: a draw, never a coin */
}

static void a_rod_softens_the_storm_so_the_other_falls_first(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, "", ",'artifacts':[{'id':'rod','num':20,'rarity':'rare','storm_permille':-500}]");
    rig_fight(rig, "+rod", "");
    rig_expect(rig, "{'t':30000,'k':'tick','d':1,'n':2,'v':98,'f':3}");
    assert_int_equal(rig->result.winner, 0);
    assert_int_equal(rig->result.why, BATTLE_STORM);
}

static void who_is_never_hurt_ends_at_sixty_seconds(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, "", ",'artifacts':[{'id':'eye','num':20,'rarity':'rare','storm_permille':-1000}]");
    rig_fight(rig, "+eye dummy", "+eye");
    assert_int_equal(rig->result.t_ms, BATTLE_END_MS);
    assert_int_equal(rig->result.why, BATTLE_TIMEOUT);
    assert_int_equal(rig->result.winner, 0); /* equal health, no damage, more units alive */
    rig_fight(rig, "+eye hitter", "+eye dummy");
    assert_int_equal(rig->result.winner, 0);
}

static void two_falling_together_are_told_apart_by_how_deep(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("bomb", 10, "rite", "",
                 START("{'op':'damage','to':'enemy_hero','n':120},{'op':'damage','to':'my_hero','n':110}")),
        "");
    rig_fight(rig, "bomb", "");
    assert_int_equal(rig->result.why, BATTLE_DOUBLE_KO);
    assert_int_equal(rig->result.winner, 0);
    assert_int_equal(rig->result.t_ms, 0);
    assert_int_equal(rig->result.hp[0], -10);
    assert_int_equal(rig->result.hp[1], -20);
    rig_expect_times(rig, 2, "'k':'lethal'");
}

static void damage_dealt_breaks_a_tie_of_health(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, "", ",'artifacts':[{'id':'eye','num':20,'rarity':'rare','storm_permille':-1000}]");
    rig_load(
        rig,
        RIG_CARD("poker", 10, "device", "'cd':1000,'uses':1", READY("{'op':'damage','to':'front','n':5}")),
        ",'artifacts':[{'id':'eye','num':20,'rarity':'rare','storm_permille':-1000}]");
    rig_fight(rig, "+eye dummy", "+eye dummy poker");
    assert_int_equal(rig->result.why, BATTLE_TIMEOUT);
    assert_int_equal(rig->result.winner, 1);
    assert_true(rig->result.damage[1] == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(haste_doubles_slow_halves_and_both_cancel),
        cmocka_unit_test(freezing_stops_the_timer_and_adds_up_to_six_seconds),
        cmocka_unit_test(a_charge_never_banks_more_than_one_activation),
        cmocka_unit_test(swift_cards_start_half_way),
        cmocka_unit_test(multi_repeats_and_uses_run_out),
        cmocka_unit_test(every_rings_by_the_clock_whatever_the_pace),
        cmocka_unit_test(a_coin_decides_only_contested_ticks),
        cmocka_unit_test(a_card_that_died_before_its_turn_does_not_act),
        cmocka_unit_test(a_card_frozen_before_its_turn_waits),
        cmocka_unit_test(the_storm_hurts_both_and_grows),
        cmocka_unit_test(a_rod_softens_the_storm_so_the_other_falls_first),
        cmocka_unit_test(who_is_never_hurt_ends_at_sixty_seconds),
        cmocka_unit_test(two_falling_together_are_told_apart_by_how_deep),
        cmocka_unit_test(damage_dealt_breaks_a_tie_of_health),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
