#include "match_server/metrics.h"

#include "common/version.h"

const struct metric match_metrics[MATCH_METRIC_COUNT] = {
#include "common/metrics_rows.h"
#include "common/metrics_common.def"
#include "match_server/metrics.def"
#include "common/metrics_end.h"
};
