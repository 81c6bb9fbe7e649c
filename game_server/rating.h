/* rating.h -- Elo in integers. Pure.
 *
 * Source: the Elo system as FIDE uses it, with the expectation from a table (E(d) = 1000 / (1 + 10^(-d/400))
 * permille, E(-d) = 1000 - E(d)), so that every machine computes the same rating.
 *
 *     after = before + round(K * (S - E) / 1000), halves away from zero, at least RATING_MIN
 *     S = 1000 win, 500 draw, 0 loss
 *     K = 40 in the first 20 games, 32 below 100 games or below 1600, 24 below 2000, else 16
 *
 * The players of a match may have different K, so ratings are not zero-sum. */
#ifndef DUELPOD_RATING_H
#define DUELPOD_RATING_H

#include <stdint.h>

enum { RATING_START = 1200, RATING_MIN = 100, RATING_DIFFERENCE_MAX = 800 };

enum rating_score { RATING_LOSS = 0, RATING_DRAW = 500, RATING_WIN = 1000 };

/* Expected score in permille of one who is `difference` points stronger. Beyond 800 points it is that of 800. */
int64_t rating_expected(int64_t difference);

/* How much one game may move a rating. */
int64_t rating_k(int64_t rating, int64_t games);

/* The rating after one more game against `opponent`. */
int64_t rating_after(int64_t rating, int64_t games, int64_t opponent, enum rating_score score);

#endif
