/* What a deck may be: docs/battle.md section 8, one function per rule, in the order the errors are listed. */
#include <string.h>

#include "snapshot_read.h"

struct checker {
    const battle_catalog *catalog;
    const battle_snapshot *snapshot;
    const battle_ruleset *rules;
    const struct level_row *row;
    battle_err *err;
};

static int fail(struct checker *checker, int code, const char *list, int index, const char *tail,
                const char *message)
{
    battle_err *err = checker->err;
    char place[sizeof err->place] = "";
    size_t length = strlen(list);
    memcpy(place, list, length);
    if (index >= 0) {
        place[length++] = '[';
        if (index >= 10) place[length++] = (char)('0' + index / 10);
        place[length++] = (char)('0' + index % 10);
        place[length++] = ']';
    }
    memcpy(place + length, tail, strlen(tail) + 1);
    err->code = code;
    memcpy(err->place, place, sizeof place);
    memcpy(err->message, message, strlen(message) + 1);
    return code;
}

static bool is_disabled(const battle_ruleset *rules, uint16_t num)
{
    for (size_t i = 0; rules != NULL && i < rules->disabled_count; i++)
        if (rules->disabled[i] == num) return true;
    return false;
}

/* E_ID and E_OWN for one definition. */
static int usable(struct checker *checker, uint16_t num, int kind, int level, const char *list, int index,
                  const char *tail)
{
    const struct def *def = catalog_def(checker->catalog, num);
    bool right = def != NULL && !def->token && (kind == 0 ? kind_is_card(def->kind) : def->kind == kind);
    if (!right) return fail(checker, BATTLE_E_ID, list, index, tail, "unknown id");
    if (is_disabled(checker->rules, num))
        return fail(checker, BATTLE_E_ID, list, index, tail, "disabled at present");
    if (checker->rules == NULL || checker->rules->owned_level == NULL) return BATTLE_OK;
    int owned = checker->rules->owned_level(checker->rules->user, num);
    if (owned < 1) return fail(checker, BATTLE_E_OWN, list, index, tail, "not owned");
    if (owned < level) return fail(checker, BATTLE_E_OWN, list, index, tail, "owned at a lower level");
    return BATTLE_OK;
}

static int check_ids(struct checker *checker)
{
    const battle_snapshot *snapshot = checker->snapshot;
    int code = BATTLE_OK;
    for (int i = 0; i < snapshot->card_count && code == BATTLE_OK; i++) {
        const battle_snapshot_card *card = &snapshot->cards[i];
        code = usable(checker, card->num, 0, card->level, "cards", i, ".id");
        for (int k = 0; k < card->item_count && code == BATTLE_OK; k++)
            code = usable(checker, card->items[k], BATTLE_ITEM, 1, "cards", i,
                          k == 0 ? ".items[0]" : ".items[1]");
    }
    for (int i = 0; i < snapshot->artifact_count && code == BATTLE_OK; i++)
        code = usable(checker, snapshot->artifacts[i], BATTLE_ARTIFACT, 1, "artifacts", i, "");
    for (int i = 0; i < snapshot->consumable_count && code == BATTLE_OK; i++)
        code = usable(checker, snapshot->consumables[i], BATTLE_CONSUMABLE, 1, "consumables", i, "");
    return code;
}

static int check_copies(struct checker *checker)
{
    static const int most[5] = {0, 3, 2, 2, 1};
    const battle_snapshot *snapshot = checker->snapshot;
    for (int i = 0; i < snapshot->card_count; i++) {
        const struct def *def = catalog_def(checker->catalog, snapshot->cards[i].num);
        int copies = 0, uniques = 0;
        for (int k = 0; k <= i; k++) {
            copies += snapshot->cards[k].num == def->num;
            uniques += catalog_def(checker->catalog, snapshot->cards[k].num)->unique;
        }
        if (copies > most[def->rarity])
            return fail(checker, BATTLE_E_DUP, "cards", i, ".id", "too many copies");
        if (def->unique && uniques > 1)
            return fail(checker, BATTLE_E_DUP, "cards", i, ".id", "a second unique card");
    }
    return BATTLE_OK;
}

static int check_levels_and_cost(struct checker *checker)
{
    const battle_snapshot *snapshot = checker->snapshot;
    int highest =
        (snapshot->level + 1) / 2 < BATTLE_CARD_LEVELS ? (snapshot->level + 1) / 2 : BATTLE_CARD_LEVELS;
    int32_t cost = 0;
    for (int i = 0; i < snapshot->card_count; i++) {
        const battle_snapshot_card *card = &snapshot->cards[i];
        if (card->level < 1 || card->level > highest)
            return fail(checker, BATTLE_E_LEVEL, "cards", i, ".level", "above half of the player's level");
        const struct def *def = catalog_def(checker->catalog, card->num);
        cost += checker->catalog->rarity_cost[def->rarity] * checker->catalog->level_cost[card->level - 1];
    }
    if (cost > checker->row->budget)
        return fail(checker, BATTLE_E_COST, "cards", -1, "", "deck costs more than the budget");
    return BATTLE_OK;
}

static bool item_fits(const struct def *item, const struct def *card)
{
    return (item->fits_kinds == 0 || item->fits_kinds >> card->kind & 1) &&
           (item->fits_tags == 0 || (item->fits_tags & card->tags) != 0);
}

static int check_items(struct checker *checker)
{
    const battle_snapshot *snapshot = checker->snapshot;
    int total = 0;
    for (int i = 0; i < snapshot->card_count; i++) {
        const battle_snapshot_card *card = &snapshot->cards[i];
        const struct def *def = catalog_def(checker->catalog, card->num);
        total += card->item_count;
        if (card->item_count > (def->keywords & KW_SOCKETED ? 2 : 1))
            return fail(checker, BATTLE_E_ITEM, "cards", i, ".items", "too many items on this card");
        for (int k = 0; k < card->item_count; k++)
            if (!item_fits(catalog_def(checker->catalog, card->items[k]), def))
                return fail(checker, BATTLE_E_ITEM, "cards", i, ".items", "item does not fit this card");
    }
    if (total > checker->row->items) return fail(checker, BATTLE_E_ITEM, "cards", -1, "", "too many items");
    return BATTLE_OK;
}

static int check_extras(struct checker *checker)
{
    const battle_snapshot *snapshot = checker->snapshot;
    if (snapshot->artifact_count > checker->row->artifacts)
        return fail(checker, BATTLE_E_ART, "artifacts", -1, "", "too many artifacts for this level");
    for (int i = 1; i < snapshot->artifact_count; i++)
        if (snapshot->artifacts[i] == snapshot->artifacts[i - 1])
            return fail(checker, BATTLE_E_ART, "artifacts", i, "", "the same artifact twice");
    for (int i = 1; i < snapshot->consumable_count; i++)
        if (snapshot->consumables[i] == snapshot->consumables[i - 1])
            return fail(checker, BATTLE_E_CONS, "consumables", i, "", "the same consumable twice");
    return BATTLE_OK;
}

/* Something that hurts an enemy: damage, burn or poison, directly or through what is summoned. */
static bool deals_damage(const battle_catalog *catalog, const struct def *def, int depth)
{
    for (int i = 0; i < def->abilities.count; i++) {
        struct span effects = catalog->abilities[def->abilities.start + i].effects;
        for (int k = 0; k < effects.count; k++) {
            const struct effect *effect = &catalog->effects[effects.start + k];
            bool harm = effect->op == OP_DAMAGE || effect->op == OP_BURN || effect->op == OP_POISON;
            if (harm && effect->to != TO_MY_HERO && effect->to != TO_SELF) return true;
            if (depth > 0 && effect->card >= 0 &&
                deals_damage(catalog, &catalog->defs[effect->card], depth - 1))
                return true;
        }
    }
    return false;
}

static int check_damage(struct checker *checker)
{
    const battle_snapshot *snapshot = checker->snapshot;
    for (int i = 0; i < snapshot->card_count; i++)
        if (deals_damage(checker->catalog, catalog_def(checker->catalog, snapshot->cards[i].num), 2))
            return BATTLE_OK;
    return fail(checker, BATTLE_E_NODMG, "cards", -1, "", "no card deals damage");
}

int battle_snapshot_check(const battle_catalog *catalog, const battle_snapshot *snapshot,
                          const battle_ruleset *rules, battle_err *err)
{
    static int (*const checks[])(struct checker *) = {check_ids,    check_copies, check_levels_and_cost,
                                                      check_extras, check_items,  check_damage};
    struct checker checker = {catalog, snapshot, rules, NULL, err};
    memset(err, 0, sizeof *err);
    if (snapshot->level < 1 || snapshot->level > BATTLE_LEVELS)
        return fail(&checker, BATTLE_E_LEVEL, "level", -1, "", "outside 1..10");
    checker.row = &catalog->levels[snapshot->level - 1];
    if (snapshot->card_count < 1 || snapshot->card_count > checker.row->slots)
        return fail(&checker, BATTLE_E_SIZE, "cards", -1, "", "no cards, or more than this level has slots");
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        int code = checks[i](&checker);
        if (code != BATTLE_OK) return code;
    }
    return BATTLE_OK;
}
