/* load_sample.h -- what the servers spend: processor time and memory from /proc, commands from Redis.
 *
 * A sample is taken before and after the measured time; the report takes the difference. Reading Redis blocks
 * for a few round trips on a connection of its own, so it is done outside of the measured time. */
#ifndef DUELPOD_LOAD_SAMPLE_H
#define DUELPOD_LOAD_SAMPLE_H

#include "bench/load_options.h"
#include "common/base.h"

#define LOAD_COMMANDS_MAX 256
#define LOAD_COMMAND_BYTES 40

struct load_process_sample {
    int64_t cpu_us; /* user and system, all threads; the kernel counts in steps of 10 ms */
    int64_t rss_bytes;
    bool alive;
};

struct load_command_sample {
    char name[LOAD_COMMAND_BYTES];
    int64_t calls;
    int64_t cpu_us;
};

struct load_redis_sample {
    int64_t commands; /* all that Redis executed, also inside scripts */
    struct load_command_sample by_name[LOAD_COMMANDS_MAX];
    size_t name_count;
};

/* One process; `alive` is false when it is gone. */
struct load_process_sample load_sample_process(pid_t pid);

/* Processor time of this process. */
int64_t load_sample_own_cpu_us(void);

/* False with a sentence in `error` when Redis does not answer as expected within 5 s. Its own commands are
 * counted by Redis too: three, or two without a password. */
bool load_sample_redis(const struct redis_address *address, struct load_redis_sample *sample, char *error,
                       size_t error_capacity);

/* Pure: fills `sample` from the text of INFO. Exposed for its test. */
void load_sample_parse_info(struct bytes info, struct load_redis_sample *sample);

#endif
