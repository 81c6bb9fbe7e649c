/* ratings.h -- made-up players for benches of the matcher: ratings as a living ladder has them.
 *
 * A mixture in integers: three quarters of all are regulars around 1500, a fifth newcomers around 1250, the
 * rest strong ones around 2000, so that both tails are thin. Pure; repeatable from the seed. */
#ifndef DUELPOD_RATINGS_H
#define DUELPOD_RATINGS_H

#include "common/rng.h"

int32_t ratings_draw(struct rng *rng);

/* Milliseconds to the next of a Poisson process of `per_1000_s` arrivals in a thousand seconds. */
int64_t ratings_next_arrival_us(struct rng *rng, int64_t per_1000_s);

#endif
