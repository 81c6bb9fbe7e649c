/* A battle timeline told in sentences. */
#include "clients/timeline_text.h"
#include "game_server/battle/relay.h"
#include "tests/support/battle_decks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIDES                                                                                               \
    "\"sides\":[{\"pid\":\"u1\",\"name\":\"Ana\",\"lvl\":5,\"e\":1,\"hp\":510,\"cards\":[{\"e\":10,\"id\":" \
    "\"ember_imp\","                                                                                        \
    "\"lv\":2,\"slot\":0,\"kind\":1,\"hp\":38,\"atk\":8,\"cd\":4000,\"kw\":1,\"items\":[\"whetstone\"]}],"  \
    "\"arts\":[{\"e\":30,\"id\":\"ash_crown\"}]},{\"pid\":\"u2\",\"lvl\":3,\"e\":2,\"hp\":300,\"cards\":[{" \
    "\"e\":20,"                                                                                             \
    "\"id\":\"militia\",\"lv\":1,\"hp\":40}]}],"
#define HEAD \
    "{\"fmt\":\"bt\",\"v\":1,\"mid\":\"m7f3\",\"seed\":\"0123456789abcdef\",\"tick\":50," SIDES "\"ev\":["
#define TAIL                                                                                              \
    "],\"end\":{\"t\":18350,\"win\":0,\"why\":\"ko\",\"hp\":[137,-4],\"rng\":[1,2,3],\"n\":2,\"stat\":[{" \
    "\"e\":10,"                                                                                           \
    "\"dmg\":212,\"kills\":2},{\"e\":20}],\"hash\":\"c0ffee\"}}"

#define RELAY "{\"fmt\":\"relay\",\"v\":1,\"mid\":\"m7f3\",\"seed\":\"0123456789abcdef\",\"bouts\":["

struct told {
    char text[8192];
    char kinds[256];
};

static void hear(void *context, enum timeline_line kind, int side, const char *text)
{
    struct told *told = context;
    size_t length = strlen(told->text);
    size_t count = strlen(told->kinds);
    snprintf(told->text + length, sizeof told->text - length, "%s\n", text);
    snprintf(told->kinds + count, sizeof told->kinds - count, "%c%c", "HBEZT"[kind],
             side < 0 ? '-' : '0' + side);
}

static bool tell(const char *json, struct told *told, char error[160])
{
    memset(told, 0, sizeof *told);
    error[0] = '\0';
    return timeline_text_tell(bytes_of_text(json), hear, told, error, 160);
}

static void a_whole_battle_is_told(void **state)
{
    (void)state;
    struct told told;
    char error[160];
    assert_true(tell(
        HEAD "{\"t\":0,\"k\":\"start\"},"
             "{\"t\":12350,\"k\":\"dmg\",\"s\":10,\"d\":20,\"n\":16,\"v\":22,\"w\":3,\"f\":5,\"c\":1}" TAIL,
        &told, error));
    assert_string_equal(
        told.text, "battle m7f3, seed 0123456789abcdef\n"
                   "Ana, level 5, 510 health\n"
                   "  ember_imp, level 2, 38 health, 8 attack, every 4.00s, with whetstone\n"
                   "  ash_crown\n"
                   "u2, level 3, 300 health\n"
                   "  militia, level 1, 40 health\n"
                   "  0.00s the battle begins\n"
                   " 12.35s ember_imp (Ana) hits militia (u2) for 16, 22 left, shield 3 (critical, cleave)\n"
                   "Ana wins after 18.35s (ko), health 137 against -4\n"
                   "  ember_imp (Ana): 212 damage, 2 kills\n");
    assert_string_equal(told.kinds, "H-B0B0B0B1B1E-E0Z0T0");
}

/* The one event line of a battle with this event. */
static void expect_event(const char *event, const char *line)
{
    char json[4096], error[160];
    struct told told;
    snprintf(json, sizeof json, HEAD "%s" TAIL, event);
    assert_true(tell(json, &told, error));
    char *from = strstr(told.text, "40 health\n") + strlen("40 health\n");
    char *end = strstr(from, "Ana wins");
    *end = '\0';
    assert_string_equal(from, line);
}

static void every_kind_of_event_has_its_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *line;
    } rows[] = {
        {"\"k\":\"act\",\"s\":10,\"v\":4000", "ember_imp (Ana) acts"},
        {"\"k\":\"trig\",\"s\":30,\"d\":20,\"a\":1", "ash_crown (Ana) responds to militia (u2)"},
        {"\"k\":\"trig\",\"s\":30", "ash_crown (Ana) responds"},
        {"\"k\":\"dmg\",\"s\":20,\"d\":1,\"n\":5,\"v\":505,\"f\":2",
         "militia (u2) hits Ana for 5, 505 left (lethal)"},
        {"\"k\":\"dmg\",\"s\":20,\"d\":10,\"n\":40,\"f\":8",
         "militia (u2) hits ember_imp (Ana) for 40, 0 left (thorns)"},
        {"\"k\":\"tick\",\"d\":2,\"n\":3,\"v\":297,\"f\":1,\"x\":2", "u2 burns for 3, 297 left, stacks 2"},
        {"\"k\":\"tick\",\"d\":2,\"n\":3,\"v\":297,\"f\":2", "u2 suffers 3 from poison, 297 left"},
        {"\"k\":\"tick\",\"d\":1,\"n\":5,\"v\":-2,\"f\":3", "the storm hits Ana for 5, -2 left"},
        {"\"k\":\"tick\",\"d\":1,\"n\":5,\"v\":500,\"f\":4", "Ana regenerates 5, now 500"},
        {"\"k\":\"heal\",\"s\":10,\"d\":1,\"n\":5,\"v\":500,\"f\":2",
         "ember_imp (Ana) heals Ana by 5, now 500 (lifesteal)"},
        {"\"k\":\"shield\",\"s\":10,\"d\":1,\"n\":5,\"v\":5", "ember_imp (Ana) shields Ana by 5, now 5"},
        {"\"k\":\"burn\",\"s\":10,\"d\":2,\"n\":3,\"v\":6", "ember_imp (Ana) sets u2 on fire by 3, now 6"},
        {"\"k\":\"poison\",\"s\":10,\"d\":2,\"n\":3,\"v\":6", "ember_imp (Ana) poisons u2 by 3, now 6"},
        {"\"k\":\"regen\",\"s\":10,\"d\":1,\"n\":3,\"v\":6",
         "ember_imp (Ana) gives Ana regeneration 3, now 6"},
        {"\"k\":\"freeze\",\"s\":20,\"d\":10,\"n\":1500,\"v\":9000",
         "militia (u2) freezes ember_imp (Ana) for 1.50s, until 9.00s"},
        {"\"k\":\"slow\",\"s\":20,\"d\":10,\"n\":1500,\"v\":9050",
         "militia (u2) slows ember_imp (Ana) for 1.50s, until 9.05s"},
        {"\"k\":\"haste\",\"s\":10,\"d\":10,\"n\":500,\"v\":900",
         "ember_imp (Ana) hastens ember_imp (Ana) for 0.50s, until 0.90s"},
        {"\"k\":\"charge\",\"s\":10,\"d\":10,\"n\":500", "ember_imp (Ana) charges ember_imp (Ana) by 0.50s"},
        {"\"k\":\"stat\",\"s\":10,\"d\":10,\"n\":-2,\"v\":6,\"p\":3",
         "cooldown of ember_imp (Ana) changes by -2, now 6, through ember_imp (Ana)"},
        {"\"k\":\"ward\",\"s\":30,\"d\":10", "ash_crown (Ana) wards ember_imp (Ana)"},
        {"\"k\":\"wardbreak\",\"d\":10", "the ward of ember_imp (Ana) breaks"},
        {"\"k\":\"guard\",\"d\":20", "militia (u2) stands guard"},
        {"\"k\":\"disable\",\"s\":10,\"d\":20", "ember_imp (Ana) disables militia (u2)"},
        {"\"k\":\"cleanse\",\"s\":10,\"d\":1", "ember_imp (Ana) cleanses Ana"},
        {"\"k\":\"summon\",\"s\":20,\"d\":100,\"n\":2,\"id\":\"bone\",\"v\":5,\"w\":2",
         "militia (u2) summons bone (u2) with 5 health and 2 attack"},
        {"\"k\":\"transform\",\"s\":20,\"d\":20,\"n\":2,\"id\":\"copy\",\"v\":5",
         "copy (u2) puts copy (u2) in place with 5 health"},
        {"\"k\":\"revive\",\"d\":20,\"v\":20", "militia (u2) rises again with 20 health"},
        {"\"k\":\"death\",\"s\":10,\"d\":20", "militia (u2) dies, killed by ember_imp (Ana)"},
        {"\"k\":\"death\",\"d\":20", "militia (u2) dies"},
        {"\"k\":\"destroy\",\"s\":10,\"d\":20", "militia (u2) is destroyed by ember_imp (Ana)"},
        {"\"k\":\"spent\",\"d\":20", "militia (u2) is spent"},
        {"\"k\":\"lethal\",\"d\":2,\"v\":-3,\"f\":1", "u2 is about to fall at -3 (saved)"},
        {"\"k\":\"trig\",\"s\":50", "whetstone (Ana) responds"},
        {"\"k\":\"dispel\",\"s\":10,\"d\":20", "ember_imp (Ana) dispels what helps militia (u2)"},
        {"\"k\":\"stat\",\"d\":10,\"n\":1,\"v\":1,\"p\":99",
         "stat 99 of ember_imp (Ana) changes by 1, now 1"},
        {"\"k\":\"stormstart\",\"v\":5", "the storm begins"},
        {"\"k\":\"fizzle\",\"s\":10", "an effect of ember_imp (Ana) fizzles"},
        {"\"k\":\"fizzle\"", "an effect fizzles"},
        {"\"k\":\"overload\"", "the battle is overloaded"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char event[256], line[256];
        snprintf(event, sizeof event, "{\"t\":61050,%s}", rows[i].fields);
        snprintf(line, sizeof line, " 61.05s %s\n", rows[i].line);
        expect_event(event, line);
    }
    expect_event("{\"t\":50,\"k\":\"rate\",\"d\":10,\"v\":90},{\"t\":50,\"k\":\"end\",\"n\":1}", "");
}

static void newer_events_are_counted_not_told(void **state)
{
    (void)state;
    struct told told;
    char error[160];
    assert_true(tell(HEAD
                     "{\"t\":0,\"k\":\"dance\",\"s\":10,\"z\":{\"deep\":[1]}},{\"t\":0,\"k\":\"sing\"}" TAIL,
                     &told, error));
    assert_null(strstr(told.text, "dance"));
    assert_non_null(strstr(told.text, "2 events of a newer kind are not told\n"));
}

static void unknown_entities_are_numbers_and_hostile_names_are_harmless(void **state)
{
    (void)state;
    expect_event("{\"t\":0,\"k\":\"ward\",\"s\":99,\"d\":123456789}",
                 "  0.00s entity 99 wards entity 123456789\n");
    expect_event("{\"t\":0,\"k\":\"summon\",\"s\":10,\"d\":5000,\"id\":\"far\",\"v\":1}",
                 "  0.00s ember_imp (Ana) summons entity 5000 with 1 health\n");
    expect_event("{\"t\":0,\"k\":\"summon\",\"s\":10,\"d\":101,\"id\":\"\\u001b[2Jx\",\"v\":1}",
                 "  0.00s ember_imp (Ana) summons ?[2Jx (Ana) with 1 health\n");
}

static void a_draw_is_told(void **state)
{
    (void)state;
    struct told told;
    char error[160];
    assert_true(tell("{\"fmt\":\"bt\",\"v\":1," SIDES
                     "\"ev\":[],\"end\":{\"t\":60000,\"win\":-1,\"why\":\"timeout\","
                     "\"hp\":[5,5]}}",
                     &told, error));
    assert_non_null(strstr(told.text, "a draw after 60.00s (timeout), health 5 against 5\n"));
}

/* Counts what the sentences should never have to say about a battle of our own engine. */
static void hear_gaps(void *context, enum timeline_line kind, int side, const char *text)
{
    (void)kind, (void)side;
    static const char *const gaps[] = {"newer kind", "entity ", "nobody", "stat "};
    for (size_t i = 0; i < ARRAY_LENGTH(gaps); i++) {
        if (strstr(text, gaps[i]) == NULL) continue;
        print_error("%s\n", text);
        ++*(int *)context;
    }
}

static void two_against_two_is_told_bout_by_bout(void **state)
{
    (void)state;
    struct told told;
    char error[160];
    assert_true(tell(RELAY HEAD "{\"t\":0,\"k\":\"start\"}" TAIL "," HEAD TAIL
                                "],\"end\":{\"win\":0,\"why\":\"health\",\"bouts\":[0,1],"
                                "\"permille\":[268,0,0,45],\"sum\":[268,45],\"hash\":\"c0ffee\"}}",
                     &told, error));
    static const char *const lines[] = {"two against two, match m7f3, seed 0123456789abcdef\nbout 1 of 2\n"
                                        "battle m7f3, seed 0123456789abcdef\nAna, level 5, 510 health\n",
                                        "  0.00s the battle begins\n", "bout 2 of 2\nbattle m7f3",
                                        "Ana and Ana win (health), health left 26.8 % and 0.0 % against "
                                        "0.0 % and 4.5 %\n"};
    const char *at = told.text;
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        at = strstr(at, lines[i]);
        if (at == NULL) fail_msg("%s\nis not in\n%s", lines[i], told.text);
    }
    assert_int_equal(told.kinds[strlen(told.kinds) - 2], 'Z');
    assert_true(tell(RELAY HEAD TAIL "," HEAD TAIL "],\"end\":{\"win\":-1,\"why\":\"even\"}}", &told, error));
    assert_non_null(strstr(told.text, "a draw of the teams (even)"));
}

static void real_relays_are_told_without_gaps(void **state)
{
    (void)state;
    enum { RELAYS = 20 };
    battle_catalog *catalog = decks_load_catalog();
    battle_ctx *ctx = battle_ctx_new();
    char *timeline = memory_new(BATTLE_RELAY_BYTES);
    int gaps = 0;
    for (uint64_t number = 1; number <= RELAYS; number++) {
        static const char *const names[] = {"ana", "ben", "cid", "dan"};
        battle_snapshot players[BATTLE_RELAY_PLAYERS];
        battle_seed seed = decks_seed(number);
        battle_relay_result result;
        uint64_t dice = number;
        char error[160];
        size_t length;
        for (int i = 0; i < 4; i++) players[i] = decks_random_side(catalog, &dice, names[i], BATTLE_SLOTS);
        battle_relay_run(ctx, catalog, players, &seed, "match-1", timeline, BATTLE_RELAY_BYTES, &length,
                         &result);
        if (!timeline_text_tell((struct bytes){timeline, length}, hear_gaps, &gaps, error, sizeof error))
            fail_msg("relay %d: %s", (int)number, error);
    }
    assert_int_equal(gaps, 0);
    free(timeline);
    battle_ctx_free(ctx);
    battle_catalog_free(catalog);
}

static void what_is_no_timeline_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *json, *error;
    } rows[] = {
        {"", "not one well-formed JSON object"},
        {"[]", "fmt: must be \"bt\" or \"relay\""},
        {"{\"fmt\":\"bt\",\"v\":2}", "v: 2 is not 1"},
        {"{\"fmt\":\"bt\",\"v\":1,\"sides\":[{\"name\":\"a\"}]}", "sides: must be two"},
        {"{\"fmt\":\"bt\",\"v\":1,\"sides\":[{},{}]}", "sides[0]: no name, player id or entity number"},
        {"{\"fmt\":\"bt\",\"v\":1,\"sides\":[{\"name\":\"a\",\"cards\":[{\"id\":\"x\"}]},{}]}",
         "sides[0].cards[0]: no id or no entity number"},
        {"{\"fmt\":\"bt\",\"v\":1," SIDES "\"end\":{}}", "ev: missing"},
        {HEAD "{\"t\":0,\"k\":\"start\"},{\"t\":1}" TAIL, "ev[1]: no kind, or a time below 0"},
        {HEAD "]}", "end.win: missing or not -1, 0 or 1"},
        {HEAD TAIL "x", "not one well-formed JSON object"},
        {"{\"fmt\":\"relay\",\"v\":2}", "v: must be 1"},
        {RELAY HEAD TAIL "]}", "bouts: must be two"},
        {RELAY HEAD TAIL ",{\"fmt\":\"relay\",\"v\":1}]}", "bouts[1].fmt: must be \"bt\" or \"relay\""},
        {RELAY HEAD TAIL "," HEAD "{\"t\":1}" TAIL "]}", "bouts[1].ev[0]: no kind, or a time below 0"},
        {RELAY HEAD TAIL "," HEAD TAIL "]}", "end.win: missing or not -1, 0 or 1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct told told;
        char error[160];
        assert_false(tell(rows[i].json, &told, error));
        assert_string_equal(error, rows[i].error);
    }
}

static void real_battles_are_told_without_gaps(void **state)
{
    (void)state;
    enum { BATTLES = 200 };
    static char timeline[1 << 20];
    battle_catalog *catalog = decks_load_catalog();
    battle_ctx *ctx = battle_ctx_new();
    int gaps = 0;
    for (uint64_t number = 0; number < BATTLES; number++) {
        char digest[65], error[160];
        size_t length = decks_golden(ctx, catalog, number, timeline, digest);
        assert_true(length > 0);
        if (!timeline_text_tell((struct bytes){timeline, length}, hear_gaps, &gaps, error, sizeof error)) {
            fail_msg("battle %d: %s", (int)number, error);
        }
    }
    assert_int_equal(gaps, 0);
    battle_ctx_free(ctx);
    battle_catalog_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_battle_is_told),
        cmocka_unit_test(every_kind_of_event_has_its_sentence),
        cmocka_unit_test(newer_events_are_counted_not_told),
        cmocka_unit_test(unknown_entities_are_numbers_and_hostile_names_are_harmless),
        cmocka_unit_test(a_draw_is_told),
        cmocka_unit_test(real_battles_are_told_without_gaps),
        cmocka_unit_test(two_against_two_is_told_bout_by_bout),
        cmocka_unit_test(real_relays_are_told_without_gaps),
        cmocka_unit_test(what_is_no_timeline_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
