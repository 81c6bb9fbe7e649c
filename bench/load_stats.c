#include "bench/load_stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void load_stats_error(struct load_stats *stats, const char *family, const char *name)
{
    char whole[LOAD_ERROR_BYTES];
    snprintf(whole, sizeof whole, "%s%s", family, name);
    size_t at = 0;
    while (at < stats->error_count && strcmp(stats->errors[at].name, whole) != 0) at++;
    if (at == stats->error_count && at < LOAD_ERRORS_MAX) {
        text_copy(stats->errors[at].name, LOAD_ERROR_BYTES, whole);
        stats->error_count++;
    }
    if (at == LOAD_ERRORS_MAX) at--;
    stats->errors[at].count++;
}

void load_stats_violation(struct load_stats *stats, const char *player, const char *match_id,
                          const char *what)
{
    stats->violations++;
    if (stats->violations > LOAD_VIOLATIONS_SHOWN) return;
    fprintf(stderr, "load: VIOLATION %" PRIu64 ": %s (player %s, match %s)\n", stats->violations, what,
            player, match_id);
}

uint64_t load_stats_error_total(const struct load_stats *stats)
{
    uint64_t total = 0;
    for (size_t i = 0; i < stats->error_count; i++) total += stats->errors[i].count;
    return total;
}
