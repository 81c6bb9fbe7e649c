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
    char mate_id[PLAYER_ID_MAX + 1]; /* the other of a party of two; "" for a solo player */
    char pod_id[POD_ID_MAX + 1];
    char snapshot_sha256[DIGEST_TEXT_SIZE];
    enum ticket_state state;
    int64_t q_ms;    /* original enqueue time */
    int64_t version; /* of the player's metadata; 0: unreadable */
    int64_t rating;
    uint32_t place;      /* in the index of the queue's policy, who alone writes it; 0: in none */
    struct ticket *mate; /* that of the mate, written by the mirror; NULL while he is not at the same place */
    uint64_t player, device; /* hashes of the id and of the device; 0: none */
    uint64_t opponents[2];   /* hashes of the ids of the last opponents; 0: none */
};

/* What the hashes are made with; equal texts give equal hashes, "" gives 0. */
uint64_t ticket_hash(struct bytes text);

/* Takes up to two ids from a comma list; further ones are left out. */
void ticket_set_opponents(struct ticket *ticket, struct bytes list);

/* Were they opponents when one of them played last? */
bool ticket_is_rematch(const struct ticket *a, const struct ticket *b);

bool ticket_same_device(const struct ticket *a, const struct ticket *b);

/* Reads a waiter's line of queue:log:<mode>: "player q version rating sha256 pod opponents mate device" with one
 * space between; opponents (a comma list), mate and device may be empty. False: it is none. */
bool ticket_parse(struct bytes line, struct ticket *out);

#endif
