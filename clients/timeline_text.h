/* timeline_text.h -- tells a battle timeline (bt/1, or relay/1 with two of them) in readable lines.
 *
 *      12.35s ember_imp (Ana) hits militia (Ben) for 16, 22 left
 *
 * The timeline carries every absolute value, so the teller knows no rule of the game: it names the entities
 * from the two sides (and from what is summoned later) and fills one sentence per kind of event. Kinds it
 * does not know are skipped, as the format demands, and counted in a closing line.
 *
 * Pure: text in, lines out; any thread. Limits: entity ids below TIMELINE_ENTITY_MAX, lines below
 * TIMELINE_LINE_BYTES. Names are cut to fit and free of control characters. */
#ifndef DUELPOD_TIMELINE_TEXT_H
#define DUELPOD_TIMELINE_TEXT_H

#include "common/base.h"

#define TIMELINE_ENTITY_MAX 4096
#define TIMELINE_LINE_BYTES 320

enum timeline_line {
    TIMELINE_LINE_HEAD,  /* who fights whom */
    TIMELINE_LINE_BOARD, /* one hero, card or artifact at the start */
    TIMELINE_LINE_EVENT,
    TIMELINE_LINE_END,   /* the outcome */
    TIMELINE_LINE_TOTAL, /* what one card did */
};

/* `side` is 0 or 1: whose card acted or is described; -1 when nobody's. `text` is borrowed until return. */
typedef void timeline_line_fn(void *context, enum timeline_line kind, int side, const char *text);

/* Tells the whole timeline. False with a sentence naming the place ("ev[12].k: missing") when it is no bt/1 or
 * relay/1 timeline; lines before the place have been told then. */
bool timeline_text_tell(struct bytes timeline, timeline_line_fn *line, void *context, char *error,
                        size_t error_capacity);

#endif
