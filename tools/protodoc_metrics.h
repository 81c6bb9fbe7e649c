/* protodoc_metrics.h -- the part of protodoc that lists what /metrics of both servers shows. */
#ifndef DUELPOD_PROTODOC_METRICS_H
#define DUELPOD_PROTODOC_METRICS_H

#include "common/buffer.h"

/* Appends the tables of docs/metrics.md: one for each server, and before them one for what both have. */
void metrics_page_append(struct buffer *page);

#endif
