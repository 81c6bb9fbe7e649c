/* Lines: the tickets of one rating, oldest first. Most come in order and go to the end; one that is back
 * with its old place is looked for from both ends; any other way of loading is sorted once, by the
 * next run. */
#include "match_server/matcher_internal.h"

enum { SORT_BINS = 32 };

static struct line *line_of(struct matcher *matcher, uint32_t ticket)
{
    return &matcher->lines[matcher->slots[ticket].rating];
}

/* A marked line is out of the heap, which compares lines by their first. */
static void mark(struct matcher *matcher, struct line *line)
{
    if (line->marked) return;
    line->marked = true;
    matcher->marked[matcher->marked_count++] = (uint16_t)(line - matcher->lines);
    matcher_heap_remove(&matcher->line_heap, (uint32_t)(line - matcher->lines));
}

/* ---- links --------------------------------------------------------------------------------------- */

static void insert_before(struct matcher *matcher, struct line *line, uint32_t ticket, uint32_t next)
{
    struct slot *slot = &matcher->slots[ticket];
    slot->next = next;
    slot->previous = next == MATCHER_NONE ? line->last : matcher->slots[next].previous;
    *(slot->previous == MATCHER_NONE ? &line->first : &matcher->slots[slot->previous].next) = ticket;
    *(next == MATCHER_NONE ? &line->last : &matcher->slots[next].previous) = ticket;
    line->count++;
    slot->state = SLOT_LINE;
}

static void unlink_ticket(struct matcher *matcher, struct line *line, uint32_t ticket)
{
    struct slot *slot = &matcher->slots[ticket];
    *(slot->previous == MATCHER_NONE ? &line->first : &matcher->slots[slot->previous].next) = slot->next;
    *(slot->next == MATCHER_NONE ? &line->last : &matcher->slots[slot->next].previous) = slot->previous;
    line->count--;
}

static void insert_by_age(struct matcher *matcher, struct line *line, uint32_t ticket)
{
    uint32_t next = MATCHER_NONE, last = line->last;
    for (int i = 0; i < MATCHER_REACH && !line->unsorted; i++) {
        if (last == MATCHER_NONE || matcher_is_older(matcher, last, ticket)) {
            insert_before(matcher, line, ticket, next);
            return;
        }
        next = last;
        last = matcher->slots[last].previous;
    }
    next = line->first;
    for (int i = 0; i < MATCHER_REACH && !line->unsorted && next != MATCHER_NONE; i++) {
        if (matcher_is_older(matcher, ticket, next)) {
            insert_before(matcher, line, ticket, next);
            return;
        }
        next = matcher->slots[next].next;
    }
    line->unsorted = true;
    insert_before(matcher, line, ticket, MATCHER_NONE);
}

void matcher_line_add(struct matcher *matcher, uint32_t ticket)
{
    struct line *line = line_of(matcher, ticket);
    insert_by_age(matcher, line, ticket);
    mark(matcher, line);
}

void matcher_line_remove(struct matcher *matcher, uint32_t ticket)
{
    struct line *line = line_of(matcher, ticket);
    unlink_ticket(matcher, line, ticket);
    mark(matcher, line);
}

/* ---- sorting: a merge sort of the list, runs of 2^n tickets in bin n ------------------------------ */

static uint32_t merge(struct matcher *matcher, uint32_t a, uint32_t b)
{
    uint32_t first = MATCHER_NONE, *end = &first;
    while (a != MATCHER_NONE && b != MATCHER_NONE) {
        uint32_t *from = matcher_is_older(matcher, a, b) ? &a : &b;
        *end = *from;
        end = &matcher->slots[*from].next;
        *from = *end;
    }
    *end = a != MATCHER_NONE ? a : b;
    return first;
}

static void sort(struct matcher *matcher, struct line *line)
{
    uint32_t bins[SORT_BINS], sorted = MATCHER_NONE, ticket = line->first, previous = MATCHER_NONE;
    for (size_t i = 0; i < SORT_BINS; i++) bins[i] = MATCHER_NONE;
    while (ticket != MATCHER_NONE) {
        uint32_t run = ticket, bin = 0;
        ticket = matcher->slots[ticket].next;
        matcher->slots[run].next = MATCHER_NONE;
        for (; bins[bin] != MATCHER_NONE; bin++) {
            run = merge(matcher, bins[bin], run);
            bins[bin] = MATCHER_NONE;
        }
        bins[bin] = run;
    }
    for (size_t i = 0; i < SORT_BINS; i++) sorted = merge(matcher, bins[i], sorted);
    line->first = sorted;
    for (ticket = sorted; ticket != MATCHER_NONE; ticket = matcher->slots[ticket].next) {
        matcher->slots[ticket].previous = previous;
        previous = ticket;
    }
    line->last = previous;
    line->unsorted = false;
}

/* ---- settling ------------------------------------------------------------------------------------ */

static void to_chain(struct matcher *matcher, struct line *line, uint32_t ticket)
{
    unlink_ticket(matcher, line, ticket);
    matcher_chain_add(matcher, ticket);
}

/* Leaves an even number, and the line in the heap at its oldest's place if there are any. */
static void even_out(struct matcher *matcher, struct line *line)
{
    uint32_t rating = (uint32_t)(line - matcher->lines);
    if (line->count % 2 == 1) to_chain(matcher, line, line->last);
    if (line->count == 0) {
        matcher_heap_remove(&matcher->line_heap, rating);
    } else {
        matcher_heap_set(&matcher->line_heap, rating,
                         matcher_pair_key(matcher, line->first, line->first, false));
    }
}

/* Its leftovers come back first, so that the oldest are paired first; of a crowd of them, all in conflict
 * with each other, only the oldest few. */
static void settle(struct matcher *matcher, struct line *line)
{
    line->marked = false;
    for (int i = 0; i <= MATCHER_REACH && line->count > 0 && line->chain_first != MATCHER_NONE; i++) {
        uint32_t ticket = line->chain_first;
        matcher_chain_remove(matcher, ticket);
        insert_by_age(matcher, line, ticket);
    }
    if (line->unsorted) sort(matcher, line);
    even_out(matcher, line);
}

void matcher_lines_settle(struct matcher *matcher)
{
    while (matcher->marked_count > 0) {
        settle(matcher, &matcher->lines[matcher->marked[--matcher->marked_count]]);
    }
}

/* ---- pairs --------------------------------------------------------------------------------------- */

static uint32_t find_partner(const struct matcher *matcher, uint32_t ticket)
{
    uint32_t other = matcher->slots[ticket].next;
    for (int i = 0; i < MATCHER_REACH && other != MATCHER_NONE; i++) {
        if (matcher_conflict(&matcher->slots[ticket], &matcher->slots[other]) == CONFLICT_NONE) return other;
        other = matcher->slots[other].next;
    }
    return MATCHER_NONE;
}

/* In a long pass every ticket is a cache miss. A line's turn comes again after many others', so the one
 * behind its new first is fetched now, and some pops later, when it has come, the one behind that: the next
 * pop's new first. */
static void fetch_ahead(struct matcher *matcher, const struct line *line)
{
    uint32_t *fetched = &matcher->fetched[matcher->fetched_at++ % ARRAY_LENGTH(matcher->fetched)];
    uint32_t behind = *fetched < matcher->slot_count ? matcher->slots[*fetched].next : MATCHER_NONE;
    if (behind < matcher->slot_count) __builtin_prefetch(&matcher->slots[behind], 1);
    *fetched = line->first == MATCHER_NONE ? MATCHER_NONE : matcher->slots[line->first].next;
    if (*fetched != MATCHER_NONE) __builtin_prefetch(&matcher->slots[*fetched], 1);
}

bool matcher_line_pop(struct matcher *matcher, uint32_t rating, struct matcher_pair *out)
{
    struct line *line = &matcher->lines[rating];
    uint32_t first = line->first, other = find_partner(matcher, first);
    if (other == MATCHER_NONE) {
        to_chain(matcher, line, first);
    } else {
        unlink_ticket(matcher, line, first);
        unlink_ticket(matcher, line, other);
        fetch_ahead(matcher, line);
        *out = (struct matcher_pair){{first, other}, 0, false};
    }
    even_out(matcher, line);
    return other != MATCHER_NONE;
}
