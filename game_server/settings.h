/* settings.h -- what a reload replaces while all threads read it: the configuration and the keys of tokens.
 *
 *     readers    take the pointer out of struct game once for each use, and keep it no longer than one turn of
 *                their loop; so they see one configuration whole, the old one or the new one
 *     main       makes the new ones, puts them in place with one store each, and puts the old ones aside
 *
 * What was put aside is freed at a later reload, once every thread's loop has turned since: nobody can hold
 * it any more. At most SETTINGS_RETIRED_MAX wait for that; further reloads are refused until then, which is a
 * second or so. The configuration of the start is kept for ever, because what is opened once (ports, links)
 * borrows its texts. Main thread. */
#ifndef DUELPOD_SETTINGS_H
#define DUELPOD_SETTINGS_H

#include "game_server/player_shard.h"

enum { SETTINGS_RETIRED_MAX = 64 };

struct settings_retired;

struct settings {
    struct game *game;
    const struct shard_directory *directory; /* the threads that read */
    const struct game_config *original;
    struct settings_retired *retired; /* newest first */
    size_t retired_count;
};

/* The first ones: `original` becomes game's configuration, and outlives all. False and why when the keys of
 * tokens cannot be used. */
bool settings_open(struct settings *settings, struct game *game, const struct shard_directory *directory,
                   const struct game_config *original, char *error, size_t error_capacity);

/* A copy of `fresh` takes the place. The keys are read again from their files even if no option differs.
 * False and why: the keys cannot be used, or too many reloads came at once, and nothing has changed. */
bool settings_replace(struct settings *settings, const struct game_config *fresh, char *error,
                      size_t error_capacity);

/* When no thread reads any more. */
void settings_close(struct settings *settings);

#endif
