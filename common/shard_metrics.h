/* shard_metrics.h -- the figures of all shards of a process, as metrics. */
#ifndef DUELPOD_SHARD_METRICS_H
#define DUELPOD_SHARD_METRICS_H

#include "common/metrics_common.h"
#include "common/shard.h"

/* Sums the figures of all shards into `block`; before a scrape, always with the same block. */
void metrics_set_shards(struct metrics_block *block, const struct shard_directory *directory);

#endif
