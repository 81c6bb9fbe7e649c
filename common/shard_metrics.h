/* shard_metrics.h -- the figures of all shards of a process, as metrics. */
#ifndef DUELPOD_SHARD_METRICS_H
#define DUELPOD_SHARD_METRICS_H

#include "common/metrics_common.h"
#include "common/shard.h"

/* A shard's thread: one command was answered. `script` as in redis_timed_fn. */
void metrics_observe_redis(struct metrics_block *block, int script, uint64_t time_us);

/* One answer of /metrics: brings shards and process up to date in `block`, appends everything, and notes how
 * long that took for the next one. Always from the same thread. */
void metrics_scrape(struct metrics *metrics, struct metrics_block *block,
                    const struct shard_directory *directory, struct buffer *out);

#endif
