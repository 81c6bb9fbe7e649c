#include "game_server/loadout.h"

#include <stdio.h>
#include <string.h>

struct ownership {
    const battle_catalog *catalog;
    const struct proto_collection *collection;
};

static int level_among_ids(const char ids[][33], size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) == 0) return 1;
    }
    return 0;
}

static int owned_level(void *user, uint16_t num)
{
    const struct ownership *ownership = user;
    const struct proto_collection *owned = ownership->collection;
    const char *id = battle_catalog_name(ownership->catalog, num);
    if (id == NULL) return 0;
    for (size_t i = 0; i < owned->cards_count; i++) {
        if (strcmp(owned->cards[i].id, id) == 0) return (int)owned->cards[i].level;
    }
    int level = level_among_ids(owned->artifacts, owned->artifacts_count, id);
    return level > 0 ? level : level_among_ids(owned->items, owned->items_count, id);
}

/* The rules speak of the canonical snapshot, where card i sits in slot i and carries its items; the client must
 * hear of the place in its own message. */
static void client_place(const battle_catalog *catalog, const battle_snapshot *snapshot,
                         const struct proto_loadout *wish, const char *place, char *out, size_t capacity)
{
    unsigned slot, item;
    int card_end = 0, item_end = 0;
    text_copy(out, capacity, place);
    if (sscanf(place, "cards[%u]%n", &slot, &card_end) != 1 || card_end == 0 || slot >= snapshot->card_count)
        return;
    if (sscanf(place + card_end, ".items[%u]%n", &item, &item_end) == 1 && item_end > 0 &&
        item < snapshot->cards[slot].item_count) {
        const char *id = battle_catalog_name(catalog, snapshot->cards[slot].items[item]);
        for (size_t i = 0; i < wish->items_count; i++) {
            if (wish->items[i].slot != slot || strcmp(wish->items[i].id, id) != 0) continue;
            snprintf(out, capacity, "items[%zu]%s", i, place + card_end + item_end);
        }
        return;
    }
    for (size_t i = 0; i < wish->cards_count; i++) {
        if (wish->cards[i].slot == slot) snprintf(out, capacity, "cards[%zu]%s", i, place + card_end);
    }
}

static bool refuse(struct codec_error *error, const battle_err *reason)
{
    error->code = ERROR_invalid_loadout;
    text_copy(error->place, sizeof error->place, reason->place);
    snprintf(error->detail, sizeof error->detail, "%s: %.70s", battle_error_name(reason->code),
             reason->message);
    return false;
}

struct loadout_parts {
    battle_loadout_card cards[CARDS_MAX];
    battle_loadout_item items[ITEMS_MAX];
    const char *artifacts[ARTIFACTS_MAX];
    const char *consumables[CONSUMABLES_MAX];
};

static battle_loadout loadout_in_battle_terms(const struct proto_profile *profile,
                                              const struct proto_loadout *from, struct loadout_parts *parts)
{
    for (size_t i = 0; i < from->cards_count; i++) {
        const struct proto_card *card = &from->cards[i];
        parts->cards[i] = (battle_loadout_card){card->id, (int)card->level, (int)card->slot};
    }
    for (size_t i = 0; i < from->items_count; i++) {
        parts->items[i] = (battle_loadout_item){from->items[i].id, (int)from->items[i].slot};
    }
    for (size_t i = 0; i < from->artifacts_count; i++) parts->artifacts[i] = from->artifacts[i];
    for (size_t i = 0; i < from->consumables_count; i++) parts->consumables[i] = from->consumables[i];
    return (battle_loadout){
        .player_id = profile->player_id,
        .name = profile->name,
        .level = (int)profile->level,
        .cards = parts->cards,
        .card_count = from->cards_count,
        .artifacts = parts->artifacts,
        .artifact_count = from->artifacts_count,
        .items = parts->items,
        .item_count = from->items_count,
        .consumables = parts->consumables,
        .consumable_count = from->consumables_count,
    };
}

bool loadout_resolve(const battle_catalog *catalog, const struct proto_profile *profile,
                     const struct proto_loadout *loadout, battle_snapshot *out, struct codec_error *error)
{
    struct loadout_parts parts;
    battle_loadout terms = loadout_in_battle_terms(profile, loadout, &parts);
    struct ownership ownership = {catalog, &profile->collection};
    battle_ruleset rules = {.owned_level = owned_level, .user = &ownership};
    battle_err reason = {.code = BATTLE_OK};
    if (battle_snapshot_resolve(catalog, &terms, out, &reason) != 0) return refuse(error, &reason);
    if (battle_snapshot_check(catalog, out, &rules, &reason) == 0) return true;
    refuse(error, &reason);
    client_place(catalog, out, loadout, reason.place, error->place, sizeof error->place);
    return false;
}

void loadout_of_snapshot(const battle_catalog *catalog, const battle_snapshot *snapshot,
                         struct proto_loadout *out)
{
    *out = (struct proto_loadout){.cards_count = 0};
    for (size_t i = 0; i < snapshot->card_count; i++) {
        const battle_snapshot_card *from = &snapshot->cards[i];
        struct proto_card *card = &out->cards[out->cards_count++];
        text_copy(card->id, sizeof card->id, battle_catalog_name(catalog, from->num));
        card->level = from->level;
        card->slot = from->slot;
        for (size_t k = 0; k < from->item_count && out->items_count < ITEMS_MAX; k++) {
            struct proto_item *item = &out->items[out->items_count++];
            text_copy(item->id, sizeof item->id, battle_catalog_name(catalog, from->items[k]));
            item->slot = from->slot;
        }
    }
    for (size_t i = 0; i < snapshot->artifact_count; i++) {
        text_copy(out->artifacts[out->artifacts_count++], sizeof out->artifacts[0],
                  battle_catalog_name(catalog, snapshot->artifacts[i]));
    }
    for (size_t i = 0; i < snapshot->consumable_count; i++) {
        text_copy(out->consumables[out->consumables_count++], sizeof out->consumables[0],
                  battle_catalog_name(catalog, snapshot->consumables[i]));
    }
}

static void own_id(char ids[][33], size_t *count, const char *id)
{
    if (*count == OWNED_MAX || level_among_ids((const char(*)[33])ids, *count, id) > 0) return;
    text_copy(ids[(*count)++], sizeof ids[0], id);
}

static void own_card(struct proto_collection *collection, const char *id)
{
    for (size_t i = 0; i < collection->cards_count; i++) {
        if (strcmp(collection->cards[i].id, id) == 0) return;
    }
    if (collection->cards_count == OWNED_MAX) return;
    struct proto_owned_card *card = &collection->cards[collection->cards_count++];
    text_copy(card->id, sizeof card->id, id);
    card->level = 1;
}

void loadout_own(const battle_catalog *catalog, uint16_t num, struct proto_collection *collection)
{
    battle_entry entry;
    size_t index = 0;
    while (battle_catalog_entry(catalog, index, &entry) && entry.num != num) index++;
    if (entry.kind == BATTLE_ARTIFACT) {
        own_id(collection->artifacts, &collection->artifacts_count, entry.id);
    } else if (entry.kind == BATTLE_ITEM || entry.kind == BATTLE_CONSUMABLE) {
        own_id(collection->items, &collection->items_count, entry.id);
    } else {
        own_card(collection, entry.id);
    }
}

void loadout_starter(const battle_catalog *catalog, struct proto_loadout *loadout,
                     struct proto_collection *collection)
{
    loadout_of_snapshot(catalog, battle_catalog_starter(catalog), loadout);
    *collection = (struct proto_collection){.cards_count = 0};
    const uint16_t *nums;
    size_t count = battle_catalog_starter_collection(catalog, &nums);
    for (size_t i = 0; i < count; i++) loadout_own(catalog, nums[i], collection);
}

void loadout_snapshot_json(const battle_catalog *catalog, const battle_snapshot *snapshot, struct buffer *out)
{
    char text[BATTLE_SNAPSHOT_BYTES];
    size_t length = battle_snapshot_json(catalog, snapshot, text, sizeof text);
    check(length <= sizeof text);
    buffer_append(out, text, length);
}

bool loadout_name_is_valid(const char *name)
{
    size_t bytes = strlen(name), characters = 0;
    if (bytes == 0 || bytes > NAME_BYTES_MAX || name[0] == ' ' || name[bytes - 1] == ' ') return false;
    for (const char *at = name; *at != '\0'; at++) {
        if ((*at & 0xc0) != 0x80) characters++;
    }
    return characters <= NAME_CHARACTERS_MAX;
}
