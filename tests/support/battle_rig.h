/* battle_rig.h -- one tiny fight per rule: a catalog is written in the test itself, two rows of card ids
 * fight, and the test looks for events in the timeline's own text. Header only. */
#ifndef DUELPOD_TESTS_BATTLE_RIG_H
#define DUELPOD_TESTS_BATTLE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "game_server/battle/battle.h"

#define RIG_LEVELS                                                                                  \
    "\"levels\":{\"hp\":[100,100,100,100,100,100,100,100,100,100],\"slots\":[4,4,5,5,6,6,7,7,8,8]," \
    "\"artifacts\":[1,1,1,2,2,2,3,3,3,3],\"items\":[1,2,2,3,3,4,4,5,5,6],"                          \
    "\"budget\":[100,100,100,100,100,100,100,100,100,100],\"rarity_cost\":[1,2,3,5],\"level_cost\":[2,3,4,5,6]}"
/* A unit that does nothing and one that hits the front every second for 10. */
#define RIG_DUMMY "{\"id\":\"dummy\",\"num\":1,\"kind\":\"unit\",\"rarity\":\"common\",\"stats\":{\"hp\":50}}"
#define RIG_HITTER                                                                                                       \
    "{\"id\":\"hitter\",\"num\":2,\"kind\":\"unit\",\"rarity\":\"common\",\"stats\":{\"hp\":50,\"atk\":10,\"cd\":1000}," \
    "\"abilities\":[{\"id\":\"hit\",\"on\":\"ready\",\"do\":[{\"op\":\"damage\",\"to\":\"front\",\"n\":{\"stat\":\"atk\"}}]}]}"
#define RIG_BONE \
    "{\"id\":\"bone\",\"num\":3,\"kind\":\"unit\",\"rarity\":\"common\",\"stats\":{\"hp\":5,\"atk\":1,\"cd\":2000}}"

struct rig {
    battle_catalog *catalog;
    battle_ctx *ctx;
    battle_result result;
    char *timeline;
    uint64_t seed;
};

static inline int rig_open(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    rig->ctx = battle_ctx_new();
    rig->timeline = malloc(BATTLE_TIMELINE_BYTES + 1);
    *state = rig;
    return 0;
}

static inline int rig_close(void **state)
{
    struct rig *rig = *state;
    battle_catalog_free(rig->catalog);
    battle_ctx_free(rig->ctx);
    free(rig->timeline);
    free(rig);
    return 0;
}

/* Cards of a test. Apostrophes stand for quotation marks everywhere in these texts. */
#define RIG_CARD(id, num, kind, stats, rest) \
    ",{'id':'" id "','num':" #num ",'kind':'" kind "','rarity':'common','stats':{" stats "}" rest "}"
#define RIG_DO(on, effects) ",'abilities':[{'id':'one','on':'" on "'" effects "}]"

/* `more` are definitions after the three above, each with a comma in front; `extras` are further sections. */
static inline size_t rig_catalog_text(char *out, size_t capacity, const char *more, const char *extras)
{
    return (size_t)snprintf(
        out, capacity,
        "{\"schema\":1,\"catalog\":\"test\",\"ver\":1,\"min_engine\":\"1.0.0\"," RIG_LEVELS
        ",\"cards\":[" RIG_DUMMY "," RIG_HITTER "," RIG_BONE "%s]%s,"
        "\"starter\":{\"cards\":[{\"id\":\"hitter\",\"level\":1,\"slot\":0}],\"collection\":[]}}",
        more, extras);
}

static inline void rig_load(struct rig *rig, const char *more, const char *extras)
{
    static char text[64 << 10];
    battle_err err;
    size_t size = rig_catalog_text(text, sizeof text, more, extras);
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\'') text[i] = '"';
    battle_catalog_free(rig->catalog);
    rig->catalog = battle_catalog_load(text, size, &err);
    if (rig->catalog == NULL)
        fail_msg("catalog: %s at %s: %s", battle_error_name(err.code), err.place, err.message);
}

/* "hitter dummy" puts a hitter in slot 0 and a dummy in slot 1; "+id" gives an item to the card before it, an
 * artifact or consumable to the side. All level 1. */
static inline battle_snapshot rig_side(const struct rig *rig, const char *player, const char *words)
{
    battle_snapshot side;
    char copy[256], *save = NULL;
    memset(&side, 0, sizeof side);
    side.level = 10;
    snprintf(side.player_id, sizeof side.player_id, "%s", player);
    snprintf(side.name, sizeof side.name, "%s", player);
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
        bool extra = *word == '+';
        uint16_t num = battle_catalog_num(rig->catalog, word + extra);
        battle_entry entry = {0};
        if (num == 0) fail_msg("no such id: %s", word);
        for (size_t i = 0; battle_catalog_entry(rig->catalog, i, &entry) && entry.num != num; i++) continue;
        battle_snapshot_card *last = &side.cards[side.card_count > 0 ? side.card_count - 1 : 0];
        if (entry.kind == BATTLE_ARTIFACT) side.artifacts[side.artifact_count++] = num;
        else if (entry.kind == BATTLE_CONSUMABLE) side.consumables[side.consumable_count++] = num;
        else if (entry.kind == BATTLE_ITEM) last->items[last->item_count++] = num;
        else
            side.cards[side.card_count] =
                (battle_snapshot_card){.num = num, .level = 1, .slot = side.card_count},
            side.card_count++;
    }
    return side;
}

/* Fights, keeps the timeline as text, and proves that it reduces to the engine's state and verifies. */
static inline void rig_fight(struct rig *rig, const char *one, const char *two)
{
    battle_snapshot sides[2] = {rig_side(rig, "ana", one), rig_side(rig, "bo", two)};
    battle_seed seed;
    battle_sink sink = {"test"};
    battle_err err;
    battle_state engine, reduced;
    for (int i = 0; i < 8; i++) seed.bytes[i] = (uint8_t)(rig->seed >> (56 - 8 * i));
    assert_int_equal(battle_run(rig->ctx, rig->catalog, sides, &seed, &sink, &rig->result), BATTLE_OK);
    size_t size = battle_timeline_json(rig->ctx, rig->timeline, BATTLE_TIMELINE_BYTES);
    assert_true(size > 0);
    rig->timeline[size] = '\0';
    battle_ctx_state(rig->ctx, &engine);
    if (battle_reduce(rig->catalog, rig->timeline, size, &reduced, &err) != 0)
        fail_msg("reduce: %s", err.message);
    assert_memory_equal(&engine, &reduced, sizeof engine);
    if (battle_verify(rig->catalog, rig->timeline, size, &err) != 0) fail_msg("verify: %s", err.message);
}

/* Copies the words with quotation marks. */
static inline const char *rig_words(const char *words, char out[256])
{
    size_t i = 0;
    for (; words[i] != '\0' && i < 255; i++) out[i] = words[i] == '\'' ? '"' : words[i];
    out[i] = '\0';
    return out;
}

static inline int rig_count(const struct rig *rig, const char *words)
{
    char quoted[256];
    int count = 0;
    rig_words(words, quoted);
    for (const char *at = strstr(rig->timeline, quoted); at != NULL; at = strstr(at + 1, quoted)) count++;
    return count;
}

#define rig_expect(rig, words)                                                       \
    do {                                                                             \
        if (rig_count(rig, words) == 0)                                              \
            fail_msg("no %s in\n%.6000s", words, strstr((rig)->timeline, "\"ev\"")); \
    } while (0)
#define rig_expect_times(rig, times, words)                                                        \
    do {                                                                                           \
        int found_ = rig_count(rig, words);                                                        \
        if (found_ != (times))                                                                     \
            fail_msg("%d times %s in\n%.6000s", found_, words, strstr((rig)->timeline, "\"ev\"")); \
    } while (0)

/* True when the first appearance of `a` stands before that of `b`. */
static inline bool rig_before(const struct rig *rig, const char *a, const char *b)
{
    char quoted[256];
    const char *x = strstr(rig->timeline, rig_words(a, quoted)),
               *y = strstr(rig->timeline, rig_words(b, quoted));
    return x != NULL && y != NULL && x < y;
}

#endif
