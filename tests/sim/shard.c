/* shard.c -- common/shard.h as far as game logic uses it, without threads and loops. */
#include "common/shard.h"

#include <stdlib.h>

#include "tests/sim/sim.h"
#include "tests/sim/world.h"

struct shard *sim_shard_open(struct sim *sim, struct process *process, unsigned index)
{
    struct shard *shard = memory_new(sizeof *shard);
    shard->sim = sim;
    shard->process = process;
    shard->index = index;
    shard->actors = actors_open(index);
    timers_init(&shard->timers);
    shard->world = (struct world){.ops = &sim_world_ops, .timers = &shard->timers, .key_prefix = ""};
    return shard;
}

void sim_shard_close(struct shard *shard)
{
    timers_free(&shard->timers);
    actors_close(shard->actors);
    free(shard);
}

struct world *shard_world(struct shard *shard)
{
    return &shard->world;
}

struct actors *shard_actors(struct shard *shard)
{
    return shard->actors;
}

void shard_finish(struct shard *shard)
{
    (void)shard;
}
