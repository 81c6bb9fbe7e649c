#include "tools/protodoc_metrics.h"

#include <stdio.h>
#include <string.h>

#include "common/version.h"
#include "game_server/metrics.h"
#include "match_server/metrics.h"

static const struct metric rows_of_match_server[] = {
#include "common/metrics_rows.h"
#include "common/metrics_common.def"
#include "match_server/metrics.def"
#include "common/metrics_end.h"
};

static const struct metric rows_of_game_server[] = {
#include "common/metrics_rows.h"
#include "common/metrics_common.def"
#include "game_server/metrics.def"
#include "common/metrics_end.h"
};

static bool same_family(const struct metric *one, const struct metric *other)
{
    return strcmp(one->family, other->family) == 0;
}

/* mode="normal",reason="x": the name before the first "="; every row of ours has at most one label. */
static void append_labels(struct buffer *page, const struct metric *rows, size_t count)
{
    const char *labels = rows->labels;
    size_t name_length = strcspn(labels, "=");
    if (labels[0] == '\0') {
        buffer_append_text(page, " | | ");
        return;
    }
    buffer_append_text(page, " | `");
    buffer_append(page, labels, name_length);
    buffer_append_text(page, "`: ");
    if (strcmp(rows->family, "duelpod_build_info") == 0) {
        buffer_append_text(page, "the version | ");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *value = rows[i].labels + name_length + 2;
        buffer_append_text(page, i == 0 ? "" : ", ");
        buffer_append(page, value, strcspn(value, "\""));
    }
    buffer_append_text(page, " | ");
}

static void append_bounds(struct buffer *page, const struct metric_bounds *bounds)
{
    char text[32];
    buffer_append_text(page, " Buckets: ");
    for (size_t i = 0; i < bounds->count; i++) {
        snprintf(text, sizeof text, "%s%.10g", i == 0 ? "" : ", ",
                 (double)bounds->values[i] / (double)bounds->scale);
        buffer_append_text(page, text);
    }
    buffer_append_text(page, ".");
}

static void append_table(struct buffer *page, const char *title, const struct metric *rows, size_t count)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    buffer_append_text(page, "\n## ");
    buffer_append_text(page, title);
    buffer_append_text(page, "\n\n| metric | kind | labels | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && same_family(&rows[i], &rows[next]);) next++;
        buffer_append_text(page, "| `");
        buffer_append_text(page, rows[i].family);
        buffer_append_text(page, "` | ");
        buffer_append_text(page, kinds[rows[i].kind]);
        append_labels(page, &rows[i], next - i);
        buffer_append_text(page, rows[i].help);
        if (rows[i].kind == METRIC_IS_HISTOGRAM) append_bounds(page, rows[i].bounds);
        buffer_append_text(page, " |\n");
    }
}

void metrics_page_append(struct buffer *page)
{
    append_table(page, "Both servers", rows_of_match_server, METRIC_COMMON_COUNT);
    append_table(page, "match_server", rows_of_match_server + METRIC_COMMON_COUNT,
                 ARRAY_LENGTH(rows_of_match_server) - METRIC_COMMON_COUNT);
    append_table(page, "game_server", rows_of_game_server + METRIC_COMMON_COUNT,
                 ARRAY_LENGTH(rows_of_game_server) - METRIC_COMMON_COUNT);
}
