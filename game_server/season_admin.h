/* season_admin.h -- the season on the admin port: which one runs, and beginning the next.
 *
 *     GET  /season                 200 {"season":3,"started_at_ms":1735689600000}
 *     POST /season {"ending":3}    200 {"season":4,...}; 409 with the season that runs when 3 is not the one
 *
 * The operator names the season that ends, so a repeated command begins none too many. On any pod: the others
 * notice within a heartbeat. Owned and used by the loop of the admin port. */
#ifndef DUELPOD_SEASON_ADMIN_H
#define DUELPOD_SEASON_ADMIN_H

#include "common/admin.h"
#include "common/world.h"
#include "game_server/player_shard.h"

struct season_admin;

/* All are borrowed; `admin` is where the answers go. */
struct season_admin *season_admin_open(struct world *world, const struct game *game, struct admin *admin);

/* Routes of the admin port. */
void season_admin_show(struct season_admin *seasons, const struct http_request *request,
                       struct http_response *response);
void season_admin_start(struct season_admin *seasons, const struct http_request *request,
                        struct http_response *response);

/* After the world has answered everything. */
void season_admin_close(struct season_admin *seasons);

#endif
