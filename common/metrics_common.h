/* metrics_common.h -- the metrics that both servers have, first in both tables, so that common code can count
 * with the same ids in either. */
#ifndef DUELPOD_METRICS_COMMON_H
#define DUELPOD_METRICS_COMMON_H

#include "common/metrics.h"

enum common_metric {
#include "common/metrics_ids.h"
#include "common/metrics_common.def"
#include "common/metrics_end.h"
    METRIC_COMMON_COUNT
};

/* Brings the rows about the process, the build and the log up to date in `block`; before a scrape, from one
 * thread. */
void metrics_set_process(struct metrics_block *block);

/* The steady clock of durations to observe, for code that otherwise knows the time of its world only. */
int64_t metrics_now_us(void);

#endif
