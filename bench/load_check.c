#include "bench/load_check.h"

#include <stdlib.h>
#include <string.h>

#define PLAYERS_MAX 4
#define FIRST_CAPACITY 4096 /* a power of two, as every capacity */

struct match {
    uint8_t id[IDS_UUID_BYTES];
    uint32_t players[PLAYERS_MAX];
    uint32_t opponent;    /* of players[0] */
    uint8_t player_count; /* 0: an empty place */
    bool cancelled;
    bool has_digest;
    uint64_t digest;
};

struct load_check {
    struct match *matches; /* open addressing, linear probing, nothing is ever removed */
    size_t capacity;
    size_t count;
};

/* The last eight bytes of a match id are random. */
static size_t place_of(const struct load_check *check, const uint8_t id[IDS_UUID_BYTES])
{
    uint64_t random;
    memcpy(&random, id + IDS_UUID_BYTES - sizeof random, sizeof random);
    size_t at = (size_t)(random * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (check->capacity - 1);
    while (check->matches[at].player_count > 0 && memcmp(check->matches[at].id, id, IDS_UUID_BYTES) != 0) {
        at = (at + 1) & (check->capacity - 1);
    }
    return at;
}

static void grow(struct load_check *check)
{
    struct match *old = check->matches;
    size_t old_capacity = check->capacity;
    check->capacity = old_capacity == 0 ? FIRST_CAPACITY : old_capacity * 2;
    check->matches = memory_new(check->capacity * sizeof *check->matches);
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].player_count > 0) check->matches[place_of(check, old[i].id)] = old[i];
    }
    free(old);
}

struct load_check *load_check_open(void)
{
    struct load_check *check = memory_new(sizeof *check);
    grow(check);
    return check;
}

void load_check_free(struct load_check *check)
{
    free(check->matches);
    free(check);
}

static bool has_player(const struct match *match, uint32_t player)
{
    for (size_t i = 0; i < match->player_count; i++) {
        if (match->players[i] == player) return true;
    }
    return false;
}

const char *load_check_found(struct load_check *check, const uint8_t id[IDS_UUID_BYTES], uint32_t player,
                             uint32_t opponent, bool team_match)
{
    if (check->count * 3 >= check->capacity * 2) grow(check);
    struct match *match = &check->matches[place_of(check, id)];
    if (match->player_count == 0) {
        memcpy(match->id, id, IDS_UUID_BYTES);
        match->opponent = opponent;
        match->players[match->player_count++] = player;
        check->count++;
        return NULL;
    }
    if (has_player(match, player)) return NULL;
    if (match->player_count == (team_match ? PLAYERS_MAX : 2))
        return "a match was given to one player too many";
    match->players[match->player_count++] = player;
    if (team_match) return NULL;
    bool mutual = opponent == match->players[0] && match->opponent == player;
    return mutual ? NULL : "the two players of a match do not name each other";
}

void load_check_cancelled(struct load_check *check, const uint8_t id[IDS_UUID_BYTES])
{
    struct match *match = &check->matches[place_of(check, id)];
    if (match->player_count > 0) match->cancelled = true;
}

/* Eight bytes at a time; only equality counts, and nobody tries to fool it. */
static uint64_t digest_of(struct bytes bytes)
{
    uint64_t digest = bytes.length * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t at = 0; at < bytes.length; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = bytes.length - at;
        memcpy(&word, bytes.data + at, left < sizeof word ? left : sizeof word);
        digest = (digest ^ word) * UINT64_C(0xff51afd7ed558ccd);
        digest ^= digest >> 32;
    }
    return digest;
}

const char *load_check_timeline(struct load_check *check, const uint8_t id[IDS_UUID_BYTES], uint32_t player,
                                struct bytes timeline, bool *first)
{
    struct match *match = &check->matches[place_of(check, id)];
    uint64_t digest = digest_of(timeline);
    *first = !match->has_digest;
    if (match->player_count == 0 || !has_player(match, player))
        return "a timeline of a match the player never had";
    if (match->has_digest && match->digest != digest) return "the players of a match got different timelines";
    match->has_digest = true;
    match->digest = digest;
    return NULL;
}

uint64_t load_check_one_sided(const struct load_check *check)
{
    uint64_t count = 0;
    for (size_t i = 0; i < check->capacity; i++) {
        const struct match *match = &check->matches[i];
        if (match->player_count == 1 && match->opponent != LOAD_NOBODY && !match->cancelled) count++;
    }
    return count;
}
