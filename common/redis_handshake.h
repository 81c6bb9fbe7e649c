/* redis_handshake.h -- what a new connection must say before it is used, all of it in one write:
 *
 *     AUTH, CLIENT SETNAME, [ROLE], SCRIPT LOAD of every script       (command link)
 *     AUTH, CLIENT SETNAME, [ROLE], SUBSCRIBE of every channel        (subscriber)
 *
 * ROLE only where there are several places to choose from: one that is no primary is the wrong one.
 * Every step must succeed; the first that does not ends the attempt with a reason an operator can act on. */
#ifndef DUELPOD_REDIS_HANDSHAKE_H
#define DUELPOD_REDIS_HANDSHAKE_H

#include "common/redis_link.h"
#include "common/redis_pipeline.h"

/* Appends all steps to an empty pipeline. */
void redis_handshake_begin(struct redis_pipeline *pipeline, const struct redis_link_config *config);

/* Appends the loading of one script. */
void redis_handshake_load_script(struct redis_pipeline *pipeline, const struct script_table *scripts,
                                 unsigned script, struct redis_pending pending);

/* Judges the answer to `step`. False: `reason`, of `capacity` bytes, says what is wrong. */
bool redis_handshake_accept(const struct redis_link_config *config, const struct redis_pending *step,
                            const struct redis_reply *reply, char *reason, size_t capacity);

#endif
