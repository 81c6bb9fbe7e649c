/* load_report.h -- the figures of a load run: a table for people, JSON for comparisons. */
#ifndef DUELPOD_LOAD_REPORT_H
#define DUELPOD_LOAD_REPORT_H

#include "bench/load_drive.h"

/* On stdout. */
void load_report_print(const struct load_options *options, const struct load_outcome *outcome);

/* False, with a complaint on stderr, when the file cannot be written. */
bool load_report_write(const struct load_options *options, const struct load_outcome *outcome,
                       const char *path);

/* True when everybody could play and no promise was broken; says on stderr what was not so. */
bool load_report_judge(const struct load_options *options, const struct load_outcome *outcome);

#endif
