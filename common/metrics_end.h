/* metrics_end.h -- include after the .def files of metrics: forgets the row macros. No include guard. */
#undef METRIC_COUNTER
#undef METRIC_GAUGE
#undef METRIC_HISTOGRAM
