/* world.h -- struct world over the event queue: the links to Redis with their faults, Pub/Sub, mail. */
#ifndef DUELPOD_SIM_WORLD_H
#define DUELPOD_SIM_WORLD_H

#include "tests/sim/sim.h"

extern const struct world_ops sim_world_ops;

void sim_publish(struct sim *sim, struct bytes channel, struct bytes payload);

/* A deep copy that free() releases; NULL stays NULL. */
struct redis_reply *reply_copy(const struct redis_reply *reply);

#endif
