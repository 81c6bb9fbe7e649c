/* What comes from outside: catalogs, snapshots and loadouts, good and bad; every refusal names its place. */
#include "tests/support/battle_decks.h"
#include "tests/support/battle_rig.h"

static char text[64 << 10];

/* Loads a catalog with one more card; on refusal gives the place and the code. */
static int refused(const char *more, const char *extras, battle_err *err)
{
    size_t size = rig_catalog_text(text, sizeof text, more, extras);
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\'') text[i] = '"';
    battle_catalog *catalog = battle_catalog_load(text, size, err);
    if (catalog != NULL) {
        battle_catalog_free(catalog);
        return BATTLE_OK;
    }
    return err->code;
}

static void a_catalog_outside_the_vocabulary_is_refused_at_its_place(void **state)
{
    static const struct {
        const char *more, *place;
        int code;
    } cases[] = {
        {RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("reddy", ",'do':[]")), "cards[3].abilities[0].on",
         BATTLE_E_SCHEMA},
        {RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("hurt", ",'do':[{'op':'explode'}]")),
         "cards[3].abilities[0].do[0].op", BATTLE_E_SCHEMA},
        {RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("hurt", ",'do':[{'op':'burn','to':'front','n':1}]")),
         "cards[3].abilities[0].do[0]", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("hurt", ",'do':[{'op':'burn','to':'my_hero'}]")),
         "cards[3].abilities[0].do[0]", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("hurt", ",'do':[{'op':'freeze','to':'self','ms':125}]")),
         "cards[3].abilities[0].do[0]", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("hurt", ",'icd':0,'do':[{'op':'guard','to':'self'}]")),
         "cards[3].abilities[0]", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("ready", ",'do':[{'op':'guard','to':'self'}]")),
         "cards[3]", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'atk':5", ""), "cards[3]", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "device", "'cd':[1000,1000,1000]", ""), "cards[3].stats.cd", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "device", "'cd':1010", ""), "cards[3].stats", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "device", "'speed':10", ""), "cards[3].stats.speed", BATTLE_E_SCHEMA},
        {RIG_CARD("x", 10, "device", "", ",'rev':1.5"), "cards[3].rev", BATTLE_E_SCHEMA},
        {RIG_CARD("dummy", 10, "device", "", ""), "cards[3]", BATTLE_E_LINT},
        {RIG_CARD("x", 2, "device", "", ""), "cards[3]", BATTLE_E_LINT},
        {RIG_CARD("X", 10, "device", "", ""), "cards[3].id", BATTLE_E_SCHEMA},
        {RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("death", ",'do':[{'op':'summon','card':'ghost'}]")),
         "cards[3].abilities[0].do[0].card", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'hp':5", ",'auras':[{'layer':3,'to':'adjacent','stat':'atk','add':1}]"),
         "cards[3].auras[0]", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'hp':5",
                  RIG_DO("hurt", ",'if':[{'tag':'a','kind':'unit'}],'do':[{'op':'guard','to':'self'}]")),
         "cards[3].abilities[0].if[0]", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'hp':5",
                  RIG_DO("hurt", ",'if':[{'any':[{'any':[]}]}],'do':[{'op':'guard','to':'self'}]")),
         "cards[3].abilities[0].if[0].any[0].any", BATTLE_E_LINT},
        {RIG_CARD("x", 10, "unit", "'hp':5,'hp':6", ""), "cards[3].stats.hp", BATTLE_E_SCHEMA},
    };
    battle_err err;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int code = refused(cases[i].more, "", &err);
        if (code != cases[i].code || strcmp(err.place, cases[i].place) != 0)
            fail_msg("case %zu: %s at %s: %s", i, battle_error_name(code), err.place, err.message);
    }
    assert_int_equal(refused("", "", &err), BATTLE_OK);
}

static void a_refused_definition_is_named(void **state)
{
    battle_err err;
    (void)state;
    refused(RIG_CARD("x", 10, "unit", "'hp':5", RIG_DO("hurt", ",'do':[{'op':'explode'}]")), "", &err);
    assert_non_null(strstr(err.message, " in x"));
    assert_string_equal(err.place, "cards[3].abilities[0].do[0].op");
}

#define LOOP_DEVICE(id, num, on, rest)       \
    RIG_CARD(id, num, "device", "'cd':1000", \
             RIG_DO(on, rest ",'do':[{'op':'trigger_ready','to':'adjacent'}]"))

/* A catalog whose cards go round in circles within one instant loads, and is refused by the lint. */
static void a_catalog_that_loops_is_named(void **state)
{
    static const struct {
        const char *more, *place; /* NULL: it does not loop */
    } cases[] = {
        {"", NULL},
        {RIG_CARD("a", 10, "device", "",
                  RIG_DO("shielded", ",'icd':0,'max':9,'do':[{'op':'shield','to':'my_hero','n':1}]")),
         "a.abilities[0]"},
        {RIG_CARD("a", 10, "device", "", RIG_DO("shielded", ",'do':[{'op':'shield','to':'my_hero','n':1}]")),
         NULL},
        {RIG_CARD("a", 10, "device", "",
                  RIG_DO("burned", ",'icd':0,'max':9,'do':[{'op':'poison','to':'my_hero','n':1}]"))
             RIG_CARD("b", 11, "device", "",
                      RIG_DO("poisoned", ",'icd':0,'max':9,'do':[{'op':'burn','to':'my_hero','n':1}]")),
         "a.abilities[0]"},
        {RIG_CARD("a", 10, "device", "",
                  RIG_DO("burned", ",'icd':0,'max':9,'do':[{'op':'poison','to':'my_hero','n':1}]"))
             RIG_CARD("b", 11, "device", "",
                      RIG_DO("poisoned", ",'icd':50,'max':9,'do':[{'op':'burn','to':'my_hero','n':1}]")),
         NULL},
        {LOOP_DEVICE("a", 10, "ready", ""), "a.abilities[0]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rig rig = {.catalog = NULL};
        battle_err err;
        rig_load(&rig, cases[i].more, "");
        int code = battle_catalog_lint(rig.catalog, &err);
        bool right = cases[i].place == NULL ? code == BATTLE_OK
                                            : code == BATTLE_E_LINT && strcmp(err.place, cases[i].place) == 0;
        if (!right) fail_msg("case %zu: %d at %s: %s", i, code, err.place, err.message);
        battle_catalog_free(rig.catalog);
    }
}

static void the_catalog_passes_its_lint(void **state)
{
    battle_err err;
    (void)state;
    battle_catalog *catalog = decks_load_catalog();
    if (battle_catalog_lint(catalog, &err) != BATTLE_OK) fail_msg("%s: %s", err.place, err.message);
    battle_catalog_free(catalog);
}

static void every_cut_of_the_real_catalog_is_refused(void **state)
{
    static char bytes[BATTLE_CATALOG_BYTES];
    battle_err err;
    (void)state;
    size_t size = decks_read_file(BATTLE_CATALOG_FILE, bytes, sizeof bytes);
    while (bytes[size - 1] == '\n') size--;
    battle_catalog *whole = battle_catalog_load(bytes, size, &err);
    assert_non_null(whole);
    battle_catalog_free(whole);
    for (size_t cut = 0; cut < size; cut += 97) {
        char *copy = malloc(cut + 1); /* exact size, so that reading past it is seen */
        memcpy(copy, bytes, cut);
        assert_null(battle_catalog_load(copy, cut, &err));
        assert_int_not_equal(err.code, BATTLE_OK);
        free(copy);
    }
    for (size_t at = 0; at < size; at += 41) { /* and no changed byte may crash it */
        char before = bytes[at];
        bytes[at] = (char)(before ^ (1 << at % 8));
        battle_catalog_free(battle_catalog_load(bytes, size, &err));
        bytes[at] = before;
    }
}

#define SNAPSHOT(cards)                                                                        \
    "{'v':1,'catalog':'test','ver':1,'player_id':'u1','name':'Ana','level':10,'cards':[" cards \
    "],'artifacts':[],'consumables':[]}"
#define CARD(id, level, slot) "{'id':'" id "','level':" #level ",'slot':" #slot ",'items':[]}"

static int parse(struct rig *rig, const char *words, battle_snapshot *out, battle_err *err)
{
    size_t size = strlen(words);
    char *copy = malloc(size + 1);
    memcpy(copy, words, size + 1);
    for (size_t i = 0; i < size; i++)
        if (copy[i] == '\'') copy[i] = '"';
    int code = battle_snapshot_parse(rig->catalog, copy, size, out, err);
    free(copy);
    return code;
}

static void a_bad_snapshot_names_its_place(void **state)
{
    static const struct {
        const char *words, *place;
        int code;
    } cases[] = {
        {SNAPSHOT(CARD("hitter", 1, 0) "," CARD("hitter", 9, 1)), "cards[1].level", BATTLE_E_LEVEL},
        {SNAPSHOT(CARD("hitter", 1, 0) "," CARD("ghost", 1, 1)), "cards[1].id", BATTLE_E_ID},
        {SNAPSHOT(CARD("hitter", 1, 0) "," CARD("hitter", 1, 0)), "cards", BATTLE_E_SLOT},
        {SNAPSHOT(CARD("hitter", 1, 0) "," CARD("hitter", 1, 2)), "cards", BATTLE_E_SLOT},
        {SNAPSHOT(CARD("hitter", 1, 8)), "cards[0].slot", BATTLE_E_SLOT},
        {SNAPSHOT("{'id':'hitter','level':1,'slot':0,'items':[],'hp':999}"), "cards[0].hp", BATTLE_E_STATE},
        {SNAPSHOT("{'id':'hitter','level':1,'glow':1}"), "cards[0].glow", BATTLE_E_SCHEMA},
        {SNAPSHOT("{'id':'hitter','level':1}"), "cards[0].slot", BATTLE_E_SCHEMA},
        {"{'v':1,'catalog':'other'}", "catalog", BATTLE_E_CATALOG},
        {"{'v':1,'catalog':'test','ver':2}", "ver", BATTLE_E_CATALOG},
        {"{'v':2}", "v", BATTLE_E_SCHEMA},
        {"{'v':01}", "v", BATTLE_E_SCHEMA},
        {"{'v':1,'v':1}", "v", BATTLE_E_SCHEMA},
        {"{'name':'a\nb'}", "name", BATTLE_E_SCHEMA},
        {"{'name':'\xff'}", "name", BATTLE_E_SCHEMA},
        {"{'name':'\\ud800'}", "name", BATTLE_E_SCHEMA},
        {"[]", "", BATTLE_E_SCHEMA},
        {"", "", BATTLE_E_SCHEMA},
    };
    struct rig *rig = *state;
    battle_snapshot snapshot;
    battle_err err;
    rig_load(rig, "", "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int code = parse(rig, cases[i].words, &snapshot, &err);
        bool place = strcmp(err.place, cases[i].place) == 0 || cases[i].code == BATTLE_E_SLOT;
        if (code != cases[i].code || !place)
            fail_msg("case %zu: %s at %s: %s", i, battle_error_name(code), err.place, err.message);
    }
    assert_int_equal(parse(rig, SNAPSHOT(CARD("hitter", 1, 0)) " ", &snapshot, &err), BATTLE_OK);
    assert_int_equal(parse(rig, SNAPSHOT(CARD("hitter", 1, 0)) "x", &snapshot, &err), BATTLE_E_SCHEMA);
}

static void a_snapshot_has_one_canonical_form(void **state)
{
    struct rig *rig = *state;
    battle_snapshot one, two;
    battle_err err;
    char bytes[BATTLE_SNAPSHOT_BYTES];
    uint8_t hash_one[32], hash_two[32];
    rig_load(rig, "", "");
    assert_int_equal(parse(rig, SNAPSHOT(CARD("hitter", 1, 0) "," CARD("dummy", 2, 1)), &one, &err),
                     BATTLE_OK);
    assert_int_equal(parse(rig, SNAPSHOT(" " CARD("dummy", 2, 1) ",\n" CARD("hitter", 1, 0)), &two, &err),
                     BATTLE_OK);
    battle_snapshot_sha256(rig->catalog, &one, hash_one);
    battle_snapshot_sha256(rig->catalog, &two, hash_two);
    assert_memory_equal(hash_one, hash_two, 32);
    size_t size = battle_snapshot_json(rig->catalog, &two, bytes, sizeof bytes);
    assert_true(size > 0 && size < sizeof bytes);
    assert_int_equal(battle_snapshot_parse(rig->catalog, bytes, size, &two, &err), BATTLE_OK);
    assert_memory_equal(&one, &two, sizeof one);
    assert_int_equal(battle_snapshot_json(rig->catalog, &two, bytes, 3), size); /* tells how much it needs */
}

#define ITEMS                                                                                                                                \
    ",'items':[{'id':'gem','num':30,'rarity':'rare','fits':{'kind':'unit'}},{'id':'rune','num':31,'rarity':'rare','fits':{'tag':'magic'}}]," \
    "'artifacts':[{'id':'eye','num':20,'rarity':'rare'},{'id':'ear','num':21,'rarity':'rare'}],"                                             \
    "'tokens':[{'id':'wisp','num':50,'kind':'unit','rarity':'common','stats':{'hp':1}}],"                                                    \
    "'consumables':[{'id':'tea','num':40,'rarity':'rare'}]"

static int owned(void *user, uint16_t num)
{
    return num == *(const uint16_t *)user ? 0 : 2;
}

static void the_deck_rules_hold(void **state)
{
    static const struct {
        const char *side;
        int level, card_level, code;
    } cases[] = {
        {"hitter", 1, 1, BATTLE_OK},
        {"", 1, 1, BATTLE_E_SIZE},
        {"hitter hitter hitter dummy dummy", 1, 1, BATTLE_E_SIZE},
        {"hitter hitter hitter dummy dummy", 3, 1, BATTLE_OK},
        {"hitter hitter hitter hitter", 1, 1, BATTLE_E_DUP},
        {"hitter king king", 10, 1, BATTLE_E_DUP},
        {"hitter lone only", 10, 1, BATTLE_E_DUP},
        {"hitter", 2, 2, BATTLE_E_LEVEL},
        {"hitter", 3, 2, BATTLE_OK},
        {"hitter dummy dummy dummy king lone queen", 10, 5, BATTLE_E_COST},
        {"hitter +eye +ear", 1, 1, BATTLE_E_ART},
        {"hitter +eye +ear", 4, 1, BATTLE_OK},
        {"hitter +eye +eye", 4, 1, BATTLE_E_ART},
        {"hitter +tea +tea", 1, 1, BATTLE_E_CONS},
        {"hitter +gem", 1, 1, BATTLE_OK},
        {"hitter +gem +gem", 10, 1, BATTLE_E_ITEM},
        {"hitter +rune", 1, 1, BATTLE_E_ITEM},
        {"hitter box +gem", 1, 1, BATTLE_E_ITEM},
        {"hitter +gem dummy +gem", 1, 1, BATTLE_E_ITEM},
        {"hitter +gem dummy +gem", 2, 1, BATTLE_OK},
        {"dummy", 1, 1, BATTLE_E_NODMG},
        {"hitter wisp", 1, 1, BATTLE_E_ID},
    };
    struct rig *rig = *state;
    battle_err err;
    rig_load(
        rig,
        ",{'id':'king','num':10,'kind':'device','rarity':'legendary'},{'id':'queen','num':14,'kind':'device','rarity':'legendary'}"
        ",{'id':'lone','num':11,'kind':'device','rarity':'legendary','unique':true}"
        ",{'id':'only','num':12,'kind':'device','rarity':'common','unique':true},{'id':'box','num':13,'kind':'device','rarity':'common'}",
        ITEMS);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        battle_snapshot side = rig_side(rig, "ana", cases[i].side);
        side.level = (uint8_t)cases[i].level;
        for (int k = 0; k < side.card_count; k++) side.cards[k].level = (uint8_t)cases[i].card_level;
        int code = battle_snapshot_check(rig->catalog, &side, NULL, &err);
        if (code != cases[i].code)
            fail_msg("case %zu (%s): %s at %s: %s", i, cases[i].side, battle_error_name(code), err.place,
                     err.message);
    }
    battle_snapshot side = rig_side(rig, "ana", "hitter dummy");
    uint16_t missing = 1, disabled[] = {2};
    battle_ruleset rules = {.owned_level = owned, .user = &missing};
    assert_int_equal(battle_snapshot_check(rig->catalog, &side, &rules, &err), BATTLE_E_OWN);
    assert_string_equal(err.place, "cards[1].id");
    missing = 99;
    assert_int_equal(battle_snapshot_check(rig->catalog, &side, &rules, &err), BATTLE_OK);
    side.cards[0].level = 3;
    assert_int_equal(battle_snapshot_check(rig->catalog, &side, &rules, &err), BATTLE_E_OWN);
    rules = (battle_ruleset){.disabled = disabled, .disabled_count = 1};
    assert_int_equal(battle_snapshot_check(rig->catalog, &side, &rules, &err), BATTLE_E_ID);
}

static void a_loadout_resolves_to_the_same_snapshot(void **state)
{
    struct rig *rig = *state;
    battle_loadout_card cards[] = {{"dummy", 1, 1}, {"hitter", 2, 0}};
    battle_loadout_item items[] = {{"gem", 1}};
    const char *artifacts[] = {"ear", "eye"}, *consumables[] = {"tea"};
    battle_loadout loadout = {"u1", "Ana", 4, cards, 2, artifacts, 2, items, 1, consumables, 1};
    battle_snapshot snapshot;
    battle_err err;
    rig_load(rig, "", ITEMS);
    assert_int_equal(battle_snapshot_resolve(rig->catalog, &loadout, &snapshot, &err), BATTLE_OK);
    assert_int_equal(snapshot.cards[0].num, 2);
    assert_int_equal(snapshot.cards[1].items[0], 30);
    assert_int_equal(snapshot.artifacts[0], 20);
    cards[0].level = 0;
    assert_int_equal(battle_snapshot_resolve(rig->catalog, &loadout, &snapshot, &err), BATTLE_E_LEVEL);
    assert_string_equal(err.place, "cards[0].level");
    cards[0].level = 1, items[0].slot = 2;
    assert_int_equal(battle_snapshot_resolve(rig->catalog, &loadout, &snapshot, &err), BATTLE_E_SLOT);
    assert_string_equal(err.place, "items[0].slot");
    items[0] = (battle_loadout_item){"eye", 0};
    assert_int_equal(battle_snapshot_resolve(rig->catalog, &loadout, &snapshot, &err), BATTLE_E_ID);
    loadout.item_count = 0, artifacts[1] = "moon";
    assert_int_equal(battle_snapshot_resolve(rig->catalog, &loadout, &snapshot, &err), BATTLE_E_ID);
    assert_string_equal(err.place, "artifacts[1]");
}

static void run_refuses_what_it_cannot_trust(void **state)
{
    struct rig *rig = *state;
    battle_seed seed = {{0}};
    battle_result result;
    rig_load(rig, "", "");
    battle_snapshot sides[2] = {rig_side(rig, "ana", "hitter"), rig_side(rig, "ana", "hitter")};
    assert_int_equal(battle_run(rig->ctx, rig->catalog, sides, &seed, NULL, &result), BATTLE_E_PLAYER);
    assert_int_equal(battle_timeline_json(rig->ctx, rig->timeline, BATTLE_TIMELINE_BYTES), 0);
    strcpy(sides[1].player_id, "bo");
    sides[1].cards[0].num = 999;
    assert_int_equal(battle_run(rig->ctx, rig->catalog, sides, &seed, NULL, &result), BATTLE_E_ID);
    sides[1].cards[0] = (battle_snapshot_card){.num = 2, .level = 6};
    assert_int_equal(battle_run(rig->ctx, rig->catalog, sides, &seed, NULL, &result), BATTLE_E_LEVEL);
    sides[1].cards[0].level = 1;
    assert_int_equal(battle_run(rig->ctx, rig->catalog, sides, &seed, &(battle_sink){"a b"}, &result),
                     BATTLE_E_SCHEMA);
    assert_int_equal(battle_run(rig->ctx, rig->catalog, sides, &seed, &(battle_sink){"m1"}, &result),
                     BATTLE_OK);
    assert_int_equal(battle_timeline_json(rig->ctx, rig->timeline, 100), 0);
}

static void clients_may_meet_kinds_and_fields_they_do_not_know(void **state)
{
    struct rig *rig = *state;
    battle_state one, two;
    battle_err err;
    static char changed[BATTLE_TIMELINE_BYTES];
    rig_load(rig, "", "");
    rig_fight(rig, "hitter", "dummy");
    assert_int_equal(battle_reduce(rig->catalog, rig->timeline, strlen(rig->timeline), &one, &err),
                     BATTLE_OK);
    const char *start = strstr(rig->timeline, "{\"t\":0,\"k\":\"start\"}");
    size_t head = (size_t)(start - rig->timeline), tail = strlen("{\"t\":0,\"k\":\"start\"}");
    int size = snprintf(changed, sizeof changed,
                        "%.*s{\"t\":0,\"k\":\"sparkle\",\"glow\":{\"a\":[1,true]},\"d\":10}%s", (int)head,
                        rig->timeline, start + tail);
    assert_int_equal(battle_reduce(rig->catalog, changed, (size_t)size, &two, &err), BATTLE_OK);
    assert_memory_equal(&one, &two, sizeof one);
    assert_int_not_equal(battle_verify(rig->catalog, changed, (size_t)size, &err), BATTLE_OK);
}

static void hashes_match_the_published_vectors(void **state)
{
    static const struct {
        const char *words, *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    static char million[1000000];
    uint8_t digest[32];
    char hex[65];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        battle_sha256(cases[i].words, strlen(cases[i].words), digest);
        for (int k = 0; k < 32; k++) snprintf(hex + 2 * k, 3, "%02x", digest[k]);
        assert_string_equal(hex, cases[i].hex);
    }
    memset(million, 'a', sizeof million);
    battle_sha256(million, sizeof million, digest);
    for (int k = 0; k < 32; k++) snprintf(hex + 2 * k, 3, "%02x", digest[k]);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_catalog_outside_the_vocabulary_is_refused_at_its_place),
        cmocka_unit_test(a_refused_definition_is_named),
        cmocka_unit_test(a_catalog_that_loops_is_named),
        cmocka_unit_test(the_catalog_passes_its_lint),
        cmocka_unit_test(every_cut_of_the_real_catalog_is_refused),
        cmocka_unit_test(a_bad_snapshot_names_its_place),
        cmocka_unit_test(a_snapshot_has_one_canonical_form),
        cmocka_unit_test(the_deck_rules_hold),
        cmocka_unit_test(a_loadout_resolves_to_the_same_snapshot),
        cmocka_unit_test(run_refuses_what_it_cannot_trust),
        cmocka_unit_test(clients_may_meet_kinds_and_fields_they_do_not_know),
        cmocka_unit_test(hashes_match_the_published_vectors),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
