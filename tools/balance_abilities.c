#include "tools/balance_abilities.h"

#include "clients/json_view.h"

#include <string.h>

enum { ENTITIES = 256, ITEM_ENTITY = 50, ITEM_ENTITIES = 20, ITEMS_PER_CARD = 2 };

static void read_definition(struct ability_list *list, struct bytes definition)
{
    struct bytes abilities = json_view_field(definition, "abilities"), ability;
    int64_t num = json_view_integer_or(json_view_field(definition, "num"), 0);
    check(num > 0 && num < BATTLE_NUMS);
    for (uint8_t index = 1; json_view_next(&abilities, NULL, &ability); index++) {
        check(list->count < ABILITY_ROWS_MAX);
        struct ability_row *row = &list->rows[list->count++];
        *row = (struct ability_row){.num = (uint16_t)num, .index = index};
        json_view_text(json_view_field(definition, "id"), row->owner, sizeof row->owner);
        json_view_text(json_view_field(ability, "id"), row->id, sizeof row->id);
        json_view_text(json_view_field(ability, "on"), row->on, sizeof row->on);
        if (index == 1) list->first[num] = (uint16_t)list->count;
    }
}

void abilities_read(struct bytes catalog_json, struct ability_list *out)
{
    static const char *const sections[] = {"cards", "tokens", "artifacts", "items", "consumables"};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < ARRAY_LENGTH(sections); i++) {
        struct bytes section = json_view_field(catalog_json, sections[i]), definition;
        while (json_view_next(&section, NULL, &definition)) read_definition(out, definition);
    }
}

/* ---- who stands on the board ------------------------------------------------------------------------ */

struct watcher {
    struct ability_list *list;
    const battle_catalog *catalog;
    uint16_t nums[ENTITIES]; /* of the definition behind an entity, 0 unknown */
};

static void introduce(struct watcher *watcher, int64_t entity, struct bytes id)
{
    char name[BATTLE_ID_BYTES];
    if (entity <= 0 || entity >= ENTITIES || !json_view_text(id, name, sizeof name)) return;
    watcher->nums[entity] = battle_catalog_num(watcher->catalog, name);
}

static void introduce_items(struct watcher *watcher, int side, struct bytes card)
{
    struct bytes items = json_view_field(card, "items"), item;
    int64_t entity = ITEM_ENTITY + ITEM_ENTITIES * side;
    entity += ITEMS_PER_CARD * json_view_integer_or(json_view_field(card, "slot"), 0);
    while (json_view_next(&items, NULL, &item)) introduce(watcher, entity++, item);
}

static void introduce_side(struct watcher *watcher, int side, struct bytes object)
{
    static const char *const lists[] = {"cards", "arts", "cons"};
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        struct bytes pieces = json_view_field(object, lists[i]), piece;
        while (json_view_next(&pieces, NULL, &piece)) {
            introduce(watcher, json_view_integer_or(json_view_field(piece, "e"), 0),
                      json_view_field(piece, "id"));
            introduce_items(watcher, side, piece);
        }
    }
}

/* ---- events ------------------------------------------------------------------------------------------ */

static void count_ability(struct watcher *watcher, int64_t entity, int64_t index)
{
    uint16_t num = entity > 0 && entity < ENTITIES ? watcher->nums[entity] : 0;
    if (num == 0 || watcher->list->first[num] == 0) return;
    for (size_t i = watcher->list->first[num] - 1u; i < watcher->list->count; i++) {
        struct ability_row *row = &watcher->list->rows[i];
        if (row->num != num) return;
        if (index == 0 ? strcmp(row->on, "ready") == 0 : row->index == index) row->fired++;
    }
}

static void watch_event(struct watcher *watcher, struct bytes event)
{
    struct bytes kind = json_view_field(event, "k");
    int64_t source = json_view_integer_or(json_view_field(event, "s"), 0);
    if (json_view_equals(kind, "act")) {
        count_ability(watcher, source, 0);
    } else if (json_view_equals(kind, "trig")) {
        count_ability(watcher, source, json_view_integer_or(json_view_field(event, "a"), 0));
    } else {
        struct bytes id = json_view_field(event, "id");
        if (id.length > 0) introduce(watcher, json_view_integer_or(json_view_field(event, "d"), 0), id);
    }
}

bool abilities_watch(struct ability_list *list, const battle_catalog *catalog, struct bytes timeline)
{
    struct watcher watcher = {.list = list, .catalog = catalog};
    struct bytes sides = json_view_field(timeline, "sides"), events = json_view_field(timeline, "ev"), value;
    if (!json_view_equals(json_view_field(timeline, "fmt"), "bt")) return false;
    for (int side = 0; side < 2 && json_view_next(&sides, NULL, &value); side++)
        introduce_side(&watcher, side, value);
    while (json_view_next(&events, NULL, &value)) watch_event(&watcher, value);
    return true;
}
