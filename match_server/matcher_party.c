#include "match_server/matcher_party.h"

#include <stdlib.h>
#include <string.h>

static_assert((int)PARTY_MATCH_PLAYERS <= (int)MATCH_PLAYERS_MAX,
              "a match of two teams is one of the contract");

enum { TEAM = PARTY_MATCH_PLAYERS / 2 };

struct pass {
    const struct party_waiting *waiting;
    bool *party_taken, *solo_taken;
    bool rematches;    /* allowed */
    size_t solo_first; /* nobody before is free */
    struct party_match *out;
    size_t count, out_max;
};

static bool may_meet(const struct pass *pass, const struct ticket *a, const struct ticket *b)
{
    return !ticket_same_device(a, b) && (pass->rematches || !ticket_is_rematch(a, b));
}

/* May all of `team` meet `ticket`? */
static bool all_may_meet(const struct pass *pass, struct ticket *const *team, size_t count,
                         const struct ticket *ticket)
{
    for (size_t i = 0; i < count; i++) {
        if (!may_meet(pass, team[i], ticket)) return false;
    }
    return true;
}

static int64_t sum_of(const struct ticket *a, const struct ticket *b)
{
    return a->rating + b->rating;
}

static bool is_before(const struct ticket *a, const struct ticket *b)
{
    return a->q_ms != b->q_ms ? a->q_ms < b->q_ms : strcmp(a->player_id, b->player_id) < 0;
}

/* Puts the match down with the sides, and the players of each side, in order of waiting. */
static void add_match(struct pass *pass, struct ticket *const team[TEAM], struct ticket *const other[TEAM])
{
    bool first = is_before(team[0], other[0]);
    struct party_match *match = &pass->out[pass->count++];
    memcpy(match->members, first ? team : other, TEAM * sizeof team[0]);
    memcpy(match->members + TEAM, first ? other : team, TEAM * sizeof team[0]);
}

/* ---- party against party ------------------------------------------------------------------------- */

static bool meet_party(struct pass *pass, size_t index)
{
    const struct party_waiting *waiting = pass->waiting;
    struct ticket *const team[TEAM] = {waiting->parties[index], waiting->parties[index]->mate};
    size_t best = waiting->party_count, seen = 0;
    int64_t best_gap = INT64_MAX;
    for (size_t i = index + 1; i < waiting->party_count && seen < MATCHER_PARTY_LOOK_AHEAD; i++) {
        if (pass->party_taken[i]) continue;
        seen++;
        const struct ticket *one = waiting->parties[i];
        int64_t gap = llabs(sum_of(one, one->mate) - sum_of(team[0], team[1]));
        if (gap >= best_gap || !all_may_meet(pass, team, TEAM, one) ||
            !all_may_meet(pass, team, TEAM, one->mate))
            continue;
        best = i;
        best_gap = gap;
    }
    if (best == waiting->party_count) return false;
    struct ticket *const other[TEAM] = {waiting->parties[best], waiting->parties[best]->mate};
    pass->party_taken[index] = pass->party_taken[best] = true;
    add_match(pass, team, other);
    return true;
}

/* ---- party against two solo players -------------------------------------------------------------- */

/* Who plays with the solo player `first` against the team; solo_count: nobody. */
static size_t find_companion(const struct pass *pass, struct ticket *const team[TEAM], size_t first)
{
    const struct party_waiting *waiting = pass->waiting;
    size_t best = waiting->solo_count, seen = 0;
    int64_t best_gap = INT64_MAX;
    for (size_t i = first + 1; i < waiting->solo_count && seen < MATCHER_PARTY_LOOK_AHEAD; i++) {
        if (pass->solo_taken[i]) continue;
        seen++;
        const struct ticket *one = waiting->solos[i];
        int64_t gap = llabs(sum_of(waiting->solos[first], one) - sum_of(team[0], team[1]));
        if (gap >= best_gap || ticket_same_device(waiting->solos[first], one) ||
            !all_may_meet(pass, team, TEAM, one))
            continue;
        best = i;
        best_gap = gap;
    }
    return best;
}

/* Nobody free stands before; solo_count: nobody is free. */
static size_t first_solo(struct pass *pass)
{
    while (pass->solo_first < pass->waiting->solo_count && pass->solo_taken[pass->solo_first])
        pass->solo_first++;
    return pass->solo_first;
}

static bool meet_solos(struct pass *pass, size_t index)
{
    const struct party_waiting *waiting = pass->waiting;
    struct ticket *const team[TEAM] = {waiting->parties[index], waiting->parties[index]->mate};
    size_t seen = 0;
    for (size_t i = first_solo(pass); i < waiting->solo_count && seen < MATCHER_PARTY_LOOK_AHEAD; i++) {
        if (pass->solo_taken[i]) continue;
        seen++;
        if (!all_may_meet(pass, team, TEAM, waiting->solos[i])) continue;
        size_t companion = find_companion(pass, team, i);
        if (companion == waiting->solo_count) continue;
        struct ticket *const other[TEAM] = {waiting->solos[i], waiting->solos[companion]};
        pass->party_taken[index] = pass->solo_taken[i] = pass->solo_taken[companion] = true;
        add_match(pass, team, other);
        return true;
    }
    return false;
}

/* Has the longest waiting solo player been waiting for so much longer that he goes first? */
static bool solos_go_first(struct pass *pass, size_t party)
{
    size_t first = first_solo(pass);
    return first < pass->waiting->solo_count &&
           pass->waiting->solos[first]->q_ms + MATCHER_PARTY_PATIENCE_MS <
               pass->waiting->parties[party]->q_ms;
}

static void place_parties(struct pass *pass)
{
    for (size_t i = 0; i < pass->waiting->party_count && pass->count < pass->out_max; i++) {
        if (pass->party_taken[i]) continue;
        if (solos_go_first(pass, i) && meet_solos(pass, i)) continue;
        if (!meet_party(pass, i)) meet_solos(pass, i);
    }
}

/* ---- four solo players --------------------------------------------------------------------------- */

/* `four` in order of waiting: the first with each of the others in turn, and the split that is nearest to
 * even. */
static void add_four(struct pass *pass, struct ticket *const four[PARTY_MATCH_PLAYERS])
{
    static const size_t splits[][PARTY_MATCH_PLAYERS] = {{0, 1, 2, 3}, {0, 2, 1, 3}, {0, 3, 1, 2}};
    size_t best = 0;
    int64_t best_gap = INT64_MAX;
    for (size_t i = 0; i < ARRAY_LENGTH(splits); i++) {
        const size_t *at = splits[i];
        int64_t gap = llabs(sum_of(four[at[0]], four[at[1]]) - sum_of(four[at[2]], four[at[3]]));
        if (gap >= best_gap) continue;
        best = i;
        best_gap = gap;
    }
    const size_t *at = splits[best];
    add_match(pass, (struct ticket *const[TEAM]){four[at[0]], four[at[1]]},
              (struct ticket *const[TEAM]){four[at[2]], four[at[3]]});
}

static bool meet_three(struct pass *pass, size_t first)
{
    const struct party_waiting *waiting = pass->waiting;
    struct ticket *four[PARTY_MATCH_PLAYERS] = {waiting->solos[first]};
    size_t indexes[PARTY_MATCH_PLAYERS] = {first}, count = 1, seen = 0;
    for (size_t i = first + 1; i < waiting->solo_count && seen < MATCHER_PARTY_LOOK_AHEAD; i++) {
        if (pass->solo_taken[i]) continue;
        seen++;
        if (!all_may_meet(pass, four, count, waiting->solos[i])) continue;
        indexes[count] = i;
        four[count++] = waiting->solos[i];
        if (count == PARTY_MATCH_PLAYERS) break;
    }
    if (count < PARTY_MATCH_PLAYERS) return false;
    for (size_t i = 0; i < count; i++) pass->solo_taken[indexes[i]] = true;
    add_four(pass, four);
    return true;
}

static void place_solos(struct pass *pass)
{
    for (size_t i = first_solo(pass); i < pass->waiting->solo_count && pass->count < pass->out_max; i++) {
        if (!pass->solo_taken[i]) meet_three(pass, i);
    }
}

size_t matcher_party(const struct party_waiting *waiting, bool *taken, struct party_match *out,
                     size_t out_max)
{
    struct pass pass = {.waiting = waiting,
                        .party_taken = taken,
                        .solo_taken = taken + waiting->party_count,
                        .out = out,
                        .out_max = out_max};
    memset(taken, 0, (waiting->party_count + waiting->solo_count) * sizeof taken[0]);
    place_parties(&pass);
    place_solos(&pass);
    if (!waiting->complete) return pass.count;
    pass.rematches = true;
    place_parties(&pass);
    place_solos(&pass);
    return pass.count;
}
