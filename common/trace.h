/* trace.h -- which trace does a session belong to? W3C Trace Context, https://www.w3.org/TR/trace-context/.
 *
 * A client that is traced says so with a traceparent, `00-<32 hex trace id>-<16 hex parent id>-<2 hex
 * flags>`; its trace id then stands in the log of every process that does something for it. Pure. */
#ifndef DUELPOD_TRACE_H
#define DUELPOD_TRACE_H

#include "common/base.h"

enum { TRACE_ID_SIZE = 33 }; /* Text with its terminator. */

/* The trace id of a traceparent. False: it is none (or of version ff, or all zeros), and `out` is unchanged. Of a
 * version that is not known yet the known part counts, as the recommendation says. */
bool trace_id_read(const char *traceparent, char out[TRACE_ID_SIZE]);

#endif
