#include <assert.h>

#include "engine.h"

void event_flush(struct battle_ctx *ctx)
{
    if (ctx->watch != NULL && ctx->watch_pending) ctx->watch(ctx->watch_user, &ctx->last_events[0]);
    ctx->watch_pending = false;
}

/* At the limit the battle is overloaded and ends at the next look; what is under way still gets its
 * events. */
struct event *event_record(struct battle_ctx *ctx, enum event_kind kind, int source, int target, int cause)
{
    struct event *event = &ctx->last_events[0];
    assert(ctx->event_count <= BATTLE_EVENTS + EVENTS_SPARE);
    event_flush(ctx);
    if (ctx->watch == NULL) event = &ctx->events[ctx->event_count - 1];
    else ctx->watch_pending = true;
    *event = (struct event){.t = ctx->tick * TICK_MS,
                            .c = (uint16_t)cause,
                            .k = (uint8_t)kind,
                            .s = (uint8_t)source,
                            .d = (uint8_t)target};
    return event;
}

void fizzle(struct battle_ctx *ctx, int owner, enum fizzle reason, int cause)
{
    event_new(ctx, EVENT_FIZZLE, owner, 0, cause)->n = (int32_t)reason;
}
