/* Verifying: read the inputs out of the header, run the battle again, and compare every byte as it is
 * written. */
#include "sha256.h"
#include "timeline.h"
#include "timeline_read.h"

struct comparison {
    const char *timeline;
    size_t size, at;
    const struct battle_ctx *ctx;
    struct sha256 sha;
    bool same, begun;
    int events;       /* compared so far */
    const char *part; /* of the timeline that is being compared */
};

static void compare(struct comparison *comparison, const struct text *text)
{
    size_t length = text_length(text);
    if (!comparison->same) return;
    comparison->same = !text->full && comparison->size - comparison->at >= length &&
                       memcmp(comparison->timeline + comparison->at, text->start, length) == 0;
    if (!comparison->same) return;
    sha256_add(&comparison->sha, text->start, length);
    comparison->at += length;
}

static void compare_header(struct comparison *comparison)
{
    char buffer[TIMELINE_HEADER_BYTES];
    struct text text;
    text_open(&text, buffer, sizeof buffer);
    timeline_write_header(comparison->ctx, &text);
    comparison->part = "sides";
    compare(comparison, &text);
}

/* Sees every event as soon as it is complete. */
static void compare_event(void *user, const struct event *event)
{
    struct comparison *comparison = user;
    char buffer[TIMELINE_EVENT_BYTES + 1];
    struct text text;
    if (!comparison->begun) compare_header(comparison);
    if (!comparison->same) return;
    text_open(&text, buffer, sizeof buffer);
    timeline_write_event(comparison->ctx, event, !comparison->begun, &text);
    comparison->begun = true;
    comparison->part = "ev";
    compare(comparison, &text);
    if (comparison->same) comparison->events++;
}

static void compare_end(struct comparison *comparison)
{
    char buffer[TIMELINE_END_BYTES];
    uint8_t digest[32];
    struct text text;
    if (!comparison->same) return;
    comparison->part = "end";
    text_open(&text, buffer, sizeof buffer);
    timeline_write_end(comparison->ctx, &text);
    compare(comparison, &text);
    sha256_finish(&comparison->sha, digest);
    text_open(&text, buffer, sizeof buffer);
    timeline_write_hash(digest, &text);
    compare(comparison, &text);
    if (comparison->at != comparison->size) comparison->same = false;
}

/* Names the first part that differs: sides, ev[12] or end. */
static bool refuse_difference(struct json *json, const struct comparison *comparison)
{
    battle_err *err = json->err;
    struct text text;
    json_fail(json, BATTLE_E_VERIFY, "not what the engine computes");
    text_open(&text, err->place, sizeof err->place);
    text_put(&text, comparison->part);
    if (strcmp(comparison->part, "ev") == 0) {
        text_put(&text, "[");
        text_int(&text, comparison->events);
        text_put(&text, "]");
    }
    text_bytes(&text, "", 1);
    return false;
}

static bool rerun(struct json *json, const battle_catalog *catalog, const struct timeline_header *header,
                  struct comparison *comparison)
{
    struct battle_ctx ctx;
    battle_snapshot sides[2] = {header->sides[0].snapshot, header->sides[1].snapshot};
    battle_sink sink = {header->match_id};
    ctx.events = NULL;
    ctx.watch = compare_event;
    ctx.watch_user = comparison;
    comparison->ctx = &ctx;
    sha256_start(&comparison->sha);
    int code = run_battle(&ctx, catalog, sides, &header->seed, &sink);
    if (code != BATTLE_OK) return json_fail(json, code, "the header describes no battle");
    compare_end(comparison);
    return comparison->same || refuse_difference(json, comparison);
}

int battle_verify(const battle_catalog *catalog, const void *timeline, size_t size, battle_err *err)
{
    struct json json;
    struct timeline_header header;
    struct json_object document;
    struct json_array events;
    json_open(&json, timeline, size, err);
    if (!timeline_read_header(&json, catalog, &document, &header, &events)) return err->code;
    json.place_length = 0;
    if (strcmp(header.catalog, catalog->id) != 0 || header.version != catalog->version ||
        strcmp(header.sha, catalog->sha256) != 0)
        return json_fail(&json, BATTLE_E_CATALOG, "made with another catalog"), err->code;
    if (strcmp(header.engine, BATTLE_ENGINE_VERSION) != 0)
        return json_fail(&json, BATTLE_E_VERIFY, "made by another engine version"), err->code;
    struct comparison comparison = {.timeline = timeline, .size = size, .same = true};
    rerun(&json, catalog, &header, &comparison);
    return err->code;
}
