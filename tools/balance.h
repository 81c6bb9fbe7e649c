/* balance.h -- what every command of the balance tool works with. One command, one file, one function here.
 *
 * A command prints what it found on stdout and writes its files below `out`; complaints and progress go to
 * stderr. It gives the exit code: 0 all is well, 1 the catalog is not as it should be, 2 wrong usage. */
#ifndef DUELPOD_BALANCE_H
#define DUELPOD_BALANCE_H

#include "tools/balance_decks.h"
#include "tools/balance_play.h"

#define BALANCE_OPTION_ROWS(X)                                                                \
    X(catalog, "FILE", "catalog, default base.json beside the program")                       \
    X(decks, "FILE", "reference decks, default decks.json beside the program")                \
    X(out, "FOLDER", "where files are written, default build/balance")                        \
    X(page, "FILE", "matrix, ablate: tables go into this page, pictures into img/ beside it") \
    X(level, "N", "only the decks of this player level")                                      \
    X(seeds, "N", "battles of each pair, 1..1000000")                                         \
    X(first, "N", "first seed, default 1")                                                    \
    X(seconds, "S", "how long bench and search may take, 1..3600")                            \
    X(threads, "N", "threads, 1..16, default the cores but at most 2")

struct balance {
    battle_catalog *catalog;
    struct bytes catalog_json; /* loaded, so well-formed */
    struct deck_list decks;
    const char *catalog_file, *decks_file, *out, *page;
    int level;      /* 0: all */
    uint64_t seeds; /* 0: the command's own number */
    uint64_t first_seed;
    int seconds; /* 0: the command's own number */
    int threads;
    const char *const *words; /* what stands behind the command */
    int word_count;
    bool terminal; /* stderr shows progress */
};

typedef int balance_command(struct balance *balance);
balance_command balance_lint, balance_check, balance_matrix, balance_ablate, balance_search, balance_bench;

/* Takes the line of progress away. */
void balance_progress_end(const struct balance *balance);

/* Writes a file into a folder, which is made, and says so. Ends the process with 2 when it cannot. */
struct buffer;
void balance_write_file(const char *folder, const char *name, const struct buffer *text);

/* A plan over the catalog with this balance's threads, seeds (or `seeds_default`) and progress. */
struct play_plan balance_plan(struct balance *balance, const struct pairing *pairings, size_t count,
                              uint64_t seeds_default);

#endif
