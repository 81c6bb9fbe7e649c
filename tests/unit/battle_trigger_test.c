/* Who hears what, in which order, and what keeps cascades finite; deaths, summons and everything on the board. */
#include "tests/support/battle_rig.h"

#define READY(effects) RIG_DO("ready", ",'do':[" effects "]")
#define START(effects) RIG_DO("battle_start", ",'do':[" effects "]")
#define SAY "{'op':'shield','to':'my_hero','n':1}"
#define EAR(id, num, on) RIG_CARD(id, num, "device", "", RIG_DO(on, ",'do':[" SAY "]"))

static void the_dead_are_buried_together_before_anybody_hears(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("blast", 10, "rite", "", START("{'op':'damage','to':'all_enemy_units','n':60}"))
                 EAR("own", 11, "ally_death") EAR("other", 12, "enemy_death")
                     RIG_CARD("last", 13, "unit", "'hp':5", RIG_DO("death", ",'do':[" SAY "]")),
             "");
    rig_fight(rig, "blast other", "last own last");
    rig_expect_times(rig, 2, "'k':'death'");
    rig_expect(rig, "{'t':0,'k':'death','s':10,'d':20,'c':4},{'t':0,'k':'death','s':10,'d':22,'c':5},"
                    "{'t':0,'k':'trig','s':20,'d':10,'c':6,'a':1}");
    assert_true(rig_before(rig, "'k':'trig','s':22", "'k':'trig','s':21")); /* deaths first, then allies, */
    assert_true(rig_before(rig, "'k':'trig','s':21", "'k':'trig','s':11")); /* then enemies */
    rig_expect_times(rig, 1, "'k':'trig','s':21"); /* the second death comes within its inner cooldown */
}

static void each_trigger_reaches_its_ears(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             EAR("a1", 10, "ally_used") EAR("a2", 11, "enemy_used") EAR("a3", 12, "hero_hurt")
                 EAR("a4", 13, "ally_hurt")
                     RIG_CARD("b1", 14, "unit", "'hp':50", RIG_DO("hurt", ",'do':[" SAY "]")),
             "");
    rig_fight(rig, "a1 hitter", "a2 b1 a4");
    rig_expect(rig, "{'t':1000,'k':'trig','s':10,'d':11,'c':2,'a':1}");
    rig_expect(rig, "{'t':1000,'k':'trig','s':20,'d':11,'c':2,'a':1}");
    rig_expect(rig, "{'t':1000,'k':'trig','s':21,'d':11,'c':3,'a':1}");
    rig_expect(rig, "{'t':1000,'k':'trig','s':22,'d':11,'c':3,'a':1}");
    assert_true(rig_before(rig, "'k':'trig','s':21", "'k':'trig','s':10")); /* the blow before the use */
    rig_fight(rig, "hitter", "a3");
    rig_expect(rig, "{'t':1000,'k':'trig','s':20,'d':10,'c':3,'a':1}");
}

static void piles_and_paces_are_heard(void **state)
{
    struct rig *rig = *state;
    static const char *const ears[] = {"burned", "poisoned", "slowed", "frozen",
                                       "hasted", "charged",  "healed", "shielded"};
    for (size_t i = 0; i < sizeof ears / sizeof ears[0]; i++) {
        char more[2048];
        snprintf(
            more, sizeof more,
            RIG_CARD("ear", 10, "device", "'cd':9000",
                     RIG_DO("%s", ",'max':1,'do':[{'op':'regen','to':'my_hero','n':1}]"))
                RIG_CARD(
                    "noise", 11, "rite", "",
                    START(
                        "{'op':'damage','to':'my_hero','n':9},{'op':'burn','to':'my_hero','n':1},"
                        "{'op':'poison','to':'my_hero','n':1},{'op':'shield','to':'my_hero','n':1},{'op':'heal','to':'my_hero','n':1},"
                        "{'op':'slow','to':'left','ms':50},{'op':'freeze','to':'left','ms':50},{'op':'haste','to':'left','ms':50},{'op':'charge','to':'left','ms':50}")),
            ears[i]);
        rig_load(rig, more, "");
        rig_fight(rig, "ear noise", "");
        rig_expect_times(rig, 1, "'k':'trig','s':10,'d':11,");
    }
}

static void battle_start_goes_artifacts_items_cards(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("c", 10, "device", "", START(SAY)),
             ",'artifacts':[{'id':'art','num':20,'rarity':'rare'" START(
                 SAY) "}],'items':[{'id':'itm','num':30,'rarity':'rare'" START(SAY) "}]");
    rig_fight(rig, "c +itm +art", "");
    rig_expect(rig, "'k':'trig','s':50,"); /* the item's own entity */
    assert_true(rig_before(rig, "'k':'trig','s':30", "'k':'trig','s':50"));
    assert_true(rig_before(rig, "'k':'trig','s':50", "'k':'trig','s':10"));
    rig_expect(rig, "{'t':0,'k':'shield','s':10,'d':1,'n':1,'v':2,'c':"); /* its effects come from its card */
}

static void setup_comes_before_the_start_event(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("c", 10, "unit", "'hp':9", RIG_DO("battle_setup", ",'do':[{'op':'ward','to':'self'}]")),
             "");
    rig_fight(rig, "c", "");
    assert_true(rig_before(rig, "'k':'ward'", "'k':'start'"));
}

static void conditions_chance_and_nth_gate_a_trigger(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("third", 10, "device", "", RIG_DO("ally_used", ",'nth':3,'do':[" SAY "]")) RIG_CARD(
            "late", 11, "device", "",
            RIG_DO(
                "ally_used",
                ",'if':[{'any':[{'subject':'enemy_hero','stat':'hp_now','cmp':'<','value':65},{'subject':'self','tag':'x'}]},{'subject':'event.source','kind':'unit'}],'do':[" SAY
                "]"))
            RIG_CARD("lucky", 12, "device", "", RIG_DO("ally_used", ",'if':[{'chance':500}],'do':[" SAY "]")),
        "");
    rig_fight(rig, "hitter third late lucky", "");
    rig_expect_times(rig, 3, "'k':'trig','s':11"); /* uses 3, 6, 9 */
    rig_expect_times(rig, 7, "'k':'trig','s':12"); /* from the fourth blow on */
    int lucky = rig_count(rig, "'k':'trig','s':13");
    assert_true(lucky > 0 && lucky < 10);
    assert_true(rig->result.draws[1] >= 10); /* one roll each */
}

static void inner_cooldown_and_number_of_firings_hold(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("calm", 10, "device", "", RIG_DO("ally_used", ",'icd':2500,'max':3,'do':[" SAY "]")),
             "");
    rig_fight(rig, "hitter calm", "");
    rig_expect_times(rig, 3, "'k':'trig','s':11");
    rig_expect(rig, "{'t':1000,'k':'trig','s':11");
    rig_expect(rig, "{'t':4000,'k':'trig','s':11");
    rig_expect(rig, "{'t':7000,'k':'trig','s':11");
}

static void a_loop_ends_at_the_depth_limit(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("loop", 10, "device", "", RIG_DO("shielded", ",'icd':0,'max':1000,'do':[" SAY "]"))
                 RIG_CARD("spark", 11, "rite", "", START(SAY)),
             "");
    rig_fight(rig, "loop spark", "");
    rig_expect_times(rig, 16, "'k':'trig','s':10");
    rig_expect(rig, "'k':'fizzle','s':10,'n':1,");
}

static void a_cascade_ends_at_the_effects_of_one_root(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("loop", 10, "device", "", RIG_DO("shielded", ",'icd':0,'max':1000,'do':[" SAY "," SAY "]"))
            RIG_CARD("spark", 11, "rite", "", START(SAY)),
        "");
    rig_fight(rig, "loop loop spark", "");
    rig_expect(rig, "'k':'fizzle'");
    assert_true(rig->result.effects <= 520);
    rig_expect(rig, "'n':2,"); /* root effects used up */
}

static void a_battle_of_endless_effects_is_an_overload_decided_by_the_tie_break(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("storm_bell", 10, "device", "'cd':500,'multi':4",
                      READY(SAY "," SAY "," SAY "," SAY "," SAY "," SAY "," SAY "," SAY "," SAY "," SAY)),
             ",'artifacts':[{'id':'eye','num':20,'rarity':'rare','storm_permille':-1000}]");
    rig_fight(rig,
              "storm_bell storm_bell storm_bell storm_bell storm_bell storm_bell storm_bell storm_bell +eye",
              "hitter +eye");
    assert_int_equal(rig->result.why, BATTLE_OVERLOAD);
    rig_expect(rig, "'k':'overload','n':2}");
    assert_true(rig->result.events >= BATTLE_EVENTS && rig->result.events < BATTLE_EVENTS + 1024);
    assert_true(rig->result.t_ms < BATTLE_END_MS);
}

static void a_summon_takes_the_slot_of_the_dead_then_right_then_left(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("rat", 10, "unit", "'hp':5", RIG_DO("death", ",'do':[{'op':'summon','card':'bone','n':3}]")),
        "");
    rig_fight(rig, "hitter", "dummy rat dummy");
    rig_fight(rig, "hitter", "rat dummy");
    rig_expect(
        rig,
        "{'t':1000,'k':'summon','s':20,'d':100,'n':2,'v':5,'w':1,'c':5,'x':1,'r':3000,'id':'bone','cd':2000}");
    rig_expect(
        rig,
        "'k':'summon','s':20,'d':101,'n':2,'v':5,'w':1,'c':5,'x':1,'r':3000,'id':'bone','slot':2,'cd':2000}");
    rig_expect(
        rig,
        "'k':'summon','s':20,'d':102,'n':2,'v':5,'w':1,'c':5,'x':1,'r':3000,'id':'bone','slot':3,'cd':2000}");
    rig_fight(rig, "hitter", "dummy dummy dummy dummy dummy dummy dummy rat");
    rig_load(rig, RIG_CARD("horn", 10, "rite", "", START("{'op':'summon','card':'bone','n':8}")), "");
    rig_fight(rig, "dummy horn", "");
    rig_expect(rig, "'d':106,'n':1,");
    rig_expect_times(rig, 1, "'k':'fizzle','s':11,'n':4,"); /* seven found room, one did not */
}

static void two_deaths_both_speak_though_one_summon_takes_the_others_slot(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("rat", 10, "unit", "'hp':5", RIG_DO("death", ",'do':[{'op':'summon','card':'bone','n':2}]"))
            RIG_CARD("blast", 11, "rite", "", START("{'op':'damage','to':'all_enemy_units','n':9}")),
        "");
    rig_fight(rig, "blast", "rat rat");
    rig_expect_times(rig, 2, "'k':'trig','s':2");
    rig_expect_times(rig, 4, "'k':'summon'");
}

static void revival_keeps_the_entity(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("phoenix", 10, "unit", "'hp':15,'cd':9000",
                      RIG_DO("death", ",'max':1,'do':[{'op':'revive','to':'self','n':8}]"))
                 RIG_CARD("vain", 11, "rite", "",
                          START("{'op':'revive','to':'left'},{'op':'revive','to':'left'}")),
             "");
    rig_fight(rig, "hitter", "phoenix");
    rig_expect(
        rig,
        "{'t':2000,'k':'revive','s':20,'d':20,'n':2,'v':8,'c':7,'x':1,'r':11000,'id':'phoenix','cd':9000}");
    rig_expect_times(rig, 2, "'k':'death'");
    rig_fight(rig, "dummy vain", "");
    rig_expect_times(rig, 2, "'k':'fizzle','s':11,'n':5,");
}

static void transforming_makes_a_new_entity_in_the_same_slot(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig, RIG_CARD("mimic", 10, "unit", "'hp':9", START("{'op':'transform','to':'self','copy':'front'}")),
        ",'items':[{'id':'sword','num':30,'rarity':'rare','auras':[{'layer':2,'to':'self','stat':'atk','add':5}]}]");
    rig_fight(rig, "mimic +sword", "hitter");
    rig_expect(
        rig,
        "'k':'transform','s':10,'d':100,'n':1,'v':50,'w':15,'c':2,'x':1,'r':1000,'id':'hitter','cd':1000}");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':100,'d':20,'n':15,");
    rig_fight(rig, "mimic", "");
    rig_expect_times(rig, 0, "'k':'transform'"); /* a hero is no model */
}

static void destroying_is_a_death_without_damage(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("saw", 10, "rite", "", START("{'op':'destroy','to':{'pick':'enemy_device'}}"))
                 RIG_CARD("box", 11, "device", "", RIG_DO("death", ",'do':[" SAY "]")),
             "");
    rig_fight(rig, "saw", "dummy box");
    rig_expect(rig, "'k':'destroy','s':10,'d':21,'c':2}");
    rig_expect(rig, "'k':'trig','s':21,'d':10,");
}

static void auras_follow_the_board_and_never_read_each_other(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("flag", 10, "unit", "'hp':5,'atk':10",
                 ",'auras':[{'layer':4,'to':'adjacent','stat':'atk','add':{'stat':'atk','permille':500}}]"),
        "");
    rig_fight(rig, "hitter", "flag flag hitter");
    rig_expect(rig, "'id':'flag','lv':1,'slot':0,'kind':1,'hp':5,'atk':15");
    rig_expect(rig, "'id':'flag','lv':1,'slot':1,'kind':1,'hp':5,'atk':15"); /* half of 10, not of 15 */
    rig_expect(rig, "'id':'hitter','lv':1,'slot':2,'kind':1,'hp':50,'atk':15");
    rig_expect(rig, "{'t':1000,'k':'stat','d':21,'n':-5,'v':10,");
    rig_expect(rig, "{'t':2000,'k':'stat','d':22,'n':-5,'v':10,");
}

static void items_come_before_artifacts_and_permille_after_points(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig, "",
        ",'artifacts':[{'id':'key','num':20,'rarity':'rare','auras':[{'layer':3,'to':'all_ally_units','stat':'atk','permille':500}]}]"
        ",'items':[{'id':'sword','num':30,'rarity':'rare','kw':['guard'],'auras':[{'layer':2,'to':'self','stat':'atk','add':6}]}]");
    rig_fight(rig, "hitter +sword hitter +key", "");
    rig_expect(rig, "'slot':0,'kind':1,'hp':50,'atk':24,'cd':1000,'kw':1,'r':1000,'items':['sword']");
    rig_expect(rig, "'slot':1,'kind':1,'hp':50,'atk':15,");
}

static void trigger_ready_activates_out_of_turn(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RIG_CARD("whip", 10, "rite", "", START("{'op':'trigger_ready','to':'right'}")), "");
    rig_fight(rig, "whip hitter", "");
    rig_expect(rig, "{'t':0,'k':'act','s':11,'v':1000,'c':2},{'t':0,'k':'dmg','s':11,'d':2,'n':10,");
}

static void flags_remember(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("once", 10, "device", "'cd':1000",
                      READY("{'op':'set_flag','to':'self','flag':2}") ",'tags':['x']")
                 RIG_CARD("watch", 11, "device", "",
                          RIG_DO("ally_used",
                                 ",'if':[{'subject':'event.source','status':'flag_2','not':true}],'do':[" SAY
                                 "]")),
             "");
    rig_fight(rig, "once watch", "");
    rig_expect_times(rig, 1, "'k':'flag','s':10,'d':10,'v':2,");
    rig_expect_times(rig, 0, "'k':'trig','s':11");
}

static void picks_sort_filter_and_roll_only_when_they_must(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD(
            "sniper", 10, "device", "'cd':1000",
            READY(
                "{'op':'damage','to':{'pick':'enemy_unit','n':1,'by':'hp_low','where':[{'stat':'hp_now','cmp':'>','value':5}]},'n':3}"))
            RIG_CARD("dice", 11, "device", "'cd':1000",
                     READY("{'op':'damage','to':{'pick':'enemy_unit','n':2,'by':'random'},'n':1}")),
        "");
    rig_fight(rig, "sniper", "bone hitter dummy");
    rig_expect(
        rig, "{'t':1000,'k':'dmg','s':10,'d':21,'n':3,'v':47,"); /* ties go to the left, bones are too thin */
    rig_expect(rig, "{'t':2000,'k':'dmg','s':10,'d':21,'n':3,'v':44,");
    assert_int_equal(rig->result.draws[1], 0);
    rig_fight(rig, "dice", "dummy dummy");
    assert_int_equal(rig->result.draws[1], 0); /* both are hit anyway */
    rig_fight(rig, "dice", "dummy dummy dummy");
    assert_true(rig->result.draws[1] >= 2);
}

static void consumables_are_drunk_once_below_their_mark(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig, "",
        ",'consumables':[{'id':'potion','num':40,'rarity':'common','abilities':[{'id':'a','on':'hero_below','permille':500,'do':[{'op':'heal','to':'my_hero','n':30}]}]}]");
    rig_fight(rig, "hitter", "+potion");
    rig_expect(
        rig,
        "{'t':6000,'k':'trig','s':86,'d':10,'c':13,'a':1},{'t':6000,'k':'spent','d':86,'c':14},{'t':6000,'k':'heal','s':86,'d':2,'n':30,'v':70,'c':14}");
    rig_expect_times(rig, 1, "'k':'heal'");
}

/* Its clock would ring after it was drunk: time must pass that moment. */
static void the_clock_of_what_was_drunk_rings_no_more(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig, "",
        ",'consumables':[{'id':'potion','num':40,'rarity':'common','abilities':[{'id':'a','on':'hero_below','permille':500,'do':[{'op':'heal','to':'my_hero','n':30}]},{'id':'b','on':'every','ms':7050,'do':[{'op':'shield','to':'my_hero','n':50}]}]}]");
    rig_fight(rig, "hitter", "+potion");
    rig_expect_times(rig, 1, "'k':'spent'");
    rig_expect_times(rig, 0, "'k':'shield'");
    assert_int_equal(rig->result.t_ms, 13000);
}

static void a_lethal_blow_can_be_survived_once(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig, "",
        ",'artifacts':[{'id':'wind','num':20,'rarity':'rare','abilities':[{'id':'a','on':'hero_lethal','do':[{'op':'heal','to':'my_hero','n':{'event':'amount'}}]}]}]");
    rig_fight(rig, "hitter", "+wind");
    rig_expect(rig, "{'t':10000,'k':'lethal','d':2}");
    rig_expect(rig, "{'t':10000,'k':'heal','s':40,'d':2,'n':1,'v':1,");
    rig_expect(rig, "{'t':10000,'k':'lethal','d':2,'v':1,'f':1,");
    assert_int_equal(rig->result.t_ms, 11000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_dead_are_buried_together_before_anybody_hears),
        cmocka_unit_test(each_trigger_reaches_its_ears),
        cmocka_unit_test(piles_and_paces_are_heard),
        cmocka_unit_test(battle_start_goes_artifacts_items_cards),
        cmocka_unit_test(setup_comes_before_the_start_event),
        cmocka_unit_test(conditions_chance_and_nth_gate_a_trigger),
        cmocka_unit_test(inner_cooldown_and_number_of_firings_hold),
        cmocka_unit_test(a_loop_ends_at_the_depth_limit),
        cmocka_unit_test(a_cascade_ends_at_the_effects_of_one_root),
        cmocka_unit_test(a_battle_of_endless_effects_is_an_overload_decided_by_the_tie_break),
        cmocka_unit_test(a_summon_takes_the_slot_of_the_dead_then_right_then_left),
        cmocka_unit_test(two_deaths_both_speak_though_one_summon_takes_the_others_slot),
        cmocka_unit_test(revival_keeps_the_entity),
        cmocka_unit_test(transforming_makes_a_new_entity_in_the_same_slot),
        cmocka_unit_test(destroying_is_a_death_without_damage),
        cmocka_unit_test(auras_follow_the_board_and_never_read_each_other),
        cmocka_unit_test(items_come_before_artifacts_and_permille_after_points),
        cmocka_unit_test(trigger_ready_activates_out_of_turn),
        cmocka_unit_test(flags_remember),
        cmocka_unit_test(picks_sort_filter_and_roll_only_when_they_must),
        cmocka_unit_test(consumables_are_drunk_once_below_their_mark),
        cmocka_unit_test(the_clock_of_what_was_drunk_rings_no_more),
        cmocka_unit_test(a_lethal_blow_can_be_survived_once),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
