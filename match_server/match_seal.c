#include "match_server/match_seal.h"

#include <string.h>

#include "proto/limits.h"

enum { SEED_BYTES = 8 };

static void chance(struct match_sealer *sealer, uint8_t out[DIGEST_BYTES])
{
    uint8_t input[sizeof sealer->key + sizeof sealer->counter];
    memcpy(input, sealer->key, sizeof sealer->key);
    for (size_t i = 0; i < sizeof sealer->counter; i++) {
        input[sizeof sealer->key + i] = (uint8_t)(sealer->counter >> (8 * i));
    }
    sealer->counter++;
    digest_sha256((struct bytes){(const char *)input, sizeof input}, out);
}

struct match_seal match_seal_make(struct match_sealer *sealer, int64_t now_ms,
                                  const char *const *snapshot_sha256, size_t count)
{
    check(count <= MATCH_PLAYERS_MAX);
    uint8_t random[DIGEST_BYTES];
    chance(sealer, random);
    struct match_seal seal;
    ids_uuid_v7(seal.match_id, now_ms, random);
    digest_hex(random + IDS_UUID_RANDOM, SEED_BYTES, seal.seed);

    char text[MATCH_SEED_SIZE + IDS_UUID_SIZE + MATCH_PLAYERS_MAX * DIGEST_TEXT_SIZE];
    char *end = stpcpy(text, seal.seed);
    *end++ = '|';
    end = stpcpy(end, seal.match_id);
    for (size_t i = 0; i < count; i++) {
        *end++ = '|';
        end = stpncpy(end, snapshot_sha256[i], DIGEST_TEXT_SIZE - 1);
    }
    digest_sha256_text((struct bytes){text, (size_t)(end - text)}, seal.commitment);
    return seal;
}

int64_t match_id_time_ms(const char *match_id)
{
    uint8_t bytes[IDS_UUID_BYTES];
    if (!ids_uuid_to_bytes(match_id, bytes) || bytes[6] >> 4 != 7) return 0;
    int64_t time_ms = 0;
    for (int i = 0; i < 6; i++) time_ms = time_ms << 8 | bytes[i];
    return time_ms;
}
