#include "timeline_read.h"

#include <string.h>

enum { FMT, V, ENG, CAT, MID, SEED, TICK, SIDES, EV, END, FIELDS };
static const char *const names[FIELDS] = {"fmt",  "v",    "eng",   "cat", "mid",
                                          "seed", "tick", "sides", "ev",  "end"};

static void read_int(struct json *json, int32_t *out)
{
    int64_t number = 0;
    json_int(json, INT32_MIN, INT32_MAX, &number);
    *out = (int32_t)number;
}

static uint16_t read_num(struct json *json, const battle_catalog *catalog)
{
    char id[BATTLE_ID_BYTES];
    if (!json_id(json, id)) return 0;
    uint16_t num = battle_catalog_num(catalog, id);
    if (num == 0) json_fail(json, BATTLE_E_ID, "unknown id");
    return num;
}

static void read_items(struct json *json, const battle_catalog *catalog, battle_snapshot_card *card)
{
    struct json_array array;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (card->item_count == BATTLE_CARD_ITEMS) {
            json_fail(json, BATTLE_E_ITEM, "too many");
            return;
        }
        card->items[card->item_count++] = read_num(json, catalog);
    }
}

static bool read_card(struct json *json, const battle_catalog *catalog, int index, battle_snapshot_card *card,
                      struct opening_card *opening)
{
    enum { E, ID, LV, SLOT, KIND, KW, ITEMS, HP, ATK, CD, USES, CARD_FIELDS };
    static const char *const card_names[CARD_FIELDS] = {"e",     "id", "lv",  "slot", "kind", "kw",
                                                        "items", "hp", "atk", "cd",   "uses"};
    struct json_object object;
    int32_t level = 0, slot = 0;
    json_object_open(json, &object, card_names, CARD_FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case E: read_int(json, &opening->entity); break;
        case ID: card->num = read_num(json, catalog); break;
        case LV: read_int(json, &level); break;
        case SLOT: read_int(json, &slot); break;
        case KIND: read_int(json, &opening->kind); break;
        case KW: read_int(json, &opening->keywords); break;
        case ITEMS: read_items(json, catalog, card); break;
        case HP: read_int(json, &opening->stats[STAT_HP]); break;
        case ATK: read_int(json, &opening->stats[STAT_ATK]); break;
        case CD: read_int(json, &opening->stats[STAT_CD]); break;
        default: read_int(json, &opening->stats[STAT_USES]); break;
        }
    }
    if (!json_object_need(json, &object, 1u << E | 1u << ID | 1u << LV)) return false;
    if (level < 1 || level > BATTLE_CARD_LEVELS) return json_fail(json, BATTLE_E_LEVEL, "outside 1..5");
    if (slot != index || opening->entity < 0 || opening->entity > 255)
        return json_fail(json, BATTLE_E_SLOT, "slots are 0, 1, 2 ...");
    card->level = (uint8_t)level;
    card->slot = (uint8_t)slot;
    return true;
}

static void read_cards(struct json *json, const battle_catalog *catalog, struct timeline_side *side)
{
    struct json_array array;
    battle_snapshot *snapshot = &side->snapshot;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        int i = snapshot->card_count;
        if (i == BATTLE_SLOTS) {
            json_fail(json, BATTLE_E_SIZE, "too many");
            return;
        }
        if (read_card(json, catalog, i, &snapshot->cards[i], &side->cards[i])) snapshot->card_count++;
    }
}

static void read_extras(struct json *json, const battle_catalog *catalog, uint16_t *nums, int most,
                        uint8_t *count)
{
    static const char *const extra_names[] = {"e", "id"};
    struct json_array array;
    int32_t entity = 0;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        struct json_object object;
        if (*count == most) {
            json_fail(json, BATTLE_E_SIZE, "too many");
            return;
        }
        json_object_open(json, &object, extra_names, 2);
        for (int field; (field = json_object_next(json, &object)) >= 0;) {
            if (field == 0) read_int(json, &entity);
            else nums[*count] = read_num(json, catalog);
        }
        if (json_object_need(json, &object, 2)) (*count)++;
    }
}

static bool read_side(struct json *json, const battle_catalog *catalog, struct timeline_side *side)
{
    enum { PID, NAME, LVL, E, HP, CARDS, ARTS, CONS, SIDE_FIELDS };
    static const char *const side_names_[SIDE_FIELDS] = {"pid", "name",  "lvl",  "e",
                                                         "hp",  "cards", "arts", "cons"};
    battle_snapshot *snapshot = &side->snapshot;
    struct json_object object;
    int32_t number = 0;
    json_object_open(json, &object, side_names_, SIDE_FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case PID: json_text(json, snapshot->player_id, sizeof snapshot->player_id); break;
        case NAME: json_text(json, snapshot->name, sizeof snapshot->name); break;
        case LVL:
            read_int(json, &number), snapshot->level = (uint8_t)(number < 0 || number > 255 ? 0 : number);
            break;
        case E: read_int(json, &number); break;
        case HP: read_int(json, &side->hp); break;
        case CARDS: read_cards(json, catalog, side); break;
        case ARTS:
            read_extras(json, catalog, snapshot->artifacts, BATTLE_ARTIFACTS, &snapshot->artifact_count);
            break;
        default:
            read_extras(json, catalog, snapshot->consumables, BATTLE_CONSUMABLES,
                        &snapshot->consumable_count);
        }
    }
    return json_object_need(json, &object, (1u << SIDE_FIELDS) - 1);
}

static void read_sides(struct json *json, const battle_catalog *catalog, struct timeline_header *out)
{
    struct json_array array;
    int count = 0;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (count == 2) {
            json_fail(json, BATTLE_E_SCHEMA, "more than two sides");
            return;
        }
        read_side(json, catalog, &out->sides[count++]);
    }
    if (json_ok(json) && count != 2) json_fail(json, BATTLE_E_SCHEMA, "fewer than two sides");
}

static void read_catalog(struct json *json, struct timeline_header *out)
{
    static const char *const catalog_names[] = {"id", "ver", "sha"};
    struct json_object object;
    json_object_open(json, &object, catalog_names, 3);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        if (field == 0) json_id(json, out->catalog);
        else if (field == 1) read_int(json, &out->version);
        else json_text(json, out->sha, sizeof out->sha);
    }
    json_object_need(json, &object, 7);
}

static void read_seed(struct json *json, battle_seed *seed)
{
    char text[17];
    if (!json_text(json, text, sizeof text)) return;
    bool good = strlen(text) == 16;
    for (int i = 0; i < 16 && good; i++) {
        const char *digits = "0123456789abcdef", *at = strchr(digits, text[i]);
        good = at != NULL;
        if (good) seed->bytes[i / 2] = (uint8_t)(seed->bytes[i / 2] << 4 | (at - digits));
    }
    if (!good) json_fail(json, BATTLE_E_SCHEMA, "a seed is 16 lower-case hex digits");
}

bool timeline_read_header(struct json *json, const battle_catalog *catalog, struct json_object *document,
                          struct timeline_header *out, struct json_array *events)
{
    char format[8] = "";
    int32_t number = 1;
    memset(out, 0, sizeof *out);
    json->ignore_unknown = true;
    json_object_open(json, document, names, FIELDS);
    for (int field; (field = json_object_next(json, document)) >= 0;) {
        switch (field) {
        case FMT: json_text(json, format, sizeof format); break;
        case V: read_int(json, &number); break;
        case ENG: json_text(json, out->engine, sizeof out->engine); break;
        case CAT: read_catalog(json, out); break;
        case MID: json_text(json, out->match_id, sizeof out->match_id); break;
        case SEED: read_seed(json, &out->seed); break;
        case TICK: json_skip(json); break;
        case SIDES: read_sides(json, catalog, out); break;
        case EV:
            if (!json_object_need(json, document, (1u << EV) - 1)) return false;
            if (strcmp(format, "bt") != 0 || number != 1)
                return json_fail(json, BATTLE_E_SCHEMA, "not a bt/1 timeline");
            return json_array_open(json, events);
        default: return json_fail(json, BATTLE_E_SCHEMA, "end comes before the events");
        }
    }
    return json_object_need(json, document, 1u << EV);
}

bool timeline_read_event(struct json *json, struct timeline_event *out)
{
    enum { T, K, S, D, N, W_V, W, F, C, A, P, X, R, ID, SLOT, CD, EVENT_FIELDS };
    static const char *const event_fields[EVENT_FIELDS] = {"t", "k", "s", "d", "n", "v",  "w",    "f",
                                                           "c", "a", "p", "x", "r", "id", "slot", "cd"};
    struct json_object object;
    memset(out, 0, sizeof *out);
    int32_t *const numbers[EVENT_FIELDS] = {&out->t, NULL,    &out->s,    &out->d, &out->n, &out->v,
                                            &out->w, &out->f, &out->c,    &out->a, &out->p, &out->x,
                                            &out->r, NULL,    &out->slot, &out->cd};
    json_object_open(json, &object, event_fields, EVENT_FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        if (field == K) json_text(json, out->kind, sizeof out->kind);
        else if (field == ID) json_id(json, out->id);
        else read_int(json, numbers[field]);
    }
    return json_object_need(json, &object, 1u << T | 1u << K);
}

static void read_two(struct json *json, int32_t out[2])
{
    struct json_array array;
    int count = 0;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        int32_t number = 0;
        read_int(json, &number);
        if (count < 2) out[count] = number;
        count++;
    }
    if (json_ok(json) && count != 2) json_fail(json, BATTLE_E_SCHEMA, "needs two numbers");
}

static void read_end(struct json *json, struct timeline_end *out)
{
    enum { END_T, WIN, WHY, END_HP, RNG, END_N, STAT, HASH, END_FIELDS };
    static const char *const end_names[END_FIELDS] = {"t", "win", "why", "hp", "rng", "n", "stat", "hash"};
    struct json_object object;
    json_object_open(json, &object, end_names, END_FIELDS);
    for (int field; (field = json_object_next(json, &object)) >= 0;) {
        switch (field) {
        case END_T: read_int(json, &out->t); break;
        case WIN: read_int(json, &out->winner); break;
        case WHY: out->why = json_word(json, why_names, 6); break;
        case END_HP: read_two(json, out->hp); break;
        case END_N: read_int(json, &out->events); break;
        default: json_skip(json);
        }
    }
    json_object_need(json, &object, (1u << END_FIELDS) - 1);
}

bool timeline_read_end(struct json *json, struct json_object *document, struct timeline_end *out)
{
    memset(out, 0, sizeof *out);
    for (int field; (field = json_object_next(json, document)) >= 0;) {
        if (field == END) read_end(json, out);
        else json_skip(json);
    }
    return json_object_need(json, document, 1u << END) && json_close(json);
}
