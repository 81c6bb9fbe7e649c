#include "match_server/config.h"

#include <stddef.h>

#include "common/base.h"
#include "common/version.h"
#include "match_server/ranked_rules.h"
#include "match_server/penalty.h"

#define OPTIONS_STRUCT struct match_config

static const struct option match_options[] = {
#include "common/options_rows.h"
#define OPTIONS_PREFIX common.
#include "common/options_common.def"
#undef OPTIONS_PREFIX
#define OPTIONS_PREFIX
#include "match_server/options.def"
#undef OPTIONS_PREFIX
#include "common/options_end.h"
};

const char *match_config_ranked_rules(const struct match_config *config, struct matcher_rules *out)
{
    return ranked_rules_read(config->ranked_window, config->ranked_age_bonus_per_s,
                             config->ranked_rematch_wait_ms, out);
}

static void match_config_validate(const void *values, enum options_profile profile,
                                  struct options_report *report)
{
    (void)profile;
    const struct match_config *config = values;
    common_config_validate(&config->common, report);
    if (config->matchmaker_renew_ms * 2 > config->matchmaker_lease_ms) {
        options_refuse(report, "matchmaker.renew_ms is above half of matchmaker.lease_ms: one slow renewal "
                               "would lose the lease");
    }
    struct matcher_rules rules;
    const char *problem = match_config_ranked_rules(config, &rules);
    if (problem != NULL) options_refuse(report, "ranked.window = %s: %s", config->ranked_window, problem);
    problem = penalty_steps_problem(config->penalty_steps_s);
    if (problem != NULL) options_refuse(report, "penalty.steps_s: %s", problem);
}

const struct options_program match_program = {
    .name = "match_server",
    .version = DUELPOD_VERSION,
    .sentence = "Owns the queues and makes the matches of a Duelpod pod.",
    .rows = match_options,
    .row_count = ARRAY_LENGTH(match_options),
    .config_size = sizeof(struct match_config),
    .validate = match_config_validate,
};
