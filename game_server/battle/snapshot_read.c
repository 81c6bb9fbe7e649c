#include "snapshot_read.h"

#include <string.h>

static bool read_num(struct json *json, const battle_catalog *catalog, int kind, uint16_t *num)
{
    char id[BATTLE_ID_BYTES];
    if (!json_id(json, id)) return false;
    int index = catalog_find(catalog, id);
    if (index < 0) return json_fail(json, BATTLE_E_ID, "unknown id");
    const struct def *def = &catalog->defs[index];
    if (kind == 0 ? !kind_is_card(def->kind) : def->kind != kind)
        return json_fail(json, BATTLE_E_ID, "id is of another kind");
    *num = def->num;
    return true;
}

bool snapshot_read_ids(struct json *json, const battle_catalog *catalog, int kind, uint16_t *nums, int most,
                       uint8_t *count)
{
    static const int too_many[] = {
        [BATTLE_ARTIFACT] = BATTLE_E_ART, [BATTLE_ITEM] = BATTLE_E_ITEM, [BATTLE_CONSUMABLE] = BATTLE_E_CONS};
    struct json_array array;
    *count = 0;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (*count == most) return json_fail(json, too_many[kind], "too many");
        if (!read_num(json, catalog, kind, &nums[*count])) return false;
        (*count)++;
    }
    return json_ok(json);
}

static bool read_card(struct json *json, const battle_catalog *catalog, battle_snapshot_card *card)
{
#define STAT_WORD(name, word, low, high) word,
    enum { ID, LEVEL, SLOT, ITEMS, FIRST_STAT, FIELDS = FIRST_STAT + STATS - 1 };
    static const char *const names[FIELDS] = {"id", "level", "slot", "items", BATTLE_STATS(STAT_WORD)};
    struct json_object object;
    int64_t number = 0;
    json_object_open(json, &object, names, FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case ID: read_num(json, catalog, 0, &card->num); break;
        case LEVEL:
            if (json_int(json, INT32_MIN, INT32_MAX, &number) && (number < 1 || number > BATTLE_CARD_LEVELS))
                json_fail(json, BATTLE_E_LEVEL, "outside 1..5");
            card->level = (uint8_t)number;
            break;
        case SLOT:
            if (json_int(json, INT32_MIN, INT32_MAX, &number) && (number < 0 || number >= BATTLE_SLOTS))
                json_fail(json, BATTLE_E_SLOT, "outside 0..7");
            card->slot = (uint8_t)number;
            break;
        case ITEMS:
            snapshot_read_ids(json, catalog, BATTLE_ITEM, card->items, BATTLE_CARD_ITEMS, &card->item_count);
            break;
        default: json_fail(json, BATTLE_E_STATE, "stats come from the catalog, never from a snapshot");
        }
    }
    return json_object_need(json, &object, 1u << ID | 1u << LEVEL | 1u << SLOT);
}

bool snapshot_read_cards(struct json *json, const battle_catalog *catalog, battle_snapshot *out)
{
    struct json_array array;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (out->card_count == BATTLE_SLOTS) return json_fail(json, BATTLE_E_SIZE, "more than eight cards");
        if (!read_card(json, catalog, &out->cards[out->card_count])) return false;
        out->card_count++;
    }
    return json_ok(json);
}

static void sort_nums(uint16_t *nums, int count)
{
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && nums[k - 1] > nums[k]; k--) {
            uint16_t num = nums[k];
            nums[k] = nums[k - 1];
            nums[k - 1] = num;
        }
}

static void sort_cards(battle_snapshot_card *cards, int count)
{
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && cards[k - 1].slot > cards[k].slot; k--) {
            battle_snapshot_card card = cards[k];
            cards[k] = cards[k - 1];
            cards[k - 1] = card;
        }
}

bool snapshot_canonicalise(battle_snapshot *snapshot, struct json *json)
{
    sort_cards(snapshot->cards, snapshot->card_count);
    for (int i = 0; i < snapshot->card_count; i++) {
        sort_nums(snapshot->cards[i].items, snapshot->cards[i].item_count);
        if (snapshot->cards[i].slot != i)
            return json_fail(json, BATTLE_E_SLOT, "slots must be 0, 1, 2 and so on, each once");
    }
    sort_nums(snapshot->artifacts, snapshot->artifact_count);
    sort_nums(snapshot->consumables, snapshot->consumable_count);
    return true;
}

bool snapshot_read_starter(struct json *json, battle_catalog *catalog)
{
    enum { CARDS, ARTIFACTS, CONSUMABLES, COLLECTION };
    static const char *const names[] = {"cards", "artifacts", "consumables", "collection"};
    battle_snapshot *out = &catalog->starter;
    struct json_object object;
    struct json_array array;
    char id[BATTLE_ID_BYTES];
    out->level = 1;
    json_object_open(json, &object, names, 4);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case CARDS: snapshot_read_cards(json, catalog, out); break;
        case ARTIFACTS:
            snapshot_read_ids(json, catalog, BATTLE_ARTIFACT, out->artifacts, BATTLE_ARTIFACTS,
                              &out->artifact_count);
            break;
        case CONSUMABLES:
            snapshot_read_ids(json, catalog, BATTLE_CONSUMABLE, out->consumables, BATTLE_CONSUMABLES,
                              &out->consumable_count);
            break;
        default:
            json_array_open(json, &array);
            while (json_array_next(json, &array)) {
                if (!json_id(json, id)) break;
                int index = catalog_find(catalog, id);
                if (index < 0) return json_fail(json, BATTLE_E_ID, "unknown id");
                if (catalog->collection_count == DEFS_MAX)
                    return json_fail(json, BATTLE_E_LINT, "too many ids");
                catalog->collection[catalog->collection_count++] = catalog->defs[index].num;
            }
        }
    }
    json_object_need(json, &object, 1u << CARDS | 1u << COLLECTION);
    return json_ok(json) && snapshot_canonicalise(out, json);
}

bool snapshot_read_stage(struct json *json, const battle_catalog *catalog, battle_stage *stage)
{
    enum { ID, NAME, PLAYER_LEVEL, LEVEL, EXPERIENCE, REWARD, CARDS, ARTIFACTS, CONSUMABLES, FIELDS };
    static const char *const names[FIELDS] = {"id",     "name",  "player_level", "level",      "experience",
                                              "reward", "cards", "artifacts",    "consumables"};
    battle_snapshot *out = &stage->opponent;
    struct json_object object;
    int64_t number = 0;
    char reward[BATTLE_ID_BYTES];
    *stage = (battle_stage){.player_level = 1};
    json_object_open(json, &object, names, FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case ID: json_id(json, stage->id); break;
        case NAME: json_text(json, out->name, sizeof out->name); break;
        case PLAYER_LEVEL:
            json_int(json, 1, BATTLE_LEVELS, &number), stage->player_level = (int)number;
            break;
        case LEVEL: json_int(json, 1, BATTLE_LEVELS, &number), out->level = (uint8_t)number; break;
        case EXPERIENCE: json_int(json, 0, AMOUNT_MAX, &number), stage->experience = (int)number; break;
        case REWARD:
            if (!json_id(json, reward)) break;
            stage->reward = battle_catalog_num(catalog, reward);
            if (stage->reward == 0) json_fail(json, BATTLE_E_ID, "unknown id");
            break;
        case CARDS: snapshot_read_cards(json, catalog, out); break;
        case ARTIFACTS:
            snapshot_read_ids(json, catalog, BATTLE_ARTIFACT, out->artifacts, BATTLE_ARTIFACTS,
                              &out->artifact_count);
            break;
        default:
            snapshot_read_ids(json, catalog, BATTLE_CONSUMABLE, out->consumables, BATTLE_CONSUMABLES,
                              &out->consumable_count);
        }
    }
    if (!json_object_need(json, &object, 1u << ID | 1u << NAME | 1u << LEVEL | 1u << CARDS)) return false;
    memcpy(out->player_id, "pve:", 4);
    memcpy(out->player_id + 4, stage->id, sizeof stage->id);
    return snapshot_canonicalise(out, json);
}
