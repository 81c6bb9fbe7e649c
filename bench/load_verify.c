#include "bench/load_verify.h"

#include "clients/json_view.h"
#include "clients/timeline_text.h"
#include "common/gzip.h"

#include <stdio.h>

#define TIMELINE_BYTES_MAX (1u << 20)

static void tell_nothing(void *context, enum timeline_line kind, int side, const char *text)
{
    (void)context, (void)kind, (void)side, (void)text;
}

static bool plain_is_sound(struct bytes plain, const char *match_id, char *error, size_t error_capacity)
{
    if (!timeline_text_tell(plain, tell_nothing, NULL, error, error_capacity)) return false;
    if (json_view_equals(json_view_field(plain, "mid"), match_id)) return true;
    snprintf(error, error_capacity, "mid: another match");
    return false;
}

bool load_verify_timeline(struct bytes timeline, bool packed, const char *match_id, char *error,
                          size_t error_capacity)
{
    if (!packed) return plain_is_sound(timeline, match_id, error, error_capacity);
    struct buffer plain = {0};
    bool whole = gzip_expand(timeline, TIMELINE_BYTES_MAX, &plain);
    if (!whole) snprintf(error, error_capacity, "not one whole gzip stream");
    bool sound = whole && plain_is_sound(buffer_bytes(&plain), match_id, error, error_capacity);
    buffer_free(&plain);
    return sound;
}
