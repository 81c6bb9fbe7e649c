#include "common/trace.h"

#include <string.h>

enum { TRACE_AT = 3, PARENT_AT = 36, FLAGS_AT = 53, LENGTH = 55, TRACE_DIGITS = 32, PARENT_DIGITS = 16 };

/* Are these `count` lower-case hexadecimal digits? With `nonzero`: not all of them 0. */
static bool digits_at(const char *text, size_t count, bool nonzero)
{
    return strspn(text, "0123456789abcdef") >= count && (!nonzero || strspn(text, "0") < count);
}

bool trace_id_read(const char *traceparent, char out[TRACE_ID_SIZE])
{
    size_t length = strlen(traceparent);
    if (length < LENGTH || strncmp(traceparent, "ff", 2) == 0) return false;
    if (traceparent[TRACE_AT - 1] != '-' || traceparent[PARENT_AT - 1] != '-' ||
        traceparent[FLAGS_AT - 1] != '-')
        return false;
    bool version_0 = strncmp(traceparent, "00", 2) == 0;
    if (length > LENGTH && (version_0 || traceparent[LENGTH] != '-')) return false;
    if (!digits_at(traceparent, 2, false) || !digits_at(traceparent + TRACE_AT, TRACE_DIGITS, true) ||
        !digits_at(traceparent + PARENT_AT, PARENT_DIGITS, true) ||
        !digits_at(traceparent + FLAGS_AT, 2, false))
        return false;
    memcpy(out, traceparent + TRACE_AT, TRACE_DIGITS);
    out[TRACE_DIGITS] = '\0';
    return true;
}
