#include "clients/timeline_text.h"

#include "clients/json_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 48

struct sentence {
    const char *kind;
    int64_t flag;
    const char *text;
    const char *flag_words[4];
};

static const struct sentence sentences[] = {
#define SENTENCE(kind, flag, text, flag1, flag2, flag4, flag8)                                               \
    {kind, flag, text, {flag1, flag2, flag4, flag8}},
#include "clients/timeline_sentences.h"
#undef SENTENCE
};

struct entity {
    char name[NAME_BYTES];
    int side; /* -1: not introduced */
};

struct teller {
    timeline_line_fn *line;
    void *context;
    char *error;
    size_t error_capacity;
    char player[2][NAME_BYTES];
    size_t unknown_count;
    struct entity entities[TIMELINE_ENTITY_MAX];
};

/* The numbers of an event, absent ones 0. */
struct event {
    struct bytes text;
    int64_t t, s, d, n, v, w, x, f, p;
};

struct line {
    char text[TIMELINE_LINE_BYTES];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(line->text + line->length, sizeof line->text - line->length, format, arguments);
    va_end(arguments);
    if (wanted > 0) line->length += (size_t)wanted;
    if (line->length >= sizeof line->text) line->length = sizeof line->text - 1;
}

static void add_seconds(struct line *line, int64_t ms)
{
    add(line, "%lld.%02llds", (long long)(ms / 1000), (long long)(ms % 1000 / 10));
}

static void tell(const struct teller *teller, enum timeline_line kind, int side, const struct line *line)
{
    teller->line(teller->context, kind, side, line->text);
}

__attribute__((format(printf, 2, 3))) static bool refuse(struct teller *teller, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(teller->error, teller->error_capacity, format, arguments);
    va_end(arguments);
    return false;
}

static bool is_hero(int64_t id)
{
    return id == 1 || id == 2;
}

static const struct entity *entity_of(const struct teller *teller, int64_t id)
{
    bool known = id > 0 && id < TIMELINE_ENTITY_MAX && teller->entities[id].side >= 0;
    return known ? &teller->entities[id] : NULL;
}

static void add_entity(struct line *line, const struct teller *teller, int64_t id)
{
    const struct entity *entity = entity_of(teller, id);
    if (entity == NULL && id == 0) add(line, "nobody");
    else if (entity == NULL) add(line, "entity %lld", (long long)id);
    else if (is_hero(id)) add(line, "%s", entity->name);
    else add(line, "%s (%s)", entity->name, teller->player[entity->side]);
}

static bool introduce(struct teller *teller, int64_t id, int side, const char *name)
{
    if (id <= 0 || id >= TIMELINE_ENTITY_MAX) return false;
    teller->entities[id].side = side;
    text_copy(teller->entities[id].name, NAME_BYTES, name);
    return true;
}

/* ---- the two sides ---- */

static void tell_card(struct teller *teller, int side, const struct entity *entity, struct bytes card)
{
    struct line line = {"", 0};
    int64_t level = json_view_integer_or(json_view_field(card, "lv"), 0);
    int64_t hp = json_view_integer_or(json_view_field(card, "hp"), 0);
    int64_t atk = json_view_integer_or(json_view_field(card, "atk"), 0);
    int64_t cooldown_ms = json_view_integer_or(json_view_field(card, "cd"), 0);
    add(&line, "  %s", entity->name);
    if (level > 0) add(&line, ", level %lld", (long long)level);
    if (hp > 0) add(&line, ", %lld health", (long long)hp);
    if (atk > 0) add(&line, ", %lld attack", (long long)atk);
    if (cooldown_ms > 0) add(&line, ", every "), add_seconds(&line, cooldown_ms);
    struct bytes items = json_view_field(card, "items");
    struct bytes item;
    for (const char *before = ", with "; json_view_next(&items, NULL, &item); before = " and ") {
        char name[NAME_BYTES];
        struct bytes id = json_view_is_object(item) ? json_view_field(item, "id") : item;
        if (json_view_text(id, name, sizeof name)) add(&line, "%s%s", before, name);
    }
    tell(teller, TIMELINE_LINE_BOARD, side, &line);
}

static bool read_pieces(struct teller *teller, int side, struct bytes side_object, const char *field)
{
    struct bytes pieces = json_view_field(side_object, field);
    struct bytes piece;
    for (int i = 0; json_view_next(&pieces, NULL, &piece); i++) {
        char name[NAME_BYTES];
        int64_t id = json_view_integer_or(json_view_field(piece, "e"), 0);
        if (!json_view_text(json_view_field(piece, "id"), name, sizeof name) ||
            !introduce(teller, id, side, name)) {
            return refuse(teller, "sides[%d].%s[%d]: no id or no entity number", side, field, i);
        }
        tell_card(teller, side, &teller->entities[id], piece);
    }
    return true;
}

static bool read_side(struct teller *teller, int side, struct bytes object)
{
    char *player = teller->player[side];
    int64_t hero = json_view_integer_or(json_view_field(object, "e"), side + 1);
    if (!json_view_text(json_view_field(object, "name"), player, NAME_BYTES) || player[0] == '\0') {
        json_view_text(json_view_field(object, "pid"), player, NAME_BYTES);
    }
    if (player[0] == '\0' || !introduce(teller, hero, side, player)) {
        return refuse(teller, "sides[%d]: no name, player id or entity number", side);
    }
    struct line line = {"", 0};
    add(&line, "%s, level %lld, %lld health", player,
        (long long)json_view_integer_or(json_view_field(object, "lvl"), 1),
        (long long)json_view_integer_or(json_view_field(object, "hp"), 0));
    tell(teller, TIMELINE_LINE_BOARD, side, &line);
    return read_pieces(teller, side, object, "cards") && read_pieces(teller, side, object, "arts");
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

static const struct sentence *sentence_of(const struct event *event, struct bytes kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sentences); i++) {
        const struct sentence *sentence = &sentences[i];
        if (sentence->flag != 0 && sentence->flag != event->f) continue;
        if (json_view_equals(kind, sentence->kind)) return sentence;
    }
    return NULL;
}

static void add_stat(struct line *line, int64_t stat)
{
    add(line, "stat %lld", (long long)stat);
}

/* Adds one value; false when the event does not carry it. */
static bool add_value(struct line *line, const struct teller *teller, const struct event *event, char letter)
{
    switch (letter) {
    case 's': return add_entity(line, teller, event->s), event->s != 0;
    case 'd': return add_entity(line, teller, event->d), event->d != 0;
    case 'n': return add(line, "%lld", (long long)event->n), event->n != 0;
    case 'v': return add(line, "%lld", (long long)event->v), event->v != 0;
    case 'w': return add(line, "%lld", (long long)event->w), event->w != 0;
    case 'x': return add(line, "%lld", (long long)event->x), event->x != 0;
    case 'p': return add_stat(line, event->p), event->p != 0;
    case 'N': return add_seconds(line, event->n), event->n != 0;
    case 'V': return add_seconds(line, event->v), event->v != 0;
    default: check(false);
    }
}

static void add_sentence(struct line *line, const struct teller *teller, const struct event *event,
                         const char *text)
{
    size_t bracket_start = 0;
    bool bracket_whole = true;
    for (; *text != '\0'; text++) {
        if (*text == '[') {
            bracket_start = line->length;
            bracket_whole = true;
        } else if (*text == ']') {
            if (!bracket_whole) line->length = bracket_start;
            line->text[line->length] = '\0';
        } else if (*text == '%') {
            if (!add_value(line, teller, event, *++text)) bracket_whole = false;
        } else {
            add(line, "%c", *text);
        }
    }
}

static void add_flags(struct line *line, const struct sentence *sentence, int64_t flags)
{
    const char *before = " (";
    for (size_t bit = 0; bit < ARRAY_LENGTH(sentence->flag_words); bit++) {
        if ((flags & 1 << bit) == 0 || sentence->flag_words[bit][0] == '\0') continue;
        add(line, "%s%s", before, sentence->flag_words[bit]);
        before = ", ";
    }
    if (strcmp(before, ", ") == 0) add(line, ")");
}

/* A summoned card belongs to whoever called it, unless it came from nowhere known. */
static void introduce_newcomer(struct teller *teller, const struct event *event)
{
    char name[NAME_BYTES];
    const struct entity *source = entity_of(teller, event->s);
    if (!json_view_text(json_view_field(event->text, "id"), name, sizeof name)) return;
    introduce(teller, event->d, source != NULL ? source->side : 0, name);
}

static void read_event(struct bytes text, struct event *event, struct bytes *kind)
{
    static const char names[] = "tsdnvwxfp";
    int64_t *const places[] = {&event->t, &event->s, &event->d, &event->n, &event->v,
                               &event->w, &event->x, &event->f, &event->p};
    *event = (struct event){.text = text};
    struct bytes key, value;
    while (json_view_next(&text, &key, &value)) {
        if (key.length != 1) continue;
        const char *found = strchr(names, key.data[0]);
        if (found != NULL) *places[found - names] = json_view_integer_or(value, 0);
        else if (key.data[0] == 'k') *kind = value;
    }
}

static bool tell_event(struct teller *teller, struct bytes text, int index)
{
    struct event event;
    struct bytes kind = {NULL, 0};
    read_event(text, &event, &kind);
    if (kind.length < 3 || event.t < 0) return refuse(teller, "ev[%d].k: missing", index);
    introduce_newcomer(teller, &event);
    const struct sentence *sentence = sentence_of(&event, kind);
    if (sentence == NULL) teller->unknown_count++;
    if (sentence == NULL || sentence->text[0] == '\0') return true;

    struct line line = {"", 0};
    add_seconds(&line, event.t);
    struct line padded = {"", 0};
    add(&padded, "%7s ", line.text);
    add_sentence(&padded, teller, &event, sentence->text);
    if (sentence->flag == 0) add_flags(&padded, sentence, event.f);
    const struct entity *actor = entity_of(teller, event.s != 0 ? event.s : event.d);
    tell(teller, TIMELINE_LINE_EVENT, actor != NULL ? actor->side : -1, &padded);
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
        struct line line = {"", 0};
        int64_t id = json_view_integer_or(json_view_field(row, "e"), 0);
        add(&line, "  ");
        add_entity(&line, teller, id);
        const char *before = ": ";
        for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
            int64_t amount = json_view_integer_or(json_view_field(row, fields[i][0]), 0);
            if (amount == 0) continue;
            add(&line, "%s%lld %s", before, (long long)amount, fields[i][1]);
            before = ", ";
        }
        const struct entity *entity = entity_of(teller, id);
        if (before[0] == ',') tell(teller, TIMELINE_LINE_TOTAL, entity != NULL ? entity->side : -1, &line);
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

    struct line line = {"", 0};
    if (winner < 0) add(&line, "a draw");
    else add(&line, "%s wins", teller->player[winner]);
    add(&line, " after ");
    add_seconds(&line, json_view_integer_or(json_view_field(end, "t"), 0));
    add(&line, " (%s), health %lld against %lld", why, (long long)json_view_integer_or(first, 0),
        (long long)json_view_integer_or(second, 0));
    tell(teller, TIMELINE_LINE_END, (int)winner, &line);
    tell_totals(teller, end);
    return true;
}

static void tell_unknown(const struct teller *teller)
{
    struct line line = {"", 0};
    if (teller->unknown_count == 0) return;
    add(&line, "%zu events of a newer kind are not told", teller->unknown_count);
    tell(teller, TIMELINE_LINE_END, -1, &line);
}

static bool tell_head(struct teller *teller, struct bytes timeline)
{
    char match_id[48], seed[24];
    if (!json_view_equals(json_view_field(timeline, "fmt"), "bt"))
        return refuse(teller, "fmt: must be \"bt\"");
    int64_t version = json_view_integer_or(json_view_field(timeline, "v"), 0);
    if (version != 1) return refuse(teller, "v: %lld is not 1", (long long)version);
    json_view_text(json_view_field(timeline, "mid"), match_id, sizeof match_id);
    json_view_text(json_view_field(timeline, "seed"), seed, sizeof seed);
    struct line line = {"", 0};
    add(&line, "battle %s, seed %s", match_id, seed);
    tell(teller, TIMELINE_LINE_HEAD, -1, &line);
    return true;
}

bool timeline_text_tell(struct bytes timeline, timeline_line_fn *line, void *context, char *error,
                        size_t error_capacity)
{
    struct teller *teller = memory_new(sizeof *teller);
    teller->line = line;
    teller->context = context;
    teller->error = error;
    teller->error_capacity = error_capacity;
    for (size_t i = 0; i < TIMELINE_ENTITY_MAX; i++) teller->entities[i].side = -1;
    bool told = json_view_is_whole(timeline) || refuse(teller, "not one well-formed JSON object");
    told = told && tell_head(teller, timeline) && read_sides(teller, timeline) &&
           tell_events(teller, timeline) && tell_end(teller, timeline);
    if (told) tell_unknown(teller);
    free(teller);
    return told;
}
