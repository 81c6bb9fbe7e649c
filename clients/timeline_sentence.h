/* timeline_sentence.h -- one event of a timeline as one sentence, by the table in timeline_sentences.def.
 * Part of timeline_text; pure. */
#ifndef DUELPOD_TIMELINE_SENTENCE_H
#define DUELPOD_TIMELINE_SENTENCE_H

#include "clients/timeline_line.h"

/* The fields of an event that sentences use; absent numbers are 0. Views into the timeline. */
struct timeline_event {
    struct bytes kind;
    struct bytes id;
    int64_t t, s, d, n, v, w, x, f, p;
};

enum timeline_sentence_result { SENTENCE_TOLD, SENTENCE_SILENT, SENTENCE_UNKNOWN };

/* Takes an event apart. False when it has no kind or a time below 0. */
bool timeline_event_read(struct bytes text, struct timeline_event *event);

/* Adds the sentence. Silent: a reader need not see this event. Unknown: a kind newer than the table. */
enum timeline_sentence_result timeline_sentence_add(struct timeline_words *words,
                                                    const struct timeline_names *names,
                                                    const struct timeline_event *event);

#endif
