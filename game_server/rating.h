/* rating.h -- Elo in integers. Pure.
 *
 * Source: the Elo system as FIDE uses it, with the expectation from a table (E(d) = 1000 / (1 + 10^(-d/400))
 * permille, E(-d) = 1000 - E(d)), so that every machine computes the same rating.
 *
 *     after = before + round(K * (S - E) * W / 4000), halves away from zero, at least RATING_MIN
 *     S = 1000 win, 500 draw, 0 loss
 *     W = 4 quarters, fewer against an opponent met often (lua/result_apply.lua)
 *     K = 40 in the first 20 games, 32 below 100 games or below 1600, 24 below 2000, else 16
 *
 * Of teams the average ratings are compared, and every member's own K counts. The players of a match may have
 * different K, so ratings are not zero-sum. */
#ifndef DUELPOD_RATING_H
#define DUELPOD_RATING_H

#include <stddef.h>
#include <stdint.h>

enum { RATING_START = 1200, RATING_MIN = 100, RATING_DIFFERENCE_MAX = 800 };

enum rating_score { RATING_LOSS = 0, RATING_DRAW = 500, RATING_WIN = 1000 };

/* Expected score in permille of one who is `difference` points stronger. Beyond 800 points it is that of 800. */
int64_t rating_expected(int64_t difference);

/* How much one game may move a rating. */
int64_t rating_k(int64_t rating, int64_t games);

enum rating_weight { RATING_QUARTER = 1, RATING_HALF = 2, RATING_FULL = 4 };

/* By how much the own side was stronger before the match: the difference of the averages of `team_size` ratings,
 * halves towards zero. */
int64_t rating_lead(const int64_t *own, const int64_t *other, size_t team_size);

/* The rating after one more game, with that lead. */
int64_t rating_after(int64_t rating, int64_t games, int64_t lead, enum rating_score score,
                     enum rating_weight weight);

#endif
