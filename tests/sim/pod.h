/* pod.h -- what sockets need to know of a pod. */
#ifndef DUELPOD_SIM_POD_H
#define DUELPOD_SIM_POD_H

#include "game_server/player_shard.h"
#include "tests/sim/sim.h"

struct player_shard *pod_players(struct process *process);

#endif
