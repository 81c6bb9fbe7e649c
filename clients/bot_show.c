#include "clients/bot_show.h"

#include "clients/timeline_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum style { STYLE_PLAIN, STYLE_STRONG, STYLE_FIRST, STYLE_SECOND, STYLE_GOOD, STYLE_BAD };

static const char *const style_codes[] = {
    [STYLE_PLAIN] = "",          [STYLE_STRONG] = "\033[1m", [STYLE_FIRST] = "\033[36m",
    [STYLE_SECOND] = "\033[33m", [STYLE_GOOD] = "\033[32m",  [STYLE_BAD] = "\033[31m",
};

void bot_show_init(struct bot_show *show, const struct bot_options *options)
{
    const char *no_colour = getenv("NO_COLOR");
    bool terminal = isatty(STDOUT_FILENO) == 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    *show = (struct bot_show){
        .quiet = options->quiet,
        .json = options->json,
        .terminal = terminal,
        .colour = terminal && (no_colour == NULL || no_colour[0] == '\0'),
    };
}

static void end_progress(struct bot_show *show)
{
    if (show->progress) fputs("\r\033[K", stdout);
    show->progress = false;
}

static void put_line(struct bot_show *show, enum style style, const char *text)
{
    bool coloured = show->colour && style != STYLE_PLAIN;
    end_progress(show);
    printf("%s%s%s\n", coloured ? style_codes[style] : "", text, coloured ? "\033[0m" : "");
}

__attribute__((format(printf, 3, 4))) static void say(struct bot_show *show, enum style style,
                                                      const char *format, ...)
{
    char text[TIMELINE_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put_line(show, style, text);
}

void bot_show_step(struct bot_show *show, const char *format, ...)
{
    char text[TIMELINE_LINE_BYTES];
    if (show->quiet || show->json) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put_line(show, STYLE_PLAIN, text);
}

void bot_show_complaint(struct bot_show *show, const char *format, ...)
{
    end_progress(show);
    va_list arguments;
    va_start(arguments, format);
    fputs("bot: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void bot_show_raw(struct bot_show *show, struct bytes message)
{
    if (show->json) printf("%.*s\n", (int)message.length, message.data);
}

/* ---- who and what ---- */

static void show_loadout(struct bot_show *show, const struct proto_card *cards, size_t card_count,
                         size_t artifacts, size_t items)
{
    char deck[TIMELINE_LINE_BYTES] = "";
    size_t length = 0;
    for (size_t i = 0; i < card_count && length < sizeof deck; i++) {
        int wanted = snprintf(deck + length, sizeof deck - length, "%s%s (level %lld)", i == 0 ? "" : ", ",
                              cards[i].id, (long long)cards[i].level);
        length += (size_t)wanted;
    }
    say(show, STYLE_PLAIN, "deck: %s; artifacts %zu, items %zu", card_count == 0 ? "empty" : deck, artifacts,
        items);
}

static void show_profile(struct bot_show *show, const char *player_id, const char *name, long long level,
                         const struct proto_ratings *ratings, const struct proto_tally *record)
{
    say(show, STYLE_STRONG, "%s (%s), level %lld", name, player_id, level);
    say(show, STYLE_PLAIN,
        "rating: normal %lld, ranked %lld, party %lld; record: %lld won, %lld lost, %lld drawn",
        (long long)ratings->normal, (long long)ratings->ranked, (long long)ratings->party,
        (long long)record->wins, (long long)record->losses, (long long)record->draws);
}

static void show_state(struct bot_show *show, const char *state, const char *mode, const char *match_id)
{
    say(show, STYLE_PLAIN, "state: %s%s%s%s%s", state, mode[0] != '\0' ? ", mode " : "", mode,
        match_id[0] != '\0' ? ", match " : "", match_id);
}

static void show_welcome(struct bot_show *show, const struct proto_welcome *welcome)
{
    const struct proto_profile *profile = &welcome->profile;
    const struct proto_loadout *loadout = &profile->loadout;
    show_profile(show, welcome->player_id, profile->name, (long long)profile->level, &profile->ratings,
                 &profile->record);
    show_loadout(show, loadout->cards, loadout->cards_count, loadout->artifacts_count, loadout->items_count);
    show_state(show, welcome->state.state, welcome->state.mode, welcome->state.match_id);
}

/* ---- queue and match ---- */

static void show_waiting(struct bot_show *show, const char *mode, int64_t position, int64_t size,
                         int64_t wait_ms, const struct proto_rating_range *window)
{
    char range[64] = "";
    if (window != NULL) {
        snprintf(range, sizeof range, ", ratings %lld to %lld", (long long)window->min,
                 (long long)window->max);
    }
    if (!show->terminal) {
        say(show, STYLE_PLAIN, "waiting in %s: place %lld of %lld, about %.1f s%s", mode, (long long)position,
            (long long)size, (double)wait_ms / 1000, range);
        return;
    }
    printf("\r\033[Kwaiting in %s: place %lld of %lld, about %.1f s%s", mode, (long long)position,
           (long long)size, (double)wait_ms / 1000, range);
    fflush(stdout);
    show->progress = true;
}

static void show_match_found(struct bot_show *show, const struct proto_match_found *match)
{
    say(show, STYLE_STRONG, "match %s (%s)", match->match_id, match->mode);
    for (size_t i = 0; i < match->opponents_count; i++) {
        const struct proto_contestant *opponent = &match->opponents[i];
        say(show, STYLE_PLAIN, "  against %s (%s), level %lld, rating %lld", opponent->name,
            opponent->player_id, (long long)opponent->level, (long long)opponent->rating);
    }
    for (size_t i = 0; i < match->teammates_count; i++) {
        const struct proto_contestant *mate = &match->teammates[i];
        say(show, STYLE_PLAIN, "  with %s (%s), level %lld, rating %lld", mate->name, mate->player_id,
            (long long)mate->level, (long long)mate->rating);
    }
}

static void show_cancelled(struct bot_show *show, const struct proto_match_cancelled *match)
{
    say(show, STYLE_PLAIN, "match %s is off: %s%s%s%s", match->match_id, match->reason,
        match->requeued ? ", back in the queue" : "", match->penalty[0] != '\0' ? ", penalty " : "",
        match->penalty);
}

static void show_result(struct bot_show *show, const struct proto_battle_result *result)
{
    enum style style = strcmp(result->outcome, "win") == 0    ? STYLE_GOOD
                       : strcmp(result->outcome, "loss") == 0 ? STYLE_BAD
                                                              : STYLE_STRONG;
    char rating[80] = "";
    if (result->has_rating) {
        snprintf(rating, sizeof rating, ", rating %lld to %lld (%+lld)", (long long)result->rating.before,
                 (long long)result->rating.after, (long long)result->rating.delta);
    }
    say(show, style, "%s in match %s%s", result->outcome, result->match_id, rating);
}

static void show_error(struct bot_show *show, const struct proto_error *error)
{
    bot_show_complaint(show, "the server refuses: %s (%s%s%s)", error->message, error->code,
                       error->field[0] != '\0' ? ", at " : "", error->field);
}

static void show_news(struct bot_show *show, enum server_message message, const void *record)
{
    const struct proto_profile_answer *profile = record;
    const struct proto_loadout_answer *loadout = record;
    const struct proto_queue_status *status = record;
    const struct proto_enqueued *enqueued = record;
    const struct proto_state *state = record;
    const struct proto_dequeued *dequeued = record;
    const struct proto_loading_progress *loading = record;
    const struct proto_closing *closing = record;
    const struct proto_notice *notice = record;
    switch (message) {
    case SERVER_welcome: show_welcome(show, record); break;
    case SERVER_state: show_state(show, state->state, state->mode, state->match_id); break;
    case SERVER_profile:
        show_profile(show, profile->player_id, profile->name, (long long)profile->level, &profile->ratings,
                     &profile->record);
        break;
    case SERVER_loadout:
        show_loadout(show, loadout->cards, loadout->cards_count, loadout->artifacts_count,
                     loadout->items_count);
        break;
    case SERVER_enqueued:
        show_waiting(show, enqueued->mode, enqueued->position, enqueued->queue_size,
                     enqueued->estimated_wait_ms, NULL);
        break;
    case SERVER_queue_status:
        show_waiting(show, status->mode, status->position, status->queue_size, status->estimated_wait_ms,
                     status->has_window ? &status->window : NULL);
        break;
    case SERVER_dequeued:
        say(show, STYLE_PLAIN, "left the queue %s: %s", dequeued->mode, dequeued->reason);
        break;
    case SERVER_match_found: show_match_found(show, record); break;
    case SERVER_loading_progress:
        say(show, STYLE_PLAIN, "loaded: %zu of the players", loading->ready_count);
        break;
    case SERVER_match_cancelled: show_cancelled(show, record); break;
    case SERVER_notice: say(show, STYLE_STRONG, "notice: %s (%s)", notice->message, notice->code); break;
    case SERVER_closing:
        say(show, STYLE_PLAIN, "the server closes: %s (%lld)", closing->reason, (long long)closing->code);
        break;
    default: break;
    }
}

void bot_show_message(struct bot_show *show, enum server_message message, const void *record)
{
    if (message == SERVER_error) show_error(show, record);
    else if (show->json) return;
    else if (message == SERVER_battle_result) show_result(show, record);
    else if (!show->quiet) show_news(show, message, record);
}

/* ---- the fight ---- */

static void tell_line(void *context, enum timeline_line kind, int side, const char *text)
{
    struct bot_show *show = context;
    enum style style = side == 0 ? STYLE_FIRST : side == 1 ? STYLE_SECOND : STYLE_PLAIN;
    if (kind == TIMELINE_LINE_HEAD || kind == TIMELINE_LINE_END) style = STYLE_STRONG;
    put_line(show, style, text);
}

static void tell_nothing(void *context, enum timeline_line kind, int side, const char *text)
{
    (void)context, (void)kind, (void)side, (void)text;
}

bool bot_show_timeline(struct bot_show *show, struct bytes timeline, char *error, size_t error_capacity)
{
    bool silent = show->quiet || show->json;
    return timeline_text_tell(timeline, silent ? tell_nothing : tell_line, show, error, error_capacity);
}
