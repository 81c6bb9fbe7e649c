/* operator_admin.h -- maintenance and drain by hand, on the admin port of match_server.
 *
 *     GET  /maintenance    {"maintenance":null} or what maintenance:flag holds
 *     POST /maintenance    {"maintenance":"on","reason":"We move house.","retry_after_ms":60000} or "off"
 *                          200 as GET says then; off without one is 200 too
 *     POST /drain          {} or {"pod_id":"pod-b"}: the leases of waiters on dead pods end (drain.h)
 *                          200 {"drained":3}; 409 one is under way here
 *
 * 400 with a sentence for a wish that cannot be read, 503 without Redis. Any match_server will do: the others
 * see it within a second. Main thread only. */
#ifndef DUELPOD_OPERATOR_ADMIN_H
#define DUELPOD_OPERATOR_ADMIN_H

#include "common/admin.h"
#include "common/world.h"
#include "match_server/config.h"

struct operator_admin;

/* All are borrowed: `world` (commands and scripts only, on the loop of the admin port), and `admin`, where
 * answers go. */
struct operator_admin *operator_admin_open(struct world *world, const struct match_config *config,
                                           struct admin *admin);

/* Handlers of the pages. */
void operator_admin_show(struct operator_admin *operators, const struct http_request *request,
                         struct http_response *response);
void operator_admin_switch(struct operator_admin *operators, const struct http_request *request,
                           struct http_response *response);
void operator_admin_drain(struct operator_admin *operators, const struct http_request *request,
                          struct http_response *response);

/* When every reply of the world has come. */
void operator_admin_close(struct operator_admin *operators);

#endif
