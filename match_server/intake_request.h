/* intake_request.h -- a player's request between its message and its answer. */
#ifndef DUELPOD_INTAKE_REQUEST_H
#define DUELPOD_INTAKE_REQUEST_H

#include "common/trace.h"
#include "match_server/server_internal.h"

enum { MATE_REASON_SIZE = 17, MATE_CALLS_MAX = 3 };

struct request {
    struct match_server *server;
    enum script_id script;
    char player_id[PLAYER_ID_MAX + 1];
    char pod_id[POD_ID_MAX + 1];
    char match_id[UUID_LENGTH + 1];
    char trace_id[TRACE_ID_SIZE];
    int64_t connection_epoch, number;
    int64_t expected_wait_ms; /* of an enqueue; QUEUE_WAIT_UNKNOWN: as those matched lately */

    /* Of a request that takes a mate along: the script says who he is, and is called again with his key. */
    char mate_id[PLAYER_ID_MAX + 1]; /* "" not known */
    char reason[MATE_REASON_SIZE];
    unsigned calls;
    void (*call)(struct request *request); /* NULL: no such request */
};

/* Begins the call of request->script with the request's metadata key and the arguments all requests share. */
struct script_call *request_call(struct request *request);

/* Sends the call; the answer is told to the player and `request` freed. */
void request_send(struct request *request);

/* Answers without asking Redis; frees nothing. */
void request_refuse(struct request *request, enum error_code error);

#endif
