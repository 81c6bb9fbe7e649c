/* ranked_rules.h -- the rules of the ranked queue, made from its options.
 *
 * The option ranked.window speaks of what players see: how far apart two may be that have waited equally long.
 * The matcher lets two meet when their half-windows together reach the gap, so each gets half of it:
 *
 *     "0:50,30000:100,120000:300"     at once 50 points, after 30 s 100, after 120 s 300 and then on
 *     half-windows                    25, 50, 150
 *
 * Pure. */
#ifndef DUELPOD_RANKED_RULES_H
#define DUELPOD_RANKED_RULES_H

#include "match_server/matcher_rules.h"

/* NULL, or the sentence that says what is wrong; `out` is then unusable. The window is a list of up to 8 points
 * age_ms:width with commas between; widths are even. */
const char *ranked_rules_read(const char *window, int64_t age_bonus_per_s, int64_t rematch_wait_ms,
                              struct matcher_rules *out);

/* What was written at point `index`. */
int32_t ranked_rules_width(const struct matcher_rules *rules, uint32_t index);

#endif
