/* The chain: leftovers in order of rating, each watching its right neighbour.
 *
 * Let two tickets of the chain fit, and let no closer two between them fit. Whoever stands between is
 * covered by the window of one of them, so he must be in conflict with that one. Hence the only pairs that
 * must be watched are those where everybody between is in conflict with one of the two: next neighbours, and
 * around conflicts a few more. */
#include "match_server/matcher_internal.h"

/* ---- the place of a ticket ------------------------------------------------------------------------ */

static void note_chained(struct matcher *matcher, uint32_t rating, bool chained)
{
    uint64_t *word = &matcher->chained[rating / 64], *upper = &matcher->chained_words[rating / 64 / 64];
    uint64_t bit = UINT64_C(1) << rating % 64, upper_bit = UINT64_C(1) << rating / 64 % 64;
    *word = chained ? *word | bit : *word & ~bit;
    *upper = *word != 0 ? *upper | upper_bit : *upper & ~upper_bit;
}

/* The lowest set bit above `bit`, or -1. */
static int bit_above(uint64_t word, uint32_t bit)
{
    uint64_t above = bit >= 63 ? 0 : word & (UINT64_MAX << (bit + 1));
    return above == 0 ? -1 : __builtin_ctzll(above);
}

/* The lowest rating above `rating` that is in the chain; RATINGS: none. */
static uint32_t chained_above(const struct matcher *matcher, uint32_t rating)
{
    uint32_t word = rating / 64, upper = word / 64;
    int bit = bit_above(matcher->chained[word], rating % 64);
    if (bit >= 0) return word * 64 + (uint32_t)bit;
    bit = bit_above(matcher->chained_words[upper], word % 64);
    while (bit < 0 && ++upper < ARRAY_LENGTH(matcher->chained_words)) {
        uint64_t words = matcher->chained_words[upper];
        bit = words == 0 ? -1 : __builtin_ctzll(words);
    }
    if (bit < 0) return RATINGS;
    word = upper * 64 + (uint32_t)bit;
    return word * 64 + (uint32_t)__builtin_ctzll(matcher->chained[word]);
}

/* The ticket of the chain before which `ticket` belongs. In a crowd of its own rating it is looked for from
 * both ends: newcomers belong at the end, who was at the front goes back to the front. */
static uint32_t find_next(const struct matcher *matcher, uint32_t ticket)
{
    uint32_t rating = matcher->slots[ticket].rating;
    const struct line *line = &matcher->lines[rating];
    if (line->chain_first == MATCHER_NONE) {
        uint32_t above = chained_above(matcher, rating);
        return above == RATINGS ? MATCHER_NONE : matcher->lines[above].chain_first;
    }
    uint32_t front = line->chain_first, back = line->chain_last;
    while (!matcher_is_older(matcher, ticket, front)) {
        if (matcher_is_older(matcher, back, ticket)) return matcher->slots[back].next;
        front = matcher->slots[front].next;
        back = matcher->slots[back].previous;
    }
    return front;
}

static void insert_before(struct matcher *matcher, uint32_t ticket, uint32_t next)
{
    struct slot *slot = &matcher->slots[ticket];
    struct line *line = &matcher->lines[slot->rating];
    slot->next = next;
    slot->previous = next == MATCHER_NONE ? matcher->chain_last : matcher->slots[next].previous;
    if (slot->previous != MATCHER_NONE) matcher->slots[slot->previous].next = ticket;
    *(next == MATCHER_NONE ? &matcher->chain_last : &matcher->slots[next].previous) = ticket;
    if (line->chain_first == MATCHER_NONE) {
        note_chained(matcher, slot->rating, true);
        line->chain_first = line->chain_last = ticket;
    } else if (line->chain_first == next) {
        line->chain_first = ticket;
    } else if (line->chain_last == slot->previous) {
        line->chain_last = ticket;
    }
}

static void unlink_ticket(struct matcher *matcher, uint32_t ticket)
{
    struct slot *slot = &matcher->slots[ticket];
    struct line *line = &matcher->lines[slot->rating];
    if (slot->previous != MATCHER_NONE) matcher->slots[slot->previous].next = slot->next;
    *(slot->next == MATCHER_NONE ? &matcher->chain_last : &matcher->slots[slot->next].previous) =
        slot->previous;
    if (line->chain_first == ticket && line->chain_last == ticket) {
        line->chain_first = line->chain_last = MATCHER_NONE;
        note_chained(matcher, slot->rating, false);
    } else if (line->chain_first == ticket) {
        line->chain_first = slot->next;
    } else if (line->chain_last == ticket) {
        line->chain_last = slot->previous;
    }
}

/* ---- watching ------------------------------------------------------------------------------------- */

/* What a ticket sees on its right: the best pair that fits now, and when the next one will. */
struct sight {
    uint32_t partner;
    int64_t key;
    bool rematch;
    int64_t opens_ms;
};

static int64_t opens_ms(const struct matcher *matcher, uint32_t a, uint32_t b, bool rematch)
{
    const struct slot *left = &matcher->slots[a], *right = &matcher->slots[b];
    int64_t points = right->rating - left->rating - left->extra - right->extra;
    int64_t touch_ms = matcher_curve_touch_ms(&matcher->curve, left->since_ms, right->since_ms,
                                              points * MATCHER_POINT_STEPS, matcher->now_ms);
    if (!rematch) return touch_ms;
    int64_t younger_ms = left->since_ms > right->since_ms ? left->since_ms : right->since_ms;
    int64_t waited_ms = younger_ms + matcher->rules.rematch_wait_ms;
    return waited_ms > touch_ms ? waited_ms : touch_ms;
}

static void consider(const struct matcher *matcher, uint32_t ticket, uint32_t other, bool rematch,
                     struct sight *sight)
{
    int64_t at_ms = opens_ms(matcher, ticket, other, rematch);
    if (at_ms > matcher->now_ms) {
        if (at_ms < sight->opens_ms) sight->opens_ms = at_ms;
        return;
    }
    int64_t key = matcher_pair_key(matcher, ticket, other, rematch);
    bool better = key < sight->key;
    if (key == sight->key && sight->partner != MATCHER_NONE) {
        better = matcher_pair_before(matcher, (const uint32_t[]){ticket, other},
                                     (const uint32_t[]){ticket, sight->partner});
    }
    if (better) {
        sight->key = key;
        sight->partner = other;
        sight->rematch = rematch;
    }
}

static struct sight look_right(const struct matcher *matcher, uint32_t ticket)
{
    struct sight sight = {MATCHER_NONE, INT64_MAX, false, INT64_MAX};
    const struct slot *slots = matcher->slots;
    uint32_t between[MATCHER_REACH], between_count = 0; /* those that could play with `ticket` */
    uint32_t other = slots[ticket].next;
    int reach = matcher->suspects > 0 ? MATCHER_REACH : 1;
    for (int i = 0; i < reach && other != MATCHER_NONE; i++, other = slots[other].next) {
        enum conflict conflict = matcher_conflict(&slots[ticket], &slots[other]);
        bool hidden = false;
        for (uint32_t j = 0; j < between_count && !hidden; j++) {
            hidden = matcher_conflict(&slots[between[j]], &slots[other]) == CONFLICT_NONE;
        }
        if (conflict == CONFLICT_NONE) between[between_count++] = other;
        if (hidden || conflict == CONFLICT_NEVER) continue;
        consider(matcher, ticket, other, conflict == CONFLICT_REMATCH, &sight);
    }
    return sight;
}

static void watch(struct matcher *matcher, uint32_t ticket)
{
    struct sight sight = look_right(matcher, ticket);
    struct slot *slot = &matcher->slots[ticket];
    slot->partner = sight.partner;
    slot->rematch = sight.rematch;
    if (sight.partner == MATCHER_NONE) {
        matcher_heap_remove(&matcher->ready, ticket);
    } else {
        matcher_heap_set(&matcher->ready, ticket, sight.key);
    }
    if (sight.opens_ms == INT64_MAX) {
        matcher_heap_remove(&matcher->watches, ticket);
    } else {
        matcher_heap_set(&matcher->watches, ticket, sight.opens_ms);
    }
}

/* What changed right of `ticket` changes what it and those left of it see. */
static void watch_leftwards(struct matcher *matcher, uint32_t ticket)
{
    int reach = matcher->suspects > 0 ? MATCHER_REACH : 1;
    for (int i = 0; i < reach && ticket != MATCHER_NONE; i++) {
        watch(matcher, ticket);
        ticket = matcher->slots[ticket].previous;
    }
}

void matcher_chain_add(struct matcher *matcher, uint32_t ticket)
{
    struct slot *slot = &matcher->slots[ticket];
    insert_before(matcher, ticket, find_next(matcher, ticket));
    matcher_marks_add(matcher, ticket);
    slot->state = SLOT_CHAIN;
    watch(matcher, ticket);
    watch_leftwards(matcher, slot->previous);
}

/* Those left of it look again while it still counts as a suspect: they may have looked past it. */
void matcher_chain_remove(struct matcher *matcher, uint32_t ticket)
{
    uint32_t previous = matcher->slots[ticket].previous;
    matcher_heap_remove(&matcher->ready, ticket);
    matcher_heap_remove(&matcher->watches, ticket);
    unlink_ticket(matcher, ticket);
    watch_leftwards(matcher, previous);
    matcher_marks_remove(matcher, ticket);
}

void matcher_chain_open_due(struct matcher *matcher)
{
    while (matcher->watches.count > 0 && matcher->watches.entries[0].key <= matcher->now_ms) {
        watch(matcher, matcher->watches.entries[0].item);
    }
}
