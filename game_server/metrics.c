#include "game_server/metrics.h"

#include "common/version.h"

const struct metric game_metrics[GAME_METRIC_COUNT] = {
#include "common/metrics_rows.h"
#include "common/metrics_common.def"
#include "game_server/metrics.def"
#include "common/metrics_end.h"
};
