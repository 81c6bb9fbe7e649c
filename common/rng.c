#include "common/rng.h"

#include <errno.h>
#include <sys/random.h>

#include "common/base.h"

__extension__ typedef unsigned __int128 wide;

static uint64_t rng_split(uint64_t *seed)
{
    uint64_t bits = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

static uint64_t rng_rotate(uint64_t bits, int count)
{
    return (bits << count) | (bits >> (64 - count));
}

void rng_init(struct rng *rng, uint64_t seed)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rng->state); i++) rng->state[i] = rng_split(&seed);
}

uint64_t rng_next(struct rng *rng)
{
    uint64_t *state = rng->state;
    uint64_t result = rng_rotate(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rng_rotate(state[3], 45);
    return result;
}

/* The high half of next * limit is uniform once the few products whose low half is below 2^64 mod limit are
 * thrown away; the division is paid only when the low half is small enough to matter. */
uint64_t rng_below(struct rng *rng, uint64_t limit)
{
    check(limit > 0);
    wide product = (wide)rng_next(rng) * limit;
    if ((uint64_t)product < limit) {
        uint64_t uneven = (0 - limit) % limit;
        while ((uint64_t)product < uneven) product = (wide)rng_next(rng) * limit;
    }
    return (uint64_t)(product >> 64);
}

int64_t rng_between(struct rng *rng, int64_t low, int64_t high)
{
    check(low <= high);
    uint64_t distance = (uint64_t)high - (uint64_t)low;
    uint64_t offset = distance == UINT64_MAX ? rng_next(rng) : rng_below(rng, distance + 1);
    return (int64_t)((uint64_t)low + offset);
}

void rng_entropy(void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        ssize_t count = getrandom(at, size, 0);
        if (count < 0 && errno == EINTR) continue;
        check(count > 0);
        at += count;
        size -= (size_t)count;
    }
}
