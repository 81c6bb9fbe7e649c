/* Who stands, who speaks and who hears: one small fight for each rule of docs/battle.md about the board. */
#include "tests/support/battle_rig.h"

#define READY(effects) RIG_DO("ready", ",'do':[" effects "]")
#define START(effects) RIG_DO("battle_start", ",'do':[" effects "]")
#define SAY "{'op':'shield','to':'my_hero','n':1}"
#define EAR(id, num, on) RIG_CARD(id, num, "device", "", RIG_DO(on, ",'do':[" SAY "]"))
#define RITE(id, num, effects) RIG_CARD(id, num, "rite", "", START(effects))
#define EXTRA(id, num, on, effects) \
    "{'id':'" id "','num':" #num ",'rarity':'rare'" RIG_DO(on, ",'do':[" effects "]") "}"
#define REVIVER(num)                       \
    RIG_CARD("reviver", num, "device", "", \
             RIG_DO("ally_death", ",'do':[{'op':'revive','to':{'pick':'dead_ally','n':1}}]"))

static void actors_answer_in_the_order_of_the_board(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, EAR("ear", 10, "hero_hurt"),
             ",'artifacts':[" EXTRA("art", 20, "hero_hurt", SAY) "],'items':[" EXTRA(
                 "itm", 30, "hero_hurt", SAY) "],'consumables':[" EXTRA("tea", 40, "hero_hurt", SAY) "]");
    rig_fight(rig, "hitter", "ear +itm ear +art +tea");
    static const char *const order[] = {"'k':'trig','s':20,'d':10", "'k':'trig','s':21,'d':10",
                                        "'k':'trig','s':40,'d':10", "'k':'trig','s':70,'d':10",
                                        "'k':'trig','s':86,'d':10"};
    for (int i = 0; i + 1 < 5; i++) assert_true(rig_before(rig, order[i], order[i + 1]));
    rig_expect(rig, "'arts':[{'e':40,'id':'art'}],'cons':[{'e':86,'id':'tea'}]");
}

static void self_is_nobody_once_its_card_has_turned(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig, "",
        ",'artifacts':[" EXTRA(
            "wand", 20, "battle_start",
            "{'op':'transform','to':{'pick':'ally_unit'},'card':'bone'}") "],"
                                                                          "'items':[" EXTRA(
                                                                              "charm", 30, "battle_start",
                                                                              "{'op':'ward','to':'self'}") "]");
    rig_fight(rig, "dummy +charm +wand", "");
    rig_expect(rig, "'k':'transform','s':30,'d':100,"); /* the artifact is before the item, */
    rig_expect(rig, "'k':'trig','s':50,");              /* which still answers, */
    rig_expect_times(rig, 0, "'k':'ward'");             /* but whom it was heard for is gone */
}

static void a_card_that_turned_was_used_in_its_slot(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("moth", 10, "unit", "'hp':9,'cd':1000",
                      READY("{'op':'transform','to':'self','card':'fly'}")) EAR("fly", 11, "used"),
             "");
    rig_fight(rig, "moth", "");
    rig_expect(rig, "{'t':1000,'k':'trig','s':100,'d':10,'c':2,'a':1}");
}

static void only_units_are_called_dead_allies(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("breaker", 10, "{'op':'destroy','to':{'pick':'ally_device','n':1}}")
                 RIG_CARD("gone", 11, "device", "", "") REVIVER(12)
                     RIG_CARD("again", 13, "device", "",
                              RIG_DO("death", ",'max':1,'do':[{'op':'revive','to':'self'}]")),
             "");
    rig_fight(rig, "breaker gone reviver", "");
    rig_expect(rig, "'k':'trig','s':12,'d':10,");
    rig_expect_times(rig, 0, "'k':'revive'");
    rig_expect_times(rig, 0, "'k':'fizzle'");
    rig_fight(rig, "breaker again", "");
    rig_expect(rig, "'k':'revive','s':11,'d':11,");
}

static void a_count_ignores_the_n_of_its_pick_and_a_rite_is_spent_before_its_effects(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RITE("census", 10,
             "{'op':'shield','to':'my_hero','n':{'count':{'pick':'ally_card','n':1},'each':5,'plus':1}}"),
        "");
    rig_fight(rig, "census dummy dummy", "");
    rig_expect(rig, "'k':'shield','s':10,'d':1,'n':11,"); /* two are left standing */
}

static void marks_have_their_limits(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("gifts", 10,
                  "{'op':'ward','to':{'pick':'ally_unit'},'n':120},{'op':'gain_use','to':'right','n':2000}")
                 RIG_CARD("gun", 11, "device", "'cd':1000,'uses':2", READY(SAY)),
             "");
    rig_fight(rig, "gifts gun dummy", "");
    rig_expect(rig, "{'t':0,'k':'ward','s':10,'d':12,'v':100,'c':2}");
    rig_expect(rig, "{'t':0,'k':'stat','s':10,'d':11,'v':2,'w':1000,'c':2,'p':6,'r':1000}");
}

static void nothing_copies_itself(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RIG_CARD("narcissus", 10, "unit", "'hp':9,'cd':1000",
                      READY("{'op':'transform','to':'self','copy':'self'}")),
             "");
    rig_fight(rig, "narcissus", "");
    rig_expect_times(rig, 0, "'k':'transform'");
}

static void the_destroyed_do_not_live_and_their_destroyer_is_the_killer(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("axe", 10,
                  "{'op':'destroy','to':{'pick':'enemy_unit','n':1}},{'op':'damage','to':'front','n':5}"),
             "");
    rig_fight(rig, "axe", "dummy dummy");
    rig_expect(rig, "{'t':0,'k':'dmg','s':10,'d':21,'n':5,'v':45,'c':2}");
    rig_expect(rig, "{'t':0,'k':'destroy','s':10,'d':20,'c':2}");
    rig_expect(rig, "{'e':10,'dmg':5,'heal':0,'shield':0,'kills':1}");
}

static void who_stands_up_again_keeps_its_marks_but_no_pace(void **state)
{
    struct rig *rig = *state;
    battle_state final;
    rig_load(
        rig,
        RITE(
            "curse", 10,
            "{'op':'freeze','to':'front','ms':6000},{'op':'ward','to':'front'},{'op':'set_flag','to':'front','flag':1},"
            "{'op':'disable','to':'front'},{'op':'destroy','to':'front'}") REVIVER(11),
        "");
    rig_fight(rig, "curse", "hitter reviver");
    battle_ctx_state(rig->ctx, &final);
    const battle_state_card *card = &final.sides[1].cards[0];
    assert_true(card->entity == 20 && card->alive && card->disabled && card->flags == 1 && card->ward == 1);
    assert_int_equal(card->frozen_until_ms, 0);
    rig_expect_times(rig, 0, "'k':'act','s':20");
}

static void who_stands_up_again_has_outlived_the_aura(void **state)
{
    struct rig *rig = *state;
    battle_state final;
    rig_load(rig,
             RITE("blast", 10, "{'op':'damage','to':'all_enemy_units','n':60}") REVIVER(11) RIG_CARD(
                 "banner", 12, "unit", "'hp':9", ",'auras':[{'to':'all_ally_units','stat':'atk','add':7}]"),
             "");
    rig_fight(rig, "blast", "hitter banner reviver");
    rig_expect(rig, "'e':20,'id':'hitter','lv':1,'slot':0,'kind':1,'hp':50,'atk':17,");
    rig_expect(rig, "'k':'stat','s':22,'d':20,'n':-7,'v':10,");
    battle_ctx_state(rig->ctx, &final);
    assert_int_equal(final.sides[1].cards[0].atk, 10);
}

static void the_dying_give_their_auras_until_they_are_buried(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RITE(
            "axe", 10,
            "{'op':'damage','to':{'pick':'enemy_unit','n':1,'by':'hp_low'},'n':20},{'op':'summon','card':'bone'}")
            RIG_CARD("banner", 12, "unit", "'hp':9", ",'auras':[{'to':'adjacent','stat':'atk','add':7}]"),
        "");
    rig_fight(rig, "axe", "hitter banner");
    assert_true(rig_before(rig, "'k':'summon'", "'k':'death'")); /* auras are looked at here, too */
    assert_true(rig_before(rig, "'k':'death'", "'k':'stat'"));
    rig_expect_times(rig, 1, "'k':'stat'");
}

static void an_artifact_summons_where_the_event_was(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("axe", 10, "{'op':'destroy','to':{'pick':'enemy_unit','n':1,'by':'hp_low'}}")
                 RIG_CARD("frail", 11, "unit", "'hp':3", ""),
             ",'artifacts':[" EXTRA("bell", 20, "ally_death", "{'op':'summon','card':'bone'}") "]");
    rig_fight(rig, "axe", "dummy frail dummy +bell");
    rig_expect(
        rig,
        "'k':'summon','s':40,'d':100,'n':2,'v':5,'w':1,'c':5,'x':1,'r':2000,'id':'bone','slot':1,'cd':2000}");
}

static void no_more_than_eight_arrive_at_once(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, RITE("horde", 10, "{'op':'summon','card':'bone','n':20}"), "");
    rig_fight(rig, "horde", "");
    rig_expect_times(rig, 8, "'k':'summon'");
    rig_expect_times(rig, 0, "'k':'fizzle'");
}

static void limited_uses_arrive_with_an_event_of_their_own(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("call", 10, "{'op':'summon','card':'gun'}")
                 RIG_CARD("gun", 11, "device", "'cd':1000,'uses':3", READY(SAY)),
             ",'artifacts':[" EXTRA("ear", 20, "summoned", SAY) "]");
    rig_fight(rig, "call +ear", "");
    rig_expect(rig, "{'t':0,'k':'stat','s':10,'d':100,'v':3,'w':3,'c':2,'p':6,'r':1000},"
                    "{'t':0,'k':'trig','s':30,'d':10,'c':5,'a':1}");
}

static void what_is_limited_stays_limited(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("theft", 10, "{'op':'stat','to':'all_enemy_cards','stat':'uses','n':-5}")
                 RIG_CARD("gun", 11, "device", "'cd':1000,'uses':2", READY(SAY)),
             "");
    rig_fight(rig, "theft", "gun");
    rig_expect(rig, "'k':'stat','s':10,'d':20,'n':-1,'v':1,'w':2,");
    rig_expect_times(rig, 2, "'k':'act','s':20");
    rig_expect(rig, "{'t':2000,'k':'spent','d':20}");
}

static void auras_test_only_what_never_changes(void **state)
{
    struct rig *rig = *state;
    static const char *const tests[] = {"{'stat':'atk','cmp':'>','value':3}", "{'has':'cd'}",
                                        "{'status':'wounded'}", "{'slot':'leftmost'}",
                                        "{'tag':'x'},{'any':[{'is':'self'}]}"};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        char text[8192], more[512];
        battle_err err;
        snprintf(more, sizeof more,
                 RIG_CARD("banner", 12, "unit", "'hp':9",
                          ",'auras':[{'to':'adjacent','stat':'atk','add':7,'where':[%s]}]"),
                 tests[i]);
        size_t size = rig_catalog_text(text, sizeof text, more, "");
        for (size_t k = 0; k < size; k++)
            if (text[k] == '\'') text[k] = '"';
        assert_null(battle_catalog_load(text, size, &err));
        assert_int_equal(err.code, BATTLE_E_LINT);
        assert_string_equal(err.message, "an aura's where tests tag, kind, rarity or kw in banner");
    }
    rig_load(
        rig,
        RIG_CARD(
            "banner", 12, "unit", "'hp':9",
            ",'auras':[{'to':'adjacent','stat':'atk','add':7,'where':[{'kind':'unit'},{'kw':'guard','not':true}]}]"),
        "");
}

static void seats_are_those_of_the_living(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RIG_CARD("gone", 10, "rite", "", RIG_DO("battle_setup", ",'do':[" SAY "]")) RIG_CARD(
            "left", 11, "device", "", RIG_DO("battle_start", ",'if':[{'slot':'leftmost'}],'do':[" SAY "]"))
            RIG_CARD("right", 12, "device", "",
                     RIG_DO("battle_start",
                            ",'if':[{'slot':'rightmost'},{'slot':'leftmost','not':true}],'do':[" SAY "]")),
        "");
    rig_fight(rig, "gone left right", "");
    rig_expect(rig, "'k':'trig','s':11,'c':4,'a':1}"); /* what stood left of it is spent */
    rig_expect(rig, "'k':'trig','s':12,'c':4,'a':1}");
    rig_fight(rig, "left gone right", "right left");
    rig_expect_times(rig, 0, "'k':'trig','s':20,");
    rig_expect_times(rig, 0, "'k':'trig','s':21,");
}

static void an_artifacts_blow_is_heard_by_artifacts_and_consumables(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig, EAR("ear", 10, "dealt_damage"),
        ",'artifacts':[" EXTRA(
            "wand", 20, "battle_start",
            "{'op':'damage','to':'enemy_hero','n':5}") "," EXTRA("eye", 21, "dealt_damage",
                                                                 SAY) "],'consumables':[" EXTRA("tea", 40,
                                                                                                "dealt_damage",
                                                                                                SAY) "]");
    rig_fight(rig, "ear +wand +eye +tea", "");
    rig_expect(rig, "'k':'trig','s':31,'d':30,'c':3,'a':1}");
    rig_expect(rig, "'k':'trig','s':66,'d':30,'c':3,'a':1}");
    rig_expect_times(rig, 0, "'k':'trig','s':10,");
}

static void what_changes_nothing_is_not_told(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RITE(
            "idle", 10,
            "{'op':'heal','to':'my_hero','n':5},{'op':'cleanse','to':'my_hero'},{'op':'dispel','to':'enemy_hero'},"
            "{'op':'guard','to':'right'},{'op':'freeze','to':'right','ms':500},{'op':'cleanse','to':'right'},"
            "{'op':'damage','to':'enemy_hero','n':{'event':'amount'}},{'op':'burn','to':'enemy_hero','n':-3},"
            "{'op':'stat','to':'right','stat':'uses','n':3},{'op':'gain_use','to':'right'},{'op':'revive','to':'right'}")
            RIG_CARD("wall", 11, "unit", "'hp':9", ",'kw':['guard']"),
        "");
    rig_fight(rig, "idle wall", "");
    rig_expect_times(rig, 4, "{'t':0,"); /* start, trig, spent, and of all that only */
    rig_expect(rig, "{'t':0,'k':'fizzle','s':10,'n':5,'c':2}");
}

static void frozen_cards_hear(void **state)
{
    struct rig *rig = *state;
    rig_load(rig,
             RITE("winter", 10, "{'op':'freeze','to':'all_enemy_cards','ms':2000}")
                 RIG_CARD("ear", 11, "unit", "'hp':50,'cd':9000", RIG_DO("hurt", ",'do':[" SAY "]")),
             "");
    rig_fight(rig, "winter hitter", "ear");
    rig_expect(rig, "{'t':1000,'k':'trig','s':20,'d':11,");
}

static void stats_change_in_the_order_of_the_list(void **state)
{
    struct rig *rig = *state;
    rig_load(
        rig,
        RITE("call", 10, "{'op':'summon','card':'banner'}") RIG_CARD(
            "banner", 12, "unit", "'hp':9",
            ",'auras':[{'to':'all_ally_cards','stat':'crit','add':7},{'to':'all_ally_cards','stat':'atk','add':3}]"),
        "");
    rig_fight(rig, "call hitter", "");
    rig_expect(
        rig,
        "{'t':0,'k':'stat','s':10,'d':100,'n':3,'v':3,'c':4,'p':2},{'t':0,'k':'stat','s':10,'d':100,'n':7,'v':7,'c':4,'p':4},"
        "{'t':0,'k':'stat','s':10,'d':11,'n':3,'v':13,'c':4,'p':2},{'t':0,'k':'stat','s':10,'d':11,'n':7,'v':7,'c':4,'p':4}");
}

static void an_items_keywords_are_its_cards(void **state)
{
    struct rig *rig = *state;
    rig_load(rig, "", ",'items':[{'id':'crest','num':30,'rarity':'rare','kw':['guard','swift']}]");
    rig_fight(rig, "hitter", "dummy hitter +crest");
    rig_expect(rig, "'cd':1000,'kw':5,'r':500,'items':['crest']}");
    rig_expect(rig, "{'t':1000,'k':'dmg','s':10,'d':21,'n':10,'v':40,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actors_answer_in_the_order_of_the_board),
        cmocka_unit_test(self_is_nobody_once_its_card_has_turned),
        cmocka_unit_test(a_card_that_turned_was_used_in_its_slot),
        cmocka_unit_test(only_units_are_called_dead_allies),
        cmocka_unit_test(a_count_ignores_the_n_of_its_pick_and_a_rite_is_spent_before_its_effects),
        cmocka_unit_test(marks_have_their_limits),
        cmocka_unit_test(nothing_copies_itself),
        cmocka_unit_test(the_destroyed_do_not_live_and_their_destroyer_is_the_killer),
        cmocka_unit_test(who_stands_up_again_keeps_its_marks_but_no_pace),
        cmocka_unit_test(who_stands_up_again_has_outlived_the_aura),
        cmocka_unit_test(the_dying_give_their_auras_until_they_are_buried),
        cmocka_unit_test(an_artifact_summons_where_the_event_was),
        cmocka_unit_test(no_more_than_eight_arrive_at_once),
        cmocka_unit_test(limited_uses_arrive_with_an_event_of_their_own),
        cmocka_unit_test(what_is_limited_stays_limited),
        cmocka_unit_test(auras_test_only_what_never_changes),
        cmocka_unit_test(seats_are_those_of_the_living),
        cmocka_unit_test(an_artifacts_blow_is_heard_by_artifacts_and_consumables),
        cmocka_unit_test(what_changes_nothing_is_not_told),
        cmocka_unit_test(frozen_cards_hear),
        cmocka_unit_test(stats_change_in_the_order_of_the_list),
        cmocka_unit_test(an_items_keywords_are_its_cards),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
