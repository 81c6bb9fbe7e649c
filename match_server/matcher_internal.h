/* matcher_internal.h -- the matcher's data and its rooms.
 *
 *     ratings   1498     1500            1507        1531
 *     lines       .      o-o-o-o           .           o-o      matcher_lines.c: even numbers, oldest first
 *     chain       o <----> o <-----------> o <---------> o      matcher_chain.c: what is left over, by rating
 *
 * A free ticket stands in the line of its rating or in the chain. A change only marks its rating; at the
 * start of a run every marked line takes its leftovers back and leaves at most one of them, the newest, in
 * the chain. So what a run sees is a function of who waits. Heaps: `lines`, ratings whose line has a pair;
 * `ready`, tickets of the chain that fit a right neighbour, both by the order of pairs; `watches`, tickets
 * of the chain by the time at which a right neighbour will fit. */
#ifndef DUELPOD_MATCHER_INTERNAL_H
#define DUELPOD_MATCHER_INTERNAL_H

#include <assert.h>

#include "match_server/matcher.h"
#include "match_server/matcher_arrivals.h"
#include "match_server/matcher_clock.h"
#include "match_server/matcher_curve.h"
#include "match_server/matcher_heap.h"

enum {
    RATINGS = MATCHER_RATING_MAX + 1,
    MARKS_BITS = 15,
    MARKS = 1 << MARKS_BITS,
};

enum slot_state { SLOT_UNUSED, SLOT_LINE, SLOT_CHAIN, SLOT_HELD };

/* One ticket, one cache line. */
struct slot {
    uint64_t id;
    void *owner;
    int64_t since_ms;          /* own clock */
    uint32_t opponent, device; /* folded hashes */
    uint32_t previous, next;   /* in the line or the chain; next: of the unused ones */
    uint32_t partner;          /* while ready */
    uint32_t watch_place, ready_place;
    uint16_t rating, extra; /* extra: points that the deviation adds to the half-window */
    uint8_t state;
    bool rematch; /* while ready: with the last opponent */
    bool suspect; /* was in conflict, maybe, with somebody when it came into the chain */
};

static_assert(sizeof(struct slot) == 64, "a ticket is one cache line");
static_assert(sizeof(struct slot) + 2 * sizeof(struct matcher_heap_entry) < 100,
              "memory of a waiting ticket");

struct line {
    uint32_t first, last, count;
    uint32_t chain_first, chain_last; /* this rating's part of the chain */
    uint32_t place;                   /* in the heap of lines */
    bool unsorted, marked;
};

struct matcher {
    struct matcher_rules rules;
    struct matcher_curve curve;
    struct matcher_clock clock;
    int64_t now_ms; /* own clock at the last run */
    struct slot *slots;
    uint32_t slot_count, slot_capacity; /* slots ever used; there */
    uint32_t unused_first, count, held;
    uint32_t chain_last, suspects; /* suspects: how many in the chain are */
    uint32_t marked_count;
    uint32_t fetched[16], fetched_at; /* tickets on their way into the cache; a hint, may be stale */
    struct matcher_heap line_heap, watches, ready;
    uint16_t marked[RATINGS];
    uint64_t chained[RATINGS / 64];            /* ratings with a part of the chain */
    uint64_t chained_words[RATINGS / 64 / 64]; /* words of it that are not 0 */
    uint32_t marks[MARKS];
    struct line lines[RATINGS];
    struct matcher_arrivals arrivals;
};

/* ---- matcher.c */
int64_t matcher_clamp(int64_t value, int64_t low, int64_t high);
struct slot *matcher_slot(const struct matcher *matcher, uint32_t handle); /* of a handle that is valid */

/* ---- matcher_order.c: the order of tickets and of pairs */
bool matcher_is_older(const struct matcher *matcher, uint32_t a, uint32_t b);
int64_t matcher_pair_key(const struct matcher *matcher, uint32_t a, uint32_t b, bool rematch);
bool matcher_pair_before(const struct matcher *matcher, const uint32_t left[2], const uint32_t right[2]);

/* ---- matcher_conflict.c: who may not, or had better not, meet */
enum conflict { CONFLICT_NONE, CONFLICT_REMATCH, CONFLICT_NEVER };
uint32_t matcher_fold(uint64_t hash);
enum conflict matcher_conflict(const struct slot *a, const struct slot *b);
/* The chain's members are marked, so that whoever is in conflict with none of them is known at once. */
void matcher_marks_add(struct matcher *matcher, uint32_t ticket); /* sets `suspect` */
void matcher_marks_remove(struct matcher *matcher, uint32_t ticket);

/* ---- matcher_lines.c */
void matcher_line_add(struct matcher *matcher, uint32_t ticket);
void matcher_line_remove(struct matcher *matcher, uint32_t ticket);
void matcher_lines_settle(struct matcher *matcher); /* all marked ones */
/* The pair at the head of the line `rating` leaves it; false: there was none any more. */
bool matcher_line_pop(struct matcher *matcher, uint32_t rating, struct matcher_pair *out);

/* ---- matcher_chain.c */
void matcher_chain_add(struct matcher *matcher, uint32_t ticket);
void matcher_chain_remove(struct matcher *matcher, uint32_t ticket);
void matcher_chain_open_due(struct matcher *matcher); /* watches whose time has come become ready */

#endif
