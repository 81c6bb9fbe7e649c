/* metrics_rows.h -- include inside an array of struct metric, before the .def files of metrics.
 *
 * No include guard: every program's table includes it again. */
#define METRIC_COUNTER(id, family_, labels_, scale_, help_) \
    {.kind = METRIC_IS_COUNTER, .family = family_, .labels = labels_, .scale = scale_, .help = help_},
#define METRIC_GAUGE(id, family_, labels_, scale_, help_) \
    {.kind = METRIC_IS_GAUGE, .family = family_, .labels = labels_, .scale = scale_, .help = help_},
#define METRIC_HISTOGRAM(id, family_, labels_, bounds_, help_) \
    {.kind = METRIC_IS_HISTOGRAM,                              \
     .family = family_,                                        \
     .labels = labels_,                                        \
     .scale = 1,                                               \
     .help = help_,                                            \
     .bounds = &(bounds_)},
