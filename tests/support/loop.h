/* loop.h -- runs a libuv loop until something has happened, and fails loudly when it does not. Test code
 * only. */
#ifndef DUELPOD_TEST_LOOP_H
#define DUELPOD_TEST_LOOP_H

#include <uv.h>

#include "common/base.h"

enum { LOOP_PATIENCE_MS = 20000 };

static inline void loop_on_patience_over(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static inline void loop_mark_closed(uv_handle_t *handle)
{
    handle->data = NULL;
}

/* Turns the loop until done(context); false when that takes longer than `patience_ms`. */
static inline bool loop_run_until_ms(uv_loop_t *loop, bool (*done)(void *context), void *context,
                                     uint64_t patience_ms)
{
    uv_timer_t patience;
    bool over = false;
    uv_timer_init(loop, &patience);
    patience.data = &over;
    uv_update_time(loop);
    uv_timer_start(&patience, loop_on_patience_over, patience_ms, 0);
    while (!done(context) && !over)
        uv_run(loop, UV_RUN_ONCE);
    bool happened = done(context);
    uv_close((uv_handle_t *)&patience, loop_mark_closed);
    while (patience.data != NULL)
        uv_run(loop, UV_RUN_NOWAIT);
    return happened;
}

static inline bool loop_run_until(uv_loop_t *loop, bool (*done)(void *context), void *context)
{
    return loop_run_until_ms(loop, done, context, LOOP_PATIENCE_MS);
}

#endif
