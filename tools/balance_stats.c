#include "tools/balance_stats.h"

#include <math.h>

#define Z95 1.959963984540054

struct interval stats_wilson(double hits, uint64_t count)
{
    if (count == 0) return (struct interval){0, 1};
    double n = (double)count, share = hits / n, z2 = Z95 * Z95;
    double middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return (struct interval){fmax(0, middle - half), fmin(1, middle + half)};
}

double stats_sigmas_from_half(uint64_t hits, uint64_t count)
{
    if (count == 0) return 0;
    return ((double)hits - (double)count / 2) / (sqrt((double)count) / 2);
}
