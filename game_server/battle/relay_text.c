#include "relay_text.h"

#include "sha256.h"

static const char *const whys[] = {"", "bouts", "health", "even"};

void relay_write_seed(const battle_seed *seed, struct text *text)
{
    char hex[2 * sizeof seed->bytes];
    sha256_hex(seed->bytes, sizeof seed->bytes, hex);
    text_bytes(text, hex, sizeof hex);
}

void relay_write_head(const char *match_id, const battle_seed *seed, struct text *text)
{
    text_put(text, "{\"fmt\":\"relay\",\"v\":1,\"mid\":");
    text_quoted(text, match_id);
    text_put(text, ",\"seed\":\"");
    relay_write_seed(seed, text);
    text_put(text, "\",\"bouts\":[");
}

static void write_list(struct text *text, const char *name, const int *values, int count)
{
    text_put(text, name);
    for (int i = 0; i < count; i++) {
        text_put(text, i == 0 ? "[" : ",");
        text_int(text, values[i]);
    }
    text_put(text, "]");
}

void relay_write_end(const battle_relay_result *result, struct text *text)
{
    int winners[BATTLE_RELAY_BOUTS], sums[2] = {0, 0};
    for (int i = 0; i < BATTLE_RELAY_BOUTS; i++) winners[i] = result->bouts[i].winner;
    for (int i = 0; i < BATTLE_RELAY_PLAYERS; i++) sums[i / BATTLE_RELAY_BOUTS] += result->permille[i];
    text_put(text, "],\"end\":{\"win\":");
    text_int(text, result->winner);
    text_put(text, ",\"why\":\"");
    text_put(text, whys[result->why]);
    write_list(text, "\",\"bouts\":", winners, BATTLE_RELAY_BOUTS);
    write_list(text, ",\"permille\":", result->permille, BATTLE_RELAY_PLAYERS);
    write_list(text, ",\"sum\":", sums, 2);
    text_put(text, ",\"hash\":\"");
}

void relay_write_digest(const uint8_t digest[32], struct text *text)
{
    char hex[16];
    sha256_hex(digest, sizeof hex / 2, hex);
    text_bytes(text, hex, sizeof hex);
    text_put(text, "\"}}");
}

void relay_write_hash(struct text *text)
{
    uint8_t digest[32];
    if (text->full) return;
    battle_sha256(text->start, text_length(text), digest);
    relay_write_digest(digest, text);
}
