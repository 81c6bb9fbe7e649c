/* load_drive.h -- drives many players through one measurement.
 *
 *      ramp (log everybody in) -> warm-up -> measured time -> drain (running matches may end) -> close
 *
 * Closed loop: a player wishes to play again as soon as it is back in the lobby. Open loop: wishes arrive at
 * random times of a given rate, whether anybody is free or not; a wish that has to wait for a free player is
 * still measured from its own time, so a slow server cannot hide behind the players it keeps busy.
 *
 * Limits: 256 logins under way at once, LOAD_WISHES_MAX waiting wishes. */
#ifndef DUELPOD_LOAD_DRIVE_H
#define DUELPOD_LOAD_DRIVE_H

#include "bench/load_options.h"
#include "bench/load_sample.h"
#include "bench/load_stats.h"

#define LOAD_WISHES_MAX (1u << 20)

/* What was spent between two moments. */
struct load_usage {
    struct load_process_sample processes[LOAD_PROCESSES_MAX];
    struct load_redis_sample redis;
    int64_t own_cpu_us;
};

struct load_outcome {
    struct load_stats stats;
    struct load_usage before; /* idle mode: before the first login; else at the start of the measured time */
    struct load_usage after;
    double measured_s;
    size_t online;           /* at the end of the measured time */
    uint64_t unfinished;     /* players still waiting or playing when the drain was over */
    uint64_t wishes_waiting; /* open loop: wishes that never found a free player */
    int64_t waiting_min;     /* the fewest players that filled the queue at once */
    uint64_t one_sided;
    bool interrupted;
};

/* Runs it all, blocking; the outcome is the caller's to free. NULL with a sentence in `error` when it could
 * not even start. SIGINT ends the measurement early and still drains. */
struct load_outcome *load_drive(const struct load_options *options, char *error, size_t error_capacity);

#endif
