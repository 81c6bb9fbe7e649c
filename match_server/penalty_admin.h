/* penalty_admin.h -- sanctions for operators, on the admin port of match_server.
 *
 *     GET  /penalties          {"penalties":[{"player_id":"ana","score":2000,"violations":2,
 *                                "last_ms":1700000000000,"banned_until_ms":1700000060000}],"more":false}
 *     POST /penalties/lift     {"player_id":"ana"} or {"device_id":"..."} or {"device_hash":"..."},
 *                              with "relief":"full" (default) or "step"
 *                              200 {"score":1000,"banned_until_ms":...}, 404 no record, 400, 503 without Redis
 *
 * At most PENALTIES_SHOWN_MAX are listed, those that are remembered longest first. Devices are listed by hash,
 * because nothing else is stored.
 *
 * Main thread only. */
#ifndef DUELPOD_PENALTY_ADMIN_H
#define DUELPOD_PENALTY_ADMIN_H

#include "common/admin.h"
#include "common/world.h"
#include "match_server/config.h"

enum { PENALTIES_SHOWN_MAX = 200 };

struct penalty_admin;

/* All are borrowed: `world` (commands and scripts only, on the loop of the admin port), and `admin`, where
 * answers go. */
struct penalty_admin *penalty_admin_open(struct world *world, const struct match_config *config,
                                         struct admin *admin);

/* Handlers of the two pages; `penalties` as context. */
void penalty_admin_list(struct penalty_admin *penalties, const struct http_request *request,
                        struct http_response *response);
void penalty_admin_lift(struct penalty_admin *penalties, const struct http_request *request,
                        struct http_response *response);

/* When every reply of the world has come. */
void penalty_admin_close(struct penalty_admin *penalties);

#endif
