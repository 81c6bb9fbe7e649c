/* clock.h -- the two clocks of a process, read only at its edge.
 *
 * Wall time is what other machines and players see; it may jump. Monotonic time only measures distances
 * inside this process and never runs backwards. Cores and game logic do not call these: they get the time
 * as an argument, so that a test or a replay owns it. Any thread. */
#ifndef DUELPOD_CLOCK_H
#define DUELPOD_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);

/* Time since an unspecified start, the same for all threads of this machine. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

#endif
