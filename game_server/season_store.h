/* season_store.h -- the season and its leaderboards in Redis. game_server is their only writer.
 *
 * A season is a number. Its leaderboards are filled by result_apply, in the step that changes a rating; players
 * enter a new season one by one, when they are used (lua/_prelude.lua). So beginning one touches one key and
 * gives the old leaderboards a lifetime. Nothing here keeps state. */
#ifndef DUELPOD_SEASON_STORE_H
#define DUELPOD_SEASON_STORE_H

#include "common/world.h"

enum { SEASON_FIRST = 1 };

/* leaderboard:<season>:<mode> */
struct redis_name season_board_name(const struct world *world, int64_t season, const char *mode);

/* The number of the season and when it began (0: nobody knows). */
bool season_store_read(struct world *world, world_reply_fn *reply, void *context, uint64_t tag);

/* False: Redis did not answer. Without a season it is the first. */
bool season_store_read_reply(const struct redis_reply *reply, int64_t *number, int64_t *started_at_ms);

struct season_rules {
    int64_t keep_permille; /* of a rating's distance from `base` that stays in the next season */
    int64_t base;
    int64_t board_ttl_ms; /* of the leaderboards of the season that ends */
};

/* Begins season `ending` + 1. Replies OK or STALE, then the number that runs now, then when it began. */
bool season_store_start(struct world *world, int64_t ending, const struct season_rules *rules,
                        world_reply_fn *reply, void *context, uint64_t tag);

/* Places of a leaderboard; the form of the reply stands in lua/leaderboard.lua. */
bool season_store_board(struct world *world, int64_t season, const char *mode, const char *player_id,
                        bool around, int64_t places, world_reply_fn *reply, void *context, uint64_t tag);

/* The names of `count` <= LEADERBOARD_MAX players, in their order. */
bool season_store_names(struct world *world, const struct proto_standing *players, size_t count,
                        world_reply_fn *reply, void *context, uint64_t tag);

#endif
