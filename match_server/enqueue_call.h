/* enqueue_call.h -- calls lua/enqueue.lua for a player, or for both of a party. */
#ifndef DUELPOD_ENQUEUE_CALL_H
#define DUELPOD_ENQUEUE_CALL_H

#include "match_server/intake_request.h"

/* The message's mode is served, and its ids are good. Takes the request over. */
void enqueue_call(struct request *request, const struct proto_enqueue_request *message);

#endif
