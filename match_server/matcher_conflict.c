/* Conflicts are rare and pairwise, but anybody may carry one: everybody has a device and most have a last
 * opponent. So the chain keeps counters, indexed by hash, of the devices, players and opponents in it. Who
 * meets only zeroes on coming in is in conflict with nobody there. Of any two in conflict the one that came
 * in second was therefore marked a suspect; while there is no suspect in the chain, nobody looks further
 * than the next neighbour. */
#include "match_server/matcher_internal.h"

enum mark_kind { MARK_DEVICE = 1, MARK_PLAYER, MARK_OPPONENT };

/* 32 bits are plenty: a false equality keeps two apart once in four billion pairs. */
uint32_t matcher_fold(uint64_t hash)
{
    uint32_t folded = (uint32_t)(hash ^ hash >> 32);
    return hash != 0 && folded == 0 ? 1 : folded;
}

enum conflict matcher_conflict(const struct slot *a, const struct slot *b)
{
    if (a->device == b->device && a->device != 0) return CONFLICT_NEVER;
    if (a->id == b->id) return CONFLICT_NEVER;
    if (a->opponent != 0 && a->opponent == matcher_fold(b->id)) return CONFLICT_REMATCH;
    if (b->opponent != 0 && b->opponent == matcher_fold(a->id)) return CONFLICT_REMATCH;
    return CONFLICT_NONE;
}

static uint32_t *mark_of(struct matcher *matcher, enum mark_kind kind, uint32_t hash)
{
    return &matcher->marks[((hash + (uint32_t)kind * 0x85ebca6bu) * 0x9e3779b1u) >> (32 - MARKS_BITS)];
}

static bool is_suspect(struct matcher *matcher, const struct slot *slot)
{
    uint32_t player = matcher_fold(slot->id);
    if (*mark_of(matcher, MARK_PLAYER, player) > 0 || *mark_of(matcher, MARK_OPPONENT, player) > 0)
        return true;
    if (slot->device != 0 && *mark_of(matcher, MARK_DEVICE, slot->device) > 0) return true;
    return slot->opponent != 0 && *mark_of(matcher, MARK_PLAYER, slot->opponent) > 0;
}

static void count_marks(struct matcher *matcher, const struct slot *slot, uint32_t change)
{
    *mark_of(matcher, MARK_PLAYER, matcher_fold(slot->id)) += change;
    if (slot->device != 0) *mark_of(matcher, MARK_DEVICE, slot->device) += change;
    if (slot->opponent != 0) *mark_of(matcher, MARK_OPPONENT, slot->opponent) += change;
}

void matcher_marks_add(struct matcher *matcher, uint32_t ticket)
{
    struct slot *slot = &matcher->slots[ticket];
    slot->suspect = is_suspect(matcher, slot);
    matcher->suspects += slot->suspect;
    count_marks(matcher, slot, 1);
}

void matcher_marks_remove(struct matcher *matcher, uint32_t ticket)
{
    struct slot *slot = &matcher->slots[ticket];
    matcher->suspects -= slot->suspect;
    count_marks(matcher, slot, UINT32_MAX); /* minus one */
}
