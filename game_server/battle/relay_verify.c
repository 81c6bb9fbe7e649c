/* Verifying a relay: find the bouts, verify each, decide again, and compare everything around them. */
#include <string.h>

#include "relay_text.h"
#include "sha256.h"
#include "timeline_read.h"

enum { FMT, V, MID, SEED, BOUTS, END, FIELDS };
static const char *const names[FIELDS] = {"fmt", "v", "mid", "seed", "bouts", "end"};

struct part {
    const uint8_t *start;
    size_t size;
};

struct relay_parts {
    struct part bouts[BATTLE_RELAY_BOUTS];
    int bout_count;
};

static void find_bouts(struct json *json, struct relay_parts *parts)
{
    struct json_array array;
    json_array_open(json, &array);
    while (json_array_next(json, &array)) {
        if (parts->bout_count == BATTLE_RELAY_BOUTS) {
            json_fail(json, BATTLE_E_SIZE, "too many bouts");
            return;
        }
        struct part *bout = &parts->bouts[parts->bout_count++];
        json_peek(json);
        bout->start = json->at;
        json_skip(json);
        bout->size = (size_t)(json->at - bout->start);
    }
}

static bool find_parts(struct json *json, struct relay_parts *parts)
{
    struct json_object document;
    char format[BATTLE_ID_BYTES] = "";
    int64_t version;
    json_object_open(json, &document, names, FIELDS);
    for (int field; (field = json_object_next(json, &document)) >= 0;) {
        switch (field) {
        case FMT:
            if (json_text(json, format, sizeof format) && strcmp(format, "relay") != 0)
                json_fail(json, BATTLE_E_SCHEMA, "no relay");
            break;
        case V: json_int(json, 1, 1, &version); break;
        case BOUTS: find_bouts(json, parts); break;
        default: json_skip(json); break;
        }
    }
    json_object_need(json, &document, (1u << FIELDS) - 1);
    if (json_ok(json) && parts->bout_count < BATTLE_RELAY_BOUTS)
        json_fail(json, BATTLE_E_SIZE, "too few bouts");
    return json_close(json);
}

/* ---- one bout ---- */

static int at_bout(int index, battle_err *err)
{
    char place[sizeof err->place] = "bouts[0]";
    if (err->code == BATTLE_OK) return BATTLE_OK;
    size_t length = strlen(place);
    place[length - 2] = (char)('0' + index);
    if (err->place[0] != '\0') place[length++] = '.';
    for (size_t i = 0; err->place[i] != '\0' && length + 1 < sizeof place; i++)
        place[length++] = err->place[i];
    place[length] = '\0';
    memcpy(err->place, place, sizeof place);
    return err->code;
}

static bool read_header(const battle_catalog *catalog, const struct part *bout,
                        struct timeline_header *header, battle_err *err)
{
    struct json json;
    struct json_object document;
    struct json_array events;
    json_open(&json, bout->start, bout->size, err);
    return timeline_read_header(&json, catalog, &document, header, &events);
}

static int check_bout(const battle_catalog *catalog, const struct part *bout, struct timeline_header *header,
                      battle_result *result, battle_err *err)
{
    battle_state final;
    if (battle_verify(catalog, bout->start, bout->size, err) != BATTLE_OK) return err->code;
    if (battle_reduce(catalog, bout->start, bout->size, &final, err) != BATTLE_OK) return err->code;
    if (!read_header(catalog, bout, header, err)) return err->code;
    memset(result, 0, sizeof *result);
    result->winner = final.winner;
    for (int side = 0; side < 2; side++) {
        result->hp[side] = final.sides[side].hp;
        result->hp_max[side] = final.sides[side].hp_max;
    }
    return BATTLE_OK;
}

/* ---- the whole ---- */

struct comparison {
    const uint8_t *at;
    size_t left;
    struct sha256 sha;
    bool same;
};

static void compare(struct comparison *comparison, const void *bytes, size_t size)
{
    comparison->same =
        comparison->same && comparison->left >= size && memcmp(comparison->at, bytes, size) == 0;
    if (!comparison->same) return;
    sha256_add(&comparison->sha, bytes, size);
    comparison->at += size;
    comparison->left -= size;
}

static void compare_text(struct comparison *comparison, const struct text *text)
{
    comparison->same = comparison->same && !text->full;
    compare(comparison, text->start, text_length(text));
}

static bool is_whole(const void *timeline, size_t size, const struct relay_parts *parts,
                     const struct timeline_header *first, const battle_relay_result *result)
{
    struct comparison comparison = {.at = timeline, .left = size, .same = true};
    char words[RELAY_HEAD_BYTES + RELAY_END_BYTES];
    uint8_t digest[32];
    struct text text;
    sha256_start(&comparison.sha);
    text_open(&text, words, sizeof words);
    relay_write_head(first->match_id, &first->seed, &text);
    compare_text(&comparison, &text);
    for (int i = 0; i < BATTLE_RELAY_BOUTS; i++) {
        compare(&comparison, ",", i > 0 ? 1 : 0);
        compare(&comparison, parts->bouts[i].start, parts->bouts[i].size);
    }
    text_open(&text, words, sizeof words);
    relay_write_end(result, &text);
    compare_text(&comparison, &text);
    sha256_finish(&comparison.sha, digest);
    text_open(&text, words, sizeof words);
    relay_write_digest(digest, &text);
    compare_text(&comparison, &text);
    return comparison.same && comparison.left == 0;
}

/* Bout `index` belongs to the match of the first, with the seed that follows from it. */
static bool belongs(const struct timeline_header *header, const struct timeline_header *first, int index)
{
    battle_seed seed = battle_relay_seed(&first->seed, index);
    return strcmp(header->match_id, first->match_id) == 0 &&
           memcmp(header->seed.bytes, seed.bytes, sizeof seed.bytes) == 0;
}

static bool are_four(const struct timeline_header *headers)
{
    for (int a = 0; a < BATTLE_RELAY_PLAYERS; a++) {
        for (int b = 0; b < a; b++) {
            if (strcmp(headers[a / 2].sides[a % 2].snapshot.player_id,
                       headers[b / 2].sides[b % 2].snapshot.player_id) == 0)
                return false;
        }
    }
    return true;
}

int battle_relay_verify(const battle_catalog *catalog, const void *timeline, size_t size, battle_err *err)
{
    struct json json;
    struct relay_parts parts = {.bout_count = 0};
    struct timeline_header headers[BATTLE_RELAY_BOUTS];
    battle_relay_result result;
    json_open(&json, timeline, size, err);
    if (!find_parts(&json, &parts)) return err->code;
    for (int i = 0; i < BATTLE_RELAY_BOUTS; i++) {
        if (check_bout(catalog, &parts.bouts[i], &headers[i], &result.bouts[i], err) != BATTLE_OK)
            return at_bout(i, err);
        if (belongs(&headers[i], &headers[0], i)) continue;
        json_fail(&json, BATTLE_E_VERIFY, "a bout of another match or with another seed");
        return at_bout(i, err);
    }
    battle_relay_decide(&result);
    if (!are_four(headers)) json_fail(&json, BATTLE_E_PLAYER, "a player fights twice");
    else if (!is_whole(timeline, size, &parts, &headers[0], &result))
        json_fail(&json, BATTLE_E_VERIFY, "not what the bouts give");
    return err->code;
}
