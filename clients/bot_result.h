/* bot_result.h -- one result and its timeline, which may come inside the message or in the binary frame after
 * it.
 *
 * Owned by the bot's session, on its thread. Limit: TIMELINE_BYTES_MAX unpacked. */
#ifndef DUELPOD_BOT_RESULT_H
#define DUELPOD_BOT_RESULT_H

#include "clients/bot_options.h"
#include "clients/bot_show.h"
#include "common/buffer.h"
#include "proto/proto.h"

struct bot_result {
    struct proto_battle_result record;
    struct buffer timeline; /* JSON; empty when the server sent none */
    bool waiting;           /* for the binary frame */
    bool whole;
};

/* Takes a battle_result; `message` is its text, from which the timeline is copied when it is inside. */
void bot_result_start(struct bot_result *result, const struct proto_battle_result *record,
                      struct bytes message);

/* Takes the binary frame: 16 bytes of match id and a gzip stream. False with a sentence in `error` when it is
 * not the frame that was announced or is damaged. */
bool bot_result_add_frame(struct bot_result *result, struct bytes frame, char *error, size_t error_capacity);

/* Prints the fight and the outcome, and writes the file the options ask for (`number` counts from 1). False
 * with a sentence in `error` when the timeline is none or the file cannot be written. */
bool bot_result_tell(struct bot_result *result, const struct bot_options *options, struct bot_show *show,
                     int64_t number, char *error, size_t error_capacity);

void bot_result_clear(struct bot_result *result);

#endif
