/* maintenance_flag.h -- maintenance:flag and maintenance:pauses as they stand in Redis: reading them, and the
 * call of the script that changes them. Used by the server's thread (maintenance.h) and by the operator's
 * pages. */
#ifndef DUELPOD_MAINTENANCE_FLAG_H
#define DUELPOD_MAINTENANCE_FLAG_H

#include "match_server/script_call.h"

/* Who holds the flag up. */
#define MAINTENANCE_OPERATOR "operator"
#define MAINTENANCE_DETECTOR "detector"

/* False: no flag, or none that was written by the script; `out` is then undefined. */
bool maintenance_flag_parse(struct bytes text, struct proto_maintenance_flag *out);

/* Appends the flag as JSON, for operators: as it stands, null when it is empty, {"by":"hand"} when somebody
 * set it by hand to what is no JSON. */
void maintenance_flag_append(struct buffer *out, struct bytes text);

/* "from:to". False: no such text. */
bool maintenance_pause_parse(struct bytes text, struct proto_pause *out);

/* Prepare the script `maintenance`. `reason` is one sentence, "" the usual one; `lasts_ms` 0: until it is
 * ended. */
void maintenance_call_begin(struct script_call *call, struct world *world, const char *who, int64_t lasts_ms,
                            const char *reason, int64_t retry_after_ms);
void maintenance_call_end(struct script_call *call, struct world *world, const char *who);

#endif
