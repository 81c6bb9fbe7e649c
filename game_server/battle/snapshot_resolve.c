/* From the client's set_loadout to a snapshot. The places in errors are those of that message. */
#include <string.h>

#include "snapshot_read.h"

/* Only the error half of the reader is used here: a place and a message. */
struct resolver {
    const battle_catalog *catalog;
    struct json json;
};

static void set_place(struct resolver *resolver, const char *list, size_t index, const char *field)
{
    struct json *json = &resolver->json;
    size_t length = strlen(list), tail = strlen(field);
    char digits[8];
    int count = 0;
    memcpy(json->place, list, length);
    json->place[length++] = '[';
    do digits[count++] = (char)('0' + index % 10);
    while ((index /= 10) > 0 && count < 6);
    while (count > 0) json->place[length++] = digits[--count];
    json->place[length++] = ']';
    memcpy(json->place + length, field, tail);
    json->place_length = length + tail;
}

static bool fail_at(struct resolver *resolver, int code, const char *list, size_t index, const char *field,
                    const char *message)
{
    set_place(resolver, list, index, field);
    return json_fail(&resolver->json, code, message);
}

static const struct def *find(struct resolver *resolver, const char *id)
{
    int index = catalog_find(resolver->catalog, id);
    return index < 0 ? NULL : &resolver->catalog->defs[index];
}

static bool resolve_cards(struct resolver *resolver, const battle_loadout *loadout, battle_snapshot *out)
{
    for (size_t i = 0; i < loadout->card_count; i++) {
        const battle_loadout_card *from = &loadout->cards[i];
        const struct def *def = find(resolver, from->id);
        if (i == BATTLE_SLOTS)
            return fail_at(resolver, BATTLE_E_SIZE, "cards", i, "", "more than eight cards");
        if (def == NULL || !kind_is_card(def->kind))
            return fail_at(resolver, BATTLE_E_ID, "cards", i, ".id", "unknown card");
        if (from->level < 1 || from->level > BATTLE_CARD_LEVELS)
            return fail_at(resolver, BATTLE_E_LEVEL, "cards", i, ".level", "outside 1..5");
        if (from->slot < 0 || from->slot >= BATTLE_SLOTS)
            return fail_at(resolver, BATTLE_E_SLOT, "cards", i, ".slot", "outside 0..7");
        if ((size_t)from->slot >= loadout->card_count)
            return fail_at(resolver, BATTLE_E_SLOT, "cards", i, ".slot", "leaves a gap to its left");
        for (size_t k = 0; k < i; k++)
            if (loadout->cards[k].slot == from->slot)
                return fail_at(resolver, BATTLE_E_SLOT, "cards", i, ".slot", "there is a card already");
        out->cards[i] = (battle_snapshot_card){
            .num = def->num, .level = (uint8_t)from->level, .slot = (uint8_t)from->slot};
        out->card_count++;
    }
    return true;
}

static bool resolve_items(struct resolver *resolver, const battle_loadout *loadout, battle_snapshot *out)
{
    for (size_t i = 0; i < loadout->item_count; i++) {
        const struct def *def = find(resolver, loadout->items[i].id);
        int slot = loadout->items[i].slot;
        if (def == NULL || def->kind != BATTLE_ITEM)
            return fail_at(resolver, BATTLE_E_ID, "items", i, ".id", "unknown item");
        if (slot < 0 || slot >= out->card_count)
            return fail_at(resolver, BATTLE_E_SLOT, "items", i, ".slot", "no card there");
        battle_snapshot_card *card = &out->cards[slot];
        if (card->item_count == BATTLE_CARD_ITEMS)
            return fail_at(resolver, BATTLE_E_ITEM, "items", i, ".slot", "more than two items on one card");
        card->items[card->item_count++] = def->num;
    }
    return true;
}

static bool resolve_ids(struct resolver *resolver, const char *list, int kind, const char *const *ids,
                        size_t count, uint16_t *nums, size_t most, uint8_t *out_count)
{
    for (size_t i = 0; i < count; i++) {
        const struct def *def = find(resolver, ids[i]);
        int code = kind == BATTLE_ARTIFACT ? BATTLE_E_ART : BATTLE_E_CONS;
        if (def == NULL || def->kind != kind)
            return fail_at(resolver, BATTLE_E_ID, list, i, "", "unknown id");
        if (i == most) return fail_at(resolver, code, list, i, "", "too many");
        nums[(*out_count)++] = def->num;
    }
    return true;
}

static bool put_text(struct resolver *resolver, const char *field, const char *from,
                     char out[BATTLE_NAME_BYTES])
{
    size_t length = strlen(from);
    resolver->json.place_length = strlen(field);
    memcpy(resolver->json.place, field, resolver->json.place_length);
    if (length >= BATTLE_NAME_BYTES)
        return json_fail(&resolver->json, BATTLE_E_SCHEMA, "longer than 64 bytes");
    if (!json_text_is_clean(from)) return json_fail(&resolver->json, BATTLE_E_SCHEMA, "not clean UTF-8");
    memcpy(out, from, length + 1);
    return true;
}

/* Slots must be sorted out before items, whose slot names a card. */
int battle_snapshot_resolve(const battle_catalog *catalog, const battle_loadout *loadout,
                            battle_snapshot *out, battle_err *err)
{
    struct resolver resolver = {.catalog = catalog};
    struct json *json = &resolver.json;
    memset(out, 0, sizeof *out);
    json_open(json, "", 0, err);
    if (!put_text(&resolver, "player_id", loadout->player_id, out->player_id)) return err->code;
    if (!put_text(&resolver, "name", loadout->name, out->name)) return err->code;
    json->place_length = 5;
    memcpy(json->place, "level", 5);
    if (loadout->level < 1 || loadout->level > BATTLE_LEVELS)
        json_fail(json, BATTLE_E_LEVEL, "outside 1..10");
    out->level = (uint8_t)loadout->level;
    if (!json_ok(json) || !resolve_cards(&resolver, loadout, out)) return err->code;
    memcpy(json->place, "cards", 5);
    json->place_length = 5;
    if (!snapshot_canonicalise(out, json) || !resolve_items(&resolver, loadout, out)) return err->code;
    if (!resolve_ids(&resolver, "artifacts", BATTLE_ARTIFACT, loadout->artifacts, loadout->artifact_count,
                     out->artifacts, BATTLE_ARTIFACTS, &out->artifact_count))
        return err->code;
    if (!resolve_ids(&resolver, "consumables", BATTLE_CONSUMABLE, loadout->consumables,
                     loadout->consumable_count, out->consumables, BATTLE_CONSUMABLES, &out->consumable_count))
        return err->code;
    snapshot_canonicalise(out, json);
    return err->code;
}
