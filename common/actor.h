/* actor.h -- the actors of one shard, and their addresses.
 *
 * An address is a number, never a pointer:
 *
 *     | shard 8 bits | slot 24 bits | generation 32 bits |
 *
 * so an address may be kept anywhere, sent anywhere and outlive its actor: mail to the dead is counted and
 * dropped. A slot that is used again has another generation. 0 is nobody.
 *
 * One thread: an actor lives and receives on the thread of its shard, one message at a time (checked). The
 * table borrows `self`; its owner removes the actor before the memory goes. */
#ifndef DUELPOD_ACTOR_H
#define DUELPOD_ACTOR_H

#include "common/base.h"
#include "common/mailbox.h"

typedef uint64_t actor_address;

enum { ACTOR_NOBODY = 0, ACTORS_MAX = 1 << 24, SHARDS_MAX = 255 };

/* Borrows `message`; the table frees it afterwards. May add and remove actors, itself included. */
typedef void actor_fn(void *self, const struct message *message);

struct actors;

struct actors *actors_open(unsigned shard);
void actors_close(struct actors *actors);

/* A new actor; ACTOR_NOBODY when ACTORS_MAX live. */
actor_address actors_add(struct actors *actors, actor_fn *receive, void *self);
void actors_remove(struct actors *actors, actor_address address);

/* The actor behind an address, or NULL when it is gone. */
void *actors_find(const struct actors *actors, actor_address address);

/* Hands `message` to message->to and frees it. Mail to the dead is counted. */
void actors_deliver(struct actors *actors, struct message *message);

unsigned actor_shard(actor_address address);
size_t actors_count(const struct actors *actors);
uint64_t actors_dead_letters(const struct actors *actors);

#endif
