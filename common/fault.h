/* fault.h -- places where a test kills the process, to prove that any instant is survived.
 *
 * FAULT_POINT(name) stands between two steps. It is nothing, unless the build has -DDUELPOD_FAULTS and the
 * environment says DUELPOD_FAULT=name or DUELPOD_FAULT=name:n: then the n-th time it is reached (the first by
 * default) the process ends itself with SIGKILL, as a crash would. Names are rows of
 * fault_points.def. Any thread. */
#ifndef DUELPOD_FAULT_H
#define DUELPOD_FAULT_H

#include <assert.h>
#include <stdbool.h>

#include "common/scripts.h"

enum fault_point {
#define FAULT(name) FAULT_##name,
#include "common/fault_points.def"
#undef FAULT
    FAULT_COUNT
};

/* Two for each script, in the order of enum script_id, come first. */
static_assert(FAULT_before_battle_request == 2 * (int)SCRIPT_COUNT,
              "the points of a script are found by its number");

/* Reads DUELPOD_FAULT before any thread starts. False: it names no fault point, or this build has none; then
 * `problem` is one sentence for the user. */
bool fault_start(const char **problem);

#ifdef DUELPOD_FAULTS
void fault_hit(enum fault_point point);
#define FAULT_POINT(name) fault_hit(FAULT_##name)
#define FAULT_BEFORE_SCRIPT(script) fault_hit((enum fault_point)(2 * (int)(script)))
#define FAULT_AFTER_SCRIPT(script) fault_hit((enum fault_point)(2 * (int)(script) + 1))
#else
#define FAULT_POINT(name) ((void)0)
#define FAULT_BEFORE_SCRIPT(script) ((void)0)
#define FAULT_AFTER_SCRIPT(script) ((void)0)
#endif

#endif
