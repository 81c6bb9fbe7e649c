/* due.h -- when something is due for each of the 16 cards of a board: the earliest tick, and who is due by
 * now. Both are asked at every jump of the clock, so that they look at all cards at once where the processor
 * can (SSE2, which every x86-64 has); elsewhere, or with BATTLE_PLAIN, one after the other. */
#ifndef DUELPOD_BATTLE_DUE_H
#define DUELPOD_BATTLE_DUE_H

#include <stdint.h>

#if defined(__SSE2__) && !defined(BATTLE_PLAIN)
#include <emmintrin.h>
#define DUE_WIDE 1
#else
#define DUE_WIDE 0
#endif

enum { DUE_CARDS = 16 };

struct due {
    _Alignas(16) int16_t ticks[DUE_CARDS]; /* side * 8 + slot */
};

/* The smallest tick. */
static inline int32_t due_earliest(const struct due *due)
{
#if DUE_WIDE
    const __m128i *halves = (const __m128i *)(const void *)due->ticks;
    __m128i least = _mm_min_epi16(_mm_load_si128(halves), _mm_load_si128(halves + 1));
    least = _mm_min_epi16(least, _mm_shuffle_epi32(least, 0x4e));
    least = _mm_min_epi16(least, _mm_shuffle_epi32(least, 0xb1));
    least = _mm_min_epi16(least, _mm_srli_epi32(least, 16));
    return (int16_t)_mm_cvtsi128_si32(least);
#else
    int32_t least = due->ticks[0];
    for (int i = 1; i < DUE_CARDS; i++) least = due->ticks[i] < least ? due->ticks[i] : least;
    return least;
#endif
}

/* Bit i is set when card i is due at `tick` or before. */
static inline uint32_t due_until(const struct due *due, int32_t tick)
{
#if DUE_WIDE
    const __m128i *halves = (const __m128i *)(const void *)due->ticks;
    __m128i after = _mm_set1_epi16((int16_t)(tick + 1));
    __m128i low = _mm_cmplt_epi16(_mm_load_si128(halves), after);
    __m128i high = _mm_cmplt_epi16(_mm_load_si128(halves + 1), after);
    return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
#else
    uint32_t mask = 0;
    for (int i = 0; i < DUE_CARDS; i++) mask |= (uint32_t)(due->ticks[i] <= tick) << i;
    return mask;
#endif
}

#endif
