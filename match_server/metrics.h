/* metrics.h -- everything match_server counts, made from the rows of two .def files. */
#ifndef DUELPOD_MATCH_SERVER_METRICS_H
#define DUELPOD_MATCH_SERVER_METRICS_H

#include "common/metrics_common.h"

/* Continues after the common rows. */
enum match_metric {
    MATCH_METRIC_BEFORE_FIRST = METRIC_COMMON_COUNT - 1,
#include "common/metrics_ids.h"
#include "match_server/metrics.def"
#include "common/metrics_end.h"
    MATCH_METRIC_COUNT
};

/* For metrics_open(). */
extern const struct metric match_metrics[MATCH_METRIC_COUNT];

#endif
