/* config.h -- everything match_server can be told, made from the rows of two .def files. */
#ifndef DUELPOD_MATCH_SERVER_CONFIG_H
#define DUELPOD_MATCH_SERVER_CONFIG_H

#include "common/common_config.h"

struct match_config {
    struct common_config common;
#include "common/options_fields.h"
#include "match_server/options.def"
#include "common/options_end.h"
};

/* For options_load(); fills a struct match_config. */
extern const struct options_program match_program;

#endif
