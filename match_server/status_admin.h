/* status_admin.h -- what goes on in the whole realm, on the admin port of match_server.
 *
 *     GET /status    {"pod_id":"pod-a","now_ms":...,"maintenance":null,
 *                     "pods":[{"member":"game:pod-a","alive":true,"deadline_ms":...}],
 *                     "queues":[{"mode":"normal","waiting":3,"longest_since_ms":...,"leader":"pod-a-1f..."}],
 *                     "outbox":0,"active_matches":1,
 *                     "matches":[{"match_id":"...","deadline_ms":...,"status":"loading","mode":"normal",
 *                                 "players":"ana,ben","host":"","attempts":0}]}
 *
 * Read from Redis when asked, with a few plain reads and no script, so it may be torn by what happens
 * meanwhile. At most STATUS_PODS_MAX members of pods and the STATUS_MATCHES_MAX matches whose deadline is
 * next are listed; `active_matches` counts all. 503 without Redis. Main thread only. */
#ifndef DUELPOD_STATUS_ADMIN_H
#define DUELPOD_STATUS_ADMIN_H

#include "common/admin.h"
#include "common/world.h"
#include "match_server/config.h"

enum { STATUS_PODS_MAX = 200, STATUS_MATCHES_MAX = 50 };

struct status_admin;

/* All are borrowed: `world` (commands only, on the loop of the admin port), and `admin`, where answers go. */
struct status_admin *status_admin_open(struct world *world, const struct match_config *config,
                                       struct admin *admin);

/* Handler of the page. */
void status_admin_show(struct status_admin *status, const struct http_request *request,
                       struct http_response *response);

/* When every reply of the world has come. */
void status_admin_close(struct status_admin *status);

#endif
