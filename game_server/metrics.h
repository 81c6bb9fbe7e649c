/* metrics.h -- everything game_server counts, made from the rows of two .def files. */
#ifndef DUELPOD_GAME_SERVER_METRICS_H
#define DUELPOD_GAME_SERVER_METRICS_H

#include "common/metrics_common.h"

/* Continues after the common rows. */
enum game_metric {
    GAME_METRIC_BEFORE_FIRST = METRIC_COMMON_COUNT - 1,
#include "common/metrics_ids.h"
#include "game_server/metrics.def"
#include "common/metrics_end.h"
    GAME_METRIC_COUNT
};

/* For metrics_open(). */
extern const struct metric game_metrics[GAME_METRIC_COUNT];

#endif
