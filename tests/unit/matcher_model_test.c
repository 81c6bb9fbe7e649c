/* The matcher against a naive one that knows no heap, no list and no certificate: it looks at everybody again
 * for every pair. Random histories of all operations; a failure prints its seed. */
#include "match_server/matcher_curve.h"
#include "tests/unit/matcher_rig.h"

enum { TICKETS_MAX = 48, STEPS = 120, HISTORIES = 1200 };

enum standing { GONE, HELD, IN_LINE, IN_CHAIN };

struct known {
    struct matcher_ticket ticket; /* owner: itself */
    enum standing standing;
    uint32_t handle;
};

struct model {
    struct matcher_rules rules;
    struct matcher_curve curve;
    struct known known[TICKETS_MAX];
    struct known *chain[TICKETS_MAX], *line[TICKETS_MAX];
    size_t chain_count;
    bool marked[MATCHER_RATING_MAX + 1];
    int64_t now_ms, paused_ms;
    uint64_t id_last;
};

struct choice {
    struct known *members[2]; /* longer waiter first */
    bool rematch;
};

static int compare_age(const struct known *a, const struct known *b)
{
    if (a->ticket.since_ms != b->ticket.since_ms) return a->ticket.since_ms < b->ticket.since_ms ? -1 : 1;
    return a->ticket.id < b->ticket.id ? -1 : a->ticket.id > b->ticket.id;
}

static int by_age(const void *a, const void *b)
{
    return compare_age(*(struct known *const *)a, *(struct known *const *)b);
}

static int by_rating(const void *a, const void *b)
{
    const struct known *left = *(struct known *const *)a, *right = *(struct known *const *)b;
    if (left->ticket.rating != right->ticket.rating) return left->ticket.rating - right->ticket.rating;
    return compare_age(left, right);
}

/* 0: none, 1: rematch, 2: never. */
static int conflict(const struct known *a, const struct known *b)
{
    if (a->ticket.device != 0 && a->ticket.device == b->ticket.device) return 2;
    return a->ticket.opponent == b->ticket.id || b->ticket.opponent == a->ticket.id;
}

static bool fits(const struct model *model, const struct known *a, const struct known *b)
{
    int64_t age_a = model->now_ms - a->ticket.since_ms, age_b = model->now_ms - b->ticket.since_ms;
    int64_t extra = (int64_t)a->ticket.deviation * model->rules.deviation_permille / 1000 +
                    (int64_t)b->ticket.deviation * model->rules.deviation_permille / 1000;
    int64_t reach = matcher_curve_at(&model->curve, age_a) + matcher_curve_at(&model->curve, age_b);
    if (abs(a->ticket.rating - b->ticket.rating) * MATCHER_POINT_STEPS >
        reach + extra * MATCHER_POINT_STEPS) {
        return false;
    }
    int64_t younger_age = age_a < age_b ? age_a : age_b;
    return conflict(a, b) == 0 || younger_age >= model->rules.rematch_wait_ms;
}

static size_t collect(struct model *model, enum standing standing, int rating, struct known **out)
{
    size_t count = 0;
    for (size_t i = 0; i < TICKETS_MAX; i++) {
        struct known *one = &model->known[i];
        if (one->standing == standing && (rating < 0 || one->ticket.rating == rating)) out[count++] = one;
    }
    qsort(out, count, sizeof out[0], rating < 0 ? by_rating : by_age);
    return count;
}

static void even_out(struct model *model, int rating)
{
    size_t count = collect(model, IN_LINE, rating, model->line);
    if (count % 2 == 1) model->line[count - 1]->standing = IN_CHAIN;
}

static void settle(struct model *model, int rating)
{
    struct known *left[TICKETS_MAX];
    size_t count = collect(model, IN_CHAIN, rating, left);
    for (size_t i = 0; i < count && i <= MATCHER_REACH && collect(model, IN_LINE, rating, model->line) > 0;
         i++) {
        left[i]->standing = IN_LINE;
    }
    even_out(model, rating);
    model->marked[rating] = false;
}

static struct choice make_choice(struct known *a, struct known *b)
{
    bool older = compare_age(a, b) < 0;
    return (struct choice){{older ? a : b, older ? b : a}, conflict(a, b) == 1};
}

/* The documented order. */
static bool is_better(const struct model *model, const struct choice *left, const struct choice *right)
{
    if (right->members[0] == NULL) return true;
    if (left->rematch != right->rematch) return right->rematch;
    int64_t keys[2];
    for (int i = 0; i < 2; i++) {
        const struct choice *choice = i == 0 ? left : right;
        int64_t gap = abs(choice->members[0]->ticket.rating - choice->members[1]->ticket.rating);
        int64_t age_ms = model->now_ms - choice->members[0]->ticket.since_ms;
        keys[i] = gap * 1000 - age_ms * model->rules.age_bonus_per_s;
    }
    if (keys[0] != keys[1]) return keys[0] < keys[1];
    int order = compare_age(left->members[0], right->members[0]);
    return order != 0 ? order < 0 : compare_age(left->members[1], right->members[1]) < 0;
}

/* Whether `i` and `j` of the chain have to be looked at: all between are in conflict with one of them. */
static bool is_neighbour(const struct model *model, size_t i, size_t j)
{
    for (size_t k = i + 1; k < j; k++) {
        if (!conflict(model->chain[i], model->chain[k]) && !conflict(model->chain[k], model->chain[j]))
            return false;
    }
    return j - i <= MATCHER_REACH && conflict(model->chain[i], model->chain[j]) < 2;
}

static struct choice best_of_chain(struct model *model)
{
    struct choice best = {{NULL, NULL}, false};
    model->chain_count = collect(model, IN_CHAIN, -1, model->chain);
    for (size_t i = 0; i < model->chain_count; i++) {
        for (size_t j = i + 1; j < model->chain_count; j++) {
            if (!is_neighbour(model, i, j) || !fits(model, model->chain[i], model->chain[j])) continue;
            struct choice choice = make_choice(model->chain[i], model->chain[j]);
            if (is_better(model, &choice, &best)) best = choice;
        }
    }
    return best;
}

/* The line whose pair would come first, named by its oldest paired with himself. */
static struct choice best_of_lines(struct model *model)
{
    struct choice best = {{NULL, NULL}, false};
    for (size_t i = 0; i < TICKETS_MAX; i++) {
        if (model->known[i].standing != IN_LINE) continue;
        struct choice choice = {{&model->known[i], &model->known[i]}, false};
        if (is_better(model, &choice, &best)) best = choice;
    }
    return best;
}

static bool pop_line(struct model *model, struct choice *choice)
{
    struct known *first = choice->members[0];
    int rating = first->ticket.rating;
    size_t count = collect(model, IN_LINE, rating, model->line);
    for (size_t i = 1; i < count && i <= MATCHER_REACH; i++) {
        if (conflict(first, model->line[i]) != 0) continue;
        choice->members[1] = model->line[i];
        first->standing = model->line[i]->standing = HELD;
        even_out(model, rating);
        return true;
    }
    first->standing = IN_CHAIN;
    even_out(model, rating);
    return false;
}

static size_t model_run(struct model *model, struct choice *out, size_t out_max)
{
    size_t count = 0;
    for (int rating = 0; rating <= MATCHER_RATING_MAX; rating++) {
        if (model->marked[rating]) settle(model, rating);
    }
    while (count < out_max) {
        struct choice line = best_of_lines(model), chain = best_of_chain(model);
        if (line.members[0] == NULL && chain.members[0] == NULL) break;
        if (line.members[0] != NULL && is_better(model, &line, &chain)) {
            count += pop_line(model, &line);
            if (line.members[1]->standing == HELD && line.members[0] != line.members[1])
                out[count - 1] = line;
        } else {
            chain.members[0]->standing = chain.members[1]->standing = HELD;
            out[count++] = chain;
        }
    }
    return count;
}

/* ---- oracle: what must hold whatever the algorithm is -------------------------------------------------- */

static void check_nobody_is_left(struct model *model)
{
    assert_int_equal(collect(model, IN_LINE, -1, model->line), 0);
    model->chain_count = collect(model, IN_CHAIN, -1, model->chain);
    bool conflicts = false;
    for (size_t i = 0; i < model->chain_count; i++) {
        for (size_t j = i + 1; j < model->chain_count; j++) {
            conflicts = conflicts || conflict(model->chain[i], model->chain[j]) != 0;
        }
    }
    for (size_t i = 0; i < model->chain_count; i++) {
        for (size_t j = i + 1; j < model->chain_count && (!conflicts || j - i <= MATCHER_REACH); j++) {
            const struct known *a = model->chain[i], *b = model->chain[j];
            if (conflict(a, b) < 2) assert_false(fits(model, a, b));
        }
    }
}

static void check_pair(struct model *model, struct matcher *matcher, const struct matcher_pair *pair)
{
    struct known *a = matcher_owner(matcher, pair->members[0]), *b = matcher_owner(matcher, pair->members[1]);
    assert_true(a != b && conflict(a, b) < 2 && fits(model, a, b));
    assert_true(compare_age(a, b) < 0);
    assert_int_equal(pair->gap, abs(a->ticket.rating - b->ticket.rating));
    assert_int_equal(pair->rematch, conflict(a, b) == 1);
}

/* ---- histories ------------------------------------------------------------------------------------ */

/* Few ratings, devices and players, so that everything happens. */
static void draw(struct model *model, struct rng *rng, struct known *one, int spread)
{
    one->ticket = (struct matcher_ticket){
        .id = ++model->id_last,
        .opponent = rng_below(rng, 2) == 0 ? rng_below(rng, model->id_last) : 0,
        .device = rng_below(rng, 3) == 0 ? 1 + rng_below(rng, 3) : 0,
        .owner = one,
        .since_ms = model->now_ms - (int64_t)rng_below(rng, rng_below(rng, 3) == 0 ? 100000 : 4),
        .rating = 1500 + (int32_t)rng_below(rng, (uint64_t)spread),
        .deviation = rng_below(rng, 4) == 0 ? (int32_t)rng_below(rng, 200) : 0,
    };
}

/* On the caller's clock, which has been paused for paused_ms before everybody now waiting came. */
static struct matcher_ticket given(const struct model *model, const struct known *one)
{
    struct matcher_ticket ticket = one->ticket;
    ticket.since_ms += model->paused_ms;
    return ticket;
}

static void mark(struct model *model, const struct known *one)
{
    model->marked[one->ticket.rating] = true;
}

static void change_one(struct model *model, struct matcher *matcher, struct rng *rng, int spread)
{
    struct known *one = &model->known[rng_below(rng, TICKETS_MAX)];
    uint64_t what = rng_below(rng, 6);
    if (one->standing == IN_LINE && what <= 2) mark(model, one);
    if (one->standing == GONE) {
        draw(model, rng, one, spread);
        struct matcher_ticket ticket = given(model, one);
        one->handle = matcher_add(matcher, &ticket);
        one->standing = IN_LINE;
        mark(model, one);
    } else if (what == 0) {
        matcher_remove(matcher, one->handle);
        one->standing = GONE;
    } else if (what == 1) {
        matcher_hold(matcher, one->handle);
        one->standing = HELD;
    } else if (what == 2) {
        draw(model, rng, one, spread);
        struct matcher_ticket ticket = given(model, one);
        matcher_update(matcher, one->handle, &ticket);
        if (one->standing == HELD) return;
        one->standing = IN_LINE;
        mark(model, one);
    } else if (one->standing == HELD) {
        matcher_release(matcher, one->handle);
        one->standing = IN_LINE;
        mark(model, one);
    }
}

static void run_both(struct model *model, struct matcher *matcher, size_t out_max)
{
    static struct choice choices[TICKETS_MAX];
    size_t count = matcher_run(matcher, model->now_ms + model->paused_ms, rig_pairs, out_max);
    for (size_t i = 0; i < count; i++) check_pair(model, matcher, &rig_pairs[i]);
    assert_int_equal(count, model_run(model, choices, out_max));
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(matcher_owner(matcher, rig_pairs[i].members[0]), choices[i].members[0]);
        assert_ptr_equal(matcher_owner(matcher, rig_pairs[i].members[1]), choices[i].members[1]);
    }
    if (count < out_max) check_nobody_is_left(model);
}

/* Times may be given exactly only while the pauses lie before everybody's original time, so it pauses when
 * all have gone. Pauses over waiting tickets are tested in matcher_time_test.c. */
static void pause_when_empty(struct model *model, struct matcher *matcher, struct rng *rng)
{
    if (matcher_count(matcher) > 0) return;
    int64_t pause_ms = (int64_t)rng_below(rng, 100000);
    matcher_freeze(matcher, model->now_ms + model->paused_ms);
    matcher_thaw(matcher, model->now_ms + model->paused_ms + pause_ms);
    model->paused_ms += pause_ms;
    model->now_ms += 100000;
}

static void check_counts(struct model *model, struct matcher *matcher)
{
    struct known *list[TICKETS_MAX];
    size_t held = collect(model, HELD, -1, list);
    size_t free_count = collect(model, IN_LINE, -1, list) + collect(model, IN_CHAIN, -1, list);
    assert_int_equal(matcher_held_count(matcher), held);
    assert_int_equal(matcher_count(matcher), held + free_count);
}

static void play_history(uint64_t seed)
{
    static struct model model;
    struct rng rng;
    rng_init(&rng, seed);
    memset(&model, 0, sizeof model);
    model.rules = (struct matcher_rules){
        .curve = {{0, (int32_t)rng_below(&rng, 60)}, {20000, 100}, {60000, 150}},
        .point_count = 3,
        .deviation_permille = (int32_t)rng_below(&rng, 2) * 500,
        .age_bonus_per_s = (int32_t)rng_below(&rng, 3) * 10,
        .rematch_wait_ms = (int32_t)rng_below(&rng, 2) * 3000,
        .capacity_max = TICKETS_MAX,
    };
    matcher_curve_init(&model.curve, &model.rules);
    model.now_ms = START_MS;
    int spreads[] = {1, 3, 40, 400, 4000};
    int spread = spreads[rng_below(&rng, ARRAY_LENGTH(spreads))];
    uint64_t changes_max = rng_below(&rng, 2) == 0 ? 2 : 40;
    struct matcher *matcher = matcher_open(&model.rules, (uint32_t)rng_below(&rng, TICKETS_MAX));
    for (int step = 0; step < STEPS; step++) {
        pause_when_empty(&model, matcher, &rng);
        for (uint64_t i = rng_below(&rng, changes_max); i > 0; i--) change_one(&model, matcher, &rng, spread);
        if (rng_below(&rng, 3) == 0) model.now_ms += (int64_t)rng_below(&rng, 8000);
        run_both(&model, matcher, rng_below(&rng, 4) == 0 ? rng_below(&rng, 4) : TICKETS_MAX);
        check_counts(&model, matcher);
    }
    matcher_close(matcher);
}

static uint64_t seed_now;

static void random_histories_agree_with_the_naive_matcher(void **state)
{
    (void)state;
    const char *given_seed = getenv("MATCHER_SEED");
    if (given_seed != NULL) {
        play_history(strtoull(given_seed, NULL, 10));
        return;
    }
    for (seed_now = 1; seed_now <= HISTORIES; seed_now++) play_history(seed_now);
    seed_now = 0;
}

static int print_seed(void **state)
{
    (void)state;
    if (seed_now != 0) print_message("failed history: MATCHER_SEED=%d\n", (int)seed_now);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(random_histories_agree_with_the_naive_matcher, print_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
