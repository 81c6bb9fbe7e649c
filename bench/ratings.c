#include "bench/ratings.h"

#include "common/base.h"

/* About normal: the sum of twelve even numbers (Irwin-Hall), cut at six deviations. */
static int32_t draw_normal(struct rng *rng, int32_t mean, int32_t deviation)
{
    int64_t sum = 0;
    for (int i = 0; i < 12; i++) sum += rng_between(rng, -1000, 1000);
    return mean + (int32_t)(sum * deviation / 2000);
}

int32_t ratings_draw(struct rng *rng)
{
    uint64_t kind = rng_below(rng, 100);
    int32_t rating = kind < 75   ? draw_normal(rng, 1500, 220)
                     : kind < 95 ? draw_normal(rng, 1250, 150)
                                 : draw_normal(rng, 2000, 250);
    return rating < 0 ? 0 : rating;
}

static double draw_even(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) / (double)(UINT64_C(1) << 53);
}

/* Mean 1, without a logarithm (von Neumann 1951): a falling run of even numbers is odd with probability
 * e^-x. */
static double draw_exponential(struct rng *rng)
{
    for (double whole = 0;; whole++) {
        double first = draw_even(rng), last = first;
        bool odd = true;
        for (double next = draw_even(rng); next < last; next = draw_even(rng)) {
            last = next;
            odd = !odd;
        }
        if (odd) return whole + first;
    }
}

int64_t ratings_next_arrival_us(struct rng *rng, int64_t per_1000_s)
{
    return (int64_t)(draw_exponential(rng) * 1e9 / (double)per_1000_s);
}
