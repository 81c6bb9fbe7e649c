/* matcher_rig.h -- what the tests of the matcher share: tickets by name, pairs as text, the plain rules. */
#ifndef DUELPOD_MATCHER_RIG_H
#define DUELPOD_MATCHER_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"
#include "match_server/matcher.h"

#define START_MS INT64_C(1700000000000)

enum { PAIRS_MAX = 4096 };

static struct matcher_pair rig_pairs[PAIRS_MAX];

/* The default without what single tests do not want. */
static inline struct matcher_rules rig_rules(void)
{
    struct matcher_rules rules = matcher_rules_default();
    rules.age_bonus_per_s = 0;
    rules.rematch_wait_ms = 0;
    rules.deviation_permille = 0;
    return rules;
}

/* A ticket is named by one letter, which is also its id; `text` names its last opponent and its device, each
 * a letter or '-'. */
static inline struct matcher_ticket rig_ticket(char name, int32_t rating, int64_t age_ms, const char *text)
{
    return (struct matcher_ticket){
        .id = (uint64_t)name,
        .opponent = text[0] == '-' ? 0 : (uint64_t)text[0],
        .device = text[1] == '-' ? 0 : (uint64_t)text[1] << 32,
        .owner = (void *)(uintptr_t)name,
        .since_ms = START_MS - age_ms,
        .rating = rating,
    };
}

static inline uint32_t rig_add(struct matcher *matcher, char name, int32_t rating, int64_t age_ms,
                               const char *text)
{
    struct matcher_ticket ticket = rig_ticket(name, rating, age_ms, text);
    return matcher_add(matcher, &ticket);
}

static inline char rig_name(const struct matcher *matcher, uint32_t handle)
{
    return (char)(uintptr_t)matcher_owner(matcher, handle);
}

/* Runs `after_ms` after the start and gives the pairs as "ab cd". The members stay held. */
static inline const char *rig_run(struct matcher *matcher, int64_t after_ms, size_t max)
{
    static char text[3 * PAIRS_MAX + 1];
    size_t count = matcher_run(matcher, START_MS + after_ms, rig_pairs, max), length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%c%c", i == 0 ? "" : " ",
                                   rig_name(matcher, rig_pairs[i].members[0]),
                                   rig_name(matcher, rig_pairs[i].members[1]));
    }
    return text;
}

#endif
