/* reload.h -- SIGHUP: the configuration read again from all its sources, all of it or nothing.
 *
 * Every error is a line `reload_refused` in the log with its place, and then nothing has changed. Otherwise
 * every reloadable option that differs is a line `option_changed`, every other one a line `option_needs_restart`
 * and keeps its value. Names only: no value and no secret is logged.
 *
 * Main thread. */
#ifndef DUELPOD_RELOAD_H
#define DUELPOD_RELOAD_H

#include "common/base.h"
#include "common/options.h"

/* How the program was started: what options_load() was given. */
struct reload_sources {
    const struct options_program *program;
    int argc;
    char *const *argv;
    char *const *environment;
};

/* Fills `fresh` (config_size bytes) with `current` and the reloadable options as the sources have them now.
 * False: refused and logged, `fresh` is undefined. */
bool reload_read(const struct reload_sources *sources, const void *current, void *fresh);

/* One more reason why nothing changes. */
void reload_refuse(const char *problem);

/* Nothing stands against it any more: one line `reloaded` with the time since `start_us` (clock_monotonic_us). */
void reload_done(int64_t start_us);

#endif
