/* metrics.h -- counters, gauges and histograms, one table, one block of cells per thread.
 *
 * A row of a .def file is one time series: name, fixed labels, help. metrics_ids.h makes the enum from the
 * rows and metrics_rows.h the table; match_server/metrics.h and .c show it whole. Every thread opens a block
 * of its own and counts there with relaxed atomics, so counting costs no lock and shares no cache line; a
 * scrape sums over the blocks. A gauge is therefore the sum of what the threads last set.
 *
 * Labels are fixed when the program is compiled, every series exists from the start with 0, and no id of a
 * player or a match is ever a label. Values are integers; `scale` divides them for the reader (1000000:
 * counted in microseconds, shown in seconds).
 *
 * Rows of one family stand together; the help of the first is the family's. */
#ifndef DUELPOD_METRICS_H
#define DUELPOD_METRICS_H

#include "common/buffer.h"

enum metric_kind { METRIC_IS_COUNTER, METRIC_IS_GAUGE, METRIC_IS_HISTOGRAM };

enum { METRIC_BOUNDS_MAX = 15 };

/* Upper bounds of the buckets, ascending, in the unit of the observed values. */
struct metric_bounds {
    int64_t scale;
    size_t count;
    int64_t values[METRIC_BOUNDS_MAX];
};

extern const struct metric_bounds metric_bounds_latency; /* Microseconds: 100 us .. 10 s. */
extern const struct metric_bounds metric_bounds_wait;    /* Milliseconds: 0.5 s .. 300 s. */
extern const struct metric_bounds metric_bounds_rating;  /* Rating points: 0 .. 1000. */

struct metric {
    enum metric_kind kind;
    const char *family; /* As Prometheus sees it; counters end in _total. */
    const char *labels; /* mode="normal",... or empty. */
    const char *help;
    int64_t scale;
    const struct metric_bounds *bounds; /* Histograms only. */
};

struct metrics;
struct metrics_block;

/* Main thread. The rows are borrowed for ever. */
struct metrics *metrics_open(const struct metric *rows, size_t row_count);

/* After all threads that count have ended; frees the blocks too. */
void metrics_close(struct metrics *metrics);

/* Any thread. A block lives as long as `metrics`, so that counts survive their thread. */
struct metrics_block *metrics_block_open(struct metrics *metrics);

/* Any thread, though a block is meant for one. `id` is the row's index.
 * metrics_add() counts, also a gauge up or down. metrics_set() gives a gauge, or a total that is counted
 * elsewhere, its value in this block. metrics_observe() puts one value into a histogram; below 0 counts as
 * 0. */
void metrics_add(struct metrics_block *block, size_t id, int64_t amount);
void metrics_set(struct metrics_block *block, size_t id, int64_t value);
void metrics_observe(struct metrics_block *block, size_t id, int64_t value);

/* Any thread: the sum over all blocks; of a histogram, the number of observations. */
int64_t metrics_read(struct metrics *metrics, size_t id);

/* Any thread: appends everything in Prometheus text format 0.0.4. */
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
void metrics_write(struct metrics *metrics, struct buffer *out);

#endif
