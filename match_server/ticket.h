/* ticket.h -- a waiting player as the matchmaker knows him. Plain data. */
#ifndef DUELPOD_TICKET_H
#define DUELPOD_TICKET_H

#include "common/base.h"
#include "common/digest.h"
#include "proto/limits.h"

/* free: may be matched. committing: part of a commit whose outcome the log has not shown yet. doubtful: Redis
 * knows the player otherwise than we do; the log or a fresh look will tell. */
enum ticket_state { TICKET_FREE, TICKET_COMMITTING, TICKET_DOUBTFUL };

struct ticket {
    char player_id[PLAYER_ID_MAX + 1];
    char pod_id[POD_ID_MAX + 1];
    char snapshot_sha256[DIGEST_TEXT_SIZE];
    enum ticket_state state;
    int64_t q_ms;    /* original enqueue time */
    int64_t version; /* of the player's metadata; 0: unreadable */
    int64_t rating;
    uint32_t place; /* in the index of the queue's policy, who alone writes it; 0: in none */
    uint64_t player, opponent, device; /* hashes of the id, the last opponent's id, the device; 0: none */
};

/* What the hashes are made with; equal texts give equal hashes, "" gives 0. */
uint64_t ticket_hash(struct bytes text);

/* Reads a waiter's line of queue:log:<mode>: "player q version rating sha256 pod opponent device" with one
 * space between; opponent and device may be empty. False: it is none. */
bool ticket_parse(struct bytes line, struct ticket *out);

#endif
