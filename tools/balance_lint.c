/* lint: what the loader cannot know to be wrong. The words of the vocabulary (game_server/battle/vocabulary.h)
 * are counted in the catalog's own text; what no effect can ever cause is looked for. */
#include "tools/balance.h"

#include "clients/json_view.h"
#include "game_server/battle/vocabulary.h"

#include <stdio.h>
#include <string.h>

#define TEXT_OF(name, text, ...) text,
#define WORDS(list) \
    (const char *const[]){list(TEXT_OF)}, sizeof((const char *const[]){list(TEXT_OF)}) / sizeof(char *)

enum { TWICE = 2, WORDS_MAX = 32, CARDS_LEAST = 48, ARTIFACTS_LEAST = 16, ITEMS_LEAST = 16 };

/* A list of the vocabulary, the fields of the catalog in which its words stand, and how often each must. */
struct word_list {
    const char *title, *fields;
    const char *const *words;
    size_t count;
    unsigned least;
    unsigned used[WORDS_MAX];
};

struct lint {
    struct balance *balance;
    struct word_list *lists;
    size_t list_count;
    int wrong;
};

static void count_word(struct lint *lint, const char *field, struct bytes word)
{
    char quoted[40];
    snprintf(quoted, sizeof quoted, " %s ", field);
    for (size_t i = 0; i < lint->list_count; i++) {
        struct word_list *list = &lint->lists[i];
        if (strstr(list->fields, quoted) == NULL) continue;
        for (size_t k = 0; k < list->count; k++)
            if (bytes_equal_text(word, list->words[k])) list->used[k]++;
    }
}

/* Every text below `value`; one in an array belongs to the array's field, the names in `stats` are words too. */
static void count_words(struct lint *lint, const char *field, struct bytes value)
{
    struct bytes key, inner;
    if (value.length > 1 && value.data[0] == '"') {
        count_word(lint, field, (struct bytes){value.data + 1, value.length - 2});
        return;
    }
    if (value.length == 0 || (value.data[0] != '{' && value.data[0] != '[')) return;
    bool object = value.data[0] == '{';
    while (json_view_next(&value, &key, &inner)) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", object ? (int)key.length : 0, object ? key.data : "");
        if (object && strcmp(field, "stats") == 0) count_word(lint, "stat", key);
        count_words(lint, object ? name : field, inner);
    }
}

static void report_words(struct lint *lint)
{
    for (size_t i = 0; i < lint->list_count; i++) {
        const struct word_list *list = &lint->lists[i];
        size_t rare = 0;
        for (size_t k = 0; k < list->count; k++) rare += list->used[k] < list->least;
        printf("%-10s %zu words", list->title, list->count);
        if (list->least > 0 && rare == 0) printf(", each used at least %u times", list->least);
        for (size_t k = 0; k < list->count; k++) {
            unsigned least = list->least > 0 ? list->least : 1;
            if (list->used[k] < least) printf(", %s %u", list->words[k], list->used[k]);
        }
        printf("%s\n", rare > 0 ? ": used too rarely" : "");
        lint->wrong += (int)rare;
    }
}

/* ---- how much there is ---------------------------------------------------------------------------------- */

static void need(struct lint *lint, const char *what, size_t count, size_t least)
{
    printf("%-10s %zu of at least %zu\n", what, count, least);
    lint->wrong += count < least;
}

static void count_definitions(struct lint *lint)
{
    size_t cards = 0, tokens = 0, artifacts = 0, items = 0;
    battle_entry entry;
    for (size_t i = 0; battle_catalog_entry(lint->balance->catalog, i, &entry); i++) {
        tokens += entry.token;
        cards += !entry.token && entry.kind <= BATTLE_RITE;
        artifacts += entry.kind == BATTLE_ARTIFACT;
        items += entry.kind == BATTLE_ITEM;
    }
    need(lint, "cards", cards, CARDS_LEAST);
    need(lint, "tokens", tokens, 1);
    need(lint, "artifacts", artifacts, ARTIFACTS_LEAST);
    need(lint, "items", items, ITEMS_LEAST);
}

/* ---- what can never happen -------------------------------------------------------------------------------- */

static void complain(struct lint *lint, struct bytes definition, struct bytes ability, const char *sentence)
{
    char owner[BATTLE_ID_BYTES], id[BATTLE_ID_BYTES];
    json_view_text(json_view_field(definition, "id"), owner, sizeof owner);
    json_view_text(json_view_field(ability, "id"), id, sizeof id);
    printf("never      %s%s%s: %s\n", owner, id[0] == '\0' ? "" : ".", id, sentence);
    lint->wrong++;
}

static bool is_one_of(struct bytes word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (json_view_equals(word, words[i])) return true;
    return false;
}

/* Triggers that speak of the card itself need a card to whom it can happen. */
static void look_at_ability(struct lint *lint, struct bytes card, struct bytes ability)
{
    static const char *const timed[] = {"frozen", "slowed", "hasted", "charged"};
    struct bytes on = json_view_field(ability, "on"), kind = json_view_field(card, "kind");
    bool has_timer = json_view_field(json_view_field(card, "stats"), "cd").length > 0;
    if (!json_view_equals(kind, "unit") && json_view_equals(on, "hurt"))
        complain(lint, card, ability, "only units are hurt");
    if (!has_timer && is_one_of(on, timed, ARRAY_LENGTH(timed)))
        complain(lint, card, ability, "its card has no cooldown that could change");
}

static void look_at_cards(struct lint *lint, const char *section)
{
    struct bytes cards = json_view_field(lint->balance->catalog_json, section), card, ability;
    while (json_view_next(&cards, NULL, &card)) {
        struct bytes abilities = json_view_field(card, "abilities");
        while (json_view_next(&abilities, NULL, &ability)) look_at_ability(lint, card, ability);
    }
}

/* A text that stands anywhere as the value of `card` is summoned or turned into. */
static bool is_named(struct bytes value, const char *id)
{
    struct bytes key, inner;
    if (value.length == 0 || (value.data[0] != '{' && value.data[0] != '[')) return false;
    bool object = value.data[0] == '{';
    while (json_view_next(&value, &key, &inner)) {
        if (object && bytes_equal_text(key, "card") && json_view_equals(inner, id)) return true;
        if (is_named(inner, id)) return true;
    }
    return false;
}

static void look_at_tokens(struct lint *lint)
{
    struct bytes tokens = json_view_field(lint->balance->catalog_json, "tokens"), token;
    while (json_view_next(&tokens, NULL, &token)) {
        char id[BATTLE_ID_BYTES];
        json_view_text(json_view_field(token, "id"), id, sizeof id);
        if (!is_named(lint->balance->catalog_json, id))
            complain(lint, token, (struct bytes){NULL, 0}, "nothing summons it");
    }
}

int balance_lint(struct balance *balance)
{
    static const char *const sections[] = {"cards", "tokens", "artifacts", "items", "consumables"};
    struct word_list lists[] = {
        {"triggers", " on ", WORDS(BATTLE_TRIGGERS), TWICE, {0}},
        {"operations", " op ", WORDS(BATTLE_OPS), TWICE, {0}},
        {"targets", " to copy ", WORDS(BATTLE_TARGETS), TWICE, {0}},
        {"picks", " pick ", WORDS(BATTLE_POOLS), TWICE, {0}},
        {"orders", " by ", WORDS(BATTLE_ORDERS), TWICE, {0}},
        {"keywords", " kw ", WORDS(BATTLE_KEYWORDS), TWICE, {0}},
        {"stats", " stat ", WORDS(BATTLE_STATS), 1, {0}},
        {"measures", " stat ", WORDS(BATTLE_MEASURES), 0, {0}},
        {"statuses", " status ", WORDS(BATTLE_STATUSES), 0, {0}},
        {"subjects", " subject of ", WORDS(BATTLE_SUBJECTS), 1, {0}},
        {"seats", " slot ", WORDS(BATTLE_SEATS), 0, {0}},
        {"compares", " cmp ", WORDS(BATTLE_COMPARES), 0, {0}},
        {"kinds", " kind ", WORDS(BATTLE_KINDS), 0, {0}},
        {"rarities", " rarity ", WORDS(BATTLE_RARITIES), TWICE, {0}},
    };
    struct lint lint = {balance, lists, ARRAY_LENGTH(lists), 0};
    for (size_t i = 0; i < ARRAY_LENGTH(sections); i++)
        count_words(&lint, sections[i], json_view_field(balance->catalog_json, sections[i]));
    count_definitions(&lint);
    report_words(&lint);
    look_at_cards(&lint, "cards");
    look_at_cards(&lint, "tokens");
    look_at_tokens(&lint);
    printf("%s %d: %d findings\n", battle_catalog_id(balance->catalog),
           battle_catalog_version(balance->catalog), lint.wrong);
    return lint.wrong > 0;
}
