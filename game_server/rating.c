#include "game_server/rating.h"

#include "game_server/rating_table.h"

int64_t rating_expected(int64_t difference)
{
    if (difference < 0) return 1000 - rating_expected(-difference);
    return expected_permille[difference > RATING_DIFFERENCE_MAX ? RATING_DIFFERENCE_MAX : difference];
}

int64_t rating_k(int64_t rating, int64_t games)
{
    if (games < 20) return 40;
    if (games < 100 || rating < 1600) return 32;
    return rating < 2000 ? 24 : 16;
}

/* Of quarters of thousandths; division of negatives would round towards zero. */
static int64_t round_half_away(int64_t parts)
{
    return parts < 0 ? -((-parts + 2000) / 4000) : (parts + 2000) / 4000;
}

int64_t rating_lead(const int64_t *own, const int64_t *other, size_t team_size)
{
    int64_t sum = 0;
    for (size_t i = 0; i < team_size; i++) sum += own[i] - other[i];
    return sum / (int64_t)team_size;
}

int64_t rating_after(int64_t rating, int64_t games, int64_t lead, enum rating_score score,
                     enum rating_weight weight)
{
    int64_t surprise = (int64_t)score - rating_expected(lead);
    int64_t after = rating + round_half_away(rating_k(rating, games) * surprise * (int64_t)weight);
    return after < RATING_MIN ? RATING_MIN : after;
}
