/* ids.h -- the names of matches, sessions and players.
 *
 * A match id is a UUID version 7 (RFC 9562): 48 bits of wall time in milliseconds, then 74 random bits, so
 * ids sort by the time they were made and cannot be guessed. A session id is 128 random bits in hex. A player
 * id comes from an auth server and becomes part of Redis keys and channels, so its alphabet is narrow.
 *
 * The only file that includes uuid.h. Any thread. */
#ifndef DUELPOD_IDS_H
#define DUELPOD_IDS_H

#include "common/base.h"

enum {
    IDS_UUID_SIZE = 37,    /* Text with its terminator. */
    IDS_UUID_BYTES = 16,   /* Binary. */
    IDS_UUID_RANDOM = 10,  /* Random bytes that a UUID is made from. */
    IDS_SESSION_SIZE = 33, /* Text with its terminator. */
    IDS_PLAYER_LENGTH_MAX = 64
};

/* Pure: the same time and random bytes give the same id. `now_ms` is wall time, 0 .. 2^48 - 1. */
void ids_uuid_v7(char out[IDS_UUID_SIZE], int64_t now_ms, const uint8_t random[IDS_UUID_RANDOM]);

/* From the wall clock and the kernel's entropy. */
void ids_match_id(char out[IDS_UUID_SIZE]);
void ids_session_id(char out[IDS_SESSION_SIZE]);

/* Any UUID, either case. False: not a UUID, `out` is unchanged. */
bool ids_uuid_to_bytes(const char *text, uint8_t out[IDS_UUID_BYTES]);

/* When an id was made, in ms since 1970; 0 for anything but a version 7 UUID. */
int64_t ids_uuid_time_ms(const char *text);

/* Lower case. */
void ids_uuid_from_bytes(const uint8_t bytes[IDS_UUID_BYTES], char out[IDS_UUID_SIZE]);

/* 1 to 64 of A-Z a-z 0-9 _ - */
bool ids_is_player_id(struct bytes text);

#endif
