/* Snapshots as JSON, canonical both ways, and from the client's loadout form. */
#include <string.h>

#include "json_writer.h"
#include "sha256.h"
#include "snapshot_read.h"

enum { V, CATALOG, VER, PLAYER_ID, NAME, LEVEL, CARDS, ARTIFACTS, CONSUMABLES, FIELDS };
static const char *const names[FIELDS] = {"v",     "catalog", "ver",       "player_id",  "name",
                                          "level", "cards",   "artifacts", "consumables"};

static void read_player_level(struct json *json, battle_snapshot *out)
{
    int64_t number = 0;
    if (json_int(json, INT32_MIN, INT32_MAX, &number) && (number < 1 || number > BATTLE_LEVELS))
        json_fail(json, BATTLE_E_LEVEL, "outside 1..10");
    out->level = (uint8_t)number;
}

static void read_field(struct json *json, const battle_catalog *catalog, int field, battle_snapshot *out)
{
    int64_t number = 0;
    char id[BATTLE_ID_BYTES];
    switch (field) {
    case V: json_int(json, 1, 1, &number); break;
    case CATALOG:
        if (json_id(json, id) && strcmp(id, catalog->id) != 0)
            json_fail(json, BATTLE_E_CATALOG, "another catalog");
        break;
    case VER:
        if (json_int(json, 1, INT32_MAX, &number) && number != catalog->version)
            json_fail(json, BATTLE_E_CATALOG, "another version of the catalog");
        break;
    case PLAYER_ID: json_text(json, out->player_id, sizeof out->player_id); break;
    case NAME: json_text(json, out->name, sizeof out->name); break;
    case LEVEL: read_player_level(json, out); break;
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

int battle_snapshot_parse(const battle_catalog *catalog, const void *bytes, size_t size, battle_snapshot *out,
                          battle_err *err)
{
    struct json json;
    struct json_object object;
    memset(out, 0, sizeof *out);
    json_open(&json, bytes, size, err);
    if (size > BATTLE_SNAPSHOT_BYTES)
        return json_fail(&json, BATTLE_E_SCHEMA, "larger than 8 KiB"), err->code;
    json_object_open(&json, &object, names, FIELDS);
    for (int field; (field = json_object_next(&json, &object)) >= 0;) read_field(&json, catalog, field, out);
    json_object_need(&json, &object, (1u << FIELDS) - 1);
    if (json_close(&json)) snapshot_canonicalise(out, &json);
    return err->code;
}

/* ---- writing ------------------------------------------------------------------------------------ */

static void write_ids(const battle_catalog *catalog, const char *name, const uint16_t *nums, int count,
                      struct text *text)
{
    text_put(text, name);
    for (int i = 0; i < count; i++) {
        const char *id = battle_catalog_name(catalog, nums[i]);
        text_put(text, i == 0 ? "\"" : ",\"");
        text_put(text, id == NULL ? "" : id);
        text_put(text, "\"");
    }
    text_put(text, "]");
}

static void write_card(const battle_catalog *catalog, const battle_snapshot_card *card, struct text *text)
{
    const char *id = battle_catalog_name(catalog, card->num);
    text_put(text, "{\"id\":");
    text_quoted(text, id == NULL ? "" : id);
    text_put(text, ",\"level\":"), text_int(text, card->level);
    text_put(text, ",\"slot\":"), text_int(text, card->slot);
    write_ids(catalog, ",\"items\":[", card->items, card->item_count, text);
    text_put(text, "}");
}

size_t battle_snapshot_json(const battle_catalog *catalog, const battle_snapshot *snapshot, char *buffer,
                            size_t capacity)
{
    char scratch[BATTLE_SNAPSHOT_BYTES]; /* the longest possible snapshot has about 3 KiB */
    struct text text;
    text_open(&text, scratch, sizeof scratch);
    text_put(&text, "{\"v\":1,\"catalog\":"), text_quoted(&text, catalog->id);
    text_put(&text, ",\"ver\":"), text_int(&text, catalog->version);
    text_put(&text, ",\"player_id\":"), text_quoted(&text, snapshot->player_id);
    text_put(&text, ",\"name\":"), text_quoted(&text, snapshot->name);
    text_put(&text, ",\"level\":"), text_int(&text, snapshot->level);
    text_put(&text, ",\"cards\":[");
    for (int i = 0; i < snapshot->card_count; i++) {
        if (i > 0) text_put(&text, ",");
        write_card(catalog, &snapshot->cards[i], &text);
    }
    write_ids(catalog, "],\"artifacts\":[", snapshot->artifacts, snapshot->artifact_count, &text);
    write_ids(catalog, ",\"consumables\":[", snapshot->consumables, snapshot->consumable_count, &text);
    text_put(&text, "}");
    size_t length = text_length(&text);
    if (length <= capacity) memcpy(buffer, scratch, length);
    return length;
}

void battle_snapshot_sha256(const battle_catalog *catalog, const battle_snapshot *snapshot, uint8_t out[32])
{
    char buffer[BATTLE_SNAPSHOT_BYTES];
    battle_sha256(buffer, battle_snapshot_json(catalog, snapshot, buffer, sizeof buffer), out);
}
