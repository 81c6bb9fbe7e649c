#include "match_server/ranked_rules.h"

#include <stddef.h>

enum { DIGITS_MAX = 9 };

/* Reads 1 to 9 digits and moves `text` behind them. */
static bool read_number(const char **text, int32_t *out)
{
    int32_t number = 0;
    size_t digits = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        if (++digits > DIGITS_MAX) return false;
        number = number * 10 + (**text - '0');
    }
    *out = number;
    return digits > 0;
}

static bool read_letter(const char **text, char letter)
{
    if (**text != letter) return false;
    (*text)++;
    return true;
}

static const char *read_curve(const char *text, struct matcher_rules *out)
{
    do {
        if (out->point_count == MATCHER_POINTS_MAX) return "more than 8 points";
        struct matcher_point *point = &out->curve[out->point_count++];
        int32_t width;
        if (!read_number(&text, &point->age_ms) || !read_letter(&text, ':') || !read_number(&text, &width)) {
            return "not a list of age_ms:width with commas between";
        }
        if (width % 2 != 0) return "widths are even: each of the two gets half";
        point->half_window = width / 2;
    } while (read_letter(&text, ','));
    return *text == '\0' ? NULL : "not a list of age_ms:width with commas between";
}

const char *ranked_rules_read(const char *window, int64_t age_bonus_per_s, int64_t rematch_wait_ms,
                              struct matcher_rules *out)
{
    *out = (struct matcher_rules){.age_bonus_per_s = (int32_t)age_bonus_per_s,
                                  .rematch_wait_ms = (int32_t)rematch_wait_ms,
                                  .capacity_max = MATCHER_CAPACITY_MAX};
    const char *problem = read_curve(window, out);
    return problem != NULL ? problem : matcher_rules_problem(out);
}

int32_t ranked_rules_width(const struct matcher_rules *rules, uint32_t index)
{
    return 2 * rules->curve[index].half_window;
}
