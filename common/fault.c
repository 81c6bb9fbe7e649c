#include "common/fault.h"

#include <stdlib.h>

#ifdef DUELPOD_FAULTS

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const char *const fault_names[FAULT_COUNT] = {
#define FAULT(name) #name,
#include "common/fault_points.def"
#undef FAULT
};

static enum fault_point fault_armed = FAULT_COUNT;
static atomic_long fault_countdown;

bool fault_start(const char **problem)
{
    const char *wish = getenv("DUELPOD_FAULT");
    if (wish == NULL || wish[0] == '\0') return true;
    size_t length = strcspn(wish, ":");
    long count = 1;
    if (wish[length] == ':') {
        char *end;
        count = strtol(wish + length + 1, &end, 10);
        if (count < 1 || *end != '\0') {
            *problem = "DUELPOD_FAULT: the count after the colon is not a number above 0";
            return false;
        }
    }
    for (int point = 0; point < FAULT_COUNT; point++) {
        if (strlen(fault_names[point]) != length || strncmp(fault_names[point], wish, length) != 0) continue;
        fault_armed = (enum fault_point)point;
        atomic_store(&fault_countdown, count);
        return true;
    }
    *problem = "DUELPOD_FAULT names no fault point";
    return false;
}

void fault_hit(enum fault_point point)
{
    if (point != fault_armed || atomic_fetch_sub(&fault_countdown, 1) != 1) return;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#else

bool fault_start(const char **problem)
{
    const char *wish = getenv("DUELPOD_FAULT");
    if (wish == NULL || wish[0] == '\0') return true;
    *problem = "DUELPOD_FAULT is set, but this build has no fault points";
    return false;
}

#endif
