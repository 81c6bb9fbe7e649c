/* timers.h -- many deadlines, one heap, no clock of its own.
 *
 * An actor embeds a struct timer in itself and asks to be called at a time; the engine asks the heap for the
 * next time and, when its loop or its simulated clock gets there, fires what is due. Setting and cancelling
 * cost O(log n), because each timer knows its place in the heap.
 *
 * Order has a rule: earlier times first, equal times in the order in which they were set. A timer that is set
 * while others fire waits for the next round, even for a time already past, so a timer that always sets
 * itself "now" cannot hold the loop.
 *
 * Timers belong to their owners, who cancel them before the memory goes; the heap only borrows them. Its
 * array grows with the number of timers set at once, which is bounded by the number of their owners. One
 * thread per heap. */
#ifndef DUELPOD_TIMERS_H
#define DUELPOD_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer;
typedef void timer_fn(struct timer *timer);

/* All zero except `fire` is a timer that is not set. Only `fire` is the owner's to write. */
struct timer {
    timer_fn *fire; /* Called once per setting; may set, cancel or free any timer, this one included. */
    int64_t at_ms;
    uint64_t order;
    size_t place; /* Index in the heap plus one; 0 when not set. */
};

struct timers {
    struct timer **heap;
    size_t count;
    size_t capacity;
    uint64_t order_next;
    int64_t firing_ms;
    bool firing;
};

void timers_init(struct timers *timers);

/* Releases the array. Timers still set count as not set afterwards; none of them is called. */
void timers_free(struct timers *timers);

/* Sets or moves `timer`. `at_ms` is on whatever clock the caller passes to timers_fire_due(). */
void timers_set(struct timers *timers, struct timer *timer, int64_t at_ms);

/* Harmless when the timer is not set. */
void timers_cancel(struct timers *timers, struct timer *timer);

bool timer_is_set(const struct timer *timer);

/* The earliest time set, or INT64_MAX when there is none. */
int64_t timers_next_ms(const struct timers *timers);

/* Fires at most `count_max` timers whose time is not after `now_ms`; returns how many. What was left over
 * keeps its turn: timers_next_ms() then answers a time that is already due. Not from inside a timer. */
size_t timers_fire_due(struct timers *timers, int64_t now_ms, size_t count_max);

#endif
