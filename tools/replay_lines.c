#include "tools/replay_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The time of an event stands in front of its line. */
static int64_t time_of(const char *text)
{
    long long seconds, hundredths;
    if (sscanf(text, "%lld.%2llds", &seconds, &hundredths) != 2) return -1;
    return seconds * 1000 + hundredths * 10;
}

static void keep(void *context, enum timeline_line kind, int side, const char *text)
{
    struct replay_lines *lines = context;
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity == 0 ? 256 : 2 * lines->capacity;
        lines->rows = memory_resize(lines->rows, lines->capacity * sizeof *lines->rows);
    }
    lines->rows[lines->count++] = (struct replay_line){
        kind, side, kind == TIMELINE_LINE_EVENT ? time_of(text) : -1, memory_copy_text(text)};
}

bool replay_lines_read(struct bytes timeline, struct replay_lines *out, char *error, size_t error_capacity)
{
    return timeline_text_tell(timeline, keep, out, error, error_capacity);
}

void replay_lines_free(struct replay_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) free(lines->rows[i].text);
    free(lines->rows);
}

void replay_line_print(const struct replay_line *line, bool colour)
{
    static const char *const sides[] = {"\033[36m", "\033[33m"};
    const char *code = line->kind == TIMELINE_LINE_HEAD || line->kind == TIMELINE_LINE_END ? "\033[1m"
                       : line->side >= 0 && line->side < 2                                 ? sides[line->side]
                                                                                           : "";
    if (!colour) code = "";
    printf("%s%s%s\n", code, line->text, *code == '\0' ? "" : "\033[0m");
}

/* ---- stepping ------------------------------------------------------------------------------------------- */

struct stepper {
    const struct replay_lines *lines;
    size_t at; /* the next line */
    int keys;
    bool colour, prompt;
};

static void show_next(struct stepper *stepper)
{
    replay_line_print(&stepper->lines->rows[stepper->at++], stepper->colour);
}

static bool at_end(const struct stepper *stepper)
{
    return stepper->at == stepper->lines->count;
}

static void show_untimed(struct stepper *stepper)
{
    while (!at_end(stepper) && stepper->lines->rows[stepper->at].t_ms < 0) show_next(stepper);
}

static void show_instant(struct stepper *stepper)
{
    int64_t t_ms = stepper->lines->rows[stepper->at].t_ms;
    while (!at_end(stepper) && stepper->lines->rows[stepper->at].t_ms == t_ms) show_next(stepper);
}

/* The line before the last one shown is shown again. */
static void step_back(struct stepper *stepper)
{
    if (stepper->at < 2 || stepper->lines->rows[stepper->at - 2].t_ms < 0) return;
    stepper->at -= 2;
    show_next(stepper);
}

/* False when it is time to leave. */
static bool obey(struct stepper *stepper, char key)
{
    switch (key) {
    case ' ':
    case '\n':
    case '\r': show_next(stepper); break;
    case 't': show_instant(stepper); break;
    case 'b': step_back(stepper); return true;
    case 'e':
        while (!at_end(stepper)) show_next(stepper);
        break;
    case 'q':
    case 3: return false; /* Ctrl-C, which asks for nothing else without a line discipline */
    default: return true;
    }
    show_untimed(stepper);
    return true;
}

static bool read_key(const struct stepper *stepper, char *key)
{
    static const char words[] = "-- space: next, t: instant, b: back, e: end, q: quit";
    if (stepper->prompt) fputs(words, stdout);
    fflush(stdout);
    bool pressed = read(stepper->keys, key, 1) == 1;
    if (stepper->prompt) fputs("\r\033[K", stdout);
    return pressed;
}

void replay_step(const struct replay_lines *lines, int keys, bool colour)
{
    struct stepper stepper = {lines, 0, keys, colour, isatty(STDOUT_FILENO) == 1};
    struct termios before, single;
    bool terminal = tcgetattr(keys, &before) == 0;
    char key;
    if (terminal) {
        single = before;
        single.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
        tcsetattr(keys, TCSANOW, &single);
    }
    show_untimed(&stepper);
    while (!at_end(&stepper) && read_key(&stepper, &key) && obey(&stepper, key)) continue;
    if (terminal) tcsetattr(keys, TCSANOW, &before);
}
