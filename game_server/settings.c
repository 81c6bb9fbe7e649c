#include "game_server/settings.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/token.h"

struct settings_retired {
    struct settings_retired *next;
    const struct game_config *config;
    struct token_verifier *verifier;
    int64_t at_ms; /* wall time, as shard_beat_ms */
};

static struct token_verifier *open_verifier(const struct game_config *config, char *error,
                                            size_t error_capacity)
{
    const struct token_config token = {
        .hs256_secret = config->auth_hs256_secret,
        .jwks_file = config->auth_jwks_file,
        .issuer = config->auth_issuer,
        .audience = config->auth_audience,
        .leeway_s = config->auth_leeway_s,
    };
    return token_verifier_open(&token, error, error_capacity);
}

bool settings_open(struct settings *settings, struct game *game, const struct shard_directory *directory,
                   const struct game_config *original, char *error, size_t error_capacity)
{
    *settings = (struct settings){.game = game, .directory = directory, .original = original};
    game->config = original;
    struct token_verifier *verifier = open_verifier(original, error, error_capacity);
    game->verifier = verifier;
    return verifier != NULL;
}

static bool all_turned_since(const struct shard_directory *directory, int64_t at_ms)
{
    for (size_t i = 0; i < directory->count; i++) {
        if (shard_beat_ms(directory->shards[i]) <= at_ms) return false;
    }
    return true;
}

static void config_free(const struct settings *settings, const struct game_config *config)
{
    if (config == settings->original) return;
    struct game_config *own = (struct game_config *)(uintptr_t)config;
    explicit_bzero(own, sizeof *own);
    free(own);
}

/* Frees `list` and what is older. */
static void free_retired(struct settings *settings, struct settings_retired *list)
{
    while (list != NULL) {
        struct settings_retired *next = list->next;
        config_free(settings, list->config);
        token_verifier_close(list->verifier);
        free(list);
        settings->retired_count--;
        list = next;
    }
}

static void free_what_nobody_holds(struct settings *settings)
{
    struct settings_retired **link = &settings->retired;
    while (*link != NULL && !all_turned_since(settings->directory, (*link)->at_ms)) link = &(*link)->next;
    free_retired(settings, *link);
    *link = NULL;
}

bool settings_replace(struct settings *settings, const struct game_config *fresh, char *error,
                      size_t error_capacity)
{
    struct game *game = settings->game;
    free_what_nobody_holds(settings);
    if (settings->retired_count == SETTINGS_RETIRED_MAX) {
        text_copy(error, error_capacity, "too many reloads at once");
        return false;
    }
    struct token_verifier *verifier = open_verifier(fresh, error, error_capacity);
    if (verifier == NULL) return false;
    struct game_config *config = memory_new(sizeof *config);
    *config = *fresh;
    struct settings_retired *retired = memory_new(sizeof *retired);
    retired->config = atomic_exchange(&game->config, config);
    retired->verifier = atomic_exchange(&game->verifier, verifier);
    retired->at_ms = clock_wall_ms();
    retired->next = settings->retired;
    settings->retired = retired;
    settings->retired_count++;
    return true;
}

void settings_close(struct settings *settings)
{
    free_retired(settings, settings->retired);
    settings->retired = NULL;
    config_free(settings, settings->game->config);
    token_verifier_close(settings->game->verifier);
}
