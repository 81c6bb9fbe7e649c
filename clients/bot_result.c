#include "clients/bot_result.h"

#include "clients/json_view.h"
#include "common/gzip.h"
#include "common/ids.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void bot_result_start(struct bot_result *result, const struct proto_battle_result *record,
                      struct bytes message)
{
    struct bytes timeline = json_view_field(message, "timeline");
    bot_result_clear(result);
    result->record = *record;
    result->waiting = strcmp(record->timeline_encoding, "gzip") == 0;
    result->whole = !result->waiting;
    if (!result->waiting) buffer_append(&result->timeline, timeline.data, timeline.length);
}

bool bot_result_add_frame(struct bot_result *result, struct bytes frame, char *error, size_t error_capacity)
{
    uint8_t id[IDS_UUID_BYTES];
    if (!result->waiting) {
        snprintf(error, error_capacity, "a binary frame that no battle_result announced");
        return false;
    }
    bool ours = ids_uuid_to_bytes(result->record.match_id, id) && frame.length > sizeof id &&
                memcmp(frame.data, id, sizeof id) == 0;
    if (!ours) {
        snprintf(error, error_capacity, "a timeline that does not belong to match %s",
                 result->record.match_id);
        return false;
    }
    struct bytes packed = {frame.data + sizeof id, frame.length - sizeof id};
    result->waiting = false;
    result->whole = gzip_expand(packed, TIMELINE_BYTES_MAX, &result->timeline);
    if (!result->whole) snprintf(error, error_capacity, "a timeline that is not one whole gzip stream");
    return result->whole;
}

static bool save(const struct bot_result *result, const char *path, int64_t number, char *error,
                 size_t error_capacity)
{
    char name[512];
    int length = number == 1 ? snprintf(name, sizeof name, "%s", path)
                             : snprintf(name, sizeof name, "%s.%lld", path, (long long)number);
    if (length < 0 || (size_t)length >= sizeof name) {
        snprintf(error, error_capacity, "the name of the file to save is too long");
        return false;
    }
    FILE *file = fopen(name, "we");
    size_t written = file == NULL ? 0 : fwrite(result->timeline.data, 1, result->timeline.length, file);
    bool closed = file != NULL && fclose(file) == 0;
    if (closed && written == result->timeline.length) return true;
    snprintf(error, error_capacity, "could not write %.100s: %s", name, strerror(errno));
    return false;
}

bool bot_result_tell(struct bot_result *result, const struct bot_options *options, struct bot_show *show,
                     int64_t number, char *error, size_t error_capacity)
{
    struct bytes timeline = buffer_bytes(&result->timeline);
    bool has_timeline = timeline.length > 0;
    if (result->record.timeline_encoding[0] != '\0') bot_show_raw(show, timeline);
    if (has_timeline && !bot_show_timeline(show, timeline, error, error_capacity)) return false;
    bot_show_message(show, SERVER_battle_result, &result->record);
    result->whole = false;
    return !has_timeline || options->save == NULL ||
           save(result, options->save, number, error, error_capacity);
}

void bot_result_clear(struct bot_result *result)
{
    buffer_free(&result->timeline);
    *result = (struct bot_result){0};
}
