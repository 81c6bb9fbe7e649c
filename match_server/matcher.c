#include "match_server/matcher.h"

#include <stdlib.h>

#include "match_server/matcher_internal.h"

#define SINCE_MS_MAX (INT64_C(1) << 45) /* the year 3084; keeps every product of a time far from overflow */

/* ---- life ---------------------------------------------------------------------------------------- */

static bool ready_before(const void *context, uint32_t left, uint32_t right)
{
    const struct matcher *matcher = context;
    return matcher_pair_before(matcher, (const uint32_t[]){left, matcher->slots[left].partner},
                               (const uint32_t[]){right, matcher->slots[right].partner});
}

static bool line_before(const void *context, uint32_t left, uint32_t right)
{
    const struct matcher *matcher = context;
    return matcher_is_older(matcher, matcher->lines[left].first, matcher->lines[right].first);
}

static void reserve(struct matcher *matcher, uint32_t capacity)
{
    matcher->slots = memory_resize(matcher->slots, (size_t)capacity * sizeof matcher->slots[0]);
    matcher->slot_capacity = capacity;
    matcher->watches.places = (char *)matcher->slots + offsetof(struct slot, watch_place);
    matcher->ready.places = (char *)matcher->slots + offsetof(struct slot, ready_place);
}

struct matcher *matcher_open(const struct matcher_rules *rules, uint32_t capacity_hint)
{
    check(matcher_rules_problem(rules) == NULL);
    struct matcher *matcher = memory_new(sizeof *matcher);
    matcher->rules = *rules;
    matcher_curve_init(&matcher->curve, rules);
    matcher->now_ms = INT64_MIN;
    matcher->unused_first = matcher->chain_last = MATCHER_NONE;
    for (size_t i = 0; i < RATINGS; i++) {
        struct line *line = &matcher->lines[i];
        line->first = line->last = line->chain_first = line->chain_last = MATCHER_NONE;
    }
    matcher->line_heap = (struct matcher_heap){.places = (char *)&matcher->lines[0].place,
                                               .stride = sizeof(struct line),
                                               .before = line_before,
                                               .context = matcher};
    matcher->watches = (struct matcher_heap){.stride = sizeof(struct slot)};
    matcher->ready =
        (struct matcher_heap){.stride = sizeof(struct slot), .before = ready_before, .context = matcher};
    if (capacity_hint < 1) capacity_hint = 1;
    reserve(matcher, capacity_hint < rules->capacity_max ? capacity_hint : rules->capacity_max);
    return matcher;
}

void matcher_close(struct matcher *matcher)
{
    if (matcher == NULL) return;
    matcher_heap_free(&matcher->line_heap);
    matcher_heap_free(&matcher->watches);
    matcher_heap_free(&matcher->ready);
    free(matcher->slots);
    free(matcher);
}

/* ---- tickets ------------------------------------------------------------------------------------- */

static uint32_t take_unused(struct matcher *matcher)
{
    if (matcher->unused_first != MATCHER_NONE) {
        uint32_t ticket = matcher->unused_first;
        matcher->unused_first = matcher->slots[ticket].next;
        return ticket;
    }
    if (matcher->slot_count == matcher->slot_capacity) {
        uint32_t max = matcher->rules.capacity_max, capacity = matcher->slot_capacity * 2;
        reserve(matcher, capacity < max ? capacity : max);
    }
    return matcher->slot_count++;
}

int64_t matcher_clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void fill(struct matcher *matcher, uint32_t ticket, const struct matcher_ticket *from)
{
    int64_t since_ms = matcher_clamp(from->since_ms, -SINCE_MS_MAX, SINCE_MS_MAX);
    int64_t deviation = matcher_clamp(from->deviation, 0, MATCHER_DEVIATION_MAX);
    matcher->slots[ticket] = (struct slot){
        .id = from->id,
        .owner = from->owner,
        .since_ms = matcher_clock_own_ms(&matcher->clock, since_ms),
        .opponent = matcher_fold(from->opponent),
        .device = matcher_fold(from->device),
        .rating = (uint16_t)matcher_clamp(from->rating, 0, MATCHER_RATING_MAX),
        .extra = (uint16_t)(deviation * matcher->rules.deviation_permille / 1000),
        .partner = MATCHER_NONE,
        .state = SLOT_HELD,
    };
}

struct slot *matcher_slot(const struct matcher *matcher, uint32_t handle)
{
    check(handle < matcher->slot_count && matcher->slots[handle].state != SLOT_UNUSED);
    return &matcher->slots[handle];
}

uint32_t matcher_add(struct matcher *matcher, const struct matcher_ticket *ticket)
{
    if (matcher->count == matcher->rules.capacity_max) return MATCHER_NONE;
    uint32_t handle = take_unused(matcher);
    fill(matcher, handle, ticket);
    matcher->count++;
    matcher_line_add(matcher, handle);
    return handle;
}

void matcher_hold(struct matcher *matcher, uint32_t handle)
{
    struct slot *slot = matcher_slot(matcher, handle);
    if (slot->state == SLOT_HELD) return;
    if (slot->state == SLOT_LINE) matcher_line_remove(matcher, handle);
    if (slot->state == SLOT_CHAIN) matcher_chain_remove(matcher, handle);
    slot->state = SLOT_HELD;
    matcher->held++;
}

void matcher_release(struct matcher *matcher, uint32_t handle)
{
    if (matcher_slot(matcher, handle)->state != SLOT_HELD) return;
    matcher->held--;
    matcher_line_add(matcher, handle);
}

void matcher_update(struct matcher *matcher, uint32_t handle, const struct matcher_ticket *ticket)
{
    bool held = matcher_slot(matcher, handle)->state == SLOT_HELD;
    matcher_hold(matcher, handle);
    fill(matcher, handle, ticket);
    if (!held) matcher_release(matcher, handle);
}

void matcher_remove(struct matcher *matcher, uint32_t handle)
{
    matcher_hold(matcher, handle);
    matcher->held--;
    matcher->count--;
    matcher->slots[handle].state = SLOT_UNUSED;
    matcher->slots[handle].next = matcher->unused_first;
    matcher->unused_first = handle;
}

void *matcher_owner(const struct matcher *matcher, uint32_t handle)
{
    return matcher_slot(matcher, handle)->owner;
}

uint32_t matcher_count(const struct matcher *matcher)
{
    return matcher->count;
}

uint32_t matcher_held_count(const struct matcher *matcher)
{
    return matcher->held;
}

/* ---- runs ---------------------------------------------------------------------------------------- */

static bool line_is_first(const struct matcher *matcher)
{
    if (matcher->line_heap.count == 0) return false;
    if (matcher->ready.count == 0) return true;
    struct matcher_heap_entry line = matcher->line_heap.entries[0], ready = matcher->ready.entries[0];
    if (line.key != ready.key) return line.key < ready.key;
    uint32_t left = ready.item, right = matcher->slots[left].partner;
    uint32_t older = matcher_is_older(matcher, left, right) ? left : right;
    return matcher_is_older(matcher, matcher->lines[line.item].first, older);
}

static struct matcher_pair chain_pop(struct matcher *matcher)
{
    uint32_t left = matcher->ready.entries[0].item, right = matcher->slots[left].partner;
    struct matcher_pair pair = {.gap = matcher->slots[right].rating - matcher->slots[left].rating,
                                .rematch = matcher->slots[left].rematch};
    bool left_older = matcher_is_older(matcher, left, right);
    pair.members[0] = left_older ? left : right;
    pair.members[1] = left_older ? right : left;
    matcher_chain_remove(matcher, left);
    matcher_chain_remove(matcher, right);
    return pair;
}

size_t matcher_run(struct matcher *matcher, int64_t now_ms, struct matcher_pair *out, size_t out_max)
{
    int64_t own_ms = matcher_clock_own_ms(&matcher->clock, now_ms);
    if (own_ms > matcher->now_ms) matcher->now_ms = own_ms;
    size_t count = 0;
    matcher_lines_settle(matcher);
    matcher_chain_open_due(matcher);
    while (count < out_max && matcher->line_heap.count + matcher->ready.count > 0) {
        if (!line_is_first(matcher)) {
            out[count] = chain_pop(matcher);
        } else if (!matcher_line_pop(matcher, matcher->line_heap.entries[0].item, &out[count])) {
            continue;
        }
        for (size_t i = 0; i < ARRAY_LENGTH(out[count].members); i++) {
            matcher->slots[out[count].members[i]].state = SLOT_HELD;
        }
        matcher->held += 2;
        count++;
    }
    return count;
}

int64_t matcher_next_ms(const struct matcher *matcher)
{
    if (matcher->marked_count + matcher->line_heap.count + matcher->ready.count > 0) return INT64_MIN;
    if (matcher->watches.count == 0) return MATCHER_NEVER_MS;
    return matcher_clock_caller_ms(&matcher->clock, matcher->watches.entries[0].key);
}

void matcher_freeze(struct matcher *matcher, int64_t now_ms)
{
    matcher_clock_freeze(&matcher->clock, now_ms);
}

void matcher_thaw(struct matcher *matcher, int64_t now_ms)
{
    matcher_clock_thaw(&matcher->clock, now_ms);
}
