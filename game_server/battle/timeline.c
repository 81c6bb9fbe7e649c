#include "timeline.h"

#include "sha256.h"

#define LITERAL(text, words) text_bytes(text, words, sizeof words - 1)

static void write_opening_card(const struct battle_ctx *ctx, const struct card *card,
                               const battle_snapshot_card *source, struct text *text)
{
    static const char *const stat_fields[STATS] = {
#define STAT_FIELD(name, word, low, high) ",\"" word "\":",
        NULL, BATTLE_STATS(STAT_FIELD)};
    LITERAL(text, "{\"e\":"), text_int(text, card->entity);
    LITERAL(text, ",\"id\":\""), text_put(text, card->def->id);
    LITERAL(text, "\",\"lv\":"), text_int(text, card->level);
    LITERAL(text, ",\"slot\":"), text_int(text, card->slot);
    LITERAL(text, ",\"kind\":"), text_int(text, card->def->kind);
    for (int stat = 1; stat < STATS; stat++) text_field(text, stat_fields[stat], card->stat[stat]);
    text_field(text, ",\"kw\":", card->keywords);
    text_field(text, ",\"r\":", timer_ready_at_start(card));
    for (int i = 0; i < source->item_count; i++) {
        text_put(text, i == 0 ? ",\"items\":[\"" : ",\"");
        text_put(text, battle_catalog_name(ctx->catalog, source->items[i]));
        LITERAL(text, "\"");
    }
    text_put(text, source->item_count > 0 ? "]}" : "}");
}

static void write_extras(const struct battle_ctx *ctx, int first_entity, const uint16_t *nums, int count,
                         struct text *text)
{
    for (int i = 0; i < count; i++) {
        text_put(text, i == 0 ? "{\"e\":" : ",{\"e\":");
        text_int(text, first_entity + i);
        LITERAL(text, ",\"id\":\""), text_put(text, battle_catalog_name(ctx->catalog, nums[i]));
        LITERAL(text, "\"}");
    }
}

static void write_side(const struct battle_ctx *ctx, int side, struct text *text)
{
    const battle_snapshot *snapshot = &ctx->snapshots[side];
    LITERAL(text, "{\"pid\":"), text_quoted(text, snapshot->player_id);
    LITERAL(text, ",\"name\":"), text_quoted(text, snapshot->name);
    LITERAL(text, ",\"lvl\":"), text_int(text, snapshot->level);
    LITERAL(text, ",\"e\":"), text_int(text, HERO_ENTITY + side);
    LITERAL(text, ",\"hp\":"), text_int(text, ctx->heroes[side].hp_max);
    LITERAL(text, ",\"cards\":[");
    for (int i = 0; i < snapshot->card_count; i++) {
        if (i > 0) LITERAL(text, ",");
        write_opening_card(ctx, &ctx->opening[side][i], &snapshot->cards[i], text);
    }
    LITERAL(text, "],\"arts\":[");
    write_extras(ctx, ARTIFACT_ENTITY + 10 * side, snapshot->artifacts, snapshot->artifact_count, text);
    LITERAL(text, "],\"cons\":[");
    write_extras(ctx, CONSUMABLE_ENTITY + 20 * side, snapshot->consumables, snapshot->consumable_count, text);
    LITERAL(text, "]}");
}

void timeline_write_header(const struct battle_ctx *ctx, struct text *text)
{
    char seed[17] = "";
    sha256_hex(ctx->seed.bytes, 8, seed);
    LITERAL(text, "{\"fmt\":\"bt\",\"v\":1,\"eng\":\"" BATTLE_ENGINE_VERSION "\",\"cat\":{\"id\":\"");
    text_put(text, ctx->catalog->id);
    LITERAL(text, "\",\"ver\":"), text_int(text, ctx->catalog->version);
    LITERAL(text, ",\"sha\":\""), text_put(text, ctx->catalog->sha256);
    LITERAL(text, "\"},\"mid\":\""), text_put(text, ctx->match_id);
    LITERAL(text, "\",\"seed\":\""), text_put(text, seed);
    LITERAL(text, "\",\"tick\":50,\"sides\":[");
    write_side(ctx, 0, text);
    LITERAL(text, ",");
    write_side(ctx, 1, text);
    LITERAL(text, "],\"ev\":[");
}

/* `,"n":value` unless it is 0. Eight bytes of the name are copied at once; the event has room for them. */
#define FIELD(name, value)                              \
    if ((value) != 0) {                                 \
        memcpy(at, name "\0\0\0", 8);                   \
        at = digits_write(at + sizeof name - 1, value); \
    }

/* The kinds with their key and quotation marks. Copying all 24 bytes at once is faster than counting; the
 * event has room for them. */
struct kind_text {
    char words[24];
    size_t length;
};

#define KIND_TEXT(name, word) {",\"k\":\"" word "\"", sizeof ",\"k\":\"" word "\"" - 1},
static const struct kind_text kind_texts[EVENT_KINDS] = {{"", 0}, BATTLE_EVENT_KINDS(KIND_TEXT)};

static char *write_id(char *at, const char *id)
{
    size_t length = strlen(id);
    memcpy(at, ",\"id\":\"", 7);
    memcpy(at + 7, id, length);
    at[7 + length] = '"';
    return at + 8 + length;
}

void timeline_write_event(const struct battle_ctx *ctx, const struct event *event, bool first,
                          struct text *text)
{
    if (!text_room(text, TIMELINE_EVENT_BYTES)) return;
    char *at = text->at;
    if (!first) *at++ = ',';
    memcpy(at, "{\"t\":", 5);
    at = digits_write(at + 5, event->t);
    memcpy(at, kind_texts[event->k].words, sizeof kind_texts[0].words);
    at += kind_texts[event->k].length;
    FIELD(",\"s\":", event->s)
    FIELD(",\"d\":", event->d)
    FIELD(",\"n\":", event->n)
    FIELD(",\"v\":", event->v)
    FIELD(",\"w\":", event->w)
    FIELD(",\"f\":", event->f)
    FIELD(",\"c\":", event->c)
    FIELD(",\"a\":", event->a)
    FIELD(",\"p\":", event->p)
    FIELD(",\"x\":", event->x)
    FIELD(",\"r\":", event->r)
    if (event->card != 0) at = write_id(at, ctx->catalog->defs[event->card - 1].id);
    FIELD(",\"slot\":", event->slot)
    FIELD(",\"cd\":", event->cd)
    *at++ = '}';
    text->at = at;
}

static void write_pair(struct text *text, int32_t a, int32_t b)
{
    text_int(text, a);
    LITERAL(text, ",");
    text_int(text, b);
}

static void write_tallies(const struct battle_ctx *ctx, struct text *text)
{
    bool first = true;
    for (int entity = 0; entity < ctx->next_entity; entity++) {
        const struct tally *tally = &ctx->tallies[entity];
        if ((tally->damage | tally->heal | tally->shield | tally->kills) == 0) continue;
        text_put(text, first ? "{\"e\":" : ",{\"e\":");
        text_int(text, entity);
        LITERAL(text, ",\"dmg\":"), text_int(text, tally->damage);
        LITERAL(text, ",\"heal\":"), text_int(text, tally->heal);
        LITERAL(text, ",\"shield\":"), text_int(text, tally->shield);
        LITERAL(text, ",\"kills\":"), text_int(text, tally->kills);
        LITERAL(text, "}");
        first = false;
    }
}

void timeline_write_end(const struct battle_ctx *ctx, struct text *text)
{
    const battle_result *result = &ctx->result;
    LITERAL(text, "],\"end\":{\"t\":"), text_int(text, result->t_ms);
    LITERAL(text, ",\"win\":"), text_int(text, result->winner);
    LITERAL(text, ",\"why\":\""), text_put(text, why_names[result->why]);
    LITERAL(text, "\",\"hp\":["), write_pair(text, result->hp[0], result->hp[1]);
    LITERAL(text, "],\"rng\":["), text_int(text, (int32_t)result->draws[0]);
    LITERAL(text, ","), write_pair(text, (int32_t)result->draws[1], (int32_t)result->draws[2]);
    LITERAL(text, "],\"n\":"), text_int(text, result->events);
    LITERAL(text, ",\"stat\":[");
    write_tallies(ctx, text);
    LITERAL(text, "],\"hash\":\"");
}

void timeline_write_hash(const uint8_t digest[32], struct text *text)
{
    char hex[17] = "";
    sha256_hex(digest, 8, hex);
    text_put(text, hex);
    LITERAL(text, "\"}}");
}

/* Everything up to the hash digits; false when there is nothing to write or no room. */
static bool write_hashed_part(const struct battle_ctx *ctx, struct text *text)
{
    if (!ctx->ran || !ctx->logging || ctx->watch != NULL) return false;
    timeline_write_header(ctx, text);
    for (int i = 0; i < ctx->event_count && !text->full; i++)
        timeline_write_event(ctx, &ctx->events[i], i == 0, text);
    timeline_write_end(ctx, text);
    return !text->full;
}

size_t battle_timeline_json_sha256(const battle_ctx *ctx, char *buffer, size_t capacity, uint8_t digest[32])
{
    struct text text;
    struct sha256 inner, whole;
    uint8_t hash[32];
    text_open(&text, buffer, capacity);
    if (!write_hashed_part(ctx, &text)) return 0;
    size_t hashed = text_length(&text);
    sha256_start(&inner);
    sha256_add(&inner, buffer, hashed);
    whole = inner;
    sha256_finish(&inner, hash);
    timeline_write_hash(hash, &text);
    if (text.full) return 0;
    sha256_add(&whole, buffer + hashed, text_length(&text) - hashed);
    sha256_finish(&whole, digest);
    return text_length(&text);
}

size_t battle_timeline_json(const battle_ctx *ctx, char *buffer, size_t capacity)
{
    uint8_t digest[32];
    return battle_timeline_json_sha256(ctx, buffer, capacity, digest);
}
