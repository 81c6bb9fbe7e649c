#include "common/actor.h"

#include <stdlib.h>

struct actor {
    actor_fn *receive; /* NULL: the slot is free */
    void *self;
    uint32_t generation;
    uint32_t next_free; /* slot + 1; 0 ends the list */
    bool busy;
};

struct actors {
    unsigned shard;
    struct actor *slots;
    size_t slot_count, capacity, live;
    uint32_t first_free; /* slot + 1 */
    uint64_t dead_letters;
};

struct actors *actors_open(unsigned shard)
{
    check(shard < SHARDS_MAX);
    struct actors *actors = memory_new(sizeof *actors);
    actors->shard = shard;
    return actors;
}

void actors_close(struct actors *actors)
{
    free(actors->slots);
    free(actors);
}

/* Shards count from 1 inside an address, so that no address is 0. */
static actor_address address_make(unsigned shard, uint32_t slot, uint32_t generation)
{
    return (uint64_t)(shard + 1) << 56 | (uint64_t)slot << 32 | generation;
}

unsigned actor_shard(actor_address address)
{
    check(address != ACTOR_NOBODY);
    return (unsigned)(address >> 56) - 1;
}

static uint32_t actor_slot(actor_address address)
{
    return (uint32_t)(address >> 32) & (ACTORS_MAX - 1);
}

static struct actor *actor_at(const struct actors *actors, actor_address address)
{
    if (address == ACTOR_NOBODY || actor_shard(address) != actors->shard) return NULL;
    uint32_t slot = actor_slot(address);
    if (slot >= actors->slot_count) return NULL;
    struct actor *actor = &actors->slots[slot];
    return actor->receive != NULL && actor->generation == (uint32_t)address ? actor : NULL;
}

static bool slot_take(struct actors *actors, uint32_t *slot)
{
    if (actors->first_free != 0) {
        *slot = actors->first_free - 1;
        actors->first_free = actors->slots[*slot].next_free;
        return true;
    }
    if (actors->slot_count == ACTORS_MAX) return false;
    if (actors->slot_count == actors->capacity) {
        actors->capacity = actors->capacity == 0 ? 64 : actors->capacity * 2;
        actors->slots = memory_resize(actors->slots, actors->capacity * sizeof *actors->slots);
    }
    *slot = (uint32_t)actors->slot_count++;
    actors->slots[*slot] = (struct actor){.generation = 0};
    return true;
}

actor_address actors_add(struct actors *actors, actor_fn *receive, void *self)
{
    uint32_t slot;
    if (!slot_take(actors, &slot)) return ACTOR_NOBODY;
    struct actor *actor = &actors->slots[slot];
    *actor = (struct actor){.receive = receive, .self = self, .generation = actor->generation + 1};
    actors->live++;
    return address_make(actors->shard, slot, actor->generation);
}

void actors_remove(struct actors *actors, actor_address address)
{
    struct actor *actor = actor_at(actors, address);
    if (actor == NULL) return;
    actor->receive = NULL;
    actor->next_free = actors->first_free;
    actors->first_free = actor_slot(address) + 1;
    actors->live--;
}

void *actors_find(const struct actors *actors, actor_address address)
{
    struct actor *actor = actor_at(actors, address);
    return actor == NULL ? NULL : actor->self;
}

void actors_deliver(struct actors *actors, struct message *message)
{
    struct actor *actor = actor_at(actors, message->to);
    if (actor == NULL) {
        actors->dead_letters++;
        free(message);
        return;
    }
    check(!actor->busy);
    actor->busy = true;
    actor->receive(actor->self, message);
    actor = actor_at(actors, message->to); /* the table may have moved, the actor may be gone */
    if (actor != NULL) actor->busy = false;
    free(message);
}

size_t actors_count(const struct actors *actors)
{
    return actors->live;
}

uint64_t actors_dead_letters(const struct actors *actors)
{
    return actors->dead_letters;
}
