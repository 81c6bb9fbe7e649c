/* balance_figures.h -- every reference deck against every other of its level, and what follows from it.
 *
 * A group is the decks of one player level: count x count pairs, of which those with first <= second are
 * played; a deck against itself is a mirror. */
#ifndef DUELPOD_BALANCE_FIGURES_H
#define DUELPOD_BALANCE_FIGURES_H

#include "tools/balance.h"
#include "tools/balance_stats.h"

struct group {
    int level;
    size_t first, count; /* of balance->decks */
    struct tally *pairs; /* [first * count + second], first <= second */
    struct tally all;    /* of everything in the group */
    struct tally unlike; /* without the mirrors */
};

struct figures {
    size_t group_count;
    struct group groups[BATTLE_LEVELS];
    uint64_t seeds;
};

/* Plays it; figures_free gives the memory back. */
void figures_play(struct balance *balance, uint64_t seeds_default, struct figures *out);
void figures_free(struct figures *figures);

/* Deck `row` of the group against `column`, 0 to 1, and its 95 % interval (of the pair as it was played). */
double group_share(const struct group *group, size_t row, size_t column);
struct interval group_interval(const struct group *group, size_t row, size_t column);

/* The mean share of a deck against all others of its group. */
double group_mean(const struct group *group, size_t row);

/* All battles of one deck but its mirror. */
struct tally group_row(const struct group *group, size_t row);

/* A name for what was judged: the first 16 hex digits of a digest over the definitions of the catalog (not its
 * stages) and the decks, so that pages made from older figures can be told. */
void figures_fingerprint(const struct balance *balance, char out[17]);

#endif
