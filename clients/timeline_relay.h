/* timeline_relay.h -- a battle of two against two told: its bouts one after the other, then who won it by what.
 * Part of timeline_text; pure. */
#ifndef DUELPOD_TIMELINE_RELAY_H
#define DUELPOD_TIMELINE_RELAY_H

#include "clients/timeline_line.h"

/* As timeline_text_tell, for well-formed JSON whose fmt is "relay". */
bool timeline_relay_tell(struct bytes timeline, timeline_line_fn *line, void *context, char *error,
                         size_t error_capacity);

/* One bt/1 timeline; `names` is zeroed and filled. From timeline_text.c. */
bool timeline_bout_tell(struct bytes bout, struct timeline_names *names, timeline_line_fn *line,
                        void *context, char *error, size_t error_capacity);

#endif
