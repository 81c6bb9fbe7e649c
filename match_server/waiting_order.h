/* waiting_order.h -- tickets in the order of waiting: original time first, then player id.
 *
 * A sorted sequence in blocks of at most ORDER_BLOCK_MAX tickets, so that adding at the end (a new waiter),
 * near the front (one who is back at the old place) and anywhere else costs one binary search and one short
 * move, and reading from the front runs through memory. A block that gets full is split, an empty one goes.
 * Borrows the tickets; their q and id must not change while they are in. One thread. */
#ifndef DUELPOD_WAITING_ORDER_H
#define DUELPOD_WAITING_ORDER_H

#include "common/base.h"

enum { ORDER_BLOCK_MAX = 256 };

struct ticket;
struct order_block;

/* All zero is an empty one. */
struct waiting_order {
    struct order_block **blocks;
    size_t block_count, block_capacity, count;
};

/* A place in the sequence, valid until the next change. */
struct order_place {
    size_t block, index;
};

void waiting_order_free(struct waiting_order *order);
void waiting_order_clear(struct waiting_order *order);

/* The ticket must not be in. */
void waiting_order_add(struct waiting_order *order, struct ticket *ticket);

/* The ticket must be in. */
void waiting_order_remove(struct waiting_order *order, struct ticket *ticket);

/* Walks from the front: start with {0, 0}; NULL at the end. */
struct ticket *waiting_order_next(const struct waiting_order *order, struct order_place *place);

#endif
