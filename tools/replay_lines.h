/* replay_lines.h -- a timeline as lines that can be walked back and forth, and shown. */
#ifndef DUELPOD_REPLAY_LINES_H
#define DUELPOD_REPLAY_LINES_H

#include "clients/timeline_text.h"

struct replay_line {
    enum timeline_line kind;
    int side;
    int64_t t_ms; /* of an event; -1 for what has no time */
    char *text;   /* owned by the list */
};

struct replay_lines {
    size_t count, capacity;
    struct replay_line *rows;
};

/* Tells the timeline into `out`, which is zeroed. False as timeline_text_tell; what was told before stays. */
bool replay_lines_read(struct bytes timeline, struct replay_lines *out, char *error, size_t error_capacity);
void replay_lines_free(struct replay_lines *lines);

/* Prints one line, in colour when wanted. */
void replay_line_print(const struct replay_line *line, bool colour);

/* Shows events one by one, as keys are read from the descriptor `keys` (a terminal is asked for single keys
 * and put back): space or Enter one line, t all of the next instant, b one back, e to the end, q leaves.
 * Lines without a time are shown at once. Ends at the last line or at the end of `keys`. */
void replay_step(const struct replay_lines *lines, int keys, bool colour);

#endif
