/* gate.h -- who may connect and how often may he speak: the limits that hold for the process as a whole.
 *
 * A connection lands on any player shard, so what is limited by address or by player is counted here, for all
 * shards together:
 *
 *     at accept, or when a trusted proxy names the client    handshakes of the address; connections of the
 *                                                            address and of all
 *     when a connection opened                               connections again, and now it counts
 *     at every message                                       messages of the address, then of the player
 *
 * An address is an IPv4 address or a /64 of IPv6. The tables have a fixed size (limits.addresses_max buckets
 * for each of the three kinds) and a lock for each sixteenth. What the rules are is read from the
 * configuration at every question, so a reload counts at once.
 *
 * Any thread. Time is the world's. */
#ifndef DUELPOD_GATE_H
#define DUELPOD_GATE_H

#include "game_server/config.h"

struct gate;

enum gate_verdict { GATE_OPEN, GATE_RATE, GATE_ADDRESS_FULL, GATE_FULL };

/* The caller owns it. */
struct gate *gate_open(const struct game_config *config);
void gate_free(struct gate *gate);

/* What stands for an address or a player in the tables; not guessable from outside. */
uint64_t gate_address_key(const struct gate *gate, const char *ip);
uint64_t gate_player_key(const struct gate *gate, const char *player_id);

/* May the address begin a handshake? Takes one of its tokens. */
enum gate_verdict gate_admit(struct gate *gate, const struct game_config *config, uint64_t address_key,
                             int64_t now_ms);

/* Counts an open connection, unless there are too many. Every GATE_OPEN is undone by one gate_leave. */
enum gate_verdict gate_enter(struct gate *gate, const struct game_config *config, uint64_t address_key);
void gate_leave(struct gate *gate, uint64_t address_key);

/* How long a message of this address, or of this player, has to wait; 0: not at all, and a token is taken. */
int64_t gate_address_wait_ms(struct gate *gate, const struct game_config *config, uint64_t address_key,
                             int64_t now_ms);
int64_t gate_player_wait_ms(struct gate *gate, const struct game_config *config, uint64_t player_key,
                            int64_t now_ms);

/* Buckets that had to make room although their owners had not been silent long enough. */
uint64_t gate_forgotten(struct gate *gate);

#endif
