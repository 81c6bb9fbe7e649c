#include "match_server/waiting_order.h"

#include <stdlib.h>
#include <string.h>

#include "match_server/ticket.h"

struct order_block {
    size_t count;
    struct ticket *tickets[ORDER_BLOCK_MAX];
};

static int compare(const struct ticket *a, const struct ticket *b)
{
    if (a->q_ms != b->q_ms) return a->q_ms < b->q_ms ? -1 : 1;
    return strcmp(a->player_id, b->player_id);
}

void waiting_order_clear(struct waiting_order *order)
{
    for (size_t i = 0; i < order->block_count; i++) free(order->blocks[i]);
    order->block_count = order->count = 0;
}

void waiting_order_free(struct waiting_order *order)
{
    waiting_order_clear(order);
    free(order->blocks);
    *order = (struct waiting_order){.blocks = NULL};
}

/* The last block whose first ticket is not behind `ticket`; the first block when all are. */
static size_t find_block(const struct waiting_order *order, const struct ticket *ticket)
{
    size_t low = 0, high = order->block_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (compare(order->blocks[middle]->tickets[0], ticket) <= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The first index whose ticket is not before `ticket`. */
static size_t find_index(const struct order_block *block, const struct ticket *ticket)
{
    size_t low = 0, high = block->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(block->tickets[middle], ticket) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct order_block *insert_block(struct waiting_order *order, size_t at)
{
    if (order->block_count == order->block_capacity) {
        order->block_capacity = order->block_capacity == 0 ? 8 : 2 * order->block_capacity;
        order->blocks = memory_resize(order->blocks, order->block_capacity * sizeof(struct order_block *));
    }
    memmove(order->blocks + at + 1, order->blocks + at,
            (order->block_count - at) * sizeof(struct order_block *));
    order->block_count++;
    return order->blocks[at] = memory_new(sizeof(struct order_block));
}

/* A waiter behind everybody opens a new block, so that blocks of a growing queue stay full. */
static void split_block(struct waiting_order *order, size_t at, bool at_end)
{
    struct order_block *right = insert_block(order, at + 1);
    struct order_block *left = order->blocks[at];
    size_t keep = at_end ? ORDER_BLOCK_MAX - 1 : ORDER_BLOCK_MAX / 2;
    right->count = left->count - keep;
    memcpy(right->tickets, left->tickets + keep, right->count * sizeof right->tickets[0]);
    left->count = keep;
}

void waiting_order_add(struct waiting_order *order, struct ticket *ticket)
{
    if (order->block_count == 0) insert_block(order, 0);
    size_t at = find_block(order, ticket);
    if (order->blocks[at]->count == ORDER_BLOCK_MAX) {
        split_block(order, at, at + 1 == order->block_count);
        at = find_block(order, ticket);
    }
    struct order_block *block = order->blocks[at];
    size_t index = find_index(block, ticket);
    memmove(block->tickets + index + 1, block->tickets + index,
            (block->count - index) * sizeof block->tickets[0]);
    block->tickets[index] = ticket;
    block->count++;
    order->count++;
}

void waiting_order_remove(struct waiting_order *order, struct ticket *ticket)
{
    check(order->count > 0);
    size_t at = find_block(order, ticket);
    struct order_block *block = order->blocks[at];
    size_t index = find_index(block, ticket);
    check(index < block->count && block->tickets[index] == ticket);
    block->count--;
    memmove(block->tickets + index, block->tickets + index + 1,
            (block->count - index) * sizeof block->tickets[0]);
    order->count--;
    if (block->count > 0) return;
    free(block);
    order->block_count--;
    memmove(order->blocks + at, order->blocks + at + 1,
            (order->block_count - at) * sizeof(struct order_block *));
}

struct ticket *waiting_order_next(const struct waiting_order *order, struct order_place *place)
{
    while (place->block < order->block_count) {
        const struct order_block *block = order->blocks[place->block];
        if (place->index < block->count) return block->tickets[place->index++];
        place->block++;
        place->index = 0;
    }
    return NULL;
}
