/* What the kernel knows about this process, as the metrics that every Prometheus exporter has. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/metrics_common.h"

enum { FDS_LISTED_MS = 60000 };

static int64_t process_cpu_us(void)
{
    struct rusage usage;
    check(getrusage(RUSAGE_SELF, &usage) == 0);
    int64_t seconds = (int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    return seconds * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Reads a small file of /proc/self; empty when it cannot be read. */
static void read_proc(const char *path, char *text, size_t size)
{
    text[0] = '\0';
    FILE *file = fopen(path, "re");
    if (file == NULL) return;
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static int64_t process_resident_bytes(void)
{
    char text[256];
    long long pages = 0;
    read_proc("/proc/self/statm", text, sizeof text);
    if (sscanf(text, "%*s %lld", &pages) != 1) return 0;
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

/* Field 22 of /proc/self/stat is the start in clock ticks after boot; the name in field 2 may hold spaces. */
static int64_t process_age_s(void)
{
    char text[1024];
    unsigned long long ticks = 0;
    struct timespec since_boot;
    read_proc("/proc/self/stat", text, sizeof text);
    const char *rest = strrchr(text, ')');
    for (int field = 2; rest != NULL && field < 22; field++) rest = strchr(rest + 1, ' ');
    if (rest == NULL || sscanf(rest, "%llu", &ticks) != 1) return 0;
    check(clock_gettime(CLOCK_BOOTTIME, &since_boot) == 0);
    return (int64_t)since_boot.tv_sec - (int64_t)ticks / sysconf(_SC_CLK_TCK);
}

/* Worked out once, so that the clocks' last digits do not make it wander. */
static int64_t process_start_s(void)
{
    static int64_t start_s;
    if (start_s == 0) start_s = clock_wall_ms() / 1000 - process_age_s();
    return start_s;
}

static int64_t list_open_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) return 0;
    int64_t count = 0;
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count - 3; /* ".", ".." and the folder itself. */
}

/* Linux 6.2 and later tell at once. Before, they are listed, which takes some ten milliseconds when they are ten
 * thousand: not at every scrape. */
static int64_t process_open_fds(void)
{
    static int64_t listed, list_again_ms;
    struct stat status;
    if (stat("/proc/self/fd", &status) == 0 && status.st_size > 0) return (int64_t)status.st_size;
    int64_t now_ms = clock_monotonic_us() / 1000;
    if (now_ms < list_again_ms) return listed;
    list_again_ms = now_ms + FDS_LISTED_MS;
    listed = list_open_fds();
    return listed;
}

static int64_t process_max_fds(void)
{
    struct rlimit limit;
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    return (int64_t)limit.rlim_cur;
}

static void metrics_set_log(struct metrics_block *block)
{
    struct log_counters counters = log_counters();
    metrics_set(block, METRIC_log_debug, (int64_t)counters.lines[LOG_DEBUG]);
    metrics_set(block, METRIC_log_info, (int64_t)counters.lines[LOG_INFO]);
    metrics_set(block, METRIC_log_warning, (int64_t)counters.lines[LOG_WARNING]);
    metrics_set(block, METRIC_log_error, (int64_t)counters.lines[LOG_ERROR]);
    metrics_set(block, METRIC_log_suppressed, (int64_t)counters.suppressed);
    metrics_set(block, METRIC_log_lost, (int64_t)counters.lost);
}

void metrics_set_process(struct metrics_block *block)
{
    metrics_set(block, METRIC_build_info, 1);
    metrics_set(block, METRIC_process_cpu_us, process_cpu_us());
    metrics_set(block, METRIC_process_start_s, process_start_s());
    metrics_set(block, METRIC_process_resident_bytes, process_resident_bytes());
    metrics_set(block, METRIC_process_open_fds, process_open_fds());
    metrics_set(block, METRIC_process_max_fds, process_max_fds());
    metrics_set_log(block);
}

int64_t metrics_now_us(void)
{
    return clock_monotonic_us();
}
