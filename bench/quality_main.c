/* quality: how good the matches of rated modes are, and how long they take, against what is common
 * elsewhere.
 *
 *     quality [--json]
 *
 * Simulated players arrive as a Poisson process with a living ladder's ratings; every way of matching gets
 * the same arrivals. Who is still waiting at the end counts with the wait so far. All from fixed seeds: the
 * same figures on every machine. docs/matchmaking.md explains them, tools/plot_quality.py draws them. */
#include <stdio.h>
#include <string.h>

#include "bench/quality_figures.h"

enum { POLICIES = 7, SCENARIOS = 4, SCALES = 7, SMALL_TRACES = 2000, SMALL_PLAYERS = 16 };

#define POINTS_PER_S 2.0 /* what a second of one player's waiting is worth in the sum of costs */
#define ALONE 600.0      /* what it costs to leave a player alone: the widest gap the windows ever allow */

static const struct scenario scenarios[SCENARIOS] = {
    {"night", 200, 4 * 3600 * 1000, 0, 0},
    {"evening", 5000, 3600 * 1000, 0, 0},
    {"peak", 50000, 600 * 1000, 0, 0},
    {"bursts", 2000, 3600 * 1000, 60000, 200},
};

/* ---- policies ------------------------------------------------------------------------------------- */

/* The default with windows of `percent`. Nobody has played before here. */
static struct matcher_rules scaled_rules(int32_t percent)
{
    struct matcher_rules rules = matcher_rules_default();
    for (uint32_t i = 0; i < rules.point_count; i++) {
        rules.curve[i].half_window = rules.curve[i].half_window * percent / 100;
    }
    return rules;
}

/* As the theory has it (Mari et al. 2022): what a pair pays in gap is what it has paid in waiting. The
 * window starts near nothing and reaches the default's start within three seconds. */
static struct matcher_rules paid_rules(int32_t percent)
{
    struct matcher_rules rules = scaled_rules(percent);
    rules.curve[3] = rules.curve[2];
    rules.curve[2] = rules.curve[1];
    rules.curve[1] = (struct matcher_point){3000, rules.curve[0].half_window};
    rules.curve[0].half_window /= 10;
    rules.point_count = 4;
    return rules;
}

static void list_policies(struct policy policies[POLICIES])
{
    struct matcher_rules fixed = scaled_rules(100);
    fixed.point_count = 1;
    policies[0] = (struct policy){"duelpod", POLICY_KINETIC, scaled_rules(100)};
    policies[1] = (struct policy){"duelpod, half windows", POLICY_KINETIC, scaled_rules(50)};
    policies[2] = (struct policy){"duelpod, narrow start", POLICY_KINETIC, paid_rules(100)};
    policies[3] = (struct policy){"duelpod once a second", POLICY_TICKED, scaled_rules(100)};
    policies[4] = (struct policy){"both must accept", POLICY_BOTH, scaled_rules(100)};
    policies[5] = (struct policy){"fixed window", POLICY_KINETIC, fixed};
    policies[6] = (struct policy){"random", POLICY_RANDOM, fixed};
}

/* ---- output --------------------------------------------------------------------------------------- */

static void print_spread(const char *name, const struct spread *spread, const char *end)
{
    printf("\"%s\":{\"mean\":%.2f,\"p50\":%lld,\"p95\":%lld,\"p99\":%lld,\"max\":%lld}%s", name, spread->mean,
           (long long)spread->p50, (long long)spread->p95, (long long)spread->p99, (long long)spread->max,
           end);
}

static void print_figures_json(const char *name, const struct figures *figures)
{
    printf("{\"name\":\"%s\",", name);
    print_spread("gap", &figures->gap, ",");
    print_spread("wait_ms", &figures->wait_ms, ",");
    printf("\"left\":%u,\"overtakes\":%.3f,\"told\":%u,\"told_in_time\":%.3f,\"deciles\":[", figures->left,
           figures->overtakes, figures->told, figures->told_in_time);
    for (size_t i = 0; i < DECILES; i++) {
        printf("%s{\"rating_low\":%d,", i == 0 ? "" : ",", figures->deciles[i].rating_low);
        print_spread("gap", &figures->deciles[i].gap, ",");
        print_spread("wait_ms", &figures->deciles[i].wait_ms, "}");
    }
    printf("]}");
}

static void print_figures_text(const char *name, const struct figures *figures)
{
    printf(
        "  %-22s gap mean %6.1f p95 %4lld   wait ms p50 %6lld p95 %7lld p99 %7lld   left %4u   overtakes %6.2f",
        name, figures->gap.mean, (long long)figures->gap.p95, (long long)figures->wait_ms.p50,
        (long long)figures->wait_ms.p95, (long long)figures->wait_ms.p99, figures->left, figures->overtakes);
    if (figures->told > 0) printf("   told %u, in time %.2f", figures->told, figures->told_in_time);
    printf("\n");
}

static void play_scenario(const struct scenario *scenario, const struct policy *policies, bool json)
{
    struct trace trace = trace_make(scenario, 1);
    if (json) printf("{\"name\":\"%s\",\"players\":%u,\"policies\":[", scenario->name, trace.count);
    if (!json)
        printf("%s: %u players in %lld s\n", scenario->name, trace.count, (long long)trace.until_ms / 1000);
    for (size_t i = 0; i < POLICIES; i++) {
        struct figures figures = figures_judge(&policies[i], &trace);
        if (json && i > 0) printf(",");
        (json ? print_figures_json : print_figures_text)(policies[i].name, &figures);
    }
    if (json) printf("]}");
    trace_free(&trace);
}

static void print_point(const char *scenario, const struct policy *policy, int32_t percent,
                        const struct figures *figures, bool json, bool first)
{
    if (json) {
        printf("%s{\"scenario\":\"%s\",\"policy\":\"%s\",\"percent\":%d,\"gap_mean\":%.2f,\"gap_p95\":%lld,"
               "\"wait_mean_ms\":%.0f,\"wait_p95_ms\":%lld}",
               first ? "" : ",", scenario, policy->name, percent, figures->gap.mean,
               (long long)figures->gap.p95, figures->wait_ms.mean, (long long)figures->wait_ms.p95);
    } else {
        printf("  %-22s %3d%%   gap mean %6.1f p95 %4lld   wait ms mean %7.0f p95 %7lld\n", policy->name,
               percent, figures->gap.mean, (long long)figures->gap.p95, figures->wait_ms.mean,
               (long long)figures->wait_ms.p95);
    }
}

/* Wider windows: shorter waits and larger gaps. Whose curve lies lower is the better rule, whatever the
 * taste. */
static void play_frontier(const struct scenario *scenario, bool json, bool first)
{
    static const int32_t percents[SCALES] = {10, 20, 35, 50, 75, 100, 150};
    struct trace trace = trace_make(scenario, 2);
    if (!json) printf("%s, windows of other widths\n", scenario->name);
    for (size_t i = 0; i < SCALES; i++) {
        int32_t percent = percents[i];
        const struct policy policies[] = {
            {"duelpod", POLICY_KINETIC, scaled_rules(percent)},
            {"duelpod, narrow start", POLICY_KINETIC, paid_rules(percent)},
            {"duelpod once a second", POLICY_TICKED, scaled_rules(percent)},
            {"both must accept", POLICY_BOTH, scaled_rules(percent)},
        };
        for (size_t k = 0; k < ARRAY_LENGTH(policies); k++) {
            struct figures figures = figures_judge(&policies[k], &trace);
            print_point(scenario->name, &policies[k], percent, &figures, json, first && i + k == 0);
        }
    }
    trace_free(&trace);
}

/* On traces small enough for the exact optimum of somebody who knows the future. */
static void play_regret(const struct policy *policies, bool json)
{
    static const struct scenario small = {"small", 200, 200000, 0, 0};
    double sums[POLICIES] = {0}, optima = 0;
    for (uint64_t seed = 1; seed <= SMALL_TRACES; seed++) {
        struct trace trace = trace_make(&small, seed);
        uint32_t count = trace.count < SMALL_PLAYERS ? trace.count : SMALL_PLAYERS;
        double optimum = policy_optimum(trace.arrivals, count, POINTS_PER_S, ALONE);
        optima += optimum;
        for (size_t i = 0; i < POLICIES; i++) {
            policy_play(&policies[i], trace.arrivals, count, 10 * small.length_ms, trace.outcomes);
            double cost = policy_cost(trace.arrivals, trace.outcomes, count, POINTS_PER_S, ALONE);
            check(cost > optimum - 0.001);
            sums[i] += cost;
        }
        trace_free(&trace);
    }
    if (!json)
        printf("cost over the exact optimum, %d traces of up to %d players\n", SMALL_TRACES, SMALL_PLAYERS);
    if (json) printf("\"regret\":[");
    for (size_t i = 0; i < POLICIES; i++) {
        if (json)
            printf("%s{\"name\":\"%s\",\"ratio\":%.3f}", i == 0 ? "" : ",", policies[i].name,
                   sums[i] / optima);
        if (!json) printf("  %-22s %.2f\n", policies[i].name, sums[i] / optima);
    }
    if (json) printf("]");
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    struct policy policies[POLICIES];
    list_policies(policies);
    if (json) printf("{\"scenarios\":[");
    for (size_t i = 0; i < SCENARIOS; i++) {
        if (json && i > 0) printf(",");
        play_scenario(&scenarios[i], policies, json);
    }
    if (json) printf("],\"frontier\":[");
    for (size_t i = 0; i < SCENARIOS; i++) play_frontier(&scenarios[i], json, i == 0);
    if (json) printf("],");
    play_regret(policies, json);
    if (json) printf("}\n");
    return 0;
}
