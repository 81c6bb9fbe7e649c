/* timeline_line.h -- the words a timeline is told with: a line that grows, and the names of who takes part.
 * Part of timeline_text; pure, nothing is allocated. */
#ifndef DUELPOD_TIMELINE_LINE_H
#define DUELPOD_TIMELINE_LINE_H

#include "clients/timeline_text.h"
#include "common/base.h"

#define TIMELINE_NAME_BYTES 48

/* Zeroed is empty; what does not fit any more is cut. */
struct timeline_words {
    char text[TIMELINE_LINE_BYTES];
    size_t length;
};

void words_add(struct timeline_words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
void words_add_seconds(struct timeline_words *words, int64_t ms);

/* Who is who, by entity number. */
struct timeline_names {
    char players[2][TIMELINE_NAME_BYTES];
    struct timeline_entity {
        char name[TIMELINE_NAME_BYTES];
        bool known;
        int side;
    } entities[TIMELINE_ENTITY_MAX];
};

/* False when the number is outside 1..TIMELINE_ENTITY_MAX-1. Naming it again renames it. */
bool names_introduce(struct timeline_names *names, int64_t entity, int side, const char *name);

/* 0 or 1; -1 for an entity that was not introduced. */
int names_side(const struct timeline_names *names, int64_t entity);

/* Adds "Ana", "ember_imp (Ana)", or "entity 12" for one that was not introduced. */
void words_add_entity(struct timeline_words *words, const struct timeline_names *names, int64_t entity);

#endif
