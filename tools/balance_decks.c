#include "tools/balance_decks.h"

#include "clients/json_view.h"
#include "common/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct reading {
    const battle_catalog *catalog;
    struct deck_list *decks;
    struct buffer snapshot;
    char *error;
    size_t error_capacity;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct reading *reading, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reading->error, reading->error_capacity, format, arguments);
    va_end(arguments);
    return false;
}

static void append_field(struct buffer *out, const char *name, struct bytes value, const char *otherwise)
{
    buffer_append_character(out, ',');
    buffer_append_json_text(out, name);
    buffer_append_character(out, ':');
    if (value.length > 0) buffer_append(out, value.data, value.length);
    else buffer_append_text(out, otherwise);
}

/* The deck in the form of a snapshot, so that one reader and one set of rules serve both. */
static void write_snapshot(struct reading *reading, const char *id, struct bytes deck)
{
    struct buffer *out = &reading->snapshot;
    buffer_clear(out);
    buffer_append_text(out, "{\"v\":1,\"catalog\":");
    buffer_append_json_text(out, battle_catalog_id(reading->catalog));
    buffer_append_text(out, ",\"ver\":");
    buffer_append_integer(out, battle_catalog_version(reading->catalog));
    buffer_append_text(out, ",\"player_id\":");
    buffer_append_json_text(out, id);
    buffer_append_text(out, ",\"name\":");
    buffer_append_json_text(out, id);
    append_field(out, "level", json_view_field(deck, "level"), "0");
    append_field(out, "cards", json_view_field(deck, "cards"), "[]");
    append_field(out, "artifacts", json_view_field(deck, "artifacts"), "[]");
    append_field(out, "consumables", json_view_field(deck, "consumables"), "[]");
    buffer_append_character(out, '}');
}

static bool has_only_known_fields(struct reading *reading, struct bytes deck, size_t index)
{
    static const char *const known[] = {"id", "level", "cards", "artifacts", "consumables"};
    struct bytes name, value;
    while (json_view_next(&deck, &name, &value)) {
        size_t i = 0;
        while (i < ARRAY_LENGTH(known) && !bytes_equal_text(name, known[i])) i++;
        if (i == ARRAY_LENGTH(known))
            return refuse(reading, "decks[%zu].%.*s: unknown field", index, (int)name.length, name.data);
    }
    return true;
}

static bool id_is_used(const struct deck_list *decks, const char *id)
{
    for (size_t i = 0; i < decks->count; i++) {
        if (strcmp(decks->rows[i].id, id) == 0) return true;
    }
    return false;
}

static bool read_deck(struct reading *reading, struct bytes json, size_t index)
{
    struct deck_list *decks = reading->decks;
    struct deck deck = {.id = ""};
    battle_err err;
    if (index == DECKS_MAX) return refuse(reading, "decks[%zu]: more than %d decks", index, DECKS_MAX);
    if (!has_only_known_fields(reading, json, index)) return false;
    if (!json_view_text(json_view_field(json, "id"), deck.id, sizeof deck.id) || deck.id[0] == '\0')
        return refuse(reading, "decks[%zu].id: missing", index);
    if (id_is_used(decks, deck.id)) return refuse(reading, "decks[%zu].id: %s is used twice", index, deck.id);
    write_snapshot(reading, deck.id, json);
    struct bytes text = buffer_bytes(&reading->snapshot);
    int code = battle_snapshot_parse(reading->catalog, text.data, text.length, &deck.snapshot, &err);
    if (code == BATTLE_OK) code = battle_snapshot_check(reading->catalog, &deck.snapshot, NULL, &err);
    if (code != BATTLE_OK)
        return refuse(reading, "decks[%zu] (%s)%s%s: %s %s", index, deck.id, err.place[0] == '\0' ? "" : ".",
                      err.place, battle_error_name(code), err.message);
    decks->rows[decks->count++] = deck;
    return true;
}

static bool names_this_catalog(struct reading *reading, struct bytes json)
{
    int64_t version = json_view_integer_or(json_view_field(json, "ver"), -1);
    if (!json_view_equals(json_view_field(json, "catalog"), battle_catalog_id(reading->catalog)))
        return refuse(reading, "catalog: must be \"%s\"", battle_catalog_id(reading->catalog));
    if (version != battle_catalog_version(reading->catalog))
        return refuse(reading, "ver: %lld, but the catalog is version %d", (long long)version,
                      battle_catalog_version(reading->catalog));
    return true;
}

/* Stable: the order of the file stays within a level. */
static void sort_by_level(struct deck_list *decks)
{
    for (size_t i = 1; i < decks->count; i++) {
        struct deck moved = decks->rows[i];
        size_t at = i;
        for (; at > 0 && decks->rows[at - 1].snapshot.level > moved.snapshot.level; at--)
            decks->rows[at] = decks->rows[at - 1];
        decks->rows[at] = moved;
    }
}

bool decks_read(const battle_catalog *catalog, struct bytes json, struct deck_list *out, char *error,
                size_t error_capacity)
{
    struct reading reading = {catalog, out, {0}, error, error_capacity};
    out->count = 0;
    bool good = json_view_is_whole(json) || refuse(&reading, "not one well-formed JSON object");
    good = good && names_this_catalog(&reading, json);
    struct bytes list = json_view_field(json, "decks"), deck;
    for (size_t i = 0; good && json_view_next(&list, NULL, &deck); i++) good = read_deck(&reading, deck, i);
    if (good && out->count == 0) good = refuse(&reading, "decks: there are none");
    buffer_free(&reading.snapshot);
    sort_by_level(out);
    return good;
}

size_t decks_group_end(const struct deck_list *decks, size_t first)
{
    size_t end = first;
    while (end < decks->count && decks->rows[end].snapshot.level == decks->rows[first].snapshot.level) end++;
    return end;
}

void deck_append_json(const battle_catalog *catalog, const struct deck *deck, struct buffer *out)
{
    char text[BATTLE_SNAPSHOT_BYTES];
    size_t size = battle_snapshot_json(catalog, &deck->snapshot, text, sizeof text);
    check(size <= sizeof text);
    struct bytes snapshot = {text, size};
    buffer_append_text(out, "{\"id\":");
    buffer_append_json_text(out, deck->id);
    append_field(out, "level", json_view_field(snapshot, "level"), "0");
    append_field(out, "cards", json_view_field(snapshot, "cards"), "[]");
    append_field(out, "artifacts", json_view_field(snapshot, "artifacts"), "[]");
    append_field(out, "consumables", json_view_field(snapshot, "consumables"), "[]");
    buffer_append_character(out, '}');
}
