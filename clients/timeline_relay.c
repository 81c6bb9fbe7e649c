#include "clients/timeline_relay.h"

#include "clients/json_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOUTS = 2 };

struct relay {
    timeline_line_fn *line;
    void *context;
    char *error;
    size_t error_capacity;
    char players[2][BOUTS][TIMELINE_NAME_BYTES]; /* by side */
};

static bool refuse(struct relay *relay, const char *problem)
{
    snprintf(relay->error, relay->error_capacity, "%s", problem);
    return false;
}

static void tell_head(const struct relay *relay, struct bytes timeline)
{
    char match_id[48], seed[24];
    struct timeline_words words = {"", 0};
    json_view_text(json_view_field(timeline, "mid"), match_id, sizeof match_id);
    json_view_text(json_view_field(timeline, "seed"), seed, sizeof seed);
    words_add(&words, "two against two, match %s, seed %s", match_id, seed);
    relay->line(relay->context, TIMELINE_LINE_HEAD, -1, words.text);
}

/* The bout's own error, with the bout in front of its place. */
static bool refuse_bout(struct relay *relay, int index)
{
    char problem[160];
    snprintf(problem, sizeof problem, "bouts[%d].%s", index, relay->error);
    return refuse(relay, problem);
}

static bool tell_bout(struct relay *relay, int index, struct bytes bout)
{
    struct timeline_words words = {"", 0};
    struct timeline_names *names = memory_new(sizeof *names);
    words_add(&words, "bout %d of %d", index + 1, BOUTS);
    relay->line(relay->context, TIMELINE_LINE_HEAD, -1, words.text);
    bool told =
        timeline_bout_tell(bout, names, relay->line, relay->context, relay->error, relay->error_capacity);
    for (int side = 0; side < 2; side++)
        memcpy(relay->players[side][index], names->players[side], TIMELINE_NAME_BYTES);
    free(names);
    return told || refuse_bout(relay, index);
}

static bool tell_bouts(struct relay *relay, struct bytes timeline)
{
    struct bytes bouts = json_view_field(timeline, "bouts");
    struct bytes bout;
    for (int i = 0; i < BOUTS; i++) {
        if (!json_view_next(&bouts, NULL, &bout)) return refuse(relay, "bouts: must be two");
        if (!tell_bout(relay, i, bout)) return false;
    }
    return true;
}

static void add_shares(struct timeline_words *words, struct bytes *permille)
{
    struct bytes share;
    for (int i = 0; i < BOUTS && json_view_next(permille, NULL, &share); i++) {
        int64_t value = json_view_integer_or(share, 0);
        words_add(words, "%s%lld.%lld %%", i > 0 ? " and " : "", (long long)(value / 10),
                  (long long)(value % 10));
    }
}

static bool tell_end(struct relay *relay, struct bytes timeline)
{
    struct bytes end = json_view_field(timeline, "end");
    struct bytes permille = json_view_field(end, "permille");
    struct timeline_words words = {"", 0};
    char why[16];
    int64_t winner = json_view_integer_or(json_view_field(end, "win"), -2);
    if (winner < -1 || winner > 1) return refuse(relay, "end.win: missing or not -1, 0 or 1");
    json_view_text(json_view_field(end, "why"), why, sizeof why);
    if (winner < 0) words_add(&words, "a draw of the teams");
    else words_add(&words, "%s and %s win", relay->players[winner][0], relay->players[winner][1]);
    words_add(&words, " (%s), health left ", why);
    add_shares(&words, &permille);
    words_add(&words, " against ");
    add_shares(&words, &permille);
    relay->line(relay->context, TIMELINE_LINE_END, (int)winner, words.text);
    return true;
}

bool timeline_relay_tell(struct bytes timeline, timeline_line_fn *line, void *context, char *error,
                         size_t error_capacity)
{
    struct relay relay = {.line = line, .context = context, .error = error, .error_capacity = error_capacity};
    if (json_view_integer_or(json_view_field(timeline, "v"), 0) != 1) return refuse(&relay, "v: must be 1");
    tell_head(&relay, timeline);
    return tell_bouts(&relay, timeline) && tell_end(&relay, timeline);
}
