#include "clients/timeline_text.h"

#include "clients/json_view.h"
#include "clients/timeline_relay.h"
#include "clients/timeline_sentence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Entity numbers of items: 50 and up on the first side, 70 and up on the second. */
enum { ITEM_ENTITY = 50, ITEM_ENTITIES = 20, ITEMS_PER_CARD = 2 };

struct teller {
    timeline_line_fn *line;
    void *context;
    char *error;
    size_t error_capacity;
    size_t unknown_count;
    struct timeline_names *names;
};

static void tell(const struct teller *teller, enum timeline_line kind, int side,
                 const struct timeline_words *words)
{
    teller->line(teller->context, kind, side, words->text);
}

__attribute__((format(printf, 2, 3))) static bool refuse(struct teller *teller, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(teller->error, teller->error_capacity, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- the two sides ---- */

/* Items have no number in the timeline; it follows from side, slot and place on the card. */
static void tell_items(struct teller *teller, int side, struct bytes card, struct timeline_words *words)
{
    int64_t entity = ITEM_ENTITY + ITEM_ENTITIES * side;
    entity += ITEMS_PER_CARD * json_view_integer_or(json_view_field(card, "slot"), 0);
    struct bytes items = json_view_field(card, "items");
    struct bytes item;
    for (const char *before = ", with "; json_view_next(&items, NULL, &item); before = " and ") {
        char name[TIMELINE_NAME_BYTES];
        if (!json_view_text(item, name, sizeof name)) continue;
        words_add(words, "%s%s", before, name);
        names_introduce(teller->names, entity++, side, name);
    }
}

static void tell_card(struct teller *teller, int side, const char *name, struct bytes card)
{
    struct timeline_words words = {"", 0};
    int64_t level = json_view_integer_or(json_view_field(card, "lv"), 0);
    int64_t hp = json_view_integer_or(json_view_field(card, "hp"), 0);
    int64_t atk = json_view_integer_or(json_view_field(card, "atk"), 0);
    int64_t cooldown_ms = json_view_integer_or(json_view_field(card, "cd"), 0);
    words_add(&words, "  %s", name);
    if (level > 0) words_add(&words, ", level %lld", (long long)level);
    if (hp > 0) words_add(&words, ", %lld health", (long long)hp);
    if (atk > 0) words_add(&words, ", %lld attack", (long long)atk);
    if (cooldown_ms > 0) words_add(&words, ", every "), words_add_seconds(&words, cooldown_ms);
    tell_items(teller, side, card, &words);
    tell(teller, TIMELINE_LINE_BOARD, side, &words);
}

static bool read_pieces(struct teller *teller, int side, struct bytes side_object, const char *field)
{
    struct bytes pieces = json_view_field(side_object, field);
    struct bytes piece;
    for (int i = 0; json_view_next(&pieces, NULL, &piece); i++) {
        char name[TIMELINE_NAME_BYTES];
        int64_t id = json_view_integer_or(json_view_field(piece, "e"), 0);
        if (!json_view_text(json_view_field(piece, "id"), name, sizeof name) ||
            !names_introduce(teller->names, id, side, name)) {
            return refuse(teller, "sides[%d].%s[%d]: no id or no entity number", side, field, i);
        }
        tell_card(teller, side, name, piece);
    }
    return true;
}

static bool read_side(struct teller *teller, int side, struct bytes object)
{
    char *player = teller->names->players[side];
    int64_t hero = json_view_integer_or(json_view_field(object, "e"), side + 1);
    if (!json_view_text(json_view_field(object, "name"), player, TIMELINE_NAME_BYTES) || player[0] == '\0') {
        json_view_text(json_view_field(object, "pid"), player, TIMELINE_NAME_BYTES);
    }
    if (player[0] == '\0' || !names_introduce(teller->names, hero, side, player)) {
        return refuse(teller, "sides[%d]: no name, player id or entity number", side);
    }
    struct timeline_words words = {"", 0};
    words_add(&words, "%s, level %lld, %lld health", player,
              (long long)json_view_integer_or(json_view_field(object, "lvl"), 1),
              (long long)json_view_integer_or(json_view_field(object, "hp"), 0));
    tell(teller, TIMELINE_LINE_BOARD, side, &words);
    return read_pieces(teller, side, object, "cards") && read_pieces(teller, side, object, "arts") &&
           read_pieces(teller, side, object, "cons");
}

static bool read_sides(struct teller *teller, struct bytes timeline)
{
    struct bytes sides = json_view_field(timeline, "sides");
    struct bytes object;
    for (int side = 0; side < 2; side++) {
        if (!json_view_next(&sides, NULL, &object)) return refuse(teller, "sides: must be two");
        if (!read_side(teller, side, object)) return false;
    }
    return true;
}

/* ---- events ---- */

/* Who arrives comes with its id, and with its side in n (1 or 2). */
static void introduce_newcomer(struct teller *teller, const struct timeline_event *event)
{
    char name[TIMELINE_NAME_BYTES];
    if (!json_view_text(event->id, name, sizeof name)) return;
    names_introduce(teller->names, event->d, event->n == 2, name);
}

static bool tell_event(struct teller *teller, struct bytes text, int index)
{
    struct timeline_event event;
    if (!timeline_event_read(text, &event))
        return refuse(teller, "ev[%d]: no kind, or a time below 0", index);
    introduce_newcomer(teller, &event);
    struct timeline_words time = {"", 0}, words = {"", 0};
    words_add_seconds(&time, event.t);
    words_add(&words, "%7s ", time.text);
    switch (timeline_sentence_add(&words, teller->names, &event)) {
    case SENTENCE_TOLD:
        tell(teller, TIMELINE_LINE_EVENT, names_side(teller->names, event.s != 0 ? event.s : event.d),
             &words);
        break;
    case SENTENCE_UNKNOWN: teller->unknown_count++; break;
    case SENTENCE_SILENT: break;
    }
    return true;
}

static bool tell_events(struct teller *teller, struct bytes timeline)
{
    struct bytes events = json_view_field(timeline, "ev");
    struct bytes event;
    if (events.length == 0 || events.data[0] != '[') return refuse(teller, "ev: missing");
    for (int i = 0; json_view_next(&events, NULL, &event); i++) {
        if (!tell_event(teller, event, i)) return false;
    }
    return true;
}

/* ---- the end ---- */

static void tell_totals(const struct teller *teller, struct bytes end)
{
    static const char *const fields[][2] = {
        {"dmg", "damage"}, {"heal", "healing"}, {"shield", "shielding"}, {"kills", "kills"}};
    struct bytes rows = json_view_field(end, "stat");
    struct bytes row;
    while (json_view_next(&rows, NULL, &row)) {
        struct timeline_words words = {"", 0};
        int64_t id = json_view_integer_or(json_view_field(row, "e"), 0);
        words_add(&words, "  ");
        words_add_entity(&words, teller->names, id);
        const char *before = ": ";
        for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
            int64_t amount = json_view_integer_or(json_view_field(row, fields[i][0]), 0);
            if (amount == 0) continue;
            words_add(&words, "%s%lld %s", before, (long long)amount, fields[i][1]);
            before = ", ";
        }
        if (before[0] == ',') tell(teller, TIMELINE_LINE_TOTAL, names_side(teller->names, id), &words);
    }
}

static bool tell_end(struct teller *teller, struct bytes timeline)
{
    struct bytes end = json_view_field(timeline, "end");
    int64_t winner = json_view_integer_or(json_view_field(end, "win"), -2);
    if (winner < -1 || winner > 1) return refuse(teller, "end.win: missing or not -1, 0 or 1");
    char why[16];
    json_view_text(json_view_field(end, "why"), why, sizeof why);
    struct bytes hp = json_view_field(end, "hp");
    struct bytes first, second;
    json_view_next(&hp, NULL, &first);
    json_view_next(&hp, NULL, &second);

    struct timeline_words words = {"", 0};
    if (winner < 0) words_add(&words, "a draw");
    else words_add(&words, "%s wins", teller->names->players[winner]);
    words_add(&words, " after ");
    words_add_seconds(&words, json_view_integer_or(json_view_field(end, "t"), 0));
    words_add(&words, " (%s), health %lld against %lld", why, (long long)json_view_integer_or(first, 0),
              (long long)json_view_integer_or(second, 0));
    tell(teller, TIMELINE_LINE_END, (int)winner, &words);
    tell_totals(teller, end);
    return true;
}

static void tell_unknown(const struct teller *teller)
{
    struct timeline_words words = {"", 0};
    if (teller->unknown_count == 0) return;
    words_add(&words, "%zu events of a newer kind are not told", teller->unknown_count);
    tell(teller, TIMELINE_LINE_END, -1, &words);
}

static bool tell_head(struct teller *teller, struct bytes timeline)
{
    char match_id[48], seed[24];
    if (!json_view_equals(json_view_field(timeline, "fmt"), "bt"))
        return refuse(teller, "fmt: must be \"bt\" or \"relay\"");
    int64_t version = json_view_integer_or(json_view_field(timeline, "v"), 0);
    if (version != 1) return refuse(teller, "v: %lld is not 1", (long long)version);
    json_view_text(json_view_field(timeline, "mid"), match_id, sizeof match_id);
    json_view_text(json_view_field(timeline, "seed"), seed, sizeof seed);
    struct timeline_words words = {"", 0};
    words_add(&words, "battle %s, seed %s", match_id, seed);
    tell(teller, TIMELINE_LINE_HEAD, -1, &words);
    return true;
}

bool timeline_bout_tell(struct bytes bout, struct timeline_names *names, timeline_line_fn *line,
                        void *context, char *error, size_t error_capacity)
{
    struct teller told_by = {line, context, error, error_capacity, 0, names};
    struct teller *teller = &told_by;
    bool told = tell_head(teller, bout) && read_sides(teller, bout) && tell_events(teller, bout) &&
                tell_end(teller, bout);
    if (told) tell_unknown(teller);
    return told;
}

bool timeline_text_tell(struct bytes timeline, timeline_line_fn *line, void *context, char *error,
                        size_t error_capacity)
{
    if (!json_view_is_whole(timeline)) {
        snprintf(error, error_capacity, "not one well-formed JSON object");
        return false;
    }
    if (json_view_equals(json_view_field(timeline, "fmt"), "relay"))
        return timeline_relay_tell(timeline, line, context, error, error_capacity);
    struct timeline_names *names = memory_new(sizeof *names);
    bool told = timeline_bout_tell(timeline, names, line, context, error, error_capacity);
    free(names);
    return told;
}
