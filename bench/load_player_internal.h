/* load_player_internal.h -- what load_player.c (the life of a player) and load_message.c (what the server
 * says to it) share. Nobody else includes it. */
#ifndef DUELPOD_LOAD_PLAYER_INTERNAL_H
#define DUELPOD_LOAD_PLAYER_INTERNAL_H

#include "bench/load_player.h"

#define LOAD_PLAYER_NAME_BYTES 48

void load_player_name(const struct load_player *player, char name[LOAD_PLAYER_NAME_BYTES]);
void load_player_set_state(struct load_player *player, enum load_player_state state);

/* Sends one message; nothing happens without a connection. */
void load_player_say(struct load_player *player, const char *text);

/* Counts and reports a broken promise about a match. */
void load_player_violate(struct load_player *player, const uint8_t match_id[IDS_UUID_BYTES],
                         const char *what);

/* The handlers of the connection. */
void load_message_text(void *owner, struct bytes text);
void load_message_binary(void *owner, struct bytes data);

#endif
