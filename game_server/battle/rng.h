/* rng.h -- the random streams of a battle: xoshiro128** (Blackman and Vigna) seeded by splitmix64.
 *
 * Only 32-bit operations per draw, so that C, C# and JavaScript give the same numbers. A stream belongs to
 * a purpose and a player, not to a seat; draws are counted, rejected ones included, and end up in the
 * timeline. */
#ifndef DUELPOD_BATTLE_RNG_H
#define DUELPOD_BATTLE_RNG_H

#include <stdint.h>

struct rng {
    uint32_t s[4];
    uint32_t draws;
};

static inline uint64_t rng_splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline uint64_t rng_fnv1a(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++) hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static inline void rng_seed(struct rng *rng, uint64_t seed, const char *domain, uint64_t player_key)
{
    uint64_t state = seed ^ rng_fnv1a(domain) ^ player_key;
    state = rng_splitmix64(&state);
    uint64_t first = rng_splitmix64(&state), second = rng_splitmix64(&state);
    rng->s[0] = (uint32_t)first;
    rng->s[1] = (uint32_t)(first >> 32);
    rng->s[2] = (uint32_t)second;
    rng->s[3] = (uint32_t)(second >> 32) | 1u; /* never all zero */
    rng->draws = 0;
}

static inline uint32_t rng_rotate(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

static inline uint32_t rng_next(struct rng *rng)
{
    uint32_t *s = rng->s, result = rng_rotate(s[1] * 5, 7) * 9, t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rng_rotate(s[3], 11);
    rng->draws++;
    return result;
}

/* Uniform in 0..bound-1 (Lemire's multiply and reject); bound >= 1. */
static inline uint32_t rng_below(struct rng *rng, uint32_t bound)
{
    uint64_t product = (uint64_t)rng_next(rng) * bound;
    if ((uint32_t)product < bound) {
        uint32_t threshold = (0u - bound) % bound;
        while ((uint32_t)product < threshold) product = (uint64_t)rng_next(rng) * bound;
    }
    return (uint32_t)(product >> 32);
}

/* True with a chance of `permille`; nothing is drawn when the answer is certain. */
static inline int rng_chance(struct rng *rng, int32_t permille)
{
    if (permille <= 0) return 0;
    if (permille >= 1000) return 1;
    return rng_below(rng, 1000) < (uint32_t)permille;
}

#endif
