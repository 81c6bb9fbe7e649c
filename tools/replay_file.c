#include "tools/replay_file.h"

#include "clients/json_view.h"
#include "common/gzip.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool read_all(FILE *file, struct buffer *out, const char **wrong)
{
    char chunk[1 << 14];
    size_t length;
    while ((length = fread(chunk, 1, sizeof chunk, file)) > 0 && out->length <= REPLAY_BYTES_MAX)
        buffer_append(out, chunk, length);
    *wrong = ferror(file) ? strerror(errno) : out->length > REPLAY_BYTES_MAX ? "too big" : NULL;
    return *wrong == NULL;
}

static bool is_gzip(struct bytes bytes)
{
    return bytes.length > 2 && memcmp(bytes.data, "\x1f\x8b", 2) == 0;
}

/* A message carries the timeline as a field; a timeline carries `fmt`. */
static struct bytes inner_timeline(struct bytes text)
{
    struct bytes timeline = json_view_field(text, "timeline");
    bool message = json_view_field(text, "fmt").length == 0 && json_view_is_object(timeline);
    return message ? timeline : text;
}

static bool unpack(struct buffer *raw, struct buffer *out, const char **wrong)
{
    struct buffer plain = {0};
    bool good = true;
    if (is_gzip(buffer_bytes(raw))) good = gzip_expand(buffer_bytes(raw), REPLAY_BYTES_MAX, &plain);
    else buffer_append(&plain, raw->data, raw->length);
    if (good) {
        struct bytes timeline = inner_timeline(buffer_bytes(&plain));
        buffer_append(out, timeline.data, timeline.length);
    }
    *wrong = good ? NULL : "not one whole gzip stream";
    buffer_free(&plain);
    return good;
}

bool replay_file_read(const char *path, struct buffer *out, char *error, size_t error_capacity)
{
    bool standard = path == NULL || strcmp(path, "-") == 0;
    struct buffer raw = {0};
    const char *wrong = NULL;
    FILE *file = standard ? stdin : fopen(path, "rbe");
    if (file == NULL) wrong = strerror(errno);
    bool good = file != NULL && read_all(file, &raw, &wrong) && unpack(&raw, out, &wrong);
    if (file != NULL && !standard) fclose(file);
    if (!good) snprintf(error, error_capacity, "%s: %s", standard ? "stdin" : path, wrong);
    buffer_free(&raw);
    return good;
}
