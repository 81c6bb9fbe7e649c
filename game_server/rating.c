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

/* Of thousandths; division of negatives would round towards zero. */
static int64_t round_half_away(int64_t thousandths)
{
    return thousandths < 0 ? -((-thousandths + 500) / 1000) : (thousandths + 500) / 1000;
}

int64_t rating_after(int64_t rating, int64_t games, int64_t opponent, enum rating_score score)
{
    int64_t surprise = (int64_t)score - rating_expected(rating - opponent);
    int64_t after = rating + round_half_away(rating_k(rating, games) * surprise);
    return after < RATING_MIN ? RATING_MIN : after;
}
