/* Timers, clocks, blows and what is told of them: one small fight for each rule of docs/battle.md about turns. */
#include "tests/support/battle_rig.h"

#define READY(effects) RIG_DO("ready", ",'do':[" effects "]")
#define START(effects) RIG_DO("battle_start", ",'do':[" effects "]")
#define SAY "{'op':'shield','to':'my_hero','n':1}"
#define RITE(id, num, effects) RIG_CARD(id, num, "rite", "", START(effects))
#define EVERY(ms) RIG_DO("every", ",'ms':" #ms ",'do':[" SAY "]")

static void an_activation_out_of_turn_tells_the_true_time(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("slowpoke", 10, "device", "'cd':3000", READY(SAY))
                 RIG_CARD("coil", 11, "device", "'cd':1000", READY("{'op':'trigger_ready','to':'left'}")),
             "");
    rig_fight(rig, "slowpoke coil", "");
    rig_expect(rig, "{'t':1000,'k':'act','s':10,'v':3000,'c':2}");
    rig_expect(rig, "{'t':3000,'k':'act','s':10,'v':6000}");
}

static void the_clock_of_what_is_spent_makes_no_contest(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("dial", 10, "rite", "", EVERY(1000)),
             ",'consumables':[{'id':'tea','num':40,'rarity':'rare'" EVERY(1000) "}]");
    rig_fight(rig, "hitter", "+tea");
    rig_expect_times(rig, 1, "'k':'trig','s':86");
    assert_int_equal(rig->result.draws[0], 2); /* before setup and at 1.0 s */
    rig_fight(rig, "hitter", "dial");
    rig_expect_times(rig, 1, "'k':'trig','s':20");
    assert_int_equal(rig->result.draws[0], 2);
}

static void the_clock_of_a_disabled_card_counts_though_it_rings_in_vain(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("curse", 10, "{'op':'disable','to':'all_enemy_cards'}")
                 RIG_CARD("bell", 11, "device", "", EVERY(1000)),
             "");
    rig_fight(rig, "curse hitter", "bell");
    rig_expect_times(rig, 0, "'k':'trig','s':20");
    assert_int_equal(rig->result.t_ms, 10000);
    assert_int_equal(rig->result.draws[0], 11); /* before setup, and with each of ten blows */
}

static void clocks_start_anew_with_a_new_life(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("bell", 10, "device", "",
                      ",'abilities':[{'id':'a','on':'every','ms':1000,'do':[" SAY
                      "]},{'id':'b','on':'death','max':1,'do':[{'op':'revive','to':'self'}]}]")
                 RIG_CARD("axe", 11, "device", "'cd':1500,'uses':1",
                          READY("{'op':'destroy','to':{'pick':'enemy_device'}}")),
             "");
    rig_fight(rig, "axe", "bell");
    rig_expect(rig, "{'t':1000,'k':'trig','s':20,'a':1}");
    rig_expect(rig, "{'t':2500,'k':'trig','s':20,'a':1}");
    rig_expect_times(rig, 0, "{'t':2000,'k':'trig'");
}

static void a_use_more_starts_the_timer_again(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("gun", 10, "device", "'cd':1000,'uses':1", READY(SAY)) RIG_CARD(
                 "smith", 11, "device", "",
                 RIG_DO("every", ",'ms':3000,'max':1,'do':[{'op':'stat','to':'left','stat':'uses','n':1}]")),
             "");
    rig_fight(rig, "gun smith", "");
    rig_expect(rig, "{'t':1000,'k':'spent','d':10}");
    rig_expect(rig, "'k':'stat','s':11,'d':10,'n':1,'v':2,'w':1,'c':5,'p':6,'r':4000}");
    rig_expect(rig, "{'t':4000,'k':'act','s':10}");
}

static void a_disabled_timer_stands_still(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("jammer", 10, "device", "'cd':500,'uses':1",
                      READY("{'op':'disable','to':'all_enemy_units'}"))
                 RIG_CARD("fixer", 11, "device", "'cd':2000,'uses':1", READY("{'op':'cleanse','to':'left'}")),
             "");
    rig_fight(rig, "jammer", "hitter fixer");
    rig_expect(rig, "'k':'cleanse','s':21,'d':20,'v':2500,");
    rig_expect(rig, "{'t':2500,'k':'act','s':20,'v':3500}");
}

static void ready_at_counts_from_the_thaw_at_the_pace_there(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RITE(
            "winter", 10,
            "{'op':'slow','to':'all_enemy_cards','ms':2000},{'op':'freeze','to':'all_enemy_cards','ms':1000}"),
        "");
    rig_fight(rig, "winter", "hitter");
    rig_expect(rig, "'k':'slow','s':10,'d':20,'n':2000,'v':2000,'w':2000,");
    rig_expect(rig, "'k':'freeze','s':10,'d':20,'n':1000,'v':1000,'w':3000,");
    rig_expect(rig, "{'t':1000,'k':'rate','d':20,'v':3000}");
    rig_expect(rig, "{'t':2000,'k':'rate','d':20,'v':2500}");
    rig_expect(rig, "{'t':2500,'k':'act','s':20,'v':3500}");
}

static void less_than_a_tick_is_nothing(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("breeze", 10, "device", "'cd':1000,'uses':1",
                      READY("{'op':'haste','to':'right','ms':{'count':{'pick':'ally_unit'},'each':49}},"
                            "{'op':'charge','to':'right','ms':{'count':{'pick':'ally_unit'},'each':149}}"))
                 RIG_CARD("mouse", 11, "unit", "'hp':9,'cd':3000", ""),
             "");
    rig_fight(rig, "breeze mouse", ""); /* and no trace of it is left in the engine's state */
    rig_expect_times(rig, 0, "'k':'haste'");
    rig_expect(rig, "'k':'charge','s':10,'d':11,'n':100,'v':2900,"); /* whole ticks */
}

static void ready_abilities_ask_their_conditions(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("two", 10, "device", "'cd':1000",
                      ",'abilities':[{'id':'a','on':'ready','if':[{'subject':'self','status':'flag_1'}],"
                      "'do':[{'op':'shield','to':'my_hero','n':5}]},"
                      "{'id':'b','on':'ready','do':[" SAY ",{'op':'set_flag','to':'self','flag':1}]}]"),
             "");
    rig_fight(rig, "two", "");
    rig_expect(rig, "{'t':1000,'k':'shield','s':10,'d':1,'n':1,'v':1,'c':2}");
    rig_expect(
        rig,
        "{'t':2000,'k':'shield','s':10,'d':1,'n':5,'v':6,'c':5},{'t':2000,'k':'shield','s':10,'d':1,'n':1,");
}

static void what_a_phase_does_to_a_hero_is_told_once(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RITE("plague", 10, "{'op':'burn','to':'enemy_hero','n':3},{'op':'poison','to':'enemy_hero','n':4}")
            RIG_CARD("ear", 11, "device", "",
                     RIG_DO("hero_hurt", ",'do':[{'op':'shield','to':'my_hero','n':{'event':'amount'}}]")),
        "");
    rig_fight(rig, "plague", "ear");
    rig_expect(rig, "{'t':500,'k':'shield','s':20,'d':2,'n':3,");
    rig_expect(
        rig,
        "{'t':1000,'k':'tick','d':2,'n':2,'v':97,'w':1,'f':1,'x':1},{'t':1000,'k':'tick','d':2,'n':4,'v':93,'w':1,'f':2,'x':4},"
        "{'t':1000,'k':'trig','s':20,'c':10,'a':1},{'t':1000,'k':'shield','s':20,'d':2,'n':6,'v':7,'c':11}");
}

static void no_roll_when_nobody_can_be_hit(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("net", 10, "device", "'cd':1000,'crit':500",
                      READY("{'op':'damage','to':'all_enemy_units','n':1}")),
             "");
    rig_fight(rig, "net", "");
    assert_int_equal(rig->result.draws[1], 0);
    rig_fight(rig, "net", "dummy");
    assert_true(rig->result.draws[1] > 0);
}

static void a_ward_stops_thorns_and_lifesteal_but_not_the_sweep(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("reaper", 10, "unit", "'hp':50,'cd':1000,'cleave':500,'lifesteal':1000",
                      READY("{'op':'damage','to':'front','n':10}"))
                 RIG_CARD("shell", 11, "unit", "'hp':30,'thorns':3", ",'kw':['guard','ward']"),
             "");
    rig_fight(rig, "reaper", "dummy shell dummy");
    rig_expect(rig, "{'t':1000,'k':'wardbreak','s':10,'d':21,'n':10,'c':2},"
                    "{'t':1000,'k':'dmg','s':10,'d':20,'n':5,'v':45,'f':4,'c':2},"
                    "{'t':1000,'k':'dmg','s':10,'d':22,'n':5,'v':45,'f':4,'c':2},"
                    "{'t':2000,");
    rig_expect(rig, "{'t':2000,'k':'dmg','s':10,'d':21,'n':10,'v':20,'c':6},"
                    "{'t':2000,'k':'dmg','s':21,'d':10,'n':3,'v':47,'f':8,'c':7},");
}

static void spending_comes_after_all_repetitions(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("gun", 10, "device", "'cd':1000,'uses':1,'multi':1", READY(SAY)), "");
    rig_fight(rig, "gun", "");
    rig_expect(rig,
               "{'t':1000,'k':'act','s':10},{'t':1000,'k':'shield','s':10,'d':1,'n':1,'v':1,'c':2},"
               "{'t':1000,'k':'act','s':10,'n':1},{'t':1000,'k':'shield','s':10,'d':1,'n':1,'v':2,'c':4},"
               "{'t':1000,'k':'spent','d':10}");
}

static void what_haste_did_too_much_counts_for_the_next_turn(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("wind", 10, "{'op':'haste','to':'right','ms':3000}")
                 RIG_CARD("odd", 11, "device", "'cd':1050", READY(SAY)),
             "");
    rig_fight(rig, "wind odd", "");
    rig_expect(rig, "{'t':550,'k':'act','s':11,'v':1050}"); /* 42 half-ticks: 11 ticks of 4 are 2 too many */
    rig_expect(rig, "{'t':1050,'k':'act','s':11,'v':1600}");
}

static void no_more_than_512_answers_wait(void **state)
{
    struct rig *rig = *state;
#define EAR "{'id':'e','on':'shielded','icd':0,'max':100,'do':[{'op':'cleanse','to':'my_hero'}]}"
#define SHOUT SAY "," SAY "," SAY "," SAY "," SAY
    rig_load(rig,
             RITE("shout", 10, SHOUT "," SHOUT "," SHOUT "," SHOUT)
                 RIG_CARD("ears", 11, "device", "", ",'abilities':[" EAR "," EAR "," EAR "," EAR "]"),
             "");
    rig_fight(rig, "shout ears ears ears ears ears ears ears", "");
    rig_expect_times(rig, 20 * 28 - 512, "'n':3,"); /* 28 ears hear 20 times */
    rig_expect(rig, "'k':'fizzle','s':17,'n':3,");
    rig_expect_times(rig, 1,
                     "'k':'fizzle','s':15,'n':2,"); /* 20 shields and 492 answers are a root's 512 effects */
    rig_expect_times(rig, 494, "'k':'trig','s':1"); /* the rite's own one among them */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_activation_out_of_turn_tells_the_true_time),
        cmocka_unit_test(the_clock_of_what_is_spent_makes_no_contest),
        cmocka_unit_test(the_clock_of_a_disabled_card_counts_though_it_rings_in_vain),
        cmocka_unit_test(clocks_start_anew_with_a_new_life),
        cmocka_unit_test(a_use_more_starts_the_timer_again),
        cmocka_unit_test(a_disabled_timer_stands_still),
        cmocka_unit_test(ready_at_counts_from_the_thaw_at_the_pace_there),
        cmocka_unit_test(less_than_a_tick_is_nothing),
        cmocka_unit_test(ready_abilities_ask_their_conditions),
        cmocka_unit_test(what_a_phase_does_to_a_hero_is_told_once),
        cmocka_unit_test(no_roll_when_nobody_can_be_hit),
        cmocka_unit_test(a_ward_stops_thorns_and_lifesteal_but_not_the_sweep),
        cmocka_unit_test(spending_comes_after_all_repetitions),
        cmocka_unit_test(what_haste_did_too_much_counts_for_the_next_turn),
        cmocka_unit_test(no_more_than_512_answers_wait),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
