#include "game_server/queue_window.h"

enum { RATING_MAX = 100000 };

/* The last point that has been reached; the first one before all others. */
static size_t leg_at(const struct proto_window_point *points, size_t count, int64_t age_ms)
{
    size_t leg = 0;
    while (leg + 1 < count && points[leg + 1].age_ms <= age_ms) leg++;
    return leg;
}

static int64_t width_at(const struct proto_window_point *points, size_t count, int64_t age_ms)
{
    size_t leg = leg_at(points, count, age_ms);
    int64_t into_ms = age_ms - points[leg].age_ms;
    if (leg + 1 == count || into_ms <= 0) return points[leg].width;
    int64_t rise = points[leg + 1].width - points[leg].width;
    int64_t long_ms = points[leg + 1].age_ms - points[leg].age_ms;
    return points[leg].width + (long_ms > 0 ? rise * into_ms / long_ms : 0);
}

/* The first age at which the window is `width` wide; -1: never. */
static int64_t age_of_width(const struct proto_window_point *points, size_t count, int64_t width)
{
    for (size_t i = 1; i < count; i++) {
        int64_t rise = points[i].width - points[i - 1].width;
        if (points[i].width < width || rise <= 0) continue;
        int64_t missing = width - points[i - 1].width, long_ms = points[i].age_ms - points[i - 1].age_ms;
        return points[i - 1].age_ms + (missing * long_ms + rise - 1) / rise;
    }
    return -1;
}

struct queue_window queue_window_at(const struct proto_window_point *points, size_t count, int64_t rating,
                                    int64_t since_ms, int64_t now_ms)
{
    int64_t age_ms = now_ms > since_ms ? now_ms - since_ms : 0;
    int64_t width = width_at(points, count, age_ms);
    int64_t wider_ms = age_of_width(points, count, width + 1);
    return (struct queue_window){
        .range = {.min = rating > width ? rating - width : 0,
                  .max = rating + width < RATING_MAX ? rating + width : RATING_MAX},
        .widens_at_ms = wider_ms < 0 ? 0 : since_ms + wider_ms,
    };
}
