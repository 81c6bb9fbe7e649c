/* loop.h -- runs a libuv loop until something has happened, and fails loudly when it does not. Test code
 * only. */
#ifndef DUELPOD_TEST_LOOP_H
#define DUELPOD_TEST_LOOP_H

#include <uv.h>

#include "common/base.h"

enum { LOOP_PATIENCE_MS = 20000, LOOP_TICK_MS = 5 };

static inline void loop_on_tick(uv_timer_t *timer)
{
    (void)timer;
}

static inline void loop_mark_closed(uv_handle_t *handle)
{
    handle->data = NULL;
}

/* Turns the loop until done(context); false when that takes longer than `patience_ms`. A tick wakes the loop
 * now and then, because `done` may come true in the middle of a turn that then sleeps. */
static inline bool loop_run_until_ms(uv_loop_t *loop, bool (*done)(void *context), void *context,
                                     uint64_t patience_ms)
{
    uv_timer_t tick;
    uint64_t end_ns = uv_hrtime() + patience_ms * 1000000;
    uv_timer_init(loop, &tick);
    tick.data = &tick;
    uv_update_time(loop);
    uv_timer_start(&tick, loop_on_tick, LOOP_TICK_MS, LOOP_TICK_MS);
    while (!done(context) && uv_hrtime() < end_ns) uv_run(loop, UV_RUN_ONCE);
    bool happened = done(context);
    uv_close((uv_handle_t *)&tick, loop_mark_closed);
    while (tick.data != NULL) uv_run(loop, UV_RUN_NOWAIT);
    return happened;
}

static inline bool loop_run_until(uv_loop_t *loop, bool (*done)(void *context), void *context)
{
    return loop_run_until_ms(loop, done, context, LOOP_PATIENCE_MS);
}

#endif
