/* load_stats.h -- what a load run counts. One thread; zeroed is empty.
 *
 * Times are microseconds. What happened outside of the measured time is left out by whoever records. */
#ifndef DUELPOD_LOAD_STATS_H
#define DUELPOD_LOAD_STATS_H

#include "bench/histogram.h"
#include "common/base.h"

#define LOAD_ERRORS_MAX 64
#define LOAD_ERROR_BYTES 48
#define LOAD_VIOLATIONS_SHOWN 20

struct load_error_count {
    char name[LOAD_ERROR_BYTES];
    uint64_t count;
};

struct load_stats {
    struct histogram login_us;    /* connect to welcome */
    struct histogram enqueued_us; /* wish to enqueued */
    struct histogram found_us;    /* wish to match_found */
    struct histogram result_us;   /* wish to the last byte of the result */
    uint64_t matches;             /* whose first result came in the measured time */
    uint64_t timelines;
    uint64_t timeline_bytes;
    uint64_t verified;
    uint64_t disconnects; /* that nobody asked for */
    uint64_t violations;
    struct load_error_count errors[LOAD_ERRORS_MAX];
    size_t error_count;
};

/* Counts an error under "<family><name>". More than LOAD_ERRORS_MAX different ones count as the last one. */
void load_stats_error(struct load_stats *stats, const char *family, const char *name);

/* Counts a broken promise and says it loudly on stderr (the first LOAD_VIOLATIONS_SHOWN). */
void load_stats_violation(struct load_stats *stats, const char *player, const char *match_id,
                          const char *what);

uint64_t load_stats_error_total(const struct load_stats *stats);

#endif
