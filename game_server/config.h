/* config.h -- everything game_server can be told, made from the rows of two .def files. */
#ifndef DUELPOD_GAME_SERVER_CONFIG_H
#define DUELPOD_GAME_SERVER_CONFIG_H

#include "common/common_config.h"

struct game_config {
    struct common_config common;
#include "common/options_fields.h"
#include "game_server/options.def"
#include "common/options_end.h"
};

/* For options_load(); fills a struct game_config. */
extern const struct options_program game_program;

#endif
