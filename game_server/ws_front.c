#include "game_server/ws_internal.h"

#include <stdlib.h>

/* ---- time ---------------------------------------------------------------------------------------- */

/* The connection that has been in `list` for at least `age_ms`, oldest first, or NULL. */
static struct ws_conn *list_overdue(struct ws_front *front, const struct ws_link *list, uint64_t age_ms)
{
    if (ws_list_empty(list)) return NULL;
    struct ws_conn *conn = container_of(list->next, struct ws_conn, link);
    return uv_now(front->loop) - conn->since_ms >= age_ms ? conn : NULL;
}

static void connections_tick(struct ws_front *front)
{
    const struct ws_front_config *config = &front->config;
    struct ws_conn *conn;
    uint32_t answer_ms = config->idle_timeout_ms - config->ping_interval_ms;
    while ((conn = list_overdue(front, &front->pinged, answer_ms)) != NULL) {
        ws_count(front, WS_COUNTER_idle);
        ws_send_kill(conn);
    }
    while ((conn = list_overdue(front, &front->quiet, config->ping_interval_ms)) != NULL) {
        ws_conn_move(conn, &front->pinged);
        ws_send_ping(conn);
    }
    while ((conn = list_overdue(front, &front->closing, config->close_timeout_ms)) != NULL) {
        ws_send_kill(conn);
    }
}

static void on_soon(uv_timer_t *timer)
{
    struct ws_front *front = timer->data;
    while (!ws_list_empty(&front->faulting)) {
        struct ws_conn *conn = container_of(front->faulting.next, struct ws_conn, link);
        if (conn->owner != NULL) ws_send_fault(conn, WS_FAULT_SLOW_READER);
        else ws_conn_close(conn, WS_CLOSE_SLOW_READER, "");
    }
}

static void on_own_handle_closed(uv_handle_t *handle)
{
    struct ws_front *front = handle->data;
    if (--front->handles_open > 0) return;
    void (*closed)(void *context) = front->closed;
    void *context = front->context;
    free(front);
    if (closed != NULL) closed(context);
}

static void front_finish(struct ws_front *front)
{
    ws_accept_stop(front);
    uv_close((uv_handle_t *)&front->tick, on_own_handle_closed);
    uv_close((uv_handle_t *)&front->soon, on_own_handle_closed);
    uv_close((uv_handle_t *)&front->listener, on_own_handle_closed);
}

static void closing_down_tick(struct ws_front *front)
{
    if (front->destroy_turns == 0) {
        if (front->open > 0 && uv_now(front->loop) < front->close_deadline_ms) return;
        uv_timer_start(&front->tick, front->tick.timer_cb, 1, 1);
        front->destroy_turns = 1;
        ws_library_close(front);
    } else if (++front->destroy_turns > WS_DESTROY_TURNS) {
        ws_library_free(front);
        check(front->open == 0);
        front_finish(front);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct ws_front *front = timer->data;
    if (front->destroy_turns == 0) {
        connections_tick(front);
        ws_accept_tick(front);
    }
    if (front->closing_down) closing_down_tick(front);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void handles_open(struct ws_front *front)
{
    uv_timer_init(front->loop, &front->tick);
    uv_timer_init(front->loop, &front->soon);
    front->tick.data = front->soon.data = front;
    front->soon.timer_cb = on_soon;
    front->handles_open = 3; /* these and the listener */
    uv_timer_start(&front->tick, on_tick, WS_TICK_MS, WS_TICK_MS);
}

struct ws_front *ws_front_open(uv_loop_t *loop, const struct ws_front_config *config,
                               const struct ws_front_events *events, void *context, char *error,
                               size_t error_capacity)
{
    check(events->opened != NULL && events->received != NULL);
    check(events->faulted != NULL && events->closed != NULL);
    struct ws_front *front = memory_new(sizeof(*front));
    front->loop = loop;
    front->config = *config;
    front->events = *events;
    front->context = context;
    front->listen_fd = -1;
    ws_list_init(&front->quiet);
    ws_list_init(&front->pinged);
    ws_list_init(&front->faulting);
    ws_list_init(&front->closing);
    ws_list_init(&front->peeks);
    if (!ws_config_complete(front, error, error_capacity) || !ws_accept_start(front, error, error_capacity)) {
        free(front);
        return NULL;
    }
    handles_open(front);
    if (ws_library_open(front, error, error_capacity)) return front;
    if (front->lws != NULL) ws_front_close(front, NULL);
    else front_finish(front);
    return NULL;
}

uint16_t ws_front_port(const struct ws_front *front)
{
    return front->port;
}

void ws_front_stop_accepting(struct ws_front *front)
{
    ws_accept_stop(front);
}

static void list_close_all(struct ws_link *list)
{
    while (!ws_list_empty(list)) {
        ws_conn_close(container_of(list->next, struct ws_conn, link), WS_CLOSE_GOING_AWAY, "going away");
    }
}

void ws_front_close(struct ws_front *front, void (*closed)(void *context))
{
    check(!front->closing_down);
    ws_accept_stop(front);
    front->closing_down = true;
    front->closed = closed;
    uv_update_time(front->loop);
    front->close_deadline_ms = uv_now(front->loop) + front->config.close_timeout_ms + WS_TICK_MS;
    list_close_all(&front->quiet);
    list_close_all(&front->pinged);
    list_close_all(&front->faulting);
}
