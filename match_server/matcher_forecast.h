/* matcher_forecast.h -- what a waiting player may be told: window, next widening, expected wait.
 *
 * The estimate adds up the arrivals to be expected within the ticket's reach, which widens meanwhile, until
 * there is one. It rests on what matcher_note_arrival() was told during the last minutes. Same thread as the
 * matcher. */
#ifndef DUELPOD_MATCHER_FORECAST_H
#define DUELPOD_MATCHER_FORECAST_H

#include "match_server/matcher.h"

struct matcher_forecast {
    int32_t low, high;    /* ratings inside the ticket's own window */
    int64_t widens_at_ms; /* when that grows by a point; MATCHER_NEVER_MS at the cap or while frozen */
    int64_t wait_ms;      /* further wait to be expected; -1: more than ten minutes or unknown */
};

struct matcher_forecast matcher_forecast(const struct matcher *matcher, uint32_t handle, int64_t now_ms);

/* The half-window alone, in rating points. */
int64_t matcher_half_window(const struct matcher *matcher, uint32_t handle, int64_t now_ms);

/* What somebody of this rating would have to expect who came now; as wait_ms above. */
int64_t matcher_expected_wait_ms(const struct matcher *matcher, int32_t rating, int64_t now_ms);

/* Somebody new has come: not for tickets that are only read again or came back. */
void matcher_note_arrival(struct matcher *matcher, int32_t rating, int64_t now_ms);

#endif
