/* config.h -- everything match_server can be told, made from the rows of two .def files. */
#ifndef DUELPOD_MATCH_SERVER_CONFIG_H
#define DUELPOD_MATCH_SERVER_CONFIG_H

#include "common/common_config.h"
#include "match_server/matcher_rules.h"

struct match_config {
    struct common_config common;
#include "common/options_fields.h"
#include "match_server/options.def"
#include "common/options_end.h"
};

/* The rules of the ranked queue. NULL, or the sentence that says what is wrong with them. */
const char *match_config_ranked_rules(const struct match_config *config, struct matcher_rules *out);

/* For options_load(); fills a struct match_config. */
extern const struct options_program match_program;

#endif
