/* timeline.h -- the three parts of a `bt/1` timeline, written one after another: header up to `"ev":[`,
 * every event, and the end with its hash. battle_timeline_json joins them in a buffer; battle_verify
 * compares each as it comes, so that it needs no room for a second timeline. */
#ifndef DUELPOD_BATTLE_TIMELINE_H
#define DUELPOD_BATTLE_TIMELINE_H

#include "engine.h"
#include "json_writer.h"

enum { TIMELINE_HEADER_BYTES = 16 << 10, TIMELINE_EVENT_BYTES = 384, TIMELINE_END_BYTES = 32 << 10 };

void timeline_write_header(const struct battle_ctx *ctx, struct text *text);
/* `first` omits the comma in front. */
void timeline_write_event(const struct battle_ctx *ctx, const struct event *event, bool first,
                          struct text *text);
/* From `],"end"` up to the hash digits, which cover everything before them. */
void timeline_write_end(const struct battle_ctx *ctx, struct text *text);
/* The digits and the closing braces. */
void timeline_write_hash(const uint8_t digest[32], struct text *text);

#endif
