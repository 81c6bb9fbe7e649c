#include "bench/histogram.h"

static size_t bucket_of(int64_t value)
{
    if (value < INT64_C(1) << HISTOGRAM_STEP_BITS) return (size_t)value;
    int power = 63 - __builtin_clzll((unsigned long long)value);
    int shift = power - HISTOGRAM_STEP_BITS;
    return ((size_t)shift << HISTOGRAM_STEP_BITS) + (size_t)(value >> shift);
}

/* The highest value that falls into the bucket. */
static int64_t bucket_top(size_t bucket)
{
    if (bucket < (size_t)2 << HISTOGRAM_STEP_BITS) return (int64_t)bucket;
    size_t shift = (bucket >> HISTOGRAM_STEP_BITS) - 1;
    int64_t step = (int64_t)(bucket - (shift << HISTOGRAM_STEP_BITS));
    return ((step + 1) << shift) - 1;
}

void histogram_record(struct histogram *histogram, int64_t value)
{
    if (value < 0) value = 0;
    if (value > HISTOGRAM_VALUE_MAX) value = HISTOGRAM_VALUE_MAX;
    histogram->buckets[bucket_of(value)]++;
    histogram->count++;
    if (value > histogram->max) histogram->max = value;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) into->buckets[i] += from->buckets[i];
    into->count += from->count;
    if (from->max > into->max) into->max = from->max;
}

int64_t histogram_quantile(const struct histogram *histogram, double quantile)
{
    double exact_rank = quantile * (double)histogram->count;
    uint64_t rank = (uint64_t)exact_rank;
    uint64_t passed = 0;
    if ((double)rank < exact_rank || rank == 0) rank++;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        passed += histogram->buckets[i];
        if (passed < rank) continue;
        int64_t top = bucket_top(i);
        return top < histogram->max ? top : histogram->max;
    }
    return 0;
}
