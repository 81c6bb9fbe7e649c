/* common_config.h -- the part of a configuration that both servers have, made from options_common.def. */
#ifndef DUELPOD_COMMON_CONFIG_H
#define DUELPOD_COMMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/options.h"

struct common_config {
#include "common/options_fields.h"
#include "common/options_common.def"
#include "common/options_end.h"
};

/* Checks what no single row can see; for the validate hooks of both programs. */
void common_config_validate(const struct common_config *config, struct options_report *report);

#endif
