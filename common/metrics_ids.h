/* metrics_ids.h -- include inside an enum, before a .def file of metrics: rows become METRIC_<id>.
 *
 * No include guard: every program's enum includes it again. */
#define METRIC_COUNTER(id, family, labels, scale, help) METRIC_##id,
#define METRIC_GAUGE(id, family, labels, scale, help) METRIC_##id,
#define METRIC_HISTOGRAM(id, family, labels, bounds, help) METRIC_##id,
