/* rng.h -- repeatable chance from a seed, and true chance from the kernel.
 *
 * A struct rng is a stream of integers that is a function of its seed alone: the same on every machine, so a
 * battle, a back-off or a failing test can be replayed. It is xoshiro256** (Blackman and Vigna 2018), seeded
 * by splitmix64 (Steele, Lea and Flood 2014). It is fast and fair but not secret: whoever sees outputs can
 * compute the rest. Seeds, tokens and ids come from rng_entropy().
 *
 * The caller owns a struct rng and uses it from one thread. Copying it copies the stream. */
#ifndef DUELPOD_RNG_H
#define DUELPOD_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state[4];
};

/* Starts the stream of `seed`; every seed is a good one, also 0. */
void rng_init(struct rng *rng, uint64_t seed);

/* The next 64 bits. */
uint64_t rng_next(struct rng *rng);

/* Uniform in 0 .. limit - 1, without bias (Lemire 2019). `limit` is at least 1. */
uint64_t rng_below(struct rng *rng, uint64_t limit);

/* Uniform in low .. high, both included. `low` is at most `high`. */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high);

/* Fills `size` bytes with secrets of the kernel (getrandom). Blocks only before the machine has gathered
 * its first entropy. Any thread. */
void rng_entropy(void *bytes, size_t size);

#endif
