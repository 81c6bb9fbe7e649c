/* log_limit.h -- how many lines of one event name a second may have.
 *
 * A fixed table of names with their count in the current second. A process has few event names, all of them
 * literals; when LOG_NAMES_MAX are in the table, further names share one count. The owner locks. Pure. */
#ifndef DUELPOD_LOG_LIMIT_H
#define DUELPOD_LOG_LIMIT_H

#include "common/base.h"

enum { LOG_NAMES_MAX = 255 };

struct log_limit {
    struct log_limit_name {
        const char *name; /* Borrowed for ever. */
        int64_t second;
        int count;
        uint64_t suppressed;
    } names[LOG_NAMES_MAX + 1]; /* The last one is for the names that found no room. */
};

/* May a line of this name be written now? True: `suppressed` is how many were refused since the last one.
 * `per_second_max` 0: always. `now_ms` is monotonic. */
bool log_limit_allows(struct log_limit *limit, const char *name, int64_t now_ms, int per_second_max,
                      uint64_t *suppressed);

#endif
