/* service.h -- the life of a server process: signals, limits, an orderly stop within a deadline.
 *
 *     service_prepare()              first thing in main, before any thread
 *     service_open()                 on the main loop: signals are heard from here
 *     service_announce_ready()       READY=1 to systemd
 *     SIGTERM or SIGINT              STOPPING=1, stop() once; after `stop_deadline_ms` exit code 1, even when
 *                                    the main loop hangs
 *     a second SIGTERM or SIGINT     the process ends at once: 143 or 130
 *     SIGHUP                         reload(), as often as it comes
 *     service_close()                everything has stopped; main returns 0
 *
 * One service in a process, used by the main loop's thread only. */
#ifndef DUELPOD_SERVICE_H
#define DUELPOD_SERVICE_H

#include <uv.h>

#include "common/base.h"

enum { SERVICE_FILES_MAX = 65536 };

struct service;

struct service_events {
    void (*stop)(void *context);
    void (*reload)(void *context); /* NULL: SIGHUP is ignored */
};

/* Ignores SIGPIPE and raises the limit of open files to its hard limit, at most SERVICE_FILES_MAX.
 * `keep_memory_private` forbids core dumps and debuggers, for a process that holds secrets. */
void service_prepare(bool keep_memory_private);

/* Starts listening to signals. The open service does not keep the loop alive. `stop_deadline_ms` 0: none. */
struct service *service_open(uv_loop_t *loop, int stop_deadline_ms, const struct service_events *events,
                             void *context);

/* The same as a first SIGTERM. */
void service_stop(struct service *service);
bool service_is_stopping(const struct service *service);

/* Tells the supervisor named by NOTIFY_SOCKET, if there is one, that the start is complete. */
void service_announce_ready(void);

/* Ends the deadline and the listening; the memory goes with the loop's next turn. */
void service_close(struct service *service);

#endif
