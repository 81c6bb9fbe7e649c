#include "common/service.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

enum { EXIT_STOP_TOO_SLOW = 1, EXIT_SIGNAL_BASE = 128, HANDLES = 3 };

struct service {
    uv_signal_t terminate, interrupt, hang_up;
    unsigned handles_open;
    int stop_deadline_ms;
    bool stopping;
    struct service_events events;
    void *context;
    /* The watchdog of the stop is a thread, because what hangs may well be the main loop. */
    uv_thread_t watchdog;
    bool watched;
    uv_mutex_t mutex;
    uv_cond_t stopped;
    bool has_stopped;
};

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    rlim_t wanted = limit.rlim_max < SERVICE_FILES_MAX ? limit.rlim_max : SERVICE_FILES_MAX;
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_event(LOG_WARNING, "file_limit_not_raised", LOG_INT("wanted", (int64_t)wanted));
}

void service_prepare(bool keep_memory_private)
{
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    if (keep_memory_private) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* One datagram as in sd_notify(3). A path that begins with '@' names an abstract socket. */
static void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        !text_copy(address.sun_path, sizeof address.sun_path, path))
        return;
    if (path[0] == '@') address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (fd < 0) return;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, length) < 0)
        log_event(LOG_WARNING, "supervisor_not_told", LOG_TEXT("state", state));
    close(fd);
}

void service_announce_ready(void)
{
    notify("READY=1");
}

static void watch_stop(void *argument)
{
    struct service *service = argument;
    uint64_t end_ns = uv_hrtime() + (uint64_t)service->stop_deadline_ms * 1000000;
    log_set_component("watchdog");
    uv_mutex_lock(&service->mutex);
    for (uint64_t now_ns = uv_hrtime(); !service->has_stopped && now_ns < end_ns; now_ns = uv_hrtime())
        uv_cond_timedwait(&service->stopped, &service->mutex, end_ns - now_ns);
    bool too_slow = !service->has_stopped;
    uv_mutex_unlock(&service->mutex);
    if (!too_slow) return;
    log_event(LOG_ERROR, "stop_took_too_long", LOG_INT("deadline_ms", service->stop_deadline_ms));
    _exit(EXIT_STOP_TOO_SLOW);
}

static void start_watchdog(struct service *service)
{
    if (service->stop_deadline_ms <= 0) return;
    check(uv_thread_create(&service->watchdog, watch_stop, service) == 0);
    service->watched = true;
}

static void end_watchdog(struct service *service)
{
    uv_mutex_lock(&service->mutex);
    service->has_stopped = true;
    uv_cond_signal(&service->stopped);
    uv_mutex_unlock(&service->mutex);
    if (service->watched) uv_thread_join(&service->watchdog);
}

void service_stop(struct service *service)
{
    if (service->stopping) return;
    service->stopping = true;
    notify("STOPPING=1");
    start_watchdog(service);
    service->events.stop(service->context);
}

static void on_stop_signal(uv_signal_t *handle, int number)
{
    struct service *service = handle->data;
    const char *name = number == SIGINT ? "SIGINT" : "SIGTERM";
    if (service->stopping) {
        log_event(LOG_ERROR, "stop_forced", LOG_TEXT("signal", name));
        _exit(EXIT_SIGNAL_BASE + number);
    }
    log_event(LOG_INFO, "stop_requested", LOG_TEXT("signal", name));
    service_stop(service);
}

static void on_reload_signal(uv_signal_t *handle, int number)
{
    struct service *service = handle->data;
    (void)number;
    if (service->events.reload != NULL && !service->stopping) service->events.reload(service->context);
}

static void listen_to(uv_loop_t *loop, struct service *service, uv_signal_t *handle, uv_signal_cb callback,
                      int number)
{
    check(uv_signal_init(loop, handle) == 0);
    handle->data = service;
    check(uv_signal_start(handle, callback, number) == 0);
    uv_unref((uv_handle_t *)handle);
}

struct service *service_open(uv_loop_t *loop, int stop_deadline_ms, const struct service_events *events,
                             void *context)
{
    struct service *service = memory_new(sizeof *service);
    service->events = *events;
    service->context = context;
    service->stop_deadline_ms = stop_deadline_ms;
    service->handles_open = HANDLES;
    listen_to(loop, service, &service->terminate, on_stop_signal, SIGTERM);
    listen_to(loop, service, &service->interrupt, on_stop_signal, SIGINT);
    listen_to(loop, service, &service->hang_up, on_reload_signal, SIGHUP);
    check(uv_mutex_init(&service->mutex) == 0);
    check(uv_cond_init(&service->stopped) == 0);
    return service;
}

bool service_is_stopping(const struct service *service)
{
    return service->stopping;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct service *service = handle->data;
    if (--service->handles_open > 0) return;
    uv_cond_destroy(&service->stopped);
    uv_mutex_destroy(&service->mutex);
    free(service);
}

void service_close(struct service *service)
{
    end_watchdog(service);
    uv_close((uv_handle_t *)&service->terminate, on_handle_closed);
    uv_close((uv_handle_t *)&service->interrupt, on_handle_closed);
    uv_close((uv_handle_t *)&service->hang_up, on_handle_closed);
}
