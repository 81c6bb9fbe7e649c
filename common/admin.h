/* admin.h -- the port for operators: /health, /ready and /metrics, on loopback or inside the pod.
 *
 *     /health    200 {"status":"ok","checks":[]}              is the process worth keeping?  500 restarts it
 *     /ready     503 {"status":"failing","checks":[           may it get new work?           503 withholds it
 *                     {"name":"redis","ok":false,"detail":"connect failed"}]}
 *     /metrics   Prometheus text, version 0.0.4
 *
 * That /health answers at all proves that this loop turns; its owner adds what else must turn (other loops,
 * never Redis: a Redis outage must not restart the fleet). Further pages come as routes of the owner.
 *
 * Reports and metrics are for everybody who reaches the port; pages with a handler are the operator's: see
 * admin_protect().
 * Owned and used by the loop's thread. Limits and time-outs: http.h. */
#ifndef DUELPOD_ADMIN_H
#define DUELPOD_ADMIN_H

#include "common/http.h"

struct admin;

/* Collects the checks of one answer. */
struct admin_report;

/* Adds one check. `name` and `detail` (may be NULL) are copied. One check that is not ok fails the report. */
void admin_report_check(struct admin_report *report, const char *name, bool ok, const char *detail);

/* All run on the loop's thread with `context`. A NULL function: nothing to check; /metrics: 404. */
struct admin_events {
    void (*health)(void *context, struct admin_report *report);
    void (*ready)(void *context, struct admin_report *report);
    void (*metrics)(void *context, struct buffer *out);
};

/* A page of the owner. With `report` it answers GET like /health and /ready: 200, or `failing_status` when a
 * check is not ok. With `handle` it answers `method` as a route of http.h, called with the owner's context. */
struct admin_page {
    const char *path;
    int failing_status;
    void (*report)(void *context, struct admin_report *report);
    const char *method; /* of `handle`: GET or POST */
    http_handler_fn *handle;
};

enum { ADMIN_PAGES_MAX = 16 };

/* `host` is a numeric address, `port` 0 takes a free one. `pages` may be NULL, else ends with a row without a
 * path and outlives the admin; at most ADMIN_PAGES_MAX. NULL on failure, with a constant `*error`. */
struct admin *admin_open(uv_loop_t *loop, const char *host, uint16_t port, const struct admin_events *events,
                         const struct admin_page *pages, void *context, const char **error);

/* Who may use the operator's pages. With a token: who sends `Authorization: Bearer <token>`; else 401.
 * Without one ("" or NULL): everybody if `trusted` (nobody but this machine reaches the port), else nobody,
 * 403. A request that names an Origin comes from a web page and is refused in any case, 403. Until this is
 * called everybody may. The token is copied. */
void admin_protect(struct admin *admin, const char *token, bool trusted);

/* Is this numeric address one of this machine only? */
bool admin_host_is_loopback(const char *host);

/* Answers {"error":"<sentence>"}. */
void admin_refuse(struct http_response *response, int status, const char *sentence);

uint16_t admin_port(const struct admin *admin);
struct http_counters admin_counters(const struct admin *admin);

/* As http_server_answer(). */
bool admin_answer(struct admin *admin, uint64_t ticket, const struct http_response *response);

/* `closed` (may be NULL) is called from the loop when the memory is gone. */
void admin_close(struct admin *admin, void (*closed)(void *context));

#endif
