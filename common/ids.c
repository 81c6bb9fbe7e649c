#include "common/ids.h"

#include <stdio.h>
#include <string.h>
#include <uuid/uuid.h>

#include "common/clock.h"
#include "common/rng.h"

/* RFC 9562, 5.7: unix_ts_ms (48) | ver (4) | rand_a (12) | var (2) | rand_b (62). */
void ids_uuid_v7(char out[IDS_UUID_SIZE], int64_t now_ms, const uint8_t random[IDS_UUID_RANDOM])
{
    check(now_ms >= 0 && now_ms < INT64_C(1) << 48);
    uint8_t bytes[IDS_UUID_BYTES];
    for (int i = 0; i < 6; i++) bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
    memcpy(bytes + 6, random, IDS_UUID_RANDOM);
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    ids_uuid_from_bytes(bytes, out);
}

void ids_match_id(char out[IDS_UUID_SIZE])
{
    uint8_t random[IDS_UUID_RANDOM];
    rng_entropy(random, sizeof random);
    ids_uuid_v7(out, clock_wall_ms(), random);
}

void ids_session_id(char out[IDS_SESSION_SIZE])
{
    uint64_t random[2];
    rng_entropy(random, sizeof random);
    snprintf(out, IDS_SESSION_SIZE, "%016llx%016llx", (unsigned long long)random[0],
             (unsigned long long)random[1]);
}

bool ids_uuid_to_bytes(const char *text, uint8_t out[IDS_UUID_BYTES])
{
    uuid_t parsed;
    if (uuid_parse(text, parsed) != 0) return false;
    memcpy(out, parsed, IDS_UUID_BYTES);
    return true;
}

int64_t ids_uuid_time_ms(const char *text)
{
    uint8_t bytes[IDS_UUID_BYTES];
    int64_t time_ms = 0;
    if (!ids_uuid_to_bytes(text, bytes) || bytes[6] >> 4 != 7) return 0;
    for (int i = 0; i < 6; i++) time_ms = time_ms << 8 | bytes[i];
    return time_ms;
}

void ids_uuid_from_bytes(const uint8_t bytes[IDS_UUID_BYTES], char out[IDS_UUID_SIZE])
{
    uuid_unparse_lower(bytes, out);
}

static bool is_player_character(char c)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool ids_is_player_id(struct bytes text)
{
    if (text.length == 0 || text.length > IDS_PLAYER_LENGTH_MAX) return false;
    for (size_t i = 0; i < text.length; i++) {
        if (!is_player_character(text.data[i])) return false;
    }
    return true;
}
